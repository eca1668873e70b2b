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

/** The best threshold: its gain with that of the leaf in it, the last value bin on the left, and what goes left. */
export type Threshold = {
  readonly gain: number
  readonly bin: number
  readonly leftGradient: number
  readonly leftHessian: number
}

type Sums = { readonly gradient: number; readonly hessian: number }

export type ScanOptions = Pick<NumberOptions, 'limits' | 'monotone'>

/** Of the thresholds behind the value bins 1..`last`, with `left` on the left whatever the threshold (see scan.ts). */
// oxlint-disable-next-line max-params -- once for each column of each leaf: nothing is made for it
export type Scan = (bins: BinSums, last: number, leaf: LeafSums, left: Sums, options: ScanOptions) => Threshold | null

const nothing: Sums = { gradient: 0, hessian: 0 }

/** Null when no split is allowed or gains more than it must. */
export function splitNumber(bins: BinSums, leaf: LeafSums, options: NumberOptions, scan: Scan): Split | null {
  const { sums, at, binCount } = bins
  // with the missing ones on the right, all values may go left
  const right = thresholdOf(bins, binCount - 1, leaf, nothing, options, scan)
  if (sums[at] === 0 && sums[at + 1] === 0) {
    return right && splitOf(right, leaf, options, right.leftHessian * 2 < leaf.hessian)
  }
  const first = right && splitOf(right, leaf, options, true)
  const missing = { gradient: sums[at] as number, hessian: sums[at + 1] as number }
  const left = thresholdOf(bins, binCount - 2, leaf, missing, options, scan)
  const second = left && splitOf(left, leaf, options, false)
  return second !== null && (first === null || second.gain > first.gain) ? second : first
}

// oxlint-disable-next-line max-params -- as Scan, which it calls
function thresholdOf(
  bins: BinSums,
  last: number,
  leaf: LeafSums,
  left: Sums,
  options: NumberOptions,
  scan: Scan,
): Threshold | null {
  return options.only === null
    ? scan(bins, last, leaf, left, options)
    : only(options.only, bins, { last, leaf, left, options })
}

function splitOf(found: Threshold, leaf: LeafSums, options: NumberOptions, missingRight: boolean): Split | null {
  const { limits, feature } = options
  const gain = found.gain - gainOf(leaf.gradient, leaf.hessian, limits, leaf.bounds)
  if (!(gain > limits.minGain)) return null
  const { bin, leftGradient, leftHessian } = found
  return { gain, feature, bin, leftBins: null, missingRight, leftGradient, leftHessian }
}

/** The hessian that each side needs at least. */
export function leastHessianOf({ rows, hessian }: LeafSums, { minHessian, minRows }: SplitLimits): number {
  return Math.max(minHessian, (minRows - 0.5) / (rows / hessian))
}

export function isFree({ bounds }: LeafSums, { limits, monotone }: ScanOptions): boolean {
  return limits.l1 === 0 && monotone === 0 && bounds.low === Number.NEGATIVE_INFINITY && bounds.high === -bounds.low
}

type OnlyOptions = { last: number; leaf: LeafSums; left: Sums; options: ScanOptions }

function only(index: number, { sums, at }: BinSums, { last, leaf, left, options }: OnlyOptions): Threshold | null {
  const bin = index + 1
  if (bin > last) return null
  let { gradient: leftGradient, hessian: leftHessian } = left
  for (let before = 1; before <= bin; before++) {
    leftGradient += sums[at + 2 * before] as number
    leftHessian += sums[at + 2 * before + 1] as number
  }
  const least = leastHessianOf(leaf, options.limits)
  if (leftHessian < least || leaf.hessian - leftHessian < least) return null
  const gain = gainAt({ gradient: leftGradient, hessian: leftHessian }, leaf, options)
  return gain === Number.NEGATIVE_INFINITY ? null : { gain, bin, leftGradient, leftHessian }
}

/** Of both sides, when these go left: -Infinity if that is not allowed. */
export function gainAt(left: Sums, leaf: LeafSums, options: ScanOptions): number {
  const { limits, monotone } = options
  const { l1, l2 } = limits
  const right = { gradient: leaf.gradient - left.gradient, hessian: leaf.hessian - left.hessian }
  const [leftWeight, rightWeight] = [left.hessian + l2, right.hessian + l2]
  // the sum of two fractions by one division: it takes longer than all the rest
  if (isFree(leaf, options)) {
    const over = left.gradient * left.gradient * rightWeight + right.gradient * right.gradient * leftWeight
    return over / (leftWeight * rightWeight)
  }
  const leftOutput = outputOf(left.gradient, left.hessian, limits, leaf.bounds)
  const rightOutput = outputOf(right.gradient, right.hessian, limits, leaf.bounds)
  if ((rightOutput - leftOutput) * monotone < 0) return Number.NEGATIVE_INFINITY
  return (
    -(2 * shrunk(left.gradient, l1) * leftOutput + leftWeight * leftOutput * leftOutput) -
    (2 * shrunk(right.gradient, l1) * rightOutput + rightWeight * rightOutput * rightOutput)
  )
}
