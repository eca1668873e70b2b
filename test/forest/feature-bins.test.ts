import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { binOfNumber, eachBin, fitFeatureBins } from '../../src/forest/feature-bins.ts'
import type { ModelFeature } from '../../src/forest/model.ts'
import { packColumn } from '../../src/forest/training-set.ts'

const delay = { name: 'delay', kind: 'numeric', resolution: 0.1, unit: 'min' } as const
const carrier = { name: 'carrier', kind: 'categorical' } as const

function numeric(values: readonly (number | null)[], binsMax = 255, weights?: readonly number[]) {
  return fitFeatureBins(delay, packColumn('numeric', values), { until: values.length, binsMax, weights })
}

function categoriesOf(feature: ModelFeature): readonly string[] {
  return feature.kind === 'categorical' ? feature.categories : []
}

function binsIn(...[bins, column]: [Parameters<typeof eachBin>[0], Parameters<typeof eachBin>[1]]): number[] {
  const found = Array.from(column.values, () => 0)
  eachBin(bins, column, (row, bin) => void (found[row] = bin))
  return found
}

describe('the bins of a number', () => {
  test('are one for each value while there are enough, with ends half way between', () => {
    const bins = numeric([7, null, 3, 7, -2])
    expect(bins).toMatchObject({ binCount: 4, hasMissing: true, binOfCode: null, feature: delay })
    expect([...bins.uppers]).toEqual([0, 5])
    expect(binsIn(bins, packColumn('numeric', [-2, 0, 1, 5, 6, 99, null]))).toEqual([1, 1, 2, 2, 3, 3, 0])
  })

  test('hold about equal weight, and a heavy value is alone', () => {
    const values = [...Array.from({ length: 100 }, (_, at) => at), ...Array.from({ length: 300 }, () => 50)]
    const bins = numeric(values, 9)
    expect(bins.binCount).toBeLessThanOrEqual(10)
    expect(binOfNumber(bins, 49)).toBe(binOfNumber(bins, 50) - 1)
    expect(binOfNumber(bins, 51)).toBe(binOfNumber(bins, 50) + 1)
  })

  test('follow weights: what counts for nothing decides nothing', () => {
    const values = Array.from({ length: 1000 }, (_, at) => at)
    const bins = numeric(
      values,
      4,
      values.map(value => (value < 500 ? 1 : 0)),
    )
    expect([...bins.uppers].every(upper => upper < 500)).toBe(true)
  })

  test('are the same from a table and from sorting', () => {
    const near = Array.from({ length: 2000 }, (_, at) => (at * at) % 997)
    const far = near.map(value => value * 2000)
    expect(numeric(far, 32).uppers.length).toBe(numeric(near, 32).uppers.length)
    const weights = near.map((_, at) => at % 7)
    expect(numeric(far, 32, weights).uppers.length).toBe(numeric(near, 32, weights).uppers.length)
  })

  test('keep the order of any values, and there are never too many', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.integer({ min: 2, max: 255 }), (values, binsMax) => {
        const bins = numeric(values, binsMax)
        expect(bins.binCount).toBeLessThanOrEqual(binsMax + 1)
        expect([...bins.uppers]).toEqual([...new Set(bins.uppers)].sort((a, b) => a - b))
        const clamped = values.map(value => Math.min(2 ** 29, Math.max(-(2 ** 29), value))).sort((a, b) => a - b)
        const placed = clamped.map(value => binOfNumber(bins, value))
        expect(placed).toEqual([...placed].sort((a, b) => a - b))
        // each bin is used: a threshold between two bins tells rows apart
        expect(new Set(placed).size).toBe(bins.binCount - 1)
      }),
    )
  })

  test('of nothing but missing values are that one bin', () => {
    expect(numeric([null, null])).toMatchObject({ binCount: 1, hasMissing: true })
    expect(numeric([4, 4])).toMatchObject({ binCount: 2, hasMissing: false })
  })
})

describe('the bins of a category', () => {
  test('go by weight, ties by name; what was not seen before the end of training is missing', () => {
    const column = packColumn('categorical', ['UA', 'B6', 'AA', 'B6', null, 'ZZ'])
    const bins = fitFeatureBins(carrier, column, { until: 5, binsMax: 255 })
    expect(bins.feature).toEqual({ name: 'carrier', kind: 'categorical', categories: ['B6', 'AA', 'UA'] })
    expect(binsIn(bins, column)).toEqual([3, 1, 2, 1, 0, 0])
  })

  test('are 255 at most, of 100,000 categories the heaviest', () => {
    const names = Array.from({ length: 100_000 }, (_, at) => `K${at}`)
    const column = packColumn('categorical', [...names, ...names.slice(500, 755)])
    const bins = fitFeatureBins(carrier, column, { until: column.values.length, binsMax: 255 })
    expect(bins.binCount).toBe(256)
    expect(categoriesOf(bins.feature).every(name => Number(name.slice(1)) >= 500)).toBe(true)
  })
})
