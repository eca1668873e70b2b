// Golden numbers: scipy 1.17.1 (chi2.sf and special.erfc).

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chiSquareTail, erfc } from '../../src/drift/tails.ts'
import { relativeDifference } from './golden.ts'

type Golden = { chiSquare: [statistic: number, freedom: number, tail: number][]; erfc: [x: number, value: number][] }

const golden = JSON.parse(readFileSync('test/golden/tails.json', 'utf8')) as Golden

test('tails of the chi-square distribution equal scipy, however small', () => {
  const wrong = golden.chiSquare.filter(
    ([statistic, freedom, tail]) => !(relativeDifference(chiSquareTail(statistic, freedom), tail) < 1e-12),
  )
  expect(wrong).toEqual([])
  expect(golden.chiSquare).toHaveLength(100)
})

test('erfc equals scipy down to the smallest numbers', () => {
  const [large, tiny] = [golden.erfc.filter(([, value]) => value > 1e-300), golden.erfc.filter(([x]) => x > 27)]
  expect(large.filter(([x, value]) => !(relativeDifference(erfc(x), value) < 1e-13))).toEqual([])
  expect(tiny.filter(([x]) => !(erfc(x) < 1e-300))).toEqual([])
  expect([large.length, tiny.length]).toEqual([13, 2])
})

test('with two degrees of freedom the tail is an exponential', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1400, noNaN: true }), statistic => {
      expect(relativeDifference(chiSquareTail(statistic, 2), Math.exp(-statistic / 2))).toBeLessThan(1e-12)
    }),
  )
})

test('a larger statistic is never likelier, and more freedom never makes it less likely', () => {
  const statistics = fc.double({ min: 0, max: 3000, noNaN: true })
  fc.assert(
    fc.property(statistics, statistics, fc.integer({ min: 1, max: 2500 }), (a, b, freedom) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)]
      const [tail, tailOfMore] = [chiSquareTail(less, freedom), chiSquareTail(more, freedom)]
      expect(tailOfMore).toBeLessThanOrEqual(tail * (1 + 1e-12))
      expect(chiSquareTail(more, freedom + 1) * (1 + 1e-12)).toBeGreaterThanOrEqual(tailOfMore)
      expect(tail).toBeLessThanOrEqual(1)
    }),
  )
})

test('an infinite statistic has no tail, and without freedom there is none to speak of', () => {
  expect(chiSquareTail(Number.POSITIVE_INFINITY, 4)).toBe(0)
  expect(chiSquareTail(0, 0)).toBeNaN()
  expect(chiSquareTail(Number.NaN, 3)).toBeNaN()
  expect(chiSquareTail(0, 5)).toBe(1)
})
