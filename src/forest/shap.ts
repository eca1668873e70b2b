// TreeSHAP: how much each feature of a row moved the margin away from its mean over the training rows. Exact and
// path-dependent: algorithm 2 of Lundberg, Erion and Lee 2018, "Consistent Individualized Feature Attribution for Tree
// Ensembles", as in LightGBM's pred_contrib and in shap's TreeExplainer without background data. Contributions and the
// base add up to the margin.
//
// A path is the set of features decided on so far: for each the share of training rows that would follow it with the
// feature unknown (`zeros`) and with the row's own value (`ones`: 1 or 0), and by size of a coalition the weight of all
// orders in which it can be formed (`weights`). Each depth keeps its own copy in one array, a triangle, so nothing is
// allocated while a row is explained. O(trees x leaves x depth^2) a row.

import { assert } from '../lib/assert.ts'
import { Failure } from '../lib/failure.ts'
import { type Covers, type Ensemble, type EnsembleTrees, goesRight } from './exchange/ensemble.ts'

export type Explainer = {
  /** The mean margin over the training rows; contributions start from it. */
  readonly base: number
  /** Writes the contribution of each column to `into`. `row`: one double a column, as for `marginOf`. */
  readonly explain: (row: ArrayLike<number>, into: Float64Array) => void
}

/** @throws Failure MODEL_UNSUPPORTED when the model does not tell how many training rows reached its nodes */
export function explainerOf({ trees, base, divisor, columns }: Ensemble): Explainer {
  const { covers } = trees
  if (covers === null) {
    throw new Failure('MODEL_UNSUPPORTED', 'the model does not tell how many training rows reached its leaves', {
      field: 'leafCovers',
      help: 'Without them its predictions cannot be explained; train a new version, which keeps them.',
    })
  }
  const shares = sharesOf(trees, covers)
  const path = new Path(trees, shares, columns.length)
  return {
    base: (base + meanOf(trees, shares)) / divisor,
    explain(row, into) {
      assert(into.length >= columns.length, 'there is a place for the contribution of each column')
      into.fill(0)
      for (const root of trees.roots) path.follow(root, row, into)
      if (divisor !== 1)
        for (let column = 0; column < columns.length; column++) into[column] = (into[column] as number) / divisor
    },
  }
}

/** Of a node's training rows, the shares that went left and right; halves where there were none. */
type Shares = { readonly left: Float64Array; readonly right: Float64Array }

function sharesOf({ lefts, rights }: EnsembleTrees, { nodes, leaves }: Covers): Shares {
  const share = (child: number, node: number): number => {
    const all = nodes[node] as number
    return all > 0 ? ((child < 0 ? leaves[~child] : nodes[child]) as number) / all : 0.5
  }
  return {
    left: Float64Array.from(lefts, share),
    right: Float64Array.from(rights, share),
  }
}

/** Sum of the trees' means. */
function meanOf({ roots, lefts, rights, leaves }: EnsembleTrees, { left, right }: Shares): number {
  const means = new Float64Array(lefts.length)
  const of = (child: number): number => (child < 0 ? leaves[~child] : means[child]) as number
  for (let node = means.length - 1; node >= 0; node--) {
    means[node] =
      (left[node] as number) * of(lefts[node] as number) + (right[node] as number) * of(rights[node] as number)
  }
  return roots.reduce((sum, root) => sum + of(root), 0)
}

function depthOf({ roots, lefts, rights }: EnsembleTrees): number {
  const heights = new Int32Array(lefts.length)
  const height = (child: number): number => (child < 0 ? 0 : (heights[child] as number))
  for (let node = heights.length - 1; node >= 0; node--)
    heights[node] = 1 + Math.max(height(lefts[node] as number), height(rights[node] as number))
  return roots.reduce((most, root) => Math.max(most, height(root)), 0)
}

class Path {
  readonly #trees: EnsembleTrees
  readonly #shares: Shares
  readonly #features: Int32Array
  readonly #zeros: Float64Array
  readonly #ones: Float64Array
  readonly #weights: Float64Array
  #row: ArrayLike<number> = []
  #zero = 1
  #one = 1
  #feature = -1
  #into: Float64Array = new Float64Array(0)

  constructor(trees: EnsembleTrees, shares: Shares, columns: number) {
    this.#trees = trees
    this.#shares = shares
    // at each depth a copy: an element without a feature, and one for each different feature above
    let size = 0
    for (let depth = depthOf(trees); depth >= 0; depth--) size += 1 + Math.min(depth, columns)
    this.#features = new Int32Array(size)
    this.#zeros = new Float64Array(size)
    this.#ones = new Float64Array(size)
    this.#weights = new Float64Array(size)
  }

  follow(root: number, row: ArrayLike<number>, into: Float64Array): void {
    this.#row = row
    this.#into = into
    this.#lead(1, 1, -1)
    this.#visit(root, 0, 0)
  }

  /** The path so far stands at `start` and has `length` elements; one more is added for the way here. */
  #visit(at: number, start: number, length: number): void {
    // nothing reaches this place, whether the features are known or not
    if (this.#zero === 0 && this.#one === 0) return
    const own = start + length
    this.#copy(start, own, length)
    this.#extend(own, length)
    if (at < 0) return this.#attribute(own, length, this.#trees.leaves[~at] as number)

    const split = this.#trees.featureOf[at] as number
    let known = length
    let zeroBefore = 1
    let oneBefore = 1
    const met = this.#find(own, length, split)
    if (met > 0) {
      zeroBefore = this.#zeros[own + met] as number
      oneBefore = this.#ones[own + met] as number
      this.#unwind(own, length, met)
      known--
    }
    const isRight = goesRight(this.#trees, at, this.#row[split] as number)
    this.#lead((this.#shares.left[at] as number) * zeroBefore, isRight ? 0 : oneBefore, split)
    this.#visit(this.#trees.lefts[at] as number, own, known + 1)
    this.#lead((this.#shares.right[at] as number) * zeroBefore, isRight ? oneBefore : 0, split)
    this.#visit(this.#trees.rights[at] as number, own, known + 1)
  }

  /** The element that the next visit adds: it is handed over in fields, so that nothing is allocated. */
  #lead(zero: number, one: number, feature: number): void {
    this.#zero = zero
    this.#one = one
    this.#feature = feature
  }

  #copy(from: number, to: number, length: number): void {
    for (let i = 0; i < length; i++) {
      this.#features[to + i] = this.#features[from + i] as number
      this.#zeros[to + i] = this.#zeros[from + i] as number
      this.#ones[to + i] = this.#ones[from + i] as number
      this.#weights[to + i] = this.#weights[from + i] as number
    }
  }

  /** Adds the way that was led as the element `last`. */
  #extend(at: number, last: number): void {
    const zero = this.#zero
    const one = this.#one
    const weights = this.#weights
    this.#features[at + last] = this.#feature
    this.#zeros[at + last] = zero
    this.#ones[at + last] = one
    weights[at + last] = last === 0 ? 1 : 0
    for (let i = last - 1; i >= 0; i--) {
      const weight = weights[at + i] as number
      weights[at + i + 1] = (weights[at + i + 1] as number) + (one * weight * (i + 1)) / (last + 1)
      weights[at + i] = (zero * weight * (last - i)) / (last + 1)
    }
  }

  /** Place of a feature in the path, 0 if it is new. */
  #find(at: number, last: number, feature: number): number {
    for (let i = last; i > 0; i--) if (this.#features[at + i] === feature) return i
    return 0
  }

  /** Takes the element at `place` out again, as if it had never been added. */
  #unwind(at: number, last: number, place: number): void {
    const weights = this.#weights
    const one = this.#ones[at + place] as number
    const zero = this.#zeros[at + place] as number
    let next = weights[at + last] as number
    for (let i = last - 1; i >= 0; i--) {
      const weight = weights[at + i] as number
      if (one === 0) weights[at + i] = (weight * (last + 1)) / (zero * (last - i))
      else {
        const before = (next * (last + 1)) / ((i + 1) * one)
        weights[at + i] = before
        next = weight - (before * zero * (last - i)) / (last + 1)
      }
    }
    for (let i = at + place; i < at + last; i++) {
      this.#features[i] = this.#features[i + 1] as number
      this.#zeros[i] = this.#zeros[i + 1] as number
      this.#ones[i] = this.#ones[i + 1] as number
    }
  }

  /** Sum of the weights that the path would have without the element at `place`. */
  #sumWithout(at: number, last: number, place: number): number {
    const weights = this.#weights
    const one = this.#ones[at + place] as number
    const zero = this.#zeros[at + place] as number
    let next = weights[at + last] as number
    let total = 0
    for (let i = last - 1; i >= 0; i--) {
      const weight = weights[at + i] as number
      if (one === 0) total += weight / (zero * ((last - i) / (last + 1)))
      else {
        const before = (next * (last + 1)) / ((i + 1) * one)
        total += before
        next = weight - before * zero * ((last - i) / (last + 1))
      }
    }
    return total
  }

  #attribute(at: number, last: number, leaf: number): void {
    for (let place = 1; place <= last; place++) {
      const feature = this.#features[at + place] as number
      const gap = (this.#ones[at + place] as number) - (this.#zeros[at + place] as number)
      this.#into[feature] = (this.#into[feature] as number) + this.#sumWithout(at, last, place) * gap * leaf
    }
  }
}
