// The best split of a leaf over all features that it may use. Ties go to the feature that comes first.

import { below, type Random } from '../lib/random.ts'
import type { BinnedSet, Place } from './binned.ts'
import type { FeatureBins } from './feature-bins.ts'
import type { GrowParameters } from './grow-parameters.ts'
import type { Kernel } from './kernel.ts'
import { type BinSums, type LeafSums, type Split, splitNumber } from './split.ts'
import { type SetLimits, splitSet } from './split-set.ts'

export type SplitFinder = {
  /** @param histogram sums of all columns over the leaf's rows */
  readonly best: (histogram: Float64Array, leaf: LeafSums, features: readonly number[]) => Split | null
}

export type FinderOptions = {
  readonly parameters: GrowParameters
  /** What gradients were multiplied by. */
  readonly scale: number
  /** For random thresholds. */
  readonly random: Random
}

export function splitFinderOf(
  { binned, sumsAt, scan, scratch }: Pick<Kernel, 'binned' | 'sumsAt' | 'scan' | 'scratch'>,
  { parameters, scale, random }: FinderOptions,
): SplitFinder {
  const { extraTrees, monotoneConstraints } = parameters
  const limits = limitsOf(parameters, scale)
  const { minGain } = limits
  const bestOf = (histogram: Float64Array, leaf: LeafSums, feature: number): Split | null => {
    const place = binned.places[feature] ?? null
    if (place === null) return null
    const bins = binned.features[feature] as FeatureBins
    const sums = sumsOf({ sums: histogram, at: sumsAt(place.column), binCount: bins.binCount }, place, scratch)
    if (bins.binOfCode !== null) return splitSet(sums, leaf, feature, limits)
    const thresholds = bins.binCount - 2
    const only = extraTrees ? below(random, Math.max(1, thresholds)) : null
    return splitNumber(sums, leaf, { feature, limits, monotone: monotoneConstraints[feature] ?? 0, only }, scan)
  }
  return {
    best(histogram, leaf, features) {
      let best: Split | null = null
      limits.minGain = minGain
      for (const feature of features) {
        const split = bestOf(histogram, leaf, feature)
        if (split === null) continue
        best = split
        // the next must gain more
        limits.minGain = split.gain
      }
      return best
    },
  }
}

function limitsOf(parameters: GrowParameters, scale: number): SetLimits & { minGain: number } {
  return {
    l1: parameters.lambdaL1 * scale,
    l2: parameters.lambdaL2 * scale,
    minRows: parameters.minDataInLeaf,
    minHessian: Math.max(1, parameters.minSumHessianInLeaf * scale),
    minGain: parameters.minGainToSplit * scale,
    oneMax: parameters.maxCatToOnehot,
    smooth: parameters.catSmooth * scale,
    setL2: parameters.catL2 * scale,
    leftMax: parameters.maxCatThreshold,
    minGroupRows: parameters.minDataPerGroup,
  }
}

/** The sums of one feature's bins: those of its column, or over the bytes of the column that it shares. */
export function sumsOf(ofColumn: BinSums, { stride, size }: Place, scratch: Float64Array): BinSums {
  const { sums: histogram, at, binCount } = ofColumn
  if (size === binCount) return ofColumn
  scratch.fill(0, 0, 2 * binCount)
  for (let byte = 0; byte < size; ) {
    for (let bin = 0; bin < binCount; bin++) {
      let gradient = 0
      let hessian = 0
      for (let inner = 0; inner < stride; inner++, byte++) {
        gradient += histogram[at + 2 * byte] as number
        hessian += histogram[at + 2 * byte + 1] as number
      }
      scratch[2 * bin] = (scratch[2 * bin] as number) + gradient
      scratch[2 * bin + 1] = (scratch[2 * bin + 1] as number) + hessian
    }
  }
  return { sums: scratch, at: 0, binCount }
}

/** Writes to `sides` 1 for each byte of the split's column that goes right. */
export function sidesOf(binned: BinnedSet, split: Split, sides: Uint8Array): void {
  const { stride, size } = binned.places[split.feature] as Place
  const { binCount } = binned.features[split.feature] as FeatureBins
  for (let byte = 0; byte < size; byte++) {
    const bin = Math.floor(byte / stride) % binCount
    sides[byte] = goesRight(split, bin) ? 1 : 0
  }
}

function goesRight({ bin: last, leftBins, missingRight }: Split, bin: number): boolean {
  if (leftBins !== null) return leftBins[bin] === 0
  return bin === 0 ? missingRight : bin > last
}
