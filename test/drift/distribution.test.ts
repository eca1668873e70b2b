import fc from 'fast-check'
import { expect, test } from 'vitest'
import { distributionOfCategories, distributionOfNumbers, scaleOf } from '../../src/drift/distribution.ts'

test('numbers in any order become ascending distinct values with their counts', () => {
  const { values, counts, total, missing } = distributionOfNumbers([2.5, -1, 2.5, 0, -0, 2.5], { missing: 4 })
  expect([...values]).toEqual([-1, 0, 2.5])
  expect([...counts]).toEqual([1, 2, 3])
  expect([total, missing]).toEqual([6, 4])
  expect(Object.is(values[1], 0)).toBe(true)
})

test('infinite values are values; NaN is none', () => {
  const { values, counts } = distributionOfNumbers([Number.POSITIVE_INFINITY, 1, Number.NEGATIVE_INFINITY, 1])
  expect([...values]).toEqual([Number.NEGATIVE_INFINITY, 1, Number.POSITIVE_INFINITY])
  expect([...counts]).toEqual([1, 2, 1])
  expect(() => distributionOfNumbers([1, Number.NaN])).toThrow('a value is a number')
})

test('no rows and categories are counted as well', () => {
  expect(distributionOfNumbers([])).toMatchObject({ total: 0, missing: 0 })
  const { counts, total, missing } = distributionOfCategories(['b', 'a', 'b'], 2)
  expect([...counts]).toEqual([
    ['b', 2],
    ['a', 1],
  ])
  expect([total, missing]).toEqual([3, 2])
})

function numberOf(steps: number, resolution: number): number {
  const { divisor, factor } = scaleOf(resolution)
  return (steps * factor) / divisor
}

test('steps of a decimal resolution are the very doubles that a file of decimals holds', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 29), max: 2 ** 29 }), fc.integer({ min: 0, max: 4 }), (steps, digits) => {
      expect(numberOf(steps, Number(`1e-${digits}`))).toBe(Number(`${steps}e-${digits}`))
    }),
  )
  expect(numberOf(123, 0.1)).toBe(12.3)
  expect(numberOf(3, 5)).toBe(15)
  expect(numberOf(3, 0.3)).toBe(3 * 0.3)
})
