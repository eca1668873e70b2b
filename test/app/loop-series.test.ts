import { describe, expect, test } from 'vitest'
import { LoopSeries } from '../../src/app/loop-series.ts'
import { hours } from '../../src/lib/time.ts'
import { columnMetric, metricsOf, start } from './loop-samples.ts'

/** One window an hour with these scores of the column `a`. */
function seriesOf(scores: readonly (number | null)[], capacity = 10): LoopSeries {
  const series = new LoopSeries(capacity)
  for (const [at, score] of scores.entries()) {
    series.add(metricsOf(start + hours(at), { columns: [columnMetric('a', score)] }), at * 3)
  }
  return series
}

describe('a series', () => {
  test('holds the scores of a column, oldest first, and null where there were not enough rows', () => {
    const series = seriesOf([0.05, null, 0.2])
    expect(series.column('a')).toEqual({
      score: [0.05, null, 0.2],
      drifted: [false, null, true],
      missingShare: [0.2, 0.2, 0.2],
    })
    expect(series.column('b')).toBeUndefined()
    expect(series.ends()).toEqual([start, start + hours(1), start + hours(2)])
  })

  test('forgets the oldest windows once it is full, and what a column had in their place', () => {
    const series = seriesOf([0.1, 0.2, 0.3], 3)
    series.add(metricsOf(start + hours(3), { columns: [columnMetric('b', 0.4)] }), 9)
    expect(series.ends()).toEqual([1, 2, 3].map(at => start + hours(at)))
    expect(series.column('a')?.score).toEqual([0.2, 0.3, null])
    expect(series.column('b')?.score).toEqual([null, null, 0.4])
    expect(series.length).toBe(3)
  })

  test('counts the target and the predictions among the columns', () => {
    const series = new LoopSeries(2)
    series.add(metricsOf(start, { target: columnMetric('label', 0.3) }), 0)
    expect(series.column('label')?.score).toEqual([0.3])
  })

  test('knows the last window that ended by an instant, and where it lies', () => {
    const series = seriesOf([0, 0, 0])
    expect(series.endedBy(start + hours(1) + 5)).toEqual({ to: start + hours(1), offset: 3 })
    expect(series.endedBy(start - 1)).toBeNull()
  })

  test('gives scores at equal steps back from a window', () => {
    const series = seriesOf([0, 0.1, 0.2, 0.3, 0.4])
    expect(series.scores('a', { to: start + hours(4), stepMs: hours(2), count: 4 })).toEqual([null, 0, 0.2, 0.4])
    expect(series.scores('a', { to: start + hours(3), stepMs: hours(1), count: 2 })).toEqual([0.2, 0.3])
    expect(series.scores('b', { to: start, stepMs: hours(1), count: 2 })).toEqual([null, null])
  })

  test.each([
    [[0.2, 0.05, 0.2, 0.3], 3, 2],
    [[0.2, null, 0.3], 2, 2],
    [[0.2, 0.2, 0.05], 1, 0],
    [[0.2, 0.2, 0.05], 2, null],
  ])('says since when %j at place %i is drifted', (scores, at, since) => {
    const end = since === null ? null : start + hours(since)
    expect(seriesOf(scores).driftedSince('a', start + hours(at))).toBe(end)
  })
})
