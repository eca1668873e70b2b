// The golden values of the regions that use it are in kolmogorov.test.ts.

import { expect, test } from 'vitest'
import { pelzGood } from '../../src/drift/pelz-good.ts'

test('with many rows it comes to the limit of Kolmogorov', () => {
  // 1 - 2 sum (-1)^(k-1) exp(-2 k^2 z^2)
  for (const z of [0.5, 0.8, 1, 1.36]) {
    let limit = 1
    for (let k = 1; k < 30; k++) limit -= 2 * (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * z * z)
    const n = 1e12
    expect(pelzGood(n, z / Math.sqrt(n))).toBeCloseTo(limit, 5)
  }
})

test('is a chance: never less than 0 nor more than 1, and it rises with the distance', () => {
  let before = 0
  for (let d = 0.0001; d < 0.2; d *= 1.1) {
    const chance = pelzGood(500, d)
    expect(chance).toBeGreaterThanOrEqual(before)
    expect(chance).toBeLessThanOrEqual(1)
    before = chance
  }
  expect(before).toBeGreaterThan(0.999)
})
