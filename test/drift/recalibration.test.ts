import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SetScores } from '../../src/drift/prediction-set.ts'
import {
  type Correction,
  correctionMax,
  daySumsOf,
  isCorrection,
  isSame,
  nextCorrection,
  noCorrection,
  recalibrated,
  recalibrationRowsMin,
} from '../../src/drift/recalibration.ts'
import { WindowSums } from '../../src/drift/window.ts'
import { randomFrom } from '../../src/lib/random.ts'

type Row = readonly [probability: number, isLate: boolean]

const output = (probability: number) => ({ model: 'm', hash: 'h', probability })
const about = { horizonMinutes: 120, dueAt: 0, frameTo: null, skipped: null, features: [] }

/** As the monitors of some partitions count them and the judge adds them up. */
function counted(...parts: readonly (readonly Row[])[]): SetScores {
  const all = new WindowSums([])
  for (const rows of parts) {
    const part = new WindowSums([])
    for (const [probability, isLate] of rows) part.add({ ...about, outputs: [output(probability)] }, isLate)
    all.merge(part.content())
  }
  const scores = all.scores.get('m')
  const none = { values: [], counts: [] }
  return { late: scores?.late.content() ?? none, punctual: scores?.punctual.content() ?? none }
}

const week = (rows: readonly Row[]) => ({ sums: daySumsOf(counted(rows)), days: 1 })
const next = (before: Correction, rows: readonly Row[]) => nextCorrection(before, daySumsOf(counted(rows)), week(rows))

const probability = fc.integer({ min: 0, max: 10_000 })
const each = fc.integer({ min: -correctionMax, max: correctionMax })
const correction: fc.Arbitrary<Correction> = fc.tuple(each, each)
const rows = fc.array(fc.tuple(probability, fc.boolean()), { minLength: recalibrationRowsMin, maxLength: 300 })

describe('a probability', () => {
  test('has its odds multiplied', () => {
    // odds of 1 : 4 times e, and by e
    expect(recalibrated(2000, [10_000, 10_000])).toBe(4046)
    expect(recalibrated(2000, [-10_000, -10_000])).toBe(842)
    // 0 : 1 lies on the upper knot, 1 : 9 on the lower one, 1 : 3 halfway between: sqrt(1/9) = 1/3
    expect(recalibrated(5000, [10_000, 0])).toBe(5000)
    expect(recalibrated(1000, [0, 10_000])).toBe(1000)
    expect(recalibrated(2500, [0, 2000])).toBe(Math.round((10_000 * Math.exp(0.1)) / (Math.exp(0.1) + 3)))
    // flat outside
    expect(recalibrated(500, [0, 10_000])).toBe(500)
    expect(recalibrated(9000, [10_000, 0])).toBe(9000)
  })

  test('stays what it is without a correction, and certain if it is', () => {
    fc.assert(fc.property(probability, said => recalibrated(said, noCorrection) === said))
    fc.assert(fc.property(probability, said => recalibrated(said, [0, 0]) === said))
    fc.assert(
      fc.property(correction, by => {
        const certain = [0, 1, 9999, 10_000].map(said => recalibrated(said, by)).filter(said => said % 10_000 === 0)
        expect(certain).toEqual([0, 10_000])
      }),
    )
  })

  test('keeps its order, and rises with the correction', () => {
    const property = fc.property(
      probability,
      probability,
      correction,
      fc.nat(500),
      (a, b, [low = 0, high = 0], more) => {
        const said = [Math.min(a, b), Math.max(a, b)].map(one => recalibrated(one, [low, high]))
        expect(said).toEqual(said.toSorted((one, other) => one - other))
        expect(recalibrated(a, [low + more, high + more])).toBeGreaterThanOrEqual(recalibrated(a, [low, high]))
      },
    )
    fc.assert(property)
  })
})

describe('the next correction', () => {
  /** Log loss of the day in nats, had it been corrected by so much more; without rounding. */
  function lossAfter(day: readonly Row[], [low = 0, high = 0]: Correction): number {
    const logit = (p: number) => Math.log(p / (1 - p))
    return day.reduce((sum, [said, isLate]) => {
      if (said === 0 || said === 10_000) return sum
      const at = logit(said / 10_000)
      const upper = Math.min(1, Math.max(0, (at - logit(0.1)) / (logit(0.5) - logit(0.1))))
      const odds = at + (low + (high - low) * upper) / 10_000
      return sum + Math.log1p(Math.exp(isLate ? -odds : odds))
    }, 0)
  }

  test('would not have made the day worse: a step never overshoots', () => {
    fc.assert(
      fc.property(rows, correction, (day, before) => {
        const after = next(before, day)
        expect(isCorrection(after)).toBe(true)
        const step = after.map((to, knot) => to - (before[knot] as number))
        expect(Math.max(...step.map(Math.abs))).toBeLessThanOrEqual(2500)
        // a step is a whole number: half a one is no loss
        expect(lossAfter(day, step)).toBeLessThanOrEqual(lossAfter(day, [0, 0]) + 1e-4 * day.length)
      }),
    )
  })

  test('is the same however the rows were dealt out and in whatever order they came', () => {
    fc.assert(
      fc.property(rows, correction, fc.nat(), (day, before, cut) => {
        const at = cut % day.length
        const dealt = daySumsOf(counted(day.slice(at).toReversed(), [], day.slice(0, at)))
        expect(dealt).toEqual(daySumsOf(counted(day)))
        expect(nextCorrection(before, dealt, week(day))).toEqual(next(before, day))
      }),
    )
  })

  test('is the same one where the day went as expected, or had too few rows', () => {
    const even: Row[] = Array.from({ length: 100 }, (_, row) => [2000, row < 20])
    expect(next([77, -8], even)).toEqual([77, -8])
    expect(isSame(next(noCorrection, even), noCorrection)).toBe(true)
    const few: Row[] = Array.from({ length: recalibrationRowsMin - 1 }, () => [100, true])
    expect(next([77, -8], few)).toEqual([77, -8])
  })

  test('moves the knot that is near', () => {
    const low: Row[] = Array.from({ length: 100 }, (_, row) => [800, row < 9])
    const high: Row[] = Array.from({ length: 100 }, (_, row) => [6000, row < 59])
    const [first = 0, second] = next([0, 0], low)
    expect([first > 0, second]).toEqual([true, 0])
    const [third, fourth = 0] = next([0, 0], high)
    expect([third, fourth < 0]).toEqual([0, true])
  })

  test('is a smaller step on a day with less information than an ordinary one', () => {
    const day: Row[] = Array.from({ length: 100 }, (_, row) => [1000, row < 12])
    const twice = { sums: daySumsOf(counted(day, day)), days: 1 }
    const [full = 0] = next([0, 0], day)
    expect(full).toBeGreaterThan(0)
    expect(nextCorrection([0, 0], daySumsOf(counted(day)), twice)).toEqual([Math.round(full / 2), 0])
  })

  test('brings a model that is off back within a few weeks, though it takes effect a day late', () => {
    const random = randomFrom(5)
    const said = Array.from({ length: 900 }, () => 500 + Math.floor(random() * 6000))
    // too little is said at the lower end by half a nat, too much at the upper by a fifth
    const truth = said.map(one => recalibrated(one, [5000, -2000]))
    const inForce: Correction[] = [noCorrection, noCorrection]
    for (let n = 0; n < 120; n++) {
      const now = inForce[n] as Correction
      const day = said.map((one, row): Row => [recalibrated(one, now), random() < (truth[row] as number) / 10_000])
      inForce.push(next(inForce.at(-1) as Correction, day))
    }
    const [low = 0, high = 0] = inForce.at(-1) as Correction
    expect(Math.abs(low - 5000)).toBeLessThan(1500)
    expect(Math.abs(high + 2000)).toBeLessThan(1500)
  })
})
