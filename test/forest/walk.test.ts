import { expect, test } from 'vitest'
import { layOut, leafOf, walkerOf } from '../../src/forest/walk.ts'
import { type Sketch, treesOf } from './models.ts'

test('a feature has a column for each way that missing goes', () => {
  const { columns } = layOut(treesOf([[4, 0, true, [2, 0, false, 0, 1], [4, 9, false, [4, 3, true, 0, 1], 2]]]))
  expect(columns).toEqual([
    { feature: 2, fill: -(2 ** 30) },
    { feature: 4, fill: -(2 ** 30) },
    { feature: 4, fill: 2 ** 30 },
  ])
})

test('equal sets of a feature share a column if missing goes the same way', () => {
  const { columns, columnOf, limits } = layOut(
    treesOf([[4, [0, 2], true, [2, 7, false, 0, 1], [4, [2, 0], true, [4, [0, 2], false, 0, 1], 2]]]),
  )
  expect(columns).toEqual([
    { feature: 2, fill: -(2 ** 30) },
    { feature: 4, fill: 1, set: Int32Array.of(5) },
    { feature: 4, fill: 0, set: Int32Array.of(5) },
  ])
  expect([...columnOf]).toEqual([1, 0, 1, 2])
  expect([...limits]).toEqual([0, 7, 0, 0])
})

/** Decisions x <= depth - 1, ..., x <= 1, x <= 0 down the left side: a row of x reaches leaf x. */
function stairs(depth: number): Sketch {
  let sketch: Sketch = 0
  for (let level = 1; level <= depth; level++) sketch = [0, level - 1, false, sketch, level]
  return sketch
}

test('trees of every depth, perfect and deeper, one or many, are walked to the leaf by child indices', () => {
  for (let depth = 0; depth <= 11; depth++) {
    for (const count of [1, 7, 8, 9, 17]) {
      const layout = layOut(treesOf(Array.from({ length: count }, () => stairs(depth))))
      const { row, walk } = walkerOf(layout)
      for (let x = 0; x <= depth; x++) {
        row.fill(x)
        expect(walk(100)).toBe(100 + count * x)
        expect(layout.trees.leaves[leafOf(layout, layout.trees.roots[0] as number, row)]).toBe(x)
      }
    }
  }
})

test('leaves are added in the order of the trees, also across runs of different depth', () => {
  // in this order, and only in this, the ones are lost beside the large number
  const walker = walkerOf(layOut(treesOf([1, [0, 0, true, 1e16, 0], stairs(9), 1, [0, 0, true, -1e16, 0], 1])))
  walker.row.fill(0)
  expect(walker.walk(0)).toBe(1 + 1e16 + 0 + 1 - 1e16 + 1)
})
