import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { percentileInterval } from '../../src/drift/bootstrap.ts'

describe('a percentile interval', () => {
  test('spans the middle of the values, between them by a line', () => {
    // of 0..100 the middle 95 %: 2.5 to 97.5
    const values = Array.from({ length: 101 }, (_, value) => value)
    const [low = 0, high = 0] = percentileInterval(values.toReversed()) ?? []
    expect([low, high]).toEqual([expect.closeTo(2.5, 10), expect.closeTo(97.5, 10)])
    expect(percentileInterval([4, 8], 0.5)).toEqual([5, 7])
  })

  test('leaves out what is null, and needs two values', () => {
    expect(percentileInterval([null, 3, null, 3])).toEqual([3, 3])
    expect(percentileInterval([null, 3])).toBeNull()
    expect(percentileInterval([])).toBeNull()
  })

  test('lies within the values, and a larger share spans no less', () => {
    const values = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 40 })
    fc.assert(
      fc.property(values, some => {
        const [low, high] = percentileInterval(some) as [number, number]
        const [lower, higher] = percentileInterval(some, 0.99) as [number, number]
        expect(lower).toBeGreaterThanOrEqual(Math.min(...some))
        expect(higher).toBeLessThanOrEqual(Math.max(...some))
        expect(lower).toBeLessThanOrEqual(low)
        expect(low).toBeLessThanOrEqual(high)
        expect(high).toBeLessThanOrEqual(higher)
      }),
    )
  })
})
