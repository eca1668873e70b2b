// Golden numbers: scipy 1.17.1 (ks_2samp with method auto, and kstwo.sf).

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { oneSampleTail, twoSampleTail } from '../../src/drift/kolmogorov.ts'
import { relativeDifference } from './golden.ts'

type Golden = {
  twoSample: [n: number, m: number, steps: number, tail: number][]
  oneSample: [n: number, d: number, tail: number][]
}

const golden = JSON.parse(readFileSync('test/golden/tails.json', 'utf8')) as Golden

/** Numbers this small have lost digits in scipy as well. */
const isTiny = (value: number): boolean => value < 1e-300

test('the two-sample tail equals scipy, exact and asymptotic', () => {
  const wrong = golden.twoSample.filter(
    ([n, m, steps, tail]) => !(relativeDifference(twoSampleTail(n, m, steps), tail) < 1e-10),
  )
  expect(wrong).toEqual([])
  expect(golden.twoSample.filter(([n, m]) => Math.max(n, m) <= 10_000).length).toBe(44)
  expect(golden.twoSample.filter(([n, m]) => Math.max(n, m) > 10_000).length).toBe(32)
})

test('the one-sample tail equals scipy in each of its regions', () => {
  const wrong = golden.oneSample.filter(([n, d, tail]) => {
    const ours = oneSampleTail(n, d)
    return isTiny(tail) ? !isTiny(ours) : !(relativeDifference(ours, tail) < 1e-10)
  })
  expect(wrong).toEqual([])
  expect(golden.oneSample).toHaveLength(212)
})

test('small samples: the tail is the share of all orders of the pooled rows that differ as much', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }), (n, m) => {
      const largest = largestSteps(n, m)
      for (const steps of new Set(largest)) {
        const share = largest.filter(each => each >= steps).length / largest.length
        expect(relativeDifference(twoSampleTail(n, m, steps), share)).toBeLessThan(1e-12)
      }
    }),
    { numRuns: 30 },
  )
})

/** Of each order of n and m rows without ties, n m times the largest gap between their distribution functions. */
function largestSteps(n: number, m: number): number[] {
  const orders: number[] = []
  const go = (i: number, j: number, steps: number): void => {
    const reached = Math.max(steps, Math.abs(i * m - j * n))
    if (i === n && j === m) orders.push(reached)
    if (i < n) go(i + 1, j, reached)
    if (j < m) go(i, j + 1, reached)
  }
  go(0, 0, 0)
  return orders
}

test('the sides may be swapped, and a larger gap is never likelier', () => {
  const sizes = fc.integer({ min: 1, max: 400 })
  fc.assert(
    fc.property(sizes, sizes, fc.double({ min: 0, max: 1, noNaN: true }), (n, m, gap) => {
      const unit = gcd(n, m)
      const steps = Math.floor((gap * n * m) / unit) * unit
      const tail = twoSampleTail(n, m, steps)
      expect(twoSampleTail(m, n, steps)).toBe(tail)
      expect(twoSampleTail(n, m, Math.min(n * m, steps + unit))).toBeLessThanOrEqual(tail * (1 + 1e-12))
    }),
  )
})

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}

test('equal samples are certain, and samples wholly apart have two orders of all', () => {
  expect(twoSampleTail(40, 30, 0)).toBe(1)
  expect(twoSampleTail(20_000, 30, 0)).toBe(1)
  // 2 of the 10! / (4! 6!) = 210 orders
  expect(twoSampleTail(4, 6, 24)).toBeCloseTo(2 / 210, 15)
  expect(twoSampleTail(1, 1, 1)).toBe(1)
})
