import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DayCounts, percentileInterval, resampledPerformance } from '../../src/drift/bootstrap.ts'

const day = (probability: number, punctual: number, late: number): DayCounts => [{ probability, punctual, late }]
const options = { resamples: 50, seed: 3, threshold: 5000 }
const drawn = (days: DayCounts[], changes = {}) => [...resampledPerformance(days, { ...options, ...changes })]

describe('resampled days', () => {
  test('are whole: rows of one day come together, as often as the day is drawn', () => {
    // a day of 10 rows and one of 1000: two draws give 20, 1010 or 2000
    const counts = drawn([day(1000, 8, 2), day(7000, 400, 600)]).map(({ n }) => n)
    expect(new Set(counts)).toEqual(new Set([20, 1010, 2000]))
  })

  test('give the figures of the days themselves when all are alike', () => {
    // Brier of 8 punctual and 2 late rows at 0.1: (8 x 0.01 + 2 x 0.81) / 10
    for (const { brier, positives, n } of drawn([day(1000, 8, 2), day(1000, 8, 2)])) {
      expect([positives, n]).toEqual([4, 20])
      expect(brier).toBeCloseTo(0.17, 12)
    }
  })

  test('are the same for the same seed, and others for another', () => {
    const days = Array.from({ length: 9 }, (_, at) => day(at * 1000, at, 9 - at))
    expect(drawn(days)).toEqual(drawn(days))
    expect(drawn(days, { seed: 4 })).not.toEqual(drawn(days))
  })

  test('call late what reaches the threshold', () => {
    const [one] = drawn([day(6000, 1, 1)], { resamples: 1, threshold: 6001 })
    expect(one?.confusion).toMatchObject({ truePositives: 0, falsePositives: 0 })
  })
})

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
