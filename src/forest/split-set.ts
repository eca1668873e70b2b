// The best split of a leaf by the set of categories that goes left (Fisher 1958, as LightGBM does it): up to a few
// categories, each alone; with more, the categories in the order of G / (H + smooth), from either end. Missing and
// unseen are a category among the others, if there are any; else they go right.

import { missingBin } from './feature-bins.ts'
import { gainOf } from './gain.ts'
import type { BinSums, LeafSums, Split, SplitLimits } from './split.ts'

/** In units of the scale, but for counts. */
export type SetLimits = SplitLimits & {
  readonly oneMax: number
  readonly smooth: number
  readonly setL2: number
  readonly leftMax: number
  readonly minGroupRows: number
}

/** What goes left: one bin, or the first `length` of the bins in order, from the low end or the high one. */
type Candidate = {
  readonly gain: number
  readonly gradient: number
  readonly hessian: number
  readonly length: number
  readonly start: number
  readonly step: 1 | -1
}

// room for the bins of one feature in the order of their means: allocated once, for this is called a million times
const order = new Int32Array(256)
const means = new Float64Array(256)

/** Null when no split is allowed or gains more than it must. */
export function splitSet(bins: BinSums, leaf: LeafSums, feature: number, limits: SetLimits): Split | null {
  const present = presentOf(bins)
  const found = present <= limits.oneMax ? alone(bins, leaf, present, limits) : inOrder(bins, leaf, present, limits)
  if (found === null) return null
  const gain = found.gain - gainOf(leaf.gradient, leaf.hessian, limits, leaf.bounds)
  if (!(gain > limits.minGain)) return null
  return oriented(found, gain, feature, bins.binCount)
}

/** Puts the bins that have rows into `order`. */
function presentOf(bins: BinSums): number {
  let count = 0
  for (let bin = 0; bin < bins.binCount; bin++) if (hessianOf(bins, bin) > 0) order[count++] = bin
  return count
}

/** A set must hold a category that has a name: one of missing alone is written as all the others on the other side. */
function oriented(found: Candidate, gain: number, feature: number, binCount: number): Split {
  const { length, start, step, gradient, hessian } = found
  const leftBins = new Uint8Array(binCount)
  for (let at = 0; at < length; at++) leftBins[order[start + step * at] as number] = 1
  const missingRight = leftBins[missingBin] === 0
  return { gain, feature, bin: 0, leftBins, missingRight, leftGradient: gradient, leftHessian: hessian }
}

function gradientOf({ sums, at }: BinSums, bin: number): number {
  return sums[at + 2 * bin] as number
}

function hessianOf({ sums, at }: BinSums, bin: number): number {
  return sums[at + 2 * bin + 1] as number
}

function alone(bins: BinSums, leaf: LeafSums, present: number, limits: SetLimits): Candidate | null {
  const least = leastHessian(leaf, limits)
  let best: Candidate | null = null
  for (let start = 0; start < present; start++) {
    const bin = order[start] as number
    const gradient = gradientOf(bins, bin)
    const hessian = hessianOf(bins, bin)
    if (bin === missingBin || hessian < least || leaf.hessian - hessian < least) continue
    const gain = gainOfBoth(leaf, gradient, hessian, limits, limits.l2)
    if (best === null || gain > best.gain) best = { gain, gradient, hessian, length: 1, start, step: 1 }
  }
  return best
}

function inOrder(bins: BinSums, leaf: LeafSums, present: number, limits: SetLimits): Candidate | null {
  const least = Math.min(limits.minRows, 10)
  let count = 0
  for (let at = 0; at < present; at++) {
    const bin = order[at] as number
    const hessian = hessianOf(bins, bin)
    if (rowsOf(hessian, leaf) < least) continue
    const mean = gradientOf(bins, bin) / (hessian + limits.smooth)
    // bins come in ascending order: equal means stay in it
    let place = count++
    for (; place > 0 && (means[place - 1] as number) > mean; place--) {
      means[place] = means[place - 1] as number
      order[place] = order[place - 1] as number
    }
    means[place] = mean
    order[place] = bin
  }
  const leftMax = Math.min(limits.leftMax, (count + 1) >> 1)
  const up = prefixes(bins, leaf, { start: 0, step: 1, leftMax }, limits)
  const down = prefixes(bins, leaf, { start: count - 1, step: -1, leftMax }, limits)
  return down !== null && (up === null || down.gain > up.gain) ? down : up
}

type Way = { readonly start: number; readonly step: 1 | -1; readonly leftMax: number }

function prefixes(bins: BinSums, leaf: LeafSums, { start, step, leftMax }: Way, limits: SetLimits): Candidate | null {
  const least = leastHessian(leaf, limits)
  const l2 = limits.l2 + limits.setL2
  let gradient = 0
  let hessian = 0
  let inGroup = 0
  let best: Candidate | null = null
  for (let index = 0; index < leftMax; index++) {
    const bin = order[start + step * index] as number
    const ofBin = hessianOf(bins, bin)
    gradient += gradientOf(bins, bin)
    hessian += ofBin
    inGroup += rowsOf(ofBin, leaf)
    if (hessian < least || (index === 0 && bin === missingBin)) continue
    const right = leaf.hessian - hessian
    if (right < least || rowsOf(right, leaf) < limits.minGroupRows) break
    if (inGroup < limits.minGroupRows) continue
    inGroup = 0
    const gain = gainOfBoth(leaf, gradient, hessian, limits, l2)
    if (best === null || gain > best.gain) best = { gain, gradient, hessian, length: index + 1, start, step }
  }
  return best
}

function rowsOf(hessian: number, leaf: LeafSums): number {
  return Math.round((hessian * leaf.rows) / leaf.hessian)
}

function leastHessian(leaf: LeafSums, { minHessian, minRows }: SetLimits): number {
  return Math.max(minHessian, ((minRows - 0.5) * leaf.hessian) / leaf.rows)
}

// oxlint-disable-next-line max-params -- once for each category of each leaf: nothing is made for it
function gainOfBoth(leaf: LeafSums, gradient: number, hessian: number, { l1 }: SetLimits, l2: number): number {
  const regularisation = { l1, l2 }
  return (
    gainOf(gradient, hessian, regularisation, leaf.bounds) +
    gainOf(leaf.gradient - gradient, leaf.hessian - hessian, regularisation, leaf.bounds)
  )
}
