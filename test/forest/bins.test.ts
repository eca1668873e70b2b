import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bins, binRow, columnsOf, fitBins, flatSplit } from '../../src/forest/bins.ts'
import { missingGoesRight } from '../../src/forest/model.ts'

const numeric = { name: 'delay', kind: 'numeric', resolution: 0.1 } as const
const category = { name: 'carrier', kind: 'categorical' } as const

describe('bins', () => {
  test('hold about equally many rows and never part equal values', () => {
    // 12 rows in 3 bins: 0 0 0 0 0 | 1 2 3 4 | 5 6 7, thresholds half way, rounded down
    const bins = fitBins(numeric, [0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7], 3)
    expect([...bins.thresholds]).toEqual([0, 4])
    expect([...fitBins(numeric, [10, 20], 9).thresholds]).toEqual([15])
    expect([...fitBins(numeric, [-5, -5], 9).thresholds]).toEqual([])
    expect([...fitBins(numeric, [null, null], 9).thresholds]).toEqual([])
  })

  test('give a missing number the bin of the median, and a column that says so', () => {
    const bins = [
      fitBins(numeric, [1, 2, null, 3, 4, 5], 5),
      fitBins({ ...numeric, name: 'hour' }, [1, 1, 1, 2, 2, 2], 5),
    ]
    const columns = columnsOf(bins)
    expect(columns).toEqual([
      { feature: 0, role: 'value' },
      { feature: 0, role: 'missing' },
      { feature: 1, role: 'value' },
    ])
    expect(binRow(bins, columns, [null, 2])).toEqual([2, 1, 1])
    expect(binRow(bins, columns, [3, null])).toEqual([2, 0, 1])
    expect(binRow(bins, columns, [1e9, -1e9])).toEqual([4, 0, 0])
  })

  test('rank categories by frequency, ties by name, missing and unseen ones last', () => {
    const bins = [fitBins(category, ['UA', 'DL', 'B6', 'B6', 'AA', null], 2)]
    expect(bins[0]?.feature).toMatchObject({ categories: ['B6', 'AA', 'DL', 'UA'] })
    const codes = ['B6', 'AA', 'DL', 'UA', 'ZZ', null].map(carrier => binRow(bins, columnsOf(bins), [carrier]))
    expect(codes).toEqual([[0], [1], [2], [3], [4], [4]])
  })

  test('split as the flat forest does, whatever the value', () => {
    const anyValue = fc.option(fc.integer({ min: -40, max: 40 }))
    fc.assert(
      fc.property(fc.array(anyValue, { minLength: 2, maxLength: 40 }), anyValue, fc.nat(8), (values, value, place) => {
        const bins: Bins[] = [fitBins(numeric, values, 6)]
        fc.pre(place < 2 * (bins[0] as Bins).thresholds.length)
        // below 0.5, 1, 1.5, 2, ... as means of neighbouring bins come out
        const below = (place + 1) / 2
        const { threshold, flags } = flatSplit(bins, { feature: 0, role: 'value' }, below)
        const goesLeft = value === null ? (flags & missingGoesRight) === 0 : value <= threshold
        expect(goesLeft).toBe((binRow(bins, columnsOf(bins), [value])[0] as number) < below)
      }),
    )
  })

  test('split by "was missing" into all that is there and what is not', () => {
    expect(flatSplit([fitBins(numeric, [1, null], 6)], { feature: 0, role: 'missing' }, 0.5)).toEqual({
      feature: 0,
      threshold: 2 ** 29,
      flags: missingGoesRight,
    })
  })
})
