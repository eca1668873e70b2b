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
// S ((o' - z') / f' - (o - z) / f). O(nodes x depth) a row instead of the paper's O(leaves x depth^2), in WebAssembly
// (shap-code.ts): for 300 trees of depth 6 a fifth of the time.

import { assert } from '../lib/assert.ts'
import { Failure } from '../lib/failure.ts'
import { gaussLegendre } from '../lib/gauss-legendre.ts'
import { moduleOf } from '../lib/wasm-code.ts'
import { type Covers, type Ensemble, type EnsembleTrees, goesRight } from './exchange/ensemble.ts'
import { firstPlace, nodeAt, nodeBytes, placeBytes, shapFunctions } from './shap-code.ts'

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

/** Writes the contributions of a row. */
type Explain = (row: ArrayLike<number>, into: Float64Array) => void

function walkerOf(trees: EnsembleTrees, shares: Shares, columns: number): Explain {
  const { roots, featureOf, leaves } = trees
  const ways = waysOf(trees, columns)
  const pairsMax = pairsOf(ways.features.reduce((most, count) => Math.max(most, count), 0))
  const places = (1 + depthOf(trees)) * placeBytes(pairsMax)
  const leavesAt = places + 8 * columns
  const nodesAt = Math.ceil((leavesAt + 8 * leaves.length) / nodeBytes) * nodeBytes
  const memory = new WebAssembly.Memory({ initial: Math.ceil((nodesAt + nodeBytes * featureOf.length) / pageBytes) })
  const quadratures = Array.from({ length: pairsMax }, (_, index) => gaussLegendre(2 * (index + 1)))
  const code = new WebAssembly.Module(moduleOf(shapFunctions(quadratures)))
  const { exports } = new WebAssembly.Instance(code, { env: { memory } })
  new Float64Array(memory.buffer).set(firstPlace(pairsMax))
  new Float64Array(memory.buffer, leavesAt, leaves.length).set(leaves)
  const contributions = new Float64Array(memory.buffer, places, columns)
  const ints = new Int32Array(memory.buffer, nodesAt, (nodeBytes / 4) * featureOf.length)
  const addressOf = (child: number): number => (child < 0 ? ~(leavesAt + 8 * ~child) : nodesAt + nodeBytes * child)
  writeNodes({ ints, trees, shares, ways, addressOf, contributionsAt: places, ofPlace: placeBytes(pairsMax) })
  const visits = Array.from(roots, (root, tree) => {
    const visit = exports[`visit${pairsOf(ways.features[tree] as number)}`] as (node: number, here: number) => void
    return root < 0 ? () => undefined : () => visit(addressOf(root), 0)
  })
  return (row, into) => {
    for (let node = 0; node < featureOf.length; node++) {
      const isRight = goesRight(trees, node, row[featureOf[node] as number] as number)
      ints[(nodeBytes * node + nodeAt.goesRight) / 4] = isRight ? 1 : 0
    }
    contributions.fill(0)
    for (const visit of visits) visit()
    into.set(contributions)
  }
}

const pageBytes = 65_536

type Written = {
  readonly ints: Int32Array
  readonly trees: EnsembleTrees
  readonly shares: Shares
  readonly ways: Ways
  readonly addressOf: (child: number) => number
  readonly contributionsAt: number
  readonly ofPlace: number
}

function writeNodes({ ints, trees, shares, ways, addressOf, contributionsAt, ofPlace }: Written): void {
  const { featureOf, lefts, rights } = trees
  const view = new DataView(ints.buffer, ints.byteOffset)
  for (const [node, feature] of featureOf.entries()) {
    const at = nodeBytes * node
    view.setInt32(at + nodeAt.left, addressOf(lefts[node] as number), true)
    view.setInt32(at + nodeAt.right, addressOf(rights[node] as number), true)
    view.setInt32(at + nodeAt.contribution, contributionsAt + 8 * feature, true)
    view.setInt32(at + nodeAt.earlier, ofPlace * (ways.earlier[node] as number), true)
    view.setFloat64(at + nodeAt.shareLeft, shares.left[node] as number, true)
    view.setFloat64(at + nodeAt.shareRight, shares.right[node] as number, true)
  }
}

/** Pairs of points that make the integral of a polynomial exact whose degree is lower by 1 than the number of features. */
function pairsOf(features: number): number {
  return Math.max(1, Math.ceil(features / 4))
}
