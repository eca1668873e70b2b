// The best split of a leaf by one number: every threshold between two bins, with missing values on either side. Where no
// row of the leaf lacks the value, those that come later go where more rows are.

import { type Bounds, gainOf, outputOf, type Regularisation, shrunk } from './gain.ts'

/** What a leaf holds. Sums are whole numbers (gain.ts). */
export type LeafSums = {
  readonly gradient: number
  readonly hessian: number
  readonly rows: number
  readonly bounds: Bounds
}

/** Pairs of sums by bin, from `at` on: gradient, hessian, gradient, ... */
export type BinSums = { readonly sums: Float64Array; readonly at: number; readonly binCount: number }

export type Split = {
  /** Above the gain of the leaf as it is. */
  readonly gain: number
  readonly feature: number
  /** Value bins 1..`bin` go left; 0 where `leftBins` says. */
  readonly bin: number
  /** 1 for each bin that goes left, the missing one included; null for a number. */
  readonly leftBins: Uint8Array | null
  readonly missingRight: boolean
  readonly leftGradient: number
  readonly leftHessian: number
}

/** In units of the scale. */
export type SplitLimits = Regularisation & {
  readonly minRows: number
  readonly minHessian: number
  readonly minGain: number
}

export type NumberOptions = {
  readonly feature: number
  readonly limits: SplitLimits
  /** 1: the output must not fall as the value rises, -1: not rise. */
  readonly monotone: number
  /** Index of the one threshold to try, counted from 0; null: all. */
  readonly only: number | null
}

/** Null when no split is allowed or gains more than it must. */
export function splitNumber(bins: BinSums, leaf: LeafSums, options: NumberOptions): Split | null {
  const { sums, at } = bins
  const gradient = sums[at] as number
  const hessian = sums[at + 1] as number
  const isNeverMissing = gradient === 0 && hessian === 0
  const first = scan(bins, leaf, options, null)
  if (isNeverMissing) {
    if (first === null) return null
    return { ...first, missingRight: first.leftHessian * 2 < leaf.hessian }
  }
  const second = scan(bins, leaf, options, { gradient, hessian })
  return second !== null && (first === null || second.gain > first.gain) ? second : first
}

/** With the missing ones left if they are given, else right. */
// oxlint-disable-next-line max-params
function scan(
  { sums, at, binCount }: BinSums,
  leaf: LeafSums,
  { feature, limits, monotone, only }: NumberOptions,
  missing: { gradient: number; hessian: number } | null,
): Split | null {
  const { l1, l2, minHessian, minRows } = limits
  const { gradient, hessian, rows, bounds } = leaf
  const isFree = l1 === 0 && monotone === 0 && bounds.low === Number.NEGATIVE_INFINITY && bounds.high === -bounds.low
  const rowsPerHessian = rows / hessian
  const least = Math.max(minHessian, (minRows - 0.5) / rowsPerHessian)
  let left = missing?.gradient ?? 0
  let leftHessian = missing?.hessian ?? 0
  let best = Number.NEGATIVE_INFINITY
  let bestBin = 0
  let bestLeft = 0
  let bestHessian = 0
  // with the missing ones on the right, all values may go left
  const last = missing === null ? binCount - 1 : binCount - 2
  for (let bin = 1; bin <= last; bin++) {
    const binGradient = sums[at + 2 * bin] as number
    const binHessian = sums[at + 2 * bin + 1] as number
    // an empty bin splits the rows as the one before it
    if (binHessian === 0 && binGradient === 0 && only === null) continue
    left += binGradient
    leftHessian += binHessian
    if (leftHessian < least) continue
    const rightHessian = hessian - leftHessian
    if (rightHessian < least || rightHessian <= 0) break
    if (only !== null && bin !== only + 1) continue
    const right = gradient - left
    const leftWeight = leftHessian + l2
    const rightWeight = rightHessian + l2
    // the sum of two fractions by one division: it takes longer than all the rest
    const gain = isFree
      ? (left * left * rightWeight + right * right * leftWeight) / (leftWeight * rightWeight)
      : boundedGain([left, leftHessian, right, rightHessian], limits, bounds, monotone)
    if (gain <= best) continue
    best = gain
    bestBin = bin
    bestLeft = left
    bestHessian = leftHessian
  }
  if (bestBin === 0) return null
  const gain = best - gainOf(gradient, hessian, limits, bounds)
  if (!(gain > limits.minGain)) return null
  const missingRight = missing === null
  return { gain, feature, bin: bestBin, leftBins: null, missingRight, leftGradient: bestLeft, leftHessian: bestHessian }
}

// oxlint-disable-next-line max-params
function boundedGain(
  [left, leftHessian, right, rightHessian]: readonly [number, number, number, number],
  limits: SplitLimits,
  bounds: Bounds,
  monotone: number,
): number {
  const { l1, l2 } = limits
  const leftOutput = outputOf(left, leftHessian, limits, bounds)
  const rightOutput = outputOf(right, rightHessian, limits, bounds)
  if ((rightOutput - leftOutput) * monotone < 0) return Number.NEGATIVE_INFINITY
  return (
    -(2 * shrunk(left, l1) * leftOutput + (leftHessian + l2) * leftOutput * leftOutput) -
    (2 * shrunk(right, l1) * rightOutput + (rightHessian + l2) * rightOutput * rightOutput)
  )
}
