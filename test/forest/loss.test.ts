import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lossOf } from '../../src/forest/loss.ts'

const rows = Int32Array.of(0, 1, 2, 3)
const labels = [1, 0, 0, 1]

function written(loss: ReturnType<typeof lossOf>, scores: number[]): number[] {
  const into = new Int32Array(2 * rows.length)
  const scale = loss.write(rows, Float64Array.from(scores), into)
  return [...into].map(value => value / scale)
}

describe('the log loss', () => {
  test('has gradient p - y and hessian p (1 - p)', () => {
    const p = 1 / (1 + Math.exp(-2))
    const expected = [p - 1, p * (1 - p), 0.5, 0.25, 0.5, 0.25, -0.5, 0.25]
    for (const [at, value] of written(lossOf('binary', { labels }), [2, 0, 0, 0]).entries())
      expect(value).toBeCloseTo(expected[at] as number, 7)
  })

  test('starts from the log odds, also when one class is alone', () => {
    expect(lossOf('binary', { labels: [1, 0, 0, 0] }).base(rows)).toBeCloseTo(Math.log(1 / 3), 12)
    expect(lossOf('binary', { labels: [0, 0, 0, 0] }).base(rows)).toBeCloseTo(Math.log(1 / 5), 12)
    expect(lossOf('binary', { labels, weights: [3, 0, 1, 0] }).base(rows)).toBeCloseTo(Math.log(3), 12)
    expect(lossOf('binary', { labels }).mean(rows, new Float64Array(4))).toBeCloseTo(Math.log(2), 12)
  })
})

describe('the squared loss', () => {
  test('has gradient s - y, hessian 1 and the mean as its start', () => {
    const loss = lossOf('regression', { labels: [5, 7, -3, 1000] })
    expect(loss.base(rows)).toBe(1009 / 4)
    const [first, , , , , , last] = written(loss, [4, 7, -3, 0])
    expect(first).toBeCloseTo(-1, 5)
    expect(last).toBeCloseTo(-1000, 5)
    expect(loss.mean(rows, Float64Array.of(4, 7, -3, 1000))).toBe(1 / 4)
  })
})

describe('the quantile loss', () => {
  const loss = lossOf('quantile', { labels: [10, 20, 30, 40] }, 0.75)

  test('starts from the quantile, and gives leaves the quantile of what their rows lack', () => {
    expect(loss.base(rows)).toBe(30)
    expect(loss.output?.(Int32Array.of(0, 3), Float64Array.of(5, 0, 0, 30))).toBe(10)
    expect(lossOf('quantile', { labels: [10, 20, 30, 40], weights: [9, 1, 1, 1] }, 0.75).base(rows)).toBe(10)
  })

  test('costs alpha below and 1 - alpha above', () => {
    expect(written(loss, [0, 25, 25, 40]).filter((_, at) => at % 2 === 0)).toEqual([-0.75, 0.25, -0.75, 0.25])
    expect(loss.mean(rows, Float64Array.of(0, 30, 30, 40))).toBe((7.5 + 2.5) / 4)
  })
})

test('weights multiply, and the largest stays within 30 bits', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), weight => {
      for (const objective of ['binary', 'regression', 'quantile'] as const) {
        const into = new Int32Array(8)
        const loss = lossOf(objective, { labels, weights: [weight, weight / 2, 0, weight] })
        loss.write(rows, new Float64Array(4), into)
        expect(Math.max(...into.map(Math.abs))).toBeLessThanOrEqual(2 ** 29)
        expect([into[4], into[5]]).toEqual([0, 0])
        expect((into[3] as number) * 2 - (into[1] as number)).toBeLessThanOrEqual(2)
      }
    }),
  )
})
