// Grows one tree on the kernel's rows. The histogram of a leaf is summed over its rows for the smaller of two siblings;
// the other's is the parent's less that: whole numbers, so it is the same as if it had been summed.
//
// Histograms of leaves that may still be split are kept in slots. When there is none left, a leaf is split all the same,
// and both of its children are summed: the number of slots changes the time, not the tree.

import { assert } from '../lib/assert.ts'
import { below, type Random } from '../lib/random.ts'
import type { Place } from './binned.ts'
import { type Bounds, outputOf, unbounded } from './gain.ts'
import type { GrowParameters } from './grow-parameters.ts'
import type { Kernel } from './kernel.ts'
import type { LeafSums, Split } from './split.ts'
import { sidesOf, splitFinderOf } from './split-finder.ts'

export type GrownNode = {
  readonly split: Split
  /** A node, or `~leaf`. */
  left: number
  right: number
}

export type GrownLeaf = {
  /** The leaf's rows in the kernel. */
  readonly from: number
  readonly to: number
  readonly output: number
}

/** Nodes before their children; without any, the only leaf is the root. */
export type Grown = { readonly nodes: readonly GrownNode[]; readonly leaves: readonly GrownLeaf[] }

export type GrowOptions = {
  readonly parameters: GrowParameters
  /** What gradients were multiplied by. */
  readonly scale: number
  readonly random: Random
  /** Features that the tree may use. */
  readonly features: readonly number[]
  /** Slots of histograms that the kernel has, at least 2. */
  readonly slots: number
}

type Leaf = {
  readonly index: number
  from: number
  to: number
  depth: number
  slot: number
  sums: LeafSums
  split: Split | null
  /** Node and side that lead here. */
  parent: number
  side: 'left' | 'right'
}

/** On the first `count` rows of the kernel, which it moves. */
export function growTree(kernel: Kernel, count: number, options: GrowOptions): Grown {
  const tree = new Growth(kernel, options)
  tree.start(count)
  for (let next = tree.next(); next !== undefined; next = tree.next()) tree.split(next)
  return tree.grown()
}

class Growth {
  readonly #kernel: Kernel
  readonly #o: GrowOptions
  readonly #nodes: GrownNode[] = []
  readonly #leaves: Leaf[] = []
  readonly #free: number[]
  readonly #spare: number
  readonly #finder: ReturnType<typeof splitFinderOf>

  constructor(kernel: Kernel, options: GrowOptions) {
    assert(options.slots >= 2, 'there are a slot to keep and one to spare')
    this.#kernel = kernel
    this.#o = options
    this.#spare = options.slots - 1
    this.#free = Array.from({ length: options.slots - 1 }, (_, slot) => slot)
    this.#finder = splitFinderOf(kernel, options)
  }

  start(count: number): void {
    const sums = { ...sumOf(this.#kernel.gradients, count), rows: count, bounds: unbounded }
    const root: Leaf = {
      index: 0,
      from: 0,
      to: count,
      depth: 0,
      slot: -1,
      sums,
      split: null,
      parent: -1,
      side: 'left',
    }
    this.#leaves.push(root)
    this.#fill(root)
  }

  /** The leaf to split next, if any. */
  next(): Leaf | undefined {
    const { numLeaves, growPolicy } = this.#o.parameters
    if (this.#leaves.length >= numLeaves) return undefined
    let best: Leaf | undefined
    for (const leaf of this.#leaves) {
      if (leaf.split === null) continue
      const isBetter =
        best?.split == null ||
        (growPolicy === 'lossguide' ? leaf.split.gain > best.split.gain : leaf.depth < best.depth)
      if (isBetter) best = leaf
    }
    return best
  }

  split(leaf: Leaf): void {
    const split = leaf.split as Split
    const { binned, sides, partition } = this.#kernel
    sidesOf(binned, split, sides)
    const middle = partition((binned.places[split.feature] as Place).column, leaf.from, leaf.to)
    const node = this.#nodes.push({ split, left: ~leaf.index, right: ~this.#leaves.length }) - 1
    const above = this.#nodes[leaf.parent]
    if (above) above[leaf.side] = node
    const [leftSums, rightSums] = this.#sumsBelow(leaf, middle)
    const right: Leaf = {
      index: this.#leaves.length,
      from: middle,
      to: leaf.to,
      depth: leaf.depth + 1,
      slot: -1,
      sums: rightSums,
      split: null,
      parent: node,
      side: 'right',
    }
    this.#leaves.push(right)
    Object.assign(leaf, { to: middle, depth: leaf.depth + 1, sums: leftSums, split: null, parent: node, side: 'left' })
    this.#fillBoth(leaf, right)
  }

  grown(): Grown {
    const { lambdaL1, lambdaL2 } = this.#o.parameters
    const regularisation = { l1: lambdaL1 * this.#o.scale, l2: lambdaL2 * this.#o.scale }
    const leaves = this.#leaves.map(({ from, to, sums }) => ({
      from,
      to,
      output: outputOf(sums.gradient, sums.hessian, regularisation, sums.bounds),
    }))
    return { nodes: this.#nodes, leaves }
  }

  #sumsBelow(leaf: Leaf, middle: number): [LeafSums, LeafSums] {
    const { gradient, hessian } = leaf.sums
    const split = leaf.split as Split
    const left = { gradient: split.leftGradient, hessian: split.leftHessian, rows: middle - leaf.from }
    const right = { gradient: gradient - left.gradient, hessian: hessian - left.hessian, rows: leaf.to - middle }
    const [leftBounds, rightBounds] = this.#boundsBelow(leaf.sums, split, [left, right])
    return [
      { ...left, bounds: leftBounds },
      { ...right, bounds: rightBounds },
    ]
  }

  /** Below a split of a monotone feature, outputs stay on their side of the middle between the two. */
  #boundsBelow(
    { bounds }: LeafSums,
    { feature }: Split,
    sides: readonly { gradient: number; hessian: number }[],
  ): [Bounds, Bounds] {
    const { lambdaL1, lambdaL2, monotoneConstraints } = this.#o.parameters
    const monotone = monotoneConstraints[feature] ?? 0
    if (monotone === 0) return [bounds, bounds]
    const regularisation = { l1: lambdaL1 * this.#o.scale, l2: lambdaL2 * this.#o.scale }
    const outputs = sides.map(({ gradient, hessian }) => outputOf(gradient, hessian, regularisation, bounds))
    const middle = ((outputs[0] as number) + (outputs[1] as number)) / 2
    const below_ = { low: bounds.low, high: middle }
    const above = { low: middle, high: bounds.high }
    return monotone > 0 ? [below_, above] : [above, below_]
  }

  #fillBoth(left: Leaf, right: Leaf): void {
    const isLast = this.#leaves.length >= this.#o.parameters.numLeaves
    const slot = left.slot
    left.slot = -1
    if (isLast || !(this.#mayBeSplit(left) || this.#mayBeSplit(right))) return this.#release(slot)
    if (slot < 0) {
      this.#fill(left)
      this.#fill(right)
      return
    }
    const isLeftSmaller = left.to - left.from <= right.to - right.from
    const smaller = isLeftSmaller ? left : right
    const small = this.#free.pop() ?? this.#spare
    this.#kernel.accumulate(small, smaller.from, smaller.to)
    this.#kernel.subtract(slot, small)
    // always left before right: what is drawn at random must not depend on slots
    this.#find(left, isLeftSmaller ? small : slot)
    this.#find(right, isLeftSmaller ? slot : small)
  }

  #fill(leaf: Leaf): void {
    if (!this.#mayBeSplit(leaf)) return
    const slot = this.#free.pop() ?? this.#spare
    this.#kernel.accumulate(slot, leaf.from, leaf.to)
    this.#find(leaf, slot)
  }

  #mayBeSplit({ depth, sums }: Leaf): boolean {
    const { maxDepth, minDataInLeaf } = this.#o.parameters
    return (maxDepth <= 0 || depth < maxDepth) && sums.rows >= 2 * Math.max(1, minDataInLeaf) && sums.hessian > 0
  }

  /** The leaf keeps the slot if it can be split and the slot is not the spare one. */
  #find(leaf: Leaf, slot: number): void {
    if (this.#mayBeSplit(leaf))
      leaf.split = this.#finder.best(this.#kernel.histogram(slot), leaf.sums, this.#featuresOfNode())
    if (leaf.split === null) this.#release(slot)
    else leaf.slot = slot === this.#spare ? -1 : slot
  }

  #release(slot: number): void {
    if (slot >= 0 && slot !== this.#spare) this.#free.push(slot)
  }

  #featuresOfNode(): readonly number[] {
    const { features, random, parameters } = this.#o
    return sampleOf(features, parameters.featureFractionBynode, random)
  }
}

/** A share of the list, at least one, in its order. */
export function sampleOf(list: readonly number[], share: number, random: Random): readonly number[] {
  if (share >= 1 || list.length === 0) return list
  const count = Math.max(1, Math.round(share * list.length))
  const drawn = [...list]
  for (let place = 0; place < count; place++) {
    const other = place + below(random, drawn.length - place)
    const item = drawn[other] as number
    drawn[other] = drawn[place] as number
    drawn[place] = item
  }
  return drawn.slice(0, count).sort((a, b) => a - b)
}

function sumOf(gradients: Int32Array, count: number): { gradient: number; hessian: number } {
  let gradient = 0
  let hessian = 0
  for (let row = 0; row < count; row++) {
    gradient += gradients[2 * row] as number
    hessian += gradients[2 * row + 1] as number
  }
  return { gradient, hessian }
}
