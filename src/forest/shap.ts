// TreeSHAP: how much each feature of a row moved the margin away from its mean over the training rows. Exact and
// path-dependent: the values of Lundberg, Erion and Lee 2018, "Consistent Individualized Feature Attribution for Tree
// Ensembles", as in LightGBM's pred_contrib and in shap's TreeExplainer without background data. Contributions and the
// base add up to the margin.
//
// A leaf of value v is reached through a set of features. For each of them let z be the share of training rows that would
// follow its decisions, and o whether the row does (1 or 0). With t the share of the other features that are known, the
// leaf's part of a contribution is v (o_i - z_i) times the integral over t from 0 to 1 of the product over the others of
// f_j = t o_j + (1 - t) z_j: the weight of coalitions of s of d features, s! (d - 1 - s)! / d!, is the integral of
// t^s (1 - t)^(d - 1 - s) (Owen 1972, "Multilinear Extensions of Games"). It is a polynomial of degree d - 1, so the sum
// over ceil(d / 2) points of Gauss and Legendre is exact; every term is positive, so rounding stays at the last digits.
//
// The products are made on the way down, P = f_1 f_2 ..., and added up on the way back: S = sum of v P over the leaves
// below. Where a decision changes a feature from (z, o) to (z', o'), its contribution gains
// S ((o' - z') / f' - (o - z) / f). O(nodes x depth) a row: half the time of the algorithm of the
// paper, O(leaves x depth^2).

import { assert } from '../lib/assert.ts'
import { Failure } from '../lib/failure.ts'
import { gaussLegendre, type Quadrature } from '../lib/gauss-legendre.ts'
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
  const walk = walkerOf(trees, shares, columns.length)
  return {
    base: (base + meanOf(trees, shares)) / divisor,
    explain(row, into) {
      assert(into.length >= columns.length, 'there is a place for the contribution of each column')
      into.fill(0)
      walk(row, into)
      if (divisor !== 1)
        for (let column = 0; column < columns.length; column++) into[column] = (into[column] as number) / divisor
    },
  }
}

/** Covers of other libraries are rounded or estimated, so that a share may be a little above 1; more is a mistake. */
const shareMax = 2

/** Of a node's training rows, the shares that went left and right; halves where there were none. */
type Shares = { readonly left: Float64Array; readonly right: Float64Array }

function sharesOf({ lefts, rights }: EnsembleTrees, { nodes, leaves }: Covers): Shares {
  const share = (child: number, node: number): number => {
    const all = nodes[node] as number
    const part = (child < 0 ? leaves[~child] : nodes[child]) as number
    return all > 0 ? Math.min(shareMax, part / all) : 0.5
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

type Ways = {
  /** How many decisions lead to the last one about the same feature on the way to each node; 0 if there is none. */
  readonly earlier: Int32Array
  /** Different features on a way, at most, by tree. */
  readonly features: Int32Array
}

function waysOf({ roots, featureOf, lefts, rights }: EnsembleTrees, columns: number): Ways {
  const earlier = new Int32Array(featureOf.length)
  const last = new Int32Array(columns)
  const most = (node: number, depth: number, met: number): number => {
    if (node < 0) return met
    const feature = featureOf[node] as number
    const before = last[feature] as number
    const known = before === 0 ? met + 1 : met
    earlier[node] = before
    last[feature] = depth + 1
    const left = most(lefts[node] as number, depth + 1, known)
    const right = most(rights[node] as number, depth + 1, known)
    last[feature] = before
    return Math.max(left, right)
  }
  return { earlier, features: roots.map(root => most(root, 0, 0)) }
}

/** Adds the contributions of a row to what is there. */
type Explain = (row: ArrayLike<number>, into: Float64Array) => void

function walkerOf(trees: EnsembleTrees, shares: Shares, columns: number): Explain {
  const { roots, featureOf, lefts, rights, leaves } = trees
  const { earlier, features } = waysOf(trees, columns)
  const countMax = pointsOf(features.reduce((most, count) => Math.max(most, count), 0))
  const quadratures = Array.from({ length: countMax }, (_, index) => gaussLegendre(index + 1))
  // what belongs to a depth; at place 0 stands the root, whose way was open to all (z = o = 1)
  const depths = 1 + depthOf(trees)
  const zeros = new Float64Array(depths).fill(1)
  const ones = new Uint8Array(depths).fill(1)
  // by depth, and point: P, S, 1 / f where o is 1, and the point's weight times (o - z) / f
  const products = new Float64Array(depths * countMax).fill(1)
  const sums = new Float64Array(depths * countMax)
  const inverses = new Float64Array(depths * countMax).fill(1)
  const gains = new Float64Array(depths * countMax)

  let count = 0
  let points: Float64Array = new Float64Array(0)
  let weights: Float64Array = new Float64Array(0)
  let values: ArrayLike<number> = []
  let contributions: Float64Array = new Float64Array(0)

  const visit = (at: number, depth: number): void => {
    const feature = featureOf[at] as number
    const isRight = goesRight(trees, at, values[feature] as number)
    for (let k = depth * countMax; k < depth * countMax + count; k++) sums[k] = 0
    const gained =
      follow(at, depth, lefts[at] as number, isRight ? 0 : 1, shares.left[at] as number) +
      follow(at, depth, rights[at] as number, isRight ? 1 : 0, shares.right[at] as number)
    contributions[feature] = (contributions[feature] as number) + gained
  }

  /** To a child and back: what the feature gains. */
  // oxlint-disable-next-line max-params
  const follow = (at: number, depth: number, child: number, isTaken: number, share: number): number => {
    const before = earlier[at] as number
    const wasOne = ones[before] as number
    const zero = share * (zeros[before] as number)
    const one = isTaken & wasOne
    // nothing reaches this place, whether the feature is known or not
    if (zero === 0 && one === 0) return 0
    zeros[depth + 1] = zero
    ones[depth + 1] = one
    const here = depth * countMax
    const below = here + countMax
    const old = before * countMax
    for (let k = 0; k < count; k++) {
      const t = points[k] as number
      const known = t * one + (1 - t) * zero
      // of a way that was not the row's before, both factors are (1 - t) z
      products[below + k] =
        (products[here + k] as number) * (wasOne === 1 ? known * (inverses[old + k] as number) : share)
      const inverse = 1 / known
      inverses[below + k] = inverse
      // of (1 - t) z what is left is -1 / (1 - t), however small z is
      gains[below + k] = (weights[k] as number) * (one === 1 ? (1 - zero) * inverse : -1 / (1 - t))
    }
    if (child >= 0) visit(child, depth + 1)
    const leaf = child < 0 ? (leaves[~child] as number) : 0
    let gained = 0
    for (let k = 0; k < count; k++) {
      const sum = child < 0 ? leaf * (products[below + k] as number) : (sums[below + k] as number)
      sums[here + k] = (sums[here + k] as number) + sum
      gained += sum * ((gains[below + k] as number) - (gains[old + k] as number))
    }
    return gained
  }

  return (row, into) => {
    values = row
    contributions = into
    for (let tree = 0; tree < roots.length; tree++) {
      count = pointsOf(features[tree] as number)
      ;({ points, weights } = quadratures[count - 1] as Quadrature)
      if ((roots[tree] as number) >= 0) visit(roots[tree] as number, 0)
    }
  }
}

/** So many make the integral of a polynomial exact whose degree is lower by 1 than the number of features. */
function pointsOf(features: number): number {
  return Math.max(1, Math.ceil(features / 2))
}
