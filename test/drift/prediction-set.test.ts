import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Levels,
  missedOf,
  nextLevels,
  nextSets,
  openBounds,
  type SetScores,
  setBounds,
  setRowsMin,
  startLevels,
  targetMiss,
} from '../../src/drift/prediction-set.ts'
import { randomFrom } from '../../src/lib/random.ts'

function counted(probabilities: readonly number[]): SetScores['late'] {
  const values = [...new Set(probabilities)].sort((a, b) => a - b)
  return { values, counts: values.map(value => probabilities.filter(each => each === value).length) }
}

const nobody = counted([])
const hundred = Array.from({ length: 100 }, (_, n) => 100 * n)

describe('the bounds', () => {
  test('leave out what is less likely than the k-th lowest of its kind', () => {
    // k = floor(0.1 x 101) = 10: the tenth lowest of 0, 100 .. 9900 is 900; the tenth highest 9000
    const scores = { late: counted(hundred), punctual: counted(hundred) }
    expect(setBounds(scores, startLevels, openBounds)).toEqual({ lateFrom: 900, punctualTo: 9000 })
    // floor(0.02 x 101) = 2
    expect(setBounds(scores, { late: 0.02, punctual: 0.1 }, openBounds)).toEqual({ lateFrom: 100, punctualTo: 9000 })
  })

  test('stay what they were for a kind with too few rows', () => {
    const few = counted(hundred.slice(0, setRowsMin - 1))
    const before = { lateFrom: 1234, punctualTo: 5678 }
    expect(setBounds({ late: few, punctual: nobody }, startLevels, before)).toEqual(before)
    const enough = counted(hundred.slice(0, setRowsMin))
    expect(setBounds({ late: enough, punctual: nobody }, startLevels, before)).toEqual({ ...before, lateFrom: 400 })
  })

  test('of rows that are exchangeable miss no more than the level, of either kind', () => {
    // P(miss) = (k - 1) / n at most, in the rows themselves
    const some = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: setRowsMin, maxLength: 200 })
    const level = fc.double({ min: 0.02, max: 0.3, noNaN: true })
    const property = fc.property(some, some, level, level, (late, punctual, a, b) => {
      const scores = { late: counted(late), punctual: counted(punctual) }
      const missed = missedOf(scores, setBounds(scores, { late: a, punctual: b }, openBounds))
      expect(missed.late.rows).toBe(late.length)
      expect(missed.late.missed).toBeLessThanOrEqual(a * late.length)
      expect(missed.punctual.missed).toBeLessThanOrEqual(b * punctual.length)
    })
    fc.assert(property)
  })
})

describe('what follows a day', () => {
  const scores = { late: counted(hundred), punctual: counted(hundred) }

  test('that nothing was bound on has missed nothing, and moves no level', () => {
    const next = nextSets(null, scores, { scores, days: 1 })
    const missed = { rows: 100, missed: 0 }
    expect(next).toEqual({
      levels: startLevels,
      bounds: { lateFrom: 900, punctualTo: 9000 },
      missed: { late: missed, punctual: missed },
    })
  })

  test('is held against an ordinary day of the week, and bounds by the levels that it has moved', () => {
    // a quiet day after one of 90 rows: 3 missed of 10, where an ordinary day has 50 of a kind
    const few = hundred.slice(0, 10)
    const before = { levels: startLevels, bounds: { lateFrom: 300, punctualTo: 10_000 } }
    const { levels, bounds, missed } = nextSets(before, { late: counted(few), punctual: nobody }, { scores, days: 2 })
    expect(missed).toEqual({ late: { rows: 10, missed: 3 }, punctual: { rows: 0, missed: 0 } })
    // 0.1 + 0.05 (1 - 3) / 50
    expect(levels.late).toBeCloseTo(0.098, 12)
    expect(levels.punctual).toBe(targetMiss)
    // floor(0.098 x 101) = 9
    expect(bounds).toEqual({ lateFrom: 800, punctualTo: 9000 })
  })
})

describe('the levels', () => {
  const ordinary = { late: 100, punctual: 400 }
  const day = (late: number, punctual: number) => ({
    late: { rows: 100, missed: late },
    punctual: { rows: 400, missed: punctual },
  })

  test('stay where as many were missed as should be, fall where more were and rise where fewer', () => {
    expect(nextLevels(startLevels, day(10, 40), ordinary)).toEqual(startLevels)
    const { late, punctual } = nextLevels(startLevels, day(20, 0), ordinary)
    // 0.05 x (10 - 20) / 100 and 0.05 x (40 - 0) / 400
    expect(late).toBeCloseTo(targetMiss - 0.005, 12)
    expect(punctual).toBeCloseTo(targetMiss + 0.005, 12)
  })

  test('move by the rows of a day, within 0.02 and 0.3', () => {
    let levels: Levels = startLevels
    for (let n = 0; n < 200; n++) levels = nextLevels(levels, day(100, 0), ordinary)
    expect(levels).toEqual({ late: 0.02, punctual: 0.3 })
    const double = { late: { rows: 200, missed: 40 }, punctual: { rows: 0, missed: 0 } }
    expect(nextLevels(startLevels, double, ordinary).late).toBeCloseTo(targetMiss - 0.01, 12)
  })

  test('bring the misses of a model that drifts back to one in ten', () => {
    // late flights are called less likely from day to day, and the bounds of yesterday always come too late
    const random = randomFrom(5)
    let levels: Levels = startLevels
    let bounds = openBounds
    const missed: number[] = []
    for (let n = 0; n < 400; n++) {
      const drawn = Array.from({ length: 200 }, () => Math.floor(2000 + 4000 * random() + 1500 * Math.cos(n / 20)))
      const scores = { late: counted(drawn), punctual: nobody }
      const found = missedOf(scores, bounds)
      if (n > 0) levels = nextLevels(levels, found, { late: 200, punctual: 0 })
      bounds = setBounds(scores, levels, bounds)
      missed.push(found.late.missed / 200)
    }
    const mean = missed.slice(20).reduce((sum, each) => sum + each, 0) / 380
    expect(mean).toBeGreaterThan(0.09)
    expect(mean).toBeLessThan(0.11)
  })
})
