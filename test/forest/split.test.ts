import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gainOf, unbounded } from '../../src/forest/gain.ts'
import { type LeafSums, type NumberOptions, type Split, splitNumber } from '../../src/forest/split.ts'
import { scanned } from './scanned.ts'

const limits = { l1: 0, l2: 1, minRows: 1, minHessian: 1, minGain: 0 }
const options: NumberOptions = { feature: 3, limits, monotone: 0, only: null }

/** [gradient, hessian] by bin, that of missing values first; a row has a hessian of 1. */
function best(bins: readonly (readonly [number, number])[], changes: Partial<NumberOptions> = {}): Split | null {
  const { sums, scan } = scanned(bins)
  return splitNumber(sums, leafOf(bins), { ...options, ...changes }, scan)
}

function leafOf(bins: readonly (readonly [number, number])[]): LeafSums {
  const gradient = bins.reduce((sum, [each]) => sum + each, 0)
  const hessian = bins.reduce((sum, [, each]) => sum + each, 0)
  return { gradient, hessian, rows: hessian, bounds: unbounded }
}

describe('the split of a number', () => {
  test('is where both sides gain most', () => {
    const split = best([
      [0, 0],
      [5, 10],
      [5, 10],
      [-5, 10],
    ])
    // 10^2 / 21 + 5^2 / 11 - 5^2 / 31
    expect(split).toMatchObject({ feature: 3, bin: 2, leftGradient: 10, leftHessian: 20, leftBins: null })
    expect(split?.gain).toBeCloseTo(100 / 21 + 25 / 11 - 25 / 31, 12)
  })

  test('sends missing values to the side where they gain more, alone if need be', () => {
    const low = best([
      [8, 10],
      [8, 10],
      [-8, 10],
    ])
    expect(low).toMatchObject({ bin: 1, missingRight: false, leftGradient: 16 })
    const high = best([
      [-8, 10],
      [8, 10],
      [-8, 10],
    ])
    expect(high).toMatchObject({ bin: 1, missingRight: true })
    const alone = best([
      [-8, 10],
      [8, 10],
      [8, 10],
    ])
    expect(alone).toMatchObject({ bin: 2, missingRight: true })
  })

  test('sends what was never missing to the heavier side', () => {
    expect(
      best([
        [0, 0],
        [5, 30],
        [-5, 10],
      ])?.missingRight,
    ).toBe(false)
    expect(
      best([
        [0, 0],
        [5, 10],
        [-5, 30],
      ])?.missingRight,
    ).toBe(true)
  })

  test('leaves enough rows and gain on both sides, or is none', () => {
    const bins = [
      [0, 0],
      [9, 3],
      [1, 10],
      [-4, 10],
    ] as const
    expect(best(bins)).toMatchObject({ bin: 1 })
    expect(best(bins, { limits: { ...limits, minRows: 5 } })).toMatchObject({ bin: 2 })
    expect(best(bins, { limits: { ...limits, minRows: 12 } })).toBeNull()
    expect(best(bins, { limits: { ...limits, minGain: 1000 } })).toBeNull()
  })

  test('keeps a monotone order', () => {
    const bins = [
      [0, 0],
      [5, 10],
      [-5, 10],
    ] as const
    // the output rises with the value: -5/11 left, 5/11 right
    expect(best(bins, { monotone: 1 })).not.toBeNull()
    expect(best(bins, { monotone: -1 })).toBeNull()
  })

  test('is the best of all, by trying each', () => {
    const bin = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 9 }))
    fc.assert(
      fc.property(fc.array(bin, { minLength: 3, maxLength: 12 }), bins => {
        const { gradient, hessian } = leafOf(bins)
        let most = Number.NEGATIVE_INFINITY
        for (let last = 1; last < bins.length; last++) {
          for (const missing of [true, false]) {
            const left = bins.filter((_, at) => (at === 0 ? missing : at <= last))
            const { gradient: g, hessian: h } = leafOf(left)
            if (h === hessian) continue
            most = Math.max(most, gainOf(g, h, limits) + gainOf(gradient - g, hessian - h, limits))
          }
        }
        const gain = most - gainOf(gradient, hessian, limits)
        const found = best(bins)
        expect(found?.gain ?? 0).toBeCloseTo(Math.max(0, gain), 6)
      }),
    )
  })
})
