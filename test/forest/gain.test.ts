import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gainOf, outputOf, shrunk, unbounded } from '../../src/forest/gain.ts'

test('the output is -s(G) / (H + l2), and gains s(G)^2 / (H + l2)', () => {
  // s(10) = 8 at l1 = 2; H + l2 = 4
  expect(outputOf(10, 3, { l1: 2, l2: 1 })).toBe(-2)
  expect(gainOf(10, 3, { l1: 2, l2: 1 })).toBe(16)
  expect([shrunk(1, 2), shrunk(-5, 2), shrunk(5, 0)]).toEqual([0, -3, 5])
  expect(outputOf(10, 0, { l1: 0, l2: 0 })).toBe(0)
})

test('no output within the bounds gains more', () => {
  const sums = fc.integer({ min: -1000, max: 1000 })
  fc.assert(
    fc.property(sums, fc.nat(1000), fc.double({ min: -2, max: 2, noNaN: true }), (gradient, hessian, other) => {
      const regularisation = { l1: 0, l2: 1 }
      const bounds = { low: -0.5, high: 0.25 }
      const held = Math.min(0.25, Math.max(-0.5, other))
      const gainOfOther = -(2 * gradient * held + (hessian + 1) * held * held)
      expect(gainOf(gradient, hessian, regularisation, bounds)).toBeGreaterThanOrEqual(gainOfOther - 1e-6)
      expect(gainOf(gradient, hessian, regularisation, unbounded)).toBeGreaterThanOrEqual(gainOfOther - 1e-6)
    }),
  )
})
