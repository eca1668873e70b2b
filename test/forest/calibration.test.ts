import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitCalibration, interpolate, logistic } from '../../src/forest/calibration.ts'

const anyPoints = fc.array(
  fc.record({
    raw: fc.integer({ min: 0, max: 12 }),
    label: fc.integer({ min: 0, max: 1 }),
    weight: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 1, maxLength: 25 },
)

function fit(points: readonly { raw: number; label: number; weight?: number }[]) {
  return fitCalibration({
    raws: points.map(({ raw }) => raw),
    labels: points.map(({ label }) => label),
    weights: points.map(({ weight }) => weight ?? 1),
  })
}

describe('isotonic calibration', () => {
  test('pools neighbours that stand in the wrong order', () => {
    // 0.1: 0 | 0.2: 1, 0.3: 0 pooled to 1/2 | 0.4: 1
    const calibration = fitCalibration({ raws: [0.3, 0.1, 0.4, 0.2], labels: [0, 0, 1, 1] })
    expect(calibration).toEqual({ raw: [0.1, 0.2, 0.3, 0.4], probability: [0, 0.5, 0.5, 1] })
  })

  test('takes equal scores as one point', () => {
    expect(fitCalibration({ raws: [1, 1, 1, 2], labels: [1, 0, 0, 1] })).toEqual({
      raw: [1, 2],
      probability: [1 / 3, 1],
    })
  })

  test('is certain of nothing when it has rows of each label to add at the ends', () => {
    const raws = [1, 2, 3, 4, 5, 6]
    // 3 punctual rows below and 2 late ones above: 0.5 of 4, and 2.5 of 3
    const ends = fitCalibration({ raws, labels: [0, 0, 0, 1, 1, 1].with(3, 0).with(3, 1), edgeRows: 0.5 })
    expect(ends.probability).toEqual([0.125, 0.125, 0.875, 0.875])
    // never past the pool beside it: 1 late row of 20
    const twenty = Array.from({ length: 21 }, (_, row) => (row === 0 ? 0 : 1))
    const labels = twenty.map((_, row) => (row === 1 ? 1 : 0))
    const held = fitCalibration({ raws: twenty, labels, edgeRows: 0.5 })
    expect(held.probability).toEqual([0.05, 0.05])
    expect(fitCalibration({ raws, labels: [0, 0, 0, 0, 0, 0], edgeRows: 0.5 }).probability[0]).toBeCloseTo(0.5 / 7, 12)
  })

  test('ascends between 0 and 1, wherever its ends are drawn to', () => {
    const pool = fc.record({ rows: fc.integer({ min: 1, max: 400 }), late: fc.integer({ min: 0, max: 400 }) })
    fc.assert(
      fc.property(fc.array(pool, { minLength: 1, maxLength: 6 }), pools => {
        const raws = pools.flatMap(({ rows }, raw) => Array.from({ length: rows }, () => raw))
        const labels = pools.flatMap(({ rows, late }) => Array.from({ length: rows }, (_, row) => (row < late ? 1 : 0)))
        const { probability } = fitCalibration({ raws, labels, edgeRows: 0.5 })
        expect(probability).toEqual(probability.toSorted((a, b) => a - b))
        expect(probability[0]).toBeGreaterThan(0)
        expect(probability.at(-1)).toBeLessThan(1)
      }),
    )
  })

  test('counts a row as often as its weight says, and not at all with none', () => {
    const weighted = fitCalibration({ raws: [1, 2, 3], labels: [1, 0, 1], weights: [3, 1, 0] })
    expect(weighted).toEqual({ raw: [1, 2], probability: [0.75, 0.75] })
  })

  test('is the min-max formula at every score', () => {
    // the fit at score i is max over a <= i of min over b >= i of the mean label from a to b
    fc.assert(
      fc.property(anyPoints, points => {
        const calibration = fit(points)
        const raws = [...new Set(points.map(({ raw }) => raw))].sort((a, b) => a - b)
        const mean = (a: number, b: number): number => {
          const within = points.filter(({ raw }) => raw >= a && raw <= b)
          const weight = within.reduce((sum, point) => sum + point.weight, 0)
          return within.reduce((sum, point) => sum + point.weight * point.label, 0) / weight
        }
        for (const at of raws) {
          const lower = raws.filter(raw => raw <= at)
          const upper = raws.filter(raw => raw >= at)
          const expected = Math.max(...lower.map(a => Math.min(...upper.map(b => mean(a, b)))))
          expect(interpolate(calibration, at)).toBeCloseTo(expected, 12)
        }
      }),
    )
  })

  test('never falls, keeps the mean, and stays within 0 and 1', () => {
    fc.assert(
      fc.property(anyPoints, points => {
        const calibration = fit(points)
        let before = 0
        for (let raw = -1; raw <= 13; raw += 0.25) {
          const probability = interpolate(calibration, raw)
          expect(probability).toBeGreaterThanOrEqual(before)
          expect(probability).toBeLessThanOrEqual(1)
          before = probability
        }
        const weight = points.reduce((sum, point) => sum + point.weight, 0)
        const late = points.reduce((sum, point) => sum + point.weight * point.label, 0)
        const fitted = points.reduce((sum, point) => sum + point.weight * interpolate(calibration, point.raw), 0)
        expect(fitted / weight).toBeCloseTo(late / weight, 12)
      }),
    )
  })

  test('is linear between knots and flat outside', () => {
    const calibration = { raw: [-1, 1, 2], probability: [0.125, 0.5, 0.75] }
    expect([-9, -1, 0, 1, 1.5, 2, 9].map(raw => interpolate(calibration, raw))).toEqual([
      0.125, 0.125, 0.3125, 0.5, 0.625, 0.75, 0.75,
    ])
  })
})

test('the logistic function of a margin is its probability', () => {
  expect(logistic(0)).toBe(0.5)
  // ln(0.8 / 0.2) = ln 4
  expect(logistic(Math.log(4))).toBeCloseTo(0.8, 15)
  expect(logistic(-800)).toBe(0)
})
