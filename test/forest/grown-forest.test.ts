import { expect, test } from 'vitest'
import type { Grown } from '../../src/forest/grow.ts'
import { ForestBuilder } from '../../src/forest/grown-forest.ts'
import type { Split } from '../../src/forest/split.ts'
import { binnedRows, featuresOf } from './binned-sets.ts'

const { features } = binnedRows(featuresOf(1, 1), [
  [10, 'B'],
  [20, 'A'],
  [30, 'B'],
])
const leaf = { from: 0, to: 0, output: 0 }

function node(split: Partial<Split>, left: number, right: number): Grown['nodes'][number] {
  const blank = { gain: 1, feature: 0, bin: 0, leftBins: null, missingRight: false, leftGradient: 0, leftHessian: 0 }
  return { split: { ...blank, ...split }, left, right }
}

const number: Grown = {
  nodes: [node({ bin: 2 }, ~0, 1), node({ bin: 3, missingRight: true }, ~1, ~2)],
  leaves: [leaf, leaf, leaf],
}
const set = (bins: readonly number[]): Grown => ({
  nodes: [node({ feature: 1, leftBins: Uint8Array.from(bins), missingRight: bins[0] === 0 }, ~0, ~1)],
  leaves: [leaf, leaf],
})

test('bins become thresholds half way between values, and all values the highest threshold', () => {
  const builder = new ForestBuilder(features)
  builder.add(number, [1, 2, 3])
  const trees = builder.trees()
  expect([...trees.thresholds]).toEqual([25, 2 ** 29])
  expect([...trees.flags]).toEqual([0, 1])
  expect([...trees.lefts, ...trees.rights]).toEqual([~0, ~1, 1, ~2])
})

test('bins become sets of codes, equal ones once', () => {
  const builder = new ForestBuilder(features)
  builder.add(set([0, 1, 0]), [1, 2])
  builder.add(set([1, 0, 1]), [3, 4])
  builder.add(set([1, 1, 0]), [5, 6])
  const trees = builder.trees()
  expect([...trees.roots]).toEqual([0, 1, 2])
  expect([...trees.thresholds]).toEqual([0, 1, 0])
  expect([...trees.flags]).toEqual([3, 2, 2])
  expect([...trees.setWords]).toEqual([0b01, 0b10])
  expect([...trees.leaves]).toEqual([1, 2, 3, 4, 5, 6])
})

test('the first trees are those that would have been built alone', () => {
  const grown = [set([0, 1, 0]), { nodes: [], leaves: [leaf] }, number, set([0, 0, 1]), { nodes: [], leaves: [leaf] }]
  for (let count = 1; count <= grown.length; count++) {
    const all = new ForestBuilder(features)
    const alone = new ForestBuilder(features)
    for (const [tree, each] of grown.entries()) {
      const outputs = each.leaves.map((_, at) => 10 * tree + at)
      all.add(each, outputs)
      if (tree < count) alone.add(each, outputs)
    }
    expect(all.trees(count)).toEqual(alone.trees())
  }
})
