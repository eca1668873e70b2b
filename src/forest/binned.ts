// A training set as bytes: one a row for each column, 8 columns side by side (see histogram-code.ts). Built once, and
// reused by every training on the same rows.
//
// Features with few bins share a byte: with 3, 5 and 8 bins, byte = bin1 + 3 (bin2 + 5 bin3). Their histograms are sums
// over that of the byte, so a yes-or-no feature costs next to nothing. `stride` and `binCount` say which: bin =
// floor(byte / stride) mod binCount.

import { assert } from '../lib/assert.ts'
import type { TrainingFeature } from './bins.ts'
import { eachBin, type FeatureBins, fitFeatureBins, valueBinsMax } from './feature-bins.ts'
import { groupColumns } from './histogram-code.ts'
import type { TrainingColumn } from './training-set.ts'

export type BinnedSet = {
  readonly rows: number
  readonly features: readonly FeatureBins[]
  /** Where each feature's bins are; null for one that has a single value, which no tree can use. */
  readonly places: readonly (Place | null)[]
  readonly columnCount: number
  /** By group of 8 columns, then row, then column. */
  readonly bytes: Uint8Array
}

export type Place = {
  readonly column: number
  readonly stride: number
  /** Different bytes of the column: the product of the bin counts of all its features. */
  readonly size: number
}

export type BinnedOptions = {
  readonly features: readonly TrainingFeature[]
  readonly columns: readonly TrainingColumn[]
  /** Rows before it decide about the bins; all if absent. */
  readonly until?: number
  readonly weights?: ArrayLike<number> | undefined
  /** Bins of a feature beside that of missing values, 2 to 255; 255 if absent. */
  readonly binsMax?: number
}

export function binnedSetOf({ features, columns, until, weights, binsMax = valueBinsMax }: BinnedOptions): BinnedSet {
  const rows = columns[0]?.values.length ?? 0
  assert(features.length === columns.length && rows > 0, 'there are columns, one a feature, and rows')
  assert(binsMax >= 2 && binsMax <= valueBinsMax, 'a feature has 2 to 255 bins of values')
  const fitted = features.map((feature, index) =>
    fitFeatureBins(feature, columns[index] as TrainingColumn, { until: until ?? rows, weights, binsMax }),
  )
  const { places, columnCount } = placesOf(fitted)
  const bytes = new Uint8Array(Math.ceil(columnCount / groupColumns) * groupColumns * rows)
  for (const [index, place] of places.entries()) {
    if (place === null) continue
    const { stride } = place
    const first = byteAt(place.column, rows)
    eachBin(fitted[index] as FeatureBins, columns[index] as TrainingColumn, (row, bin) => {
      const at = first + row * groupColumns
      bytes[at] = (bytes[at] as number) + stride * bin
    })
  }
  return { rows, features: fitted, places, columnCount, bytes }
}

/** Index of the byte of row 0; the next row's is 8 behind. */
export function byteAt(column: number, rows: number): number {
  return (column - (column % groupColumns)) * rows + (column % groupColumns)
}

/** The features with the fewest bins share columns first. */
function placesOf(features: readonly FeatureBins[]): { places: (Place | null)[]; columnCount: number } {
  const places: (Place | null)[] = features.map(() => null)
  const useful = [...features.keys()].filter(index => bins(features, index) > 1 && isSplit(features[index]))
  useful.sort((a, b) => bins(features, a) - bins(features, b) || a - b)
  const sizes: number[] = []
  const strides = new Map<number, { column: number; stride: number }>()
  for (const index of useful) {
    const count = bins(features, index)
    if ((sizes.at(-1) ?? 256) * count > 256) sizes.push(1)
    const column = sizes.length - 1
    const stride = sizes[column] as number
    strides.set(index, { column, stride })
    sizes[column] = stride * count
  }
  for (const [index, { column, stride }] of strides) places[index] = { column, stride, size: sizes[column] as number }
  return { places, columnCount: sizes.length }
}

function bins(features: readonly FeatureBins[], index: number): number {
  return features[index]?.binCount ?? 0
}

/** One value, and never missing: nothing to split. */
function isSplit(feature: FeatureBins | undefined): boolean {
  return feature !== undefined && (feature.binCount > 2 || (feature.binCount === 2 && feature.hasMissing))
}
