import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { figureNames, graded } from '../../src/drift/graded.ts'
import { performance, ScoreCounts } from '../../src/drift/performance.ts'

const options = { resamples: 60, seed: 3 }
const rowsOf = (rows: readonly (readonly [probability: number, label: number, day: number])[]) => ({
  probabilities: rows.map(([probability]) => probability),
  labels: rows.map(([, label]) => label),
  days: rows.map(([, , day]) => day),
})
const someRows = fc.array(fc.tuple(fc.integer({ min: 0, max: 10_000 }), fc.constantFrom(0, 1), fc.nat(5)), {
  minLength: 1,
  maxLength: 60,
})

describe('graded rows', () => {
  test('have the figures that their counts have', () => {
    fc.assert(
      fc.property(someRows, rows => {
        const { figures } = graded(rowsOf(rows), { ...options, resamples: 2 })
        const counts = new ScoreCounts()
        for (const [probability, label] of rows) counts.add(probability, label)
        const expected = performance(counts)
        expect(figures.n).toBe(rows.length)
        const far = (name: (typeof figureNames)[number]) => Math.abs((figures[name] ?? -1) - (expected[name] ?? -1))
        expect(Math.max(...figureNames.map(far))).toBeLessThan(1e-9)
      }),
    )
  })

  test('are the same in any order, and those of some rows are those of these rows alone', () => {
    const rows = Array.from(
      { length: 200 },
      (_, at) => [(at * 733) % 10_000, (at * 7) % 3 === 0 ? 1 : 0, at % 9] as const,
    )
    const picked = [3, 50, 51, 120, 199, 77]
    const alone = graded(rowsOf(picked.toSorted((a, b) => a - b).map(at => rows[at] as (typeof rows)[0])), options)
    expect(graded(rowsOf(rows), options, picked)).toEqual(alone)
  })

  test('resample whole days: with two kinds of days, figures are those of 0, 1 and 2 of either', () => {
    // Brier 0 on one day, 1 on the other
    const rows = [...Array.from({ length: 10 }, () => [10_000, 1, 4] as const), [10_000, 0, 8] as const]
    const { figures, calibration } = graded(rowsOf(rows), options)
    expect([figures.days, figures.late, figures.said]).toEqual([2, 10 / 11, 1])
    expect(figures.interval95.brier).toEqual([0, 1])
    expect(calibration).toEqual([{ from: 0.9, n: 11, said: 1, late: 10 / 11, interval95: [0, 1] }])
  })

  test('of one day have no interval, and of one label no AUC', () => {
    const { figures } = graded(
      rowsOf([
        [2000, 0, 1],
        [4000, 0, 1],
      ]),
      options,
    )
    expect(figures.auc).toBeNull()
    expect(figures.interval95).toEqual({ auc: null, logLoss: null, brier: null, ece: null })
  })
})
