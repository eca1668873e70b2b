import { expect, test } from 'vitest'
import { TreeLists } from '../../src/forest/tree-lists.ts'

test('nodes, leaves and roots come out as they were added', () => {
  const lists = new TreeLists()
  const node = lists.addNode({ feature: 3, threshold: 2.5, flags: 1 })
  lists.setRight(node, lists.addLeaf(0.25))
  lists.setLeft(node, lists.addLeaf(-1))
  lists.addRoot(node)
  lists.addRoot(lists.addLeaf(7))
  expect([lists.treeCount, lists.nodeCount, lists.leafCount]).toEqual([2, 1, 3])
  const { roots, featureOf, lefts, rights, flags, leaves } = lists.trees()
  expect([[...roots], [...featureOf], [...lefts], [...rights], [...flags], [...leaves]]).toEqual([
    [0, ~2],
    [3],
    [~1],
    [~0],
    [1],
    [0.25, -1, 7],
  ])
  expect([...lists.thresholds()]).toEqual([2.5])
})

test('codes become bits of words, and equal sets one set', () => {
  const lists = new TreeLists()
  expect(lists.setOf([0, 33])).toBe(0)
  expect(lists.setOf([31])).toBe(1)
  expect(lists.setOfWords([1, 2])).toBe(0)
  const { setStarts, setWords } = lists.trees()
  expect([...setStarts]).toEqual([0, 2])
  expect([...setWords]).toEqual([1, 2, 1 << 31])
})
