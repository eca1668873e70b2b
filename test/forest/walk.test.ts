import { expect, test } from 'vitest'
import { layOut } from '../../src/forest/walk.ts'
import { treesOf } from './models.ts'

test('a leaf above the bottom of a perfect tree fills its subtree', () => {
  const layout = layOut(treesOf([[0, 5, false, 0.25, [1, 6, false, 0.5, 0.75]]]))
  expect([...layout.leafAt]).toEqual([0.25, 0.25, 0.5, 0.75])
  expect([layout.thresholdAt[1], layout.thresholdAt[3]]).toEqual([5, 6])
})

test('a feature has a column for each way that missing goes', () => {
  const { columns } = layOut(treesOf([[4, 0, true, [2, 0, false, 0, 1], [4, 9, false, [4, 3, true, 0, 1], 2]]]))
  expect(columns).toEqual([
    { feature: 2, fill: -(2 ** 30) },
    { feature: 4, fill: -(2 ** 30) },
    { feature: 4, fill: 2 ** 30 },
  ])
})
