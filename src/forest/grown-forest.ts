// Grown trees as the arrays of a model: bins become thresholds on values, and sets of bins become sets of categories.

import { assert } from '../lib/assert.ts'
import type { FeatureBins } from './feature-bins.ts'
import type { Grown } from './grow.ts'
import { asksForSet, missingGoesRight, type Trees, valueMax } from './model.ts'
import type { Split } from './split.ts'

export class ForestBuilder {
  readonly #features: readonly FeatureBins[]
  readonly #roots: number[] = []
  readonly #featureOf: number[] = []
  readonly #thresholds: number[] = []
  readonly #lefts: number[] = []
  readonly #rights: number[] = []
  readonly #flags: number[] = []
  readonly #leaves: number[] = []
  readonly #leafCovers: number[] = []
  readonly #setStarts: number[] = []
  readonly #setWords: number[] = []
  readonly #sets = new Map<string, number>()

  constructor(features: readonly FeatureBins[]) {
    this.#features = features
  }

  get treeCount(): number {
    return this.#roots.length
  }

  /** Adds the tree with these outputs of its leaves. */
  add({ nodes, leaves }: Grown, outputs: ArrayLike<number>): void {
    const firstNode = this.#featureOf.length
    const firstLeaf = this.#leaves.length
    const moved = (child: number): number => (child < 0 ? ~(~child + firstLeaf) : child + firstNode)
    this.#roots.push(moved(nodes.length === 0 ? ~0 : 0))
    for (const { split, left, right } of nodes) {
      this.#featureOf.push(split.feature)
      this.#thresholds.push(this.#askedBy(split))
      this.#flags.push((split.missingRight ? missingGoesRight : 0) | (split.leftBins === null ? 0 : asksForSet))
      this.#lefts.push(moved(left))
      this.#rights.push(moved(right))
    }
    for (const [leaf, { from, to }] of leaves.entries()) {
      this.#leaves.push(outputs[leaf] as number)
      this.#leafCovers.push(to - from)
    }
  }

  /** The first `count` trees, or all. */
  trees(count = this.treeCount): Trees {
    assert(count >= 1 && count <= this.treeCount, 'there are so many trees')
    if (count < this.treeCount) return this.#upTo(count)
    return {
      roots: Int32Array.from(this.#roots),
      featureOf: Int32Array.from(this.#featureOf),
      thresholds: Int32Array.from(this.#thresholds),
      lefts: Int32Array.from(this.#lefts),
      rights: Int32Array.from(this.#rights),
      flags: Uint8Array.from(this.#flags),
      leaves: Float64Array.from(this.#leaves),
      setStarts: Int32Array.from(this.#setStarts),
      setWords: Int32Array.from(this.#setWords),
      leafCovers: Float64Array.from(this.#leafCovers),
    }
  }

  /** Trees lie one behind the other, and sets in the order in which they were first asked for. */
  #upTo(count: number): Trees {
    const all = this.trees()
    let nodes = 0
    let leaves = 0
    for (let tree = 0; tree < count; tree++) {
      const nodesBefore = nodes
      leaves++
      const root = all.roots[tree] as number
      if (root < 0) continue
      const end = this.#roots.slice(tree + 1).find(next => next >= 0) ?? all.featureOf.length
      nodes = end
      leaves += nodes - nodesBefore
    }
    const asked = all.thresholds
      .subarray(0, nodes)
      .filter((_, node) => ((all.flags[node] as number) & asksForSet) !== 0)
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
      leafCovers: Float64Array.from(this.#leafCovers.slice(0, leaves)),
    }
  }

  #askedBy({ feature, bin, leftBins }: Split): number {
    // all values go left, and what is missing right
    if (leftBins === null) return this.#features[feature]?.uppers[bin - 1] ?? valueMax
    const words: number[] = []
    for (const [place, isLeft] of leftBins.entries()) {
      if (place === 0 || isLeft === 0) continue
      const code = place - 1
      while (words.length <= code >> 5) words.push(0)
      words[code >> 5] = (words[code >> 5] as number) | (1 << (code & 31))
    }
    const name = words.join(' ')
    const known = this.#sets.get(name)
    if (known !== undefined) return known
    const set = this.#setStarts.push(this.#setWords.length) - 1
    this.#setWords.push(...words)
    this.#sets.set(name, set)
    return set
  }
}
