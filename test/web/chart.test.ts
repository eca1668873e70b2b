import { describe, expect, test } from 'vitest'
import { chartData } from '../../src/web/chart.ts'
import { startAt } from './samples.ts'

const hourMs = 3_600_000
const pointOf = (hour: number, lateShare: number | null) => ({
  at: startAt + hour * hourMs,
  flights: 20,
  meanProbability: 0.2,
  lateShare,
  cancelledShare: 0,
})

describe('the chart', () => {
  test('has a gap, not a line, over hours in which nothing leaves', () => {
    const [hours, flights, predicted] = chartData([pointOf(0, null), pointOf(3, null)], null)
    expect(hours).toHaveLength(4)
    expect(flights).toEqual([20, null, null, 20])
    expect(predicted).toEqual([0.2, null, null, 0.2])
  })

  test('tells hours that have landed from those still landing; the two lines meet in one hour', () => {
    const points = [0, 1, 2, 3].map(hour => pointOf(hour, hour / 10))
    // Hours that are at least six hours old at event time have landed: 0 and 1.
    const data = chartData(points, startAt + 8 * hourMs)
    expect(data[4]).toEqual([0, 0.1, null, null])
    expect(data[5]).toEqual([null, 0.1, 0.2, 0.3])
  })

  test('of no points is empty', () => expect(chartData([], null)[0]).toEqual([]))
})
