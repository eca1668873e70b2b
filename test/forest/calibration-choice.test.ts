// The curves of scipy's maximum likelihood: made by test/golden/forest/make.py.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { interpolate, logistic } from '../../src/forest/calibration.ts'
import {
  calibrationBy,
  calibrationMethods,
  chooseCalibration,
  fitBeta,
  fitPlatt,
} from '../../src/forest/calibration-choice.ts'
import { randomFrom } from '../../src/lib/random.ts'
import { golden } from './exchange/golden.ts'

type Parametric = {
  raws: number[]
  labels: number[]
  turned: number[]
  platt: Record<string, number>
  beta: Record<string, number>
  betaOfTurned: Record<string, number>
}

const { raws, labels, turned, ...expected } = golden<{ parametric: Parametric }>('calibration').parametric

/** The largest difference between two curves' parameters. */
function apart(found: Readonly<Record<string, number>>, from: Readonly<Record<string, number>>): number {
  const names = new Set([...Object.keys(found), ...Object.keys(from)])
  return Math.max(
    ...[...names].map(name =>
      Math.abs((found[name] ?? Number.POSITIVE_INFINITY) - (from[name] ?? Number.POSITIVE_INFINITY)),
    ),
  )
}

/** Rows whose label is late with the given probability of the raw score. */
function drawn(count: number, late: (raw: number) => number, seed = 1) {
  const random = randomFrom(seed)
  const scores = Array.from({ length: count }, () => 6 * random() - 3)
  return { raws: scores, labels: scores.map(raw => (random() < late(raw) ? 1 : 0)) }
}

describe("Platt's calibration", () => {
  test('is the likeliest curve', () => {
    expect(apart(fitPlatt({ raws, labels }), expected.platt)).toBeLessThan(1e-9)
  })

  test('never falls: scores that mean nothing or the reverse give the overall share', () => {
    const { slope, offset } = fitPlatt({ raws: [1, 2, 3, 4], labels: [1, 1, 0, 0] })
    expect([slope, logistic(offset)]).toEqual([0, 0.5])
  })
})

describe('beta calibration', () => {
  test('is the likeliest curve', () => {
    expect(apart(fitBeta('gradient-boosting', { raws, labels }), expected.beta)).toBeLessThan(1e-9)
  })

  test('never falls: what would be negative is 0, and the others are fitted anew', () => {
    const found = fitBeta('gradient-boosting', { raws, labels: turned })
    expect(apart(found, expected.betaOfTurned)).toBeLessThan(1e-9)
    const { a, b, c } = fitBeta('gradient-boosting', { raws: [-2, -1, 1, 2], labels: [1, 1, 0, 0] })
    expect([a, b, logistic(c)]).toEqual([0, 0, 0.5])
  })

  test('leaves probabilities that are right as they are', () => {
    const calibration = calibrationBy('beta', 'gradient-boosting', drawn(10_000, logistic))
    for (const raw of [-2, -1, 0, 1, 2])
      expect(Math.abs(interpolate(calibration, raw) - logistic(raw))).toBeLessThan(0.02)
  })

  test('takes the share of a forest, 0 and 1 included', () => {
    const rows = { raws: [0, 0.2, 0.5, 0.8, 1, 1, 0], labels: [0, 0, 1, 0, 1, 1, 0] }
    const { a, b, c } = fitBeta('random-forest', rows)
    expect([a, b, c].every(Number.isFinite)).toBe(true)
  })
})

describe('a curve as knots', () => {
  test('is within 1e-6 of the curve, and flat outside of its scores', () => {
    const { slope, offset } = fitPlatt({ raws, labels })
    const calibration = calibrationBy('platt', 'gradient-boosting', { raws, labels })
    const [low, high] = [Math.min(...raws), Math.max(...raws)]
    for (let share = 0; share <= 1; share += 0.001) {
      const raw = low + share * (high - low)
      expect(Math.abs(interpolate(calibration, raw) - logistic(slope * raw + offset))).toBeLessThan(2e-6)
    }
    expect(interpolate(calibration, high + 9)).toBe(interpolate(calibration, high))
  })

  test('ascends, whatever the rows', () => {
    const row = fc.record({ raw: fc.double({ min: 0, max: 1, noNaN: true }), label: fc.integer({ min: 0, max: 1 }) })
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 30 }),
        fc.constantFrom(...calibrationMethods),
        fc.constantFrom('random-forest' as const, 'gradient-boosting' as const),
        (rows, method, kind) => {
          const { raw, probability } = calibrationBy(method, kind, {
            raws: rows.map(each => each.raw),
            labels: rows.map(({ label }) => label),
          })
          expect(raw).toEqual([...new Set(raw)].sort((a, b) => a - b))
          expect(probability).toEqual(probability.toSorted((a, b) => a - b))
          expect(probability[0]).toBeGreaterThanOrEqual(0)
          expect(probability.at(-1)).toBeLessThanOrEqual(1)
        },
      ),
    )
  })
})

describe('the choice', () => {
  test('is the method with the lowest log loss on the later half', () => {
    // a step is no curve
    const step = chooseCalibration(
      'gradient-boosting',
      drawn(20_000, raw => (raw < 1 ? 0.1 : 0.9)),
    )
    expect(step.method).toBe('isotonic')
    expect(step.logLoss.isotonic).toBeLessThan(step.logLoss.platt)
  })

  test('is the simplest among equals', () => {
    const { method, logLoss } = chooseCalibration(
      'gradient-boosting',
      drawn(20_000, raw => logistic(0.5 * raw - 0.3)),
    )
    expect(method).toBe('platt')
    expect(Math.abs(logLoss.beta - logLoss.platt)).toBeLessThan(1e-3)
  })

  test('is fitted on all rows', () => {
    const rows = drawn(500, logistic)
    const { method, calibration } = chooseCalibration('gradient-boosting', rows)
    expect(calibration).toEqual(calibrationBy(method, 'gradient-boosting', rows))
  })
})
