import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  alignedBins,
  alignedCategories,
  alignedValues,
  categoryIndex,
  cumulated,
  distinctValues,
  sturgesEdges,
} from '../../src/drift/aligned.ts'
import { distributionOfCategories, distributionOfNumbers } from '../../src/drift/distribution.ts'

const someNumbers = fc.array(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.double({ min: -9, max: 9, noNaN: true })), {
  minLength: 1,
  maxLength: 60,
})

test('values stand side by side by ascending value', () => {
  fc.assert(
    fc.property(someNumbers, someNumbers, (left, right) => {
      const aligned = alignedValues(distributionOfNumbers(left), distributionOfNumbers(right))
      const keys = [...new Set([...left, ...right].map(value => value + 0))].sort((a, b) => a - b)
      expect(aligned.size).toBe(keys.length)
      for (const [at, key] of keys.entries()) {
        expect(aligned.reference[at]).toBe(left.filter(value => value === key).length)
        expect(aligned.current[at]).toBe(right.filter(value => value === key).length)
      }
    }),
  )
})

test('an infinite value on one side is not the end of the other', () => {
  const infinite = distributionOfNumbers([1, Number.POSITIVE_INFINITY])
  const finite = distributionOfNumbers([1])
  expect(alignedValues(infinite, finite)).toMatchObject({ size: 2 })
  expect([...alignedValues(infinite, finite).current.subarray(0, 2)]).toEqual([1, 0])
  expect([...alignedValues(finite, infinite).reference.subarray(0, 2)]).toEqual([1, 0])
})

test('distinct values are counted up to what is asked for', () => {
  fc.assert(
    fc.property(someNumbers, someNumbers, fc.integer({ min: 1, max: 30 }), (left, right, most) => {
      const distinct = new Set([...left, ...right].map(value => value + 0)).size
      const counted = distinctValues(distributionOfNumbers(left), distributionOfNumbers(right), most)
      expect(counted).toBe(Math.min(distinct, most))
    }),
  )
})

test('every row is in the bin whose edges hold it', () => {
  fc.assert(
    fc.property(someNumbers, someNumbers, fc.integer({ min: 1, max: 1000 }), (left, right, size) => {
      const [reference, current] = [distributionOfNumbers(left), distributionOfNumbers(right)]
      const edges = sturgesEdges(reference, current, size)
      const aligned = alignedBins(cumulated(reference), current, size)
      const inBin = (value: number, bin: number): boolean => {
        const [from, to] = [edges[bin] as number, edges[bin + 1] as number]
        return value >= from && (bin === aligned.size - 1 ? value <= to : value < to)
      }
      for (let bin = 0; bin < aligned.size; bin++) {
        expect(aligned.reference[bin]).toBe(left.filter(value => inBin(value, bin)).length)
        expect(aligned.current[bin]).toBe(right.filter(value => inBin(value, bin)).length)
      }
    }),
  )
})

test('edges follow Sturges, with whole numbers no finer than 1, and half a unit around one value', () => {
  const whole = distributionOfNumbers([0, 3], { isWhole: true })
  // 3 / (3 / (log2(4) + 1)) = 3 bins of 1, and 4 bins with log2(8) + 1 unless they may not be finer
  expect([...sturgesEdges(whole, whole, 4)]).toEqual([0, 1, 2, 3])
  expect([...sturgesEdges(whole, whole, 8)]).toEqual([0, 1, 2, 3])
  const broken = distributionOfNumbers([0, 3])
  expect([...sturgesEdges(whole, broken, 8)]).toEqual([0, 0.75, 1.5, 2.25, 3])
  const constant = distributionOfNumbers([7, 7])
  expect([...sturgesEdges(constant, constant, 8)]).toEqual([6.5, 7.5])
})

test('categories stand in the order of the reference, then unseen ones in theirs, however they came', () => {
  const index = categoryIndex(distributionOfCategories(['b', 'd', 'b']))
  const current = distributionOfCategories(['e', 'a', 'd', 'a', 'c'])
  const again = distributionOfCategories(['c', 'd', 'a', 'e', 'a'])
  const aligned = alignedCategories(index, current)
  expect(aligned).toMatchObject({ size: 5, first: 2, unseen: 4 })
  expect([...aligned.reference]).toEqual([2, 1, 0, 0, 0])
  expect([...aligned.current]).toEqual([0, 1, 2, 1, 1])
  expect(alignedCategories(index, again)).toEqual(aligned)
  expect(alignedCategories(index, distributionOfCategories(['z']))).toMatchObject({ size: 3, first: 0, unseen: 1 })
  expect(alignedCategories(categoryIndex(distributionOfCategories([])), current)).toMatchObject({ first: 0, unseen: 5 })
})
