// A model of any library in memory: trees over doubles. It scores rows of a file and is explained (../shap.ts); for the
// stream it becomes a flat model of integers (flatten.ts).
//
// Trees are laid out as in ../model.ts, with thresholds in double precision. A row is one double per column, NaN for
// missing; a category is its code. A node sends a value `x` left when `x <= threshold`. A categorical node's threshold is
// the index of a set of codes; those in the set go left, all others right (or the reverse, see `flag`).

import { interpolate } from '../calibration.ts'
import type { Calibration } from '../model.ts'

export type EnsembleColumn = {
  readonly name: string
  readonly kind: 'numeric' | 'categorical'
  /** Names of the codes 0, 1, ...; null: a row holds the codes themselves. */
  readonly categories: readonly string[] | null
  /** What an integer step is worth in the unit that files have; null: rows hold what files have. */
  readonly resolution: number | null
}

export const flag = {
  missingGoesRight: 1,
  categorical: 2,
  /** 0, and what is within `zeroMax` of it, goes where missing goes. */
  zeroIsMissing: 4,
  /** The codes in the set go right and all others left; below 0 nothing is a code. */
  setGoesRight: 8,
} as const

/** LightGBM's kZeroThreshold, 1e-35 in single precision. */
const zeroMax = Math.fround(1e-35)

export type EnsembleTrees = {
  readonly roots: Int32Array
  readonly featureOf: Int32Array
  readonly thresholds: Float64Array
  readonly lefts: Int32Array
  readonly rights: Int32Array
  readonly flags: Uint8Array
  readonly leaves: Float64Array
  /** Set `s` is the bits of the words from `setStarts[s]` up to `setStarts[s + 1]`. */
  readonly setStarts: Int32Array
  readonly setWords: Int32Array
  readonly covers: Covers | null
}

/** Training rows, or their weight, that reached each node and leaf. */
export type Covers = { readonly nodes: Float64Array; readonly leaves: Float64Array }

/** From margin to probability. `none`: the margin is no log-odds, and there is none. */
export type Link =
  | { readonly kind: 'logistic'; readonly slope: number; readonly over: number }
  | { readonly kind: 'share' }
  | { readonly kind: 'calibration'; readonly calibration: Calibration }
  | { readonly kind: 'none'; readonly objective: string }

export type Ensemble = {
  readonly source: 'slipstream' | 'lightgbm' | 'xgboost'
  readonly columns: readonly EnsembleColumn[]
  readonly trees: EnsembleTrees
  readonly base: number
  /** The margin is base and leaves, added in the order of the trees, by this. */
  readonly divisor: number
  /** Values, leaves and sums are rounded to single precision, as in XGBoost. */
  readonly isSingle: boolean
  readonly link: Link
}

/** Whether a row goes right at a node. */
export function goesRight(trees: EnsembleTrees, node: number, value: number): boolean {
  const flags = trees.flags[node] as number
  const missingRight = (flags & flag.missingGoesRight) !== 0
  if (Number.isNaN(value)) return missingRight
  const threshold = trees.thresholds[node] as number
  if ((flags & flag.categorical) !== 0) {
    const inSet = isInSet(trees, threshold, (flags & flag.setGoesRight) !== 0 && value < 0 ? -1 : Math.trunc(value))
    return inSet === ((flags & flag.setGoesRight) !== 0)
  }
  if ((flags & flag.zeroIsMissing) !== 0 && value <= zeroMax && value >= -zeroMax) return missingRight
  return value > threshold
}

export function isInSet({ setStarts, setWords }: EnsembleTrees, set: number, code: number): boolean {
  const start = setStarts[set] as number
  const words = (setStarts[set + 1] as number) - start
  if (!(code >= 0 && code < 32 * words)) return false
  return (((setWords[start + (code >>> 5)] as number) >>> (code & 31)) & 1) === 1
}

/** The leaf that a row reaches from a root. */
export function leafOf(trees: EnsembleTrees, root: number, row: ArrayLike<number>): number {
  let at = root
  while (at >= 0) {
    const value = row[trees.featureOf[at] as number] as number
    at = (goesRight(trees, at, value) ? trees.rights[at] : trees.lefts[at]) as number
  }
  return ~at
}

/** Log-odds, mean or whatever the objective predicts, of one row: one double a column. */
export function marginOf({ trees, base, divisor, isSingle }: Ensemble, row: ArrayLike<number>): number {
  let sum = base
  for (const root of trees.roots) {
    sum += trees.leaves[leafOf(trees, root, row)] as number
    if (isSingle) sum = Math.fround(sum)
  }
  return sum / divisor
}

/** 0..1, or null when the objective has none. */
export function probabilityOf({ link }: Pick<Ensemble, 'link'>, margin: number): number | null {
  if (link.kind === 'logistic') return 1 / (1 + Math.exp(-link.slope * (margin / link.over)))
  if (link.kind === 'share') return Math.min(1, Math.max(0, margin))
  return link.kind === 'calibration' ? interpolate(link.calibration, margin) : null
}
