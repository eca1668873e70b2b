import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitLogistic, softplus } from '../../src/forest/logistic-fit.ts'

describe('logistic regression', () => {
  test('of nothing but an intercept is the log-odds of the mean', () => {
    const [intercept] = fitLogistic({ columns: [], targets: [1, 0, 0, 0], weights: [2, 1, 1, 2] })
    expect(intercept).toBeCloseTo(Math.log(2 / 4), 12)
  })

  test('of two groups is the log-odds of each', () => {
    // 1 of 4 where x is 0, 2 of 3 where it is 1
    const [slope, intercept] = fitLogistic({ columns: [[0, 0, 0, 0, 1, 1, 1]], targets: [1, 0, 0, 0, 1, 1, 0] })
    expect(intercept).toBeCloseTo(Math.log(1 / 3), 10)
    expect(slope).toBeCloseTo(Math.log(2) - Math.log(1 / 3), 10)
  })

  test('has no gradient left, whatever the rows', () => {
    const row = fc.record({
      x: fc.integer({ min: -4, max: 4 }),
      y: fc.integer({ min: 0, max: 3 }),
      target: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(row, { minLength: 6, maxLength: 30 }), rows => {
        const columns = [rows.map(({ x }) => x), rows.map(({ y }) => y)]
        const targets = rows.map(({ target }) => target)
        const [a = 0, b = 0, c = 0] = fitLogistic({ columns, targets })
        fc.pre([a, b, c].some(value => value !== 0))
        const errors = rows.map(({ x, y, target }) => 1 / (1 + Math.exp(-(a * x + b * y + c))) - target)
        for (const column of [...columns, rows.map(() => 1)]) {
          const gradient = errors.reduce((sum, error, index) => sum + error * (column[index] as number), 0)
          expect(Math.abs(gradient)).toBeLessThan(1e-6)
        }
      }),
    )
  })

  test('of separable rows, equal columns or one class ends finite', () => {
    const fits = [
      fitLogistic({ columns: [[1, 2, 3, 4]], targets: [0, 0, 1, 1] }),
      fitLogistic({
        columns: [
          [1, 2, 3],
          [1, 2, 3],
        ],
        targets: [0, 1, 0],
      }),
      fitLogistic({ columns: [[1, 2, 3]], targets: [1, 1, 1] }),
      fitLogistic({ columns: [[5, 5]], targets: [0, 1] }),
    ]
    expect(fits.flat().every(Number.isFinite)).toBe(true)
    expect(fits[0]?.[0]).toBeGreaterThan(5)
  })

  test('the soft maximum does not overflow', () => {
    expect([softplus(0), softplus(800), softplus(-800)]).toEqual([Math.LN2, 800, 0])
  })
})
