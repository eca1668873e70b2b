import { expect, test } from 'vitest'
import { minimised } from '../../src/forest/lbfgs.ts'

function ended(valueAt: (at: Float64Array, gradient: Float64Array) => number, start: number[], stepsMax = 200) {
  const steps = minimised({ valueAt }, Float64Array.from(start), { stepsMax, gradientMax: 1e-9 })
  for (let count = 0; ; count++) {
    const { done, value } = steps.next()
    if (done) return { at: [...value], steps: count }
  }
}

test('finds the bottom of a narrow bowl', () => {
  // (x - 3)^2 + 1000 (y + 1)^2
  const { at, steps } = ended(
    ([x = 0, y = 0], gradient) => {
      gradient.set([2 * (x - 3), 2000 * (y + 1)])
      return (x - 3) ** 2 + 1000 * (y + 1) ** 2
    },
    [0, 0],
  )
  expect(at[0]).toBeCloseTo(3, 9)
  expect(at[1]).toBeCloseTo(-1, 9)
  expect(steps).toBeLessThan(40)
})

test("finds the end of Rosenbrock's valley", () => {
  const { at } = ended(
    ([x = 0, y = 0], gradient) => {
      gradient.set([-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)])
      return 100 * (y - x * x) ** 2 + (1 - x) ** 2
    },
    [-1.2, 1],
  )
  expect(at[0]).toBeCloseTo(1, 6)
  expect(at[1]).toBeCloseTo(1, 6)
})

test('stays where the gradient is nothing, and ends after so many steps', () => {
  const bowl = ([x = 0]: Float64Array, gradient: Float64Array) => {
    gradient.set([4 * x ** 3])
    return x ** 4
  }
  expect(ended(bowl, [0])).toEqual({ at: [0], steps: 0 })
  expect(ended(bowl, [5], 3).steps).toBe(3)
})
