import { expect, test } from 'vitest'
import { gaussLegendre } from '../../src/lib/gauss-legendre.ts'

test.each([1, 2, 3, 4, 7, 20, 60])('%i points integrate powers exactly up to degree 2n - 1', count => {
  const { points, weights } = gaussLegendre(count)
  expect([...points]).toEqual([...points].sort((a, b) => a - b))
  for (let power = 0; power < 2 * count; power++) {
    const sum = points.reduce((total, t, k) => total + (weights[k] as number) * t ** power, 0)
    expect(Math.abs(sum - 1 / (power + 1))).toBeLessThan(1e-14)
  }
})

test('and not beyond', () => {
  const { points, weights } = gaussLegendre(2)
  const sum = points.reduce((total, t, k) => total + (weights[k] as number) * t ** 4, 0)
  expect(Math.abs(sum - 1 / 5)).toBeGreaterThan(1e-3)
})
