import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lossesPerNat, lossOf } from '../../src/drift/loss.ts'

const probability = fc.integer({ min: 0, max: 10_000 })

describe('the loss', () => {
  // round(-ln p * 10,000)
  test.each([
    [10_000, true, 0],
    [5000, true, 6931],
    [2500, true, 13_863],
    [1, true, 92_103],
    [0, true, 92_103],
    [0, false, 0],
    [2500, false, 2877],
    [9999, false, 92_103],
    [10_000, false, 92_103],
  ])('of a probability of %i, if late is %s, is %i ten-thousandths of a nat', (given, isLate, loss) => {
    expect(lossOf(given, isLate)).toBe(loss)
  })

  test('falls as the probability of what happened rises, and lies between 0 and that of one ten-thousandth', () => {
    fc.assert(
      fc.property(probability, probability, fc.boolean(), (a, b, isLate) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        const [of, ofMore] = [lossOf(low, isLate), lossOf(high, isLate)]
        expect(isLate ? of >= ofMore : of <= ofMore).toBe(true)
        expect(Math.min(of, ofMore)).toBeGreaterThanOrEqual(0)
        expect(Math.max(of, ofMore)).toBeLessThanOrEqual(92_103)
        expect(Number.isInteger(of)).toBe(true)
      }),
    )
  })

  test('is that of the other outcome with the other probability', () => {
    for (let given = 0; given <= 10_000; given++) expect(lossOf(given, true)).toBe(lossOf(10_000 - given, false))
  })

  test('is -ln p to half a ten-thousandth', () => {
    for (let given = 1; given <= 10_000; given++) {
      expect(Math.abs(lossOf(given, true) + Math.log(given / 10_000) * lossesPerNat)).toBeLessThanOrEqual(0.5)
    }
  })

  test.each([-1, 10_001, 0.5, Number.NaN])('of %d is refused', given => {
    expect(() => lossOf(given, true)).toThrow('probability is 0..10000')
  })
})
