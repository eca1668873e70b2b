import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ceilTo, days, floorTo, hours, minutes, seconds } from '../../src/lib/time.ts'

test('each unit is so many of the next smaller one', () => {
  expect([seconds(1), minutes(1), hours(1), days(1)]).toEqual([1000, seconds(60), minutes(60), hours(24)])
  expect(hours(1.5)).toBe(minutes(90))
})

test('a multiple is its own floor and ceiling', () => {
  const size = minutes(10)
  expect([floorTo(2 * size, size), ceilTo(2 * size, size)]).toEqual([2 * size, 2 * size])
  expect([floorTo(2 * size + 1, size), ceilTo(2 * size + 1, size)]).toEqual([2 * size, 3 * size])
  expect([floorTo(2 * size - 1, size), ceilTo(2 * size - 1, size)]).toEqual([size, 2 * size])
})

test('floor and ceiling are the multiples nearest below and above, before 1970 too', () => {
  const year = days(366)
  fc.assert(
    fc.property(fc.integer({ min: -50 * year, max: 100 * year }), fc.integer({ min: 1, max: days(7) }), (at, size) => {
      const [below, above] = [floorTo(at, size), ceilTo(at, size)]
      expect(Math.abs(below % size) + Math.abs(above % size)).toBe(0)
      expect(at - below >= 0 && at - below < size).toBe(true)
      expect(above - at >= 0 && above - at < size).toBe(true)
    }),
  )
})
