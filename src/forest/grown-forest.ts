// Grown trees as the arrays of a model: bins become thresholds on values, and sets of bins become sets of categories.

import { assert } from '../lib/assert.ts'
import type { FeatureBins } from './feature-bins.ts'
import type { Grown } from './grow.ts'
import { asksForSet, missingGoesRight, type Trees, valueMax } from './model.ts'
import type { Split } from './split.ts'
import { TreeLists } from './tree-lists.ts'

export class ForestBuilder {
  readonly #features: readonly FeatureBins[]
  readonly #lists = new TreeLists()
  readonly #leafCovers: number[] = []

  constructor(features: readonly FeatureBins[]) {
    this.#features = features
  }

  get treeCount(): number {
    return this.#lists.treeCount
  }

  /** Adds the tree with these outputs of its leaves. */
  add({ nodes, leaves }: Grown, outputs: ArrayLike<number>): void {
    const lists = this.#lists
    const firstNode = lists.nodeCount
    const firstLeaf = lists.leafCount
    const moved = (child: number): number => (child < 0 ? ~(~child + firstLeaf) : child + firstNode)
    lists.addRoot(moved(nodes.length === 0 ? ~0 : 0))
    for (const { split, left, right } of nodes) {
      const flags = (split.missingRight ? missingGoesRight : 0) | (split.leftBins === null ? 0 : asksForSet)
      lists.addNode({ feature: split.feature, threshold: this.#askedBy(split), flags }, moved(left), moved(right))
    }
    for (const [leaf, { from, to }] of leaves.entries()) {
      lists.addLeaf(outputs[leaf] as number)
      this.#leafCovers.push(to - from)
    }
  }

  /** The first `count` trees, or all. */
  trees(count = this.treeCount): Trees {
    assert(count >= 1 && count <= this.treeCount, 'there are so many trees')
    const all = { ...this.#lists.trees(), leafCovers: Float64Array.from(this.#leafCovers) }
    return count < this.treeCount ? firstOf(all, count) : all
  }

  #askedBy({ feature, bin, leftBins }: Split): number {
    // all values go left, and what is missing right
    if (leftBins === null) return this.#features[feature]?.uppers[bin - 1] ?? valueMax
    const codes: number[] = []
    for (const [place, isLeft] of leftBins.entries()) if (place > 0 && isLeft !== 0) codes.push(place - 1)
    return this.#lists.setOf(codes)
  }
}

/** Trees lie one behind the other, and sets in the order in which they were first asked for. */
function firstOf(all: Required<Trees>, count: number): Trees {
  let nodes = 0
  let leaves = 0
  for (let tree = 0; tree < count; tree++) {
    const nodesBefore = nodes
    leaves++
    const root = all.roots[tree] as number
    if (root < 0) continue
    const end = all.roots.subarray(tree + 1).find(next => next >= 0) ?? all.featureOf.length
    nodes = end
    leaves += nodes - nodesBefore
  }
  const asked = all.thresholds.subarray(0, nodes).filter((_, node) => ((all.flags[node] as number) & asksForSet) !== 0)
  const sets = asked.reduce((most, set) => Math.max(most, set + 1), 0)
  return {
    roots: all.roots.slice(0, count),
    featureOf: all.featureOf.slice(0, nodes),
    thresholds: all.thresholds.slice(0, nodes),
    lefts: all.lefts.slice(0, nodes),
    rights: all.rights.slice(0, nodes),
    flags: all.flags.slice(0, nodes),
    leaves: all.leaves.slice(0, leaves),
    setStarts: all.setStarts.slice(0, sets),
    setWords: all.setWords.slice(0, all.setStarts[sets] ?? all.setWords.length),
    leafCovers: all.leafCovers.slice(0, leaves),
  }
}
