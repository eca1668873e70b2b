// The best split of a leaf by the set of categories that goes left (Fisher 1958, as LightGBM does it): up to a few
// categories, each alone; with more, the categories in the order of G / (H + smooth), from either end. Missing and
// unseen are a category among the others, if there are any; else they go right.

import { missingBin } from './feature-bins.ts'
import { gainOf, type Regularisation } from './gain.ts'
import type { BinSums, LeafSums, Split, SplitLimits } from './split.ts'

/** In units of the scale, but for counts. */
export type SetLimits = SplitLimits & {
  readonly oneMax: number
  readonly smooth: number
  readonly setL2: number
  readonly leftMax: number
  readonly minGroupRows: number
}

type Candidate = { gain: number; bins: readonly number[]; gradient: number; hessian: number }

/** Null when no split is allowed or gains more than it must. */
export function splitSet(bins: BinSums, leaf: LeafSums, feature: number, limits: SetLimits): Split | null {
  const rowsOf = (hessian: number): number => Math.round((hessian * leaf.rows) / leaf.hessian)
  const present = Array.from({ length: bins.binCount }, (_, bin) => bin).filter(bin => hessianOf(bins, bin) > 0)
  const isAlone = present.length <= limits.oneMax
  const found = isAlone ? alone(bins, leaf, present, limits) : inOrder(bins, leaf, present, limits, rowsOf)
  if (found === null) return null
  const gain = found.gain - gainOf(leaf.gradient, leaf.hessian, limits, leaf.bounds)
  if (!(gain > limits.minGain)) return null
  return oriented(found, gain, feature, bins.binCount)
}

/** A set must hold a category that has a name: one of missing alone is written as all the others on the other side. */
// oxlint-disable-next-line max-params
function oriented({ bins, gradient, hessian }: Candidate, gain: number, feature: number, binCount: number): Split {
  const leftBins = new Uint8Array(binCount)
  for (const bin of bins) leftBins[bin] = 1
  const missingRight = leftBins[missingBin] === 0
  return { gain, feature, bin: 0, leftBins, missingRight, leftGradient: gradient, leftHessian: hessian }
}

function gradientOf({ sums, at }: BinSums, bin: number): number {
  return sums[at + 2 * bin] as number
}

function hessianOf({ sums, at }: BinSums, bin: number): number {
  return sums[at + 2 * bin + 1] as number
}

// oxlint-disable-next-line max-params
function alone(bins: BinSums, leaf: LeafSums, present: readonly number[], limits: SetLimits): Candidate | null {
  const least = leastHessian(leaf, limits)
  let best: Candidate | null = null
  for (const bin of present) {
    const gradient = gradientOf(bins, bin)
    const hessian = hessianOf(bins, bin)
    if (bin === missingBin || hessian < least || leaf.hessian - hessian < least) continue
    const gain = gainOfBoth(leaf, { gradient, hessian }, limits)
    if (best === null || gain > best.gain) best = { gain, bins: [bin], gradient, hessian }
  }
  return best
}

// oxlint-disable-next-line max-params
function inOrder(
  bins: BinSums,
  leaf: LeafSums,
  present: readonly number[],
  limits: SetLimits,
  rowsOf: (hessian: number) => number,
): Candidate | null {
  const mean = (bin: number): number => gradientOf(bins, bin) / (hessianOf(bins, bin) + limits.smooth)
  const order = present
    .filter(bin => rowsOf(hessianOf(bins, bin)) >= Math.min(limits.minRows, 10))
    .map(bin => ({ bin, mean: mean(bin) }))
    .sort((a, b) => a.mean - b.mean || a.bin - b.bin)
    .map(({ bin }) => bin)
  const leftMax = Math.min(limits.leftMax, (order.length + 1) >> 1)
  const regularised = { ...limits, l2: limits.l2 + limits.setL2 }
  let best: Candidate | null = null
  for (const way of [order, order.toReversed()]) {
    const found = prefixes(bins, leaf, way.slice(0, leftMax), regularised, rowsOf)
    if (found !== null && (best === null || found.gain > best.gain)) best = found
  }
  return best
}

// oxlint-disable-next-line max-params
function prefixes(
  bins: BinSums,
  leaf: LeafSums,
  order: readonly number[],
  limits: SetLimits,
  rowsOf: (hessian: number) => number,
): Candidate | null {
  const least = leastHessian(leaf, limits)
  let gradient = 0
  let hessian = 0
  let inGroup = 0
  let best: { gain: number; length: number; gradient: number; hessian: number } | null = null
  for (const [index, bin] of order.entries()) {
    gradient += gradientOf(bins, bin)
    hessian += hessianOf(bins, bin)
    inGroup += rowsOf(hessianOf(bins, bin))
    if (hessian < least || (index === 0 && bin === missingBin)) continue
    const right = leaf.hessian - hessian
    if (right < least || rowsOf(right) < limits.minGroupRows) break
    if (inGroup < limits.minGroupRows) continue
    inGroup = 0
    const gain = gainOfBoth(leaf, { gradient, hessian }, limits)
    if (best === null || gain > best.gain) best = { gain, length: index + 1, gradient, hessian }
  }
  return best && { ...best, bins: order.slice(0, best.length) }
}

function leastHessian(leaf: LeafSums, { minHessian, minRows }: SetLimits): number {
  return Math.max(minHessian, ((minRows - 0.5) * leaf.hessian) / leaf.rows)
}

function gainOfBoth(
  leaf: LeafSums,
  { gradient, hessian }: { gradient: number; hessian: number },
  regularisation: Regularisation,
): number {
  return (
    gainOf(gradient, hessian, regularisation, leaf.bounds) +
    gainOf(leaf.gradient - gradient, leaf.hessian - hessian, regularisation, leaf.bounds)
  )
}
