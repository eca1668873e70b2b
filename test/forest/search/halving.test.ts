import { expect, test } from 'vitest'
import { goesOn, isRung } from '../../../src/forest/search/halving.ts'

test('the first goes on, and later ones when they are in the better half', () => {
  expect(goesOn(9, [])).toBe(true)
  expect([goesOn(1, [2]), goesOn(3, [2])]).toEqual([true, false])
  expect([goesOn(2.5, [2, 3]), goesOn(3.5, [2, 3])]).toEqual([true, false])
  expect(goesOn(2, [2, 3, 4])).toBe(true)
  expect(goesOn(3, [2, 3, 4])).toBe(false)
})

test('rungs are twice as far from each other as the ones before', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 9].filter(isRung)).toEqual([1, 2, 4, 8])
})

test('of many, about the share that is kept goes on', () => {
  const losses: number[] = []
  let kept = 0
  for (let n = 0; n < 400; n++) {
    const loss = (n * 7919) % 1009
    if (goesOn(loss, losses, 1 / 4)) kept++
    losses.push(loss)
  }
  expect(kept / 400).toBeGreaterThan(0.2)
  expect(kept / 400).toBeLessThan(0.3)
})
