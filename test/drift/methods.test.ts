// The golden values of every method are in column-drift.test.ts; here are laws, and examples worked by hand.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Aligned, alignedValues } from '../../src/drift/aligned.ts'
import { distributionOfNumbers } from '../../src/drift/distribution.ts'
import {
  chiSquare,
  deviation,
  hellinger,
  jensenShannon,
  kolmogorovSmirnov,
  kullbackLeibler,
  populationStabilityIndex,
  wasserstein,
  zTest,
} from '../../src/drift/methods.ts'

const someNumbers = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 50 })

function aligned(reference: number[], current: number[]): Aligned {
  const size = reference.length
  return { reference: Float64Array.from(reference), current: Float64Array.from(current), size, first: 0 }
}

/** Mean distance of the k-th smallest of both, each row repeated so often that there are equally many. */
function sortedDistance(left: number[], right: number[]): number {
  const repeated = (rows: number[], times: number): number[] =>
    rows.toSorted((a, b) => a - b).flatMap(value => Array.from({ length: times }, () => value))
  const [a, b] = [repeated(left, right.length), repeated(right, left.length)]
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] as number)), 0) / a.length
}

test('Wasserstein is the mean distance of rows paired by rank', () => {
  fc.assert(
    fc.property(someNumbers, someNumbers, (left, right) => {
      const area = wasserstein(distributionOfNumbers(left), distributionOfNumbers(right))
      expect(area).toBeCloseTo(sortedDistance(left, right), 9)
    }),
  )
})

test('distances and tests are the same from both sides and say of equal columns that nothing differs', () => {
  fc.assert(
    fc.property(someNumbers, someNumbers, (left, right) => {
      const [a, b] = [distributionOfNumbers(left), distributionOfNumbers(right)]
      expect(wasserstein(a, b)).toBe(wasserstein(b, a))
      expect(kolmogorovSmirnov(a, b)).toBe(kolmogorovSmirnov(b, a))
      for (const method of [jensenShannon, hellinger, populationStabilityIndex, zTest]) {
        expect(method(alignedValues(a, b))).toBeCloseTo(method(alignedValues(b, a)), 9)
      }
      const same = alignedValues(a, a)
      expect([wasserstein(a, a), jensenShannon(same), hellinger(same), populationStabilityIndex(same)]).toEqual([
        0, 0, 0, 0,
      ])
      expect([kolmogorovSmirnov(a, a), zTest(same)]).toEqual([1, 1])
    }),
  )
})

test('distances stay within their bounds, and reach them when nothing is shared', () => {
  const apart = aligned([3, 0, 2], [0, 4, 0])
  expect(jensenShannon(apart)).toBeCloseTo(Math.sqrt(Math.LN2), 12)
  expect(hellinger(apart)).toBeCloseTo(1, 12)
  fc.assert(
    fc.property(someNumbers, someNumbers, (left, right) => {
      const both = alignedValues(distributionOfNumbers(left), distributionOfNumbers(right))
      expect(jensenShannon(both)).toBeLessThanOrEqual(Math.sqrt(Math.LN2) + 1e-12)
      expect(hellinger(both)).toBeLessThanOrEqual(1 + 1e-12)
      expect(populationStabilityIndex(both)).toBeGreaterThanOrEqual(0)
      expect(kullbackLeibler(both)).toBeGreaterThanOrEqual(-1e-12)
    }),
  )
})

test('PSI fills zeros with 0.0001, or with a millionth of a side that has so small a share', () => {
  // r = (0.5, 0.5), c = (1, 0.0001 for none)
  const expected = (0.5 - 1) * Math.log(0.5 / 1) + (0.5 - 0.0001) * Math.log(0.5 / 0.0001)
  expect(populationStabilityIndex(aligned([1, 1], [7, 0]))).toBeCloseTo(expected, 12)
  // the least share of the current side is 1 of 10,000
  const share = 1 / 10_000 / 1e6
  const rows = aligned([1, 1, 2], [9999, 1, 0])
  const parts = [
    (0.25 - 0.9999) * Math.log(0.25 / 0.9999),
    (0.25 - 0.0001) * Math.log(0.25 / 0.0001),
    (0.5 - share) * Math.log(0.5 / share),
  ]
  expect(populationStabilityIndex(rows)).toBeCloseTo(
    parts.reduce((sum, part) => sum + part),
    12,
  )
})

test('chi-square compares with what the reference lets expect, and never with a key that it does not have', () => {
  // expected 10 and 10, observed 14 and 6: 1.6 + 1.6 with one degree of freedom
  expect(chiSquare(aligned([50, 50], [14, 6]))).toBeCloseTo(0.0736382701203, 12)
  expect(chiSquare(aligned([50, 50, 0], [14, 6, 1]))).toBe(0)
  expect(chiSquare(aligned([50], [14]))).toBeNaN()
})

test('the Z test pools the shares of all but the first key', () => {
  // shares 0.3 and 0.8, pooled 0.55, as in the textbook
  const z = 0.5 / Math.sqrt(0.55 * 0.45 * 0.2)
  expect(z).toBeCloseTo(2.2473, 4)
  expect(zTest(aligned([7, 3], [2, 8]))).toBeCloseTo(0.0246187613808151, 12)
  expect(zTest({ ...aligned([3, 7], [8, 2]), first: 1 })).toBe(zTest(aligned([7, 3], [2, 8])))
})

test('the deviation divides by the number of rows', () => {
  expect(deviation(distributionOfNumbers([2, 4, 4, 4, 5, 5, 7, 9]))).toBe(2)
  expect(deviation(distributionOfNumbers([5, 5, 5]))).toBe(0)
})
