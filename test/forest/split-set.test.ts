import { describe, expect, test } from 'vitest'
import { unbounded } from '../../src/forest/gain.ts'
import { type SetLimits, splitSet } from '../../src/forest/split-set.ts'

const limits: SetLimits = {
  l1: 0,
  l2: 0,
  minRows: 1,
  minHessian: 1,
  minGain: 0,
  oneMax: 3,
  smooth: 1,
  setL2: 0,
  leftMax: 32,
  minGroupRows: 1,
}

/** [gradient, hessian] by bin, that of missing values first; a row has a hessian of 1. */
function best(bins: readonly (readonly [number, number])[], changes: Partial<SetLimits> = {}) {
  const gradient = bins.reduce((sum, [each]) => sum + each, 0)
  const hessian = bins.reduce((sum, [, each]) => sum + each, 0)
  const leaf = { gradient, hessian, rows: hessian, bounds: unbounded }
  const sums = { sums: Float64Array.from(bins.flat()), at: 0, binCount: bins.length }
  const split = splitSet(sums, leaf, 2, { ...limits, ...changes })
  return split && { ...split, leftBins: [...(split.leftBins ?? [])] }
}

const mixed = [
  [0, 0],
  [-9, 20],
  [8, 20],
  [-8, 20],
  [9, 20],
  [7, 20],
] as const

describe('the split of categories', () => {
  test('puts those of like gradient on one side, wherever they stand', () => {
    const split = best(mixed)
    expect(split).toMatchObject({ feature: 2, leftBins: [0, 1, 0, 1, 0, 0], leftGradient: -17, leftHessian: 40 })
    expect(split?.gain).toBeCloseTo((17 * 17) / 40 + (24 * 24) / 60 - 49 / 100, 12)
  })

  test('tells one from all others when there are few', () => {
    expect(best(mixed.slice(0, 4))).toMatchObject({ leftBins: [0, 0, 1, 0] })
  })

  test('takes missing ones with the category that they are like, and right if there are none', () => {
    const like = best([[-9, 20], ...mixed.slice(1)])
    expect(like).toMatchObject({ leftBins: [1, 1, 0, 1, 0, 0], missingRight: false })
    expect(best([[9, 20], ...mixed.slice(1)])?.missingRight).toBe(true)
    expect(best(mixed)?.missingRight).toBe(true)
  })

  test('never is of missing ones alone', () => {
    const split = best([[-50, 20], ...mixed.slice(1).map(() => [1, 20] as const)], { leftMax: 1 })
    expect(split?.leftBins.slice(1).includes(1) ?? true).toBe(true)
  })

  test('takes groups of enough rows, and no more categories than it may', () => {
    expect(best(mixed, { leftMax: 1 })?.leftBins.filter(bin => bin === 1).length).toBe(1)
    expect(best(mixed, { minGroupRows: 35 })?.leftHessian).toBe(40)
    expect(best(mixed, { minGroupRows: 70 })).toBeNull()
  })

  test('draws rare categories to the middle', () => {
    const rare = [...mixed, [-1, 1] as const]
    // its mean, -1, is the lowest, and -1 / 101 is not
    expect(best(rare, { smooth: 0, leftMax: 1, oneMax: 0, minRows: 0 })).toMatchObject({
      leftBins: [0, 0, 0, 0, 1, 0, 0],
    })
    expect(best(rare, { smooth: 100, leftMax: 1, minRows: 0 })).toMatchObject({ leftBins: [0, 1, 0, 0, 0, 0, 0] })
  })
})
