import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SetScores } from '../../src/drift/prediction-set.ts'
import {
  type Correction,
  correctionMax,
  daySumsOf,
  isCorrection,
  isSame,
  nextRecalibration,
  noCorrection,
  recalibrated,
  recalibrationRowsMin,
  stepMax,
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
  const scores = all.said('m')
  const none = { values: [], counts: [] }
  return { late: scores?.late.content() ?? none, punctual: scores?.punctual.content() ?? none }
}

const week = (rows: readonly Row[]) => ({ sums: daySumsOf(counted(rows)), days: 1 })
const at = (correction: Correction) => ({ model: 'm', correction })
const next = (before: Correction, rows: readonly Row[]) =>
  nextRecalibration(at(before), daySumsOf(counted(rows)), week(rows)).correction

const probability = fc.integer({ min: 0, max: 10_000 })
const each = fc.integer({ min: -correctionMax, max: correctionMax })
const correction: fc.Arbitrary<Correction> = fc.tuple(each, each, each)
const rows = fc.array(fc.tuple(probability, fc.boolean()), { minLength: recalibrationRowsMin, maxLength: 300 })

describe('a probability', () => {
  test('has its odds multiplied', () => {
    // odds of 1 : 4 times e^0.5, and by it
    expect(recalibrated(2000, [5000, 5000, 5000])).toBe(2919)
    expect(recalibrated(2000, [-5000, -5000, -5000])).toBe(1317)
    // on a knot the others do not count
    expect(recalibrated(1000, [0, 5000, 5000])).toBe(1000)
    expect(recalibrated(3000, [5000, 0, 5000])).toBe(3000)
    expect(recalibrated(6000, [5000, 5000, 0])).toBe(6000)
    // odds of sqrt(1/9 x 3/7) lie halfway between the first two
    const odds = Math.sqrt(3 / 63)
    const [half, more] = [odds, odds * Math.exp(0.1)].map(each => each / (1 + each)) as [number, number]
    expect(recalibrated(Math.round(10_000 * half), [0, 2000, 0])).toBe(Math.round(10_000 * more))
    // flat outside
    expect(recalibrated(500, [0, 5000, 5000])).toBe(500)
    expect(recalibrated(9000, [5000, 5000, 0])).toBe(9000)
  })

  test('stays what it is without a correction, and certain if it is', () => {
    fc.assert(fc.property(probability, said => recalibrated(said, noCorrection) === said))
    fc.assert(fc.property(probability, said => recalibrated(said, [0, 0, 0]) === said))
    fc.assert(
      fc.property(correction, by => {
        const certain = [0, 1, 9999, 10_000].map(said => recalibrated(said, by)).filter(said => said % 10_000 === 0)
        expect(certain).toEqual([0, 10_000])
      }),
    )
  })

  test('keeps its order, and rises with the correction', () => {
    const property = fc.property(probability, probability, correction, fc.nat(500), (a, b, by, more) => {
      const said = [Math.min(a, b), Math.max(a, b)].map(one => recalibrated(one, by))
      expect(said).toEqual(said.toSorted((one, other) => one - other))
      const higher = by.map(one => one + more)
      expect(recalibrated(a, higher)).toBeGreaterThanOrEqual(recalibrated(a, by))
    })
    fc.assert(property)
  })
})

describe('the next correction', () => {
  /** Log loss of the day in nats, had it been corrected by so much more; without rounding. */
  function lossAfter(day: readonly Row[], step: Correction): number {
    const logit = (p: number) => Math.log(p / (1 - p))
    const places = [0.1, 0.3, 0.6].map(logit) as [number, number, number]
    return day.reduce((sum, [said, isLate]) => {
      if (said === 0 || said === 10_000) return sum
      const odds = logit(said / 10_000)
      const shareOf = (from: number, to: number) => Math.min(1, Math.max(0, (odds - from) / (to - from)))
      const [first, second] = [shareOf(places[0], places[1]), shareOf(places[1], places[2])]
      const [low = 0, middle = 0, high = 0] = step
      const moved = odds + (low * (1 - first) + middle * (first - second) + high * second) / 10_000
      return sum + Math.log1p(Math.exp(isLate ? -moved : moved))
    }, 0)
  }

  test('would not have made the day worse: a step never overshoots', () => {
    fc.assert(
      fc.property(rows, correction, (day, before) => {
        const after = next(before, day)
        expect(isCorrection(after)).toBe(true)
        const step = after.map((to, knot) => to - (before[knot] as number))
        expect(Math.max(...step.map(Math.abs))).toBeLessThanOrEqual(stepMax)
        // a step is a whole number: half a one is no loss
        expect(lossAfter(day, step)).toBeLessThanOrEqual(lossAfter(day, []) + 1e-4 * day.length)
      }),
    )
  })

  test('is the same however the rows were dealt out and in whatever order they came', () => {
    fc.assert(
      fc.property(rows, correction, fc.nat(), (day, before, cut) => {
        const middle = cut % day.length
        const dealt = daySumsOf(counted(day.slice(middle).toReversed(), [], day.slice(0, middle)))
        expect(dealt).toEqual(daySumsOf(counted(day)))
        expect(nextRecalibration(at(before), dealt, week(day)).correction).toEqual(next(before, day))
      }),
    )
  })

  test('stays where the day went as expected, or had too few rows', () => {
    const even: Row[] = Array.from({ length: 100 }, (_, row) => [2000, row < 20])
    expect(next([77, -8, 5], even)).toEqual([77, -8, 5])
    expect(isSame(next(noCorrection, even), noCorrection)).toBe(true)
    const few: Row[] = Array.from({ length: recalibrationRowsMin - 1 }, () => [100, true])
    expect(next([77, -8, 5], few)).toEqual([77, -8, 5])
  })

  test('moves the knots that are near', () => {
    const day = (said: number, late: number): Row[] => Array.from({ length: 100 }, (_, row) => [said, row < late])
    expect(next([], day(800, 9)).map(Math.sign)).toEqual([1, 0, 0])
    expect(next([], day(2000, 19)).map(Math.sign)).toEqual([-1, -1, 0])
    expect(next([], day(5000, 51)).map(Math.sign)).toEqual([0, 1, 1])
    expect(next([], day(9000, 89)).map(Math.sign)).toEqual([0, 0, -1])
  })

  test('is a fifth of the whole step', () => {
    const day: Row[] = Array.from({ length: 100 }, (_, row) => [1000, row < 12])
    const whole = (10_000 * 2) / 9
    expect(next([], day)).toEqual([Math.round(whole / 5), 0, 0])
    expect(next([500, 0, 0], day)).toEqual([500 + Math.round(whole / 5), 0, 0])
  })

  test('is a smaller step on a day with less information than an ordinary one', () => {
    const day: Row[] = Array.from({ length: 100 }, (_, row) => [1000, row < 12])
    const twice = { sums: daySumsOf(counted(day, day)), days: 1 }
    expect(nextRecalibration(at([]), daySumsOf(counted(day)), twice).correction).toEqual([222, 0, 0])
  })

  test('brings a model that is off back within a few weeks, though it takes effect a day late', () => {
    const random = randomFrom(5)
    const said = Array.from({ length: 900 }, () => 500 + Math.floor(random() * 6000))
    // too little is said at the lower end by 0.4 nats, too much at the upper by 0.2
    const truth = said.map(one => recalibrated(one, [4000, 1000, -2000]))
    const inForce: Correction[] = [noCorrection, noCorrection]
    let last = at(noCorrection)
    for (let n = 0; n < 120; n++) {
      const now = inForce[n] as Correction
      const day = said.map((one, row): Row => [recalibrated(one, now), random() < (truth[row] as number) / 10_000])
      last = nextRecalibration(last, daySumsOf(counted(day)), week(day))
      inForce.push(last.correction)
    }
    const [low = 0, middle = 0, high = 0] = last.correction
    expect(Math.abs(low - 4000)).toBeLessThan(1500)
    expect(Math.abs(middle - 1000)).toBeLessThan(1500)
    expect(Math.abs(high + 2000)).toBeLessThan(1500)
  })
})
