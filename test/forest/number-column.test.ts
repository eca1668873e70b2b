import fc from 'fast-check'
import { expect, test } from 'vitest'
import { numberColumn, stepsOf } from '../../src/forest/number-column.ts'

const column = (...numbers: number[]) => numberColumn(Float64Array.from(numbers))

test('decimals keep all that they say', () => {
  expect(column(12.3, 7.25, -0.5)).toEqual({ values: Int32Array.of(1230, 725, -50), resolution: 0.01 })
  expect(column(3, Number.NaN, -4)).toEqual({ values: Int32Array.of(3, -(2 ** 31), -4), resolution: 1 })
  expect(column(0.1 + 0.2, 0.7)).toMatchObject({ values: Int32Array.of(3, 7) })
  expect(column()).toEqual({ values: new Int32Array(), resolution: 1 })
  expect(column(0, 0)).toEqual({ values: new Int32Array(2), resolution: 1 })
})

test('other numbers are rounded to the finest step that there is room for', () => {
  const { values, resolution } = column(Math.PI, 100 * Math.E)
  expect(resolution).toBe(1e-6)
  expect([...values]).toEqual([3_141_593, 271_828_183])
  expect(column(1e300, 5e299)).toMatchObject({ resolution: 1e292, values: Int32Array.of(1e8, 5e7) })
  expect(column(1e-300).values[0]).not.toBe(0)
})

test('an infinity is as far as values go', () => {
  expect([...column(1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY).values]).toEqual([1, 2 ** 29, -(2 ** 29)])
})

test('order is kept, and what is read alone is what was read with the others', () => {
  fc.assert(
    fc.property(fc.array(fc.double(), { minLength: 1 }), numbers => {
      const { values, resolution } = column(...numbers)
      expect(numbers.map(number => stepsOf(number, resolution))).toEqual([...values])
      const sorted = numbers.filter(number => !Number.isNaN(number)).sort((a, b) => a - b)
      const steps = sorted.map(number => stepsOf(number, resolution))
      expect(steps).toEqual([...steps].sort((a, b) => a - b))
    }),
  )
})
