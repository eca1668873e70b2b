import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { distributionOfCategories, distributionOfNumbers } from '../../src/drift/distribution.ts'
import { histogramOf, unseenCategories } from '../../src/drift/histogram.ts'

const sum = (rows: readonly number[]) => rows.reduce((total, count) => total + count, 0)

describe('numbers', () => {
  test('lie in bins that both sides share, one a value while there are few', () => {
    const histogram = histogramOf(distributionOfNumbers([0, 0, 1, 2]), distributionOfNumbers([1, 3]), 1)
    expect(histogram).toEqual({
      kind: 'numeric',
      edges: [0, 1, 2, 3, 4],
      reference: [2, 1, 1, 0],
      current: [0, 1, 0, 1],
    })
  })

  test('far from all others lie in the first and the last bin', () => {
    const middle = Array.from({ length: 1_000 }, (_, at) => at % 100)
    const histogram = histogramOf(distributionOfNumbers([...middle, -90_000, 90_000]), distributionOfNumbers([50]), 1)
    if (histogram?.kind !== 'numeric') throw new Error('it is numeric')
    expect(histogram.edges[0]).toBe(0)
    expect(histogram.edges.at(-1)).toBeLessThan(110)
    // 0, 1 and 2 ten times each, and the one far below
    expect(histogram.reference[0]).toBe(31)
  })

  test('of tenths have edges of tenths', () => {
    const histogram = histogramOf(distributionOfNumbers([0.1, 0.2, 0.3]), distributionOfNumbers([0.7]), 0.1)
    expect(histogram).toMatchObject({ edges: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8] })
  })

  test('are all counted, whatever they are, in at most 40 ascending bins', () => {
    const column = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 1 })
    fc.assert(
      fc.property(column, column, (reference, current) => {
        const histogram = histogramOf(distributionOfNumbers(reference), distributionOfNumbers(current), 1)
        if (histogram?.kind !== 'numeric') throw new Error('it is numeric')
        const { edges, reference: a, current: b } = histogram
        expect([sum(a), sum(b)]).toEqual([reference.length, current.length])
        expect(a.length).toBeLessThanOrEqual(40)
        expect(edges).toEqual(edges.toSorted((x, y) => x - y))
        expect(edges.length).toBe(a.length + 1)
      }),
    )
  })

  test('of no row on either side have none', () => {
    expect(histogramOf(distributionOfNumbers([]), distributionOfNumbers([]), 1)).toBeNull()
    expect(histogramOf(distributionOfNumbers([]), distributionOfNumbers([4]), 1)).toMatchObject({ reference: [0] })
  })
})

describe('categories', () => {
  test('come with the largest share on either side first; the rest is summed up', () => {
    const reference = Array.from({ length: 40 }, (_, at) => Array.from({ length: 40 - at }, () => `c${at}`)).flat()
    const histogram = histogramOf(
      distributionOfCategories(reference),
      distributionOfCategories(['new', 'new', 'c39']),
      1,
    )
    if (histogram?.kind !== 'categorical') throw new Error('it is categorical')
    expect(histogram.categories.slice(0, 3)).toEqual(['new', 'c39', 'c0'])
    expect(histogram.categories).toHaveLength(30)
    // 41 categories less the 30 shown: c28 to c38, of 12, 11, ... 2 rows
    expect(histogram.other).toEqual({ categories: 11, reference: 77, current: 0 })
    expect(sum(histogram.reference) + histogram.other.reference).toBe(reference.length)
  })

  test('that the reference does not have are unseen, the most frequent first', () => {
    const current = distributionOfCategories(['a', 'x', 'y', 'y', 'z'])
    expect(unseenCategories(distributionOfCategories(['a']), current, 2)).toEqual([
      { category: 'y', count: 2 },
      { category: 'x', count: 1 },
    ])
  })
})
