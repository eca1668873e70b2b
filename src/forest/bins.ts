// Features as columns of small integers, for algorithms that compare plain numbers, and the way back to splits that the
// flat forest makes on the values themselves.
//
// A number is replaced by the index of its quantile bin; missing by the median's bin, and a second column (only if some
// row lacks the value) says 0 present, 1 missing. A category is replaced by its rank by frequency, commonest first, ties
// by name; a missing or unseen one ranks behind all. So a split of a value column sends missing where the median goes,
// and a split of the second column becomes "whatever is there goes left, missing right": nothing is filled in to score.

import { assert } from '../lib/assert.ts'
import type { FeatureTable } from './encode.ts'
import { type FeatureRow, type FeatureValue, type ModelFeature, missingGoesRight, valueMax } from './model.ts'

export type Bins = {
  readonly feature: ModelFeature
  /** A value belongs to the first bin whose threshold it does not exceed; the last bin has none. */
  readonly thresholds: Int32Array
  /** Bin of a missing value: the median's, or one behind all categories. */
  readonly missingBin: number
  readonly hasMissing: boolean
  readonly ranks: ReadonlyMap<string, number> | null
}

/** A column of the binned rows. */
export type BinnedColumn = { readonly feature: number; readonly role: 'value' | 'missing' }

/** A split of the flat forest. */
export type FlatSplit = { readonly feature: number; readonly threshold: number; readonly flags: number }

export type TrainingFeature = FeatureTable[number] & { readonly unit?: string | undefined }

/** Bins for one feature from all rows' values. A number gets at most `binsMax` bins of about equally many rows. */
export function fitBins(feature: TrainingFeature, values: readonly FeatureValue[], binsMax: number): Bins {
  const present = values.filter(value => value !== null)
  const hasMissing = present.length < values.length
  const { name } = feature
  if (feature.kind === 'categorical') {
    const categories = byFrequency(present as string[])
    const ranks = new Map(categories.map((category, rank) => [category, rank]))
    const thresholds = Int32Array.from({ length: categories.length }, (_, rank) => rank)
    return {
      feature: { name, kind: 'categorical', categories },
      thresholds,
      missingBin: categories.length,
      hasMissing,
      ranks,
    }
  }
  const sorted = Int32Array.from(present as number[], value => Math.min(valueMax, Math.max(-valueMax, value))).sort()
  const thresholds = quantileThresholds(sorted, binsMax)
  const missingBin = binOf(sorted[sorted.length >> 1] ?? 0, thresholds)
  const described: ModelFeature = {
    name,
    kind: 'numeric',
    ...(feature.resolution === undefined ? {} : { resolution: feature.resolution }),
    ...(feature.unit === undefined ? {} : { unit: feature.unit }),
  }
  return { feature: described, thresholds, missingBin, hasMissing, ranks: null }
}

function byFrequency(values: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([a, rowsA], [b, rowsB]) => rowsB - rowsA || (a < b ? -1 : 1)).map(([category]) => category)
}

/** Half way between the last value of a bin and the first of the next, rounded down. */
function quantileThresholds(sorted: Int32Array, binsMax: number): Int32Array {
  const thresholds: number[] = []
  let first = 0
  for (let bin = 0; bin < binsMax - 1 && first < sorted.length; bin++) {
    // what is left, in equal parts; a value stays in one bin
    let next = first + Math.ceil((sorted.length - first) / (binsMax - bin))
    const last = sorted[next - 1] as number
    while (sorted[next] === last) next++
    if (next >= sorted.length) break
    thresholds.push(Math.floor((last + (sorted[next] as number)) / 2))
    first = next
  }
  return Int32Array.from(thresholds)
}

function binOf(value: number, thresholds: Int32Array): number {
  let low = 0
  let high = thresholds.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (value <= (thresholds[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}

export function columnsOf(bins: readonly Bins[]): BinnedColumn[] {
  return bins.flatMap(({ hasMissing, ranks }, feature): BinnedColumn[] => {
    const value: BinnedColumn = { feature, role: 'value' }
    return hasMissing && ranks === null ? [value, { feature, role: 'missing' }] : [value]
  })
}

export function binRow(bins: readonly Bins[], columns: readonly BinnedColumn[], row: FeatureRow): number[] {
  return columns.map(({ feature, role }) => {
    const { thresholds, missingBin, ranks } = bins[feature] as Bins
    const value = row[feature] ?? null
    if (role === 'missing') return value === null ? 1 : 0
    if (value === null) return missingBin
    return ranks === null ? binOf(value as number, thresholds) : (ranks.get(value as string) ?? missingBin)
  })
}

/** The split of values that does what "column < below" does to their bins. */
export function flatSplit(bins: readonly Bins[], { feature, role }: BinnedColumn, below: number): FlatSplit {
  // bins are whole numbers: less than `below` is at most this one
  const lastLeft = Math.ceil(below) - 1
  if (role === 'missing') return { feature, threshold: valueMax, flags: missingGoesRight }
  const { thresholds, missingBin } = bins[feature] as Bins
  assert(lastLeft >= 0 && lastLeft < thresholds.length, 'a split leaves bins on both sides')
  const flags = missingBin > lastLeft ? missingGoesRight : 0
  return { feature, threshold: thresholds[lastLeft] as number, flags }
}
