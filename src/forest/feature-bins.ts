// The values of a feature in at most 256 bins, as the histograms of training count them. Bin 0 is missing. A number's
// other bins hold ranges of about equal weight, a value never split between two; a category has a bin of its own, the
// heaviest first (ties by name), and those that find no bin count as missing, as unseen ones do.

import type { TrainingFeature } from './bins.ts'
import { type ModelFeature, valueMax } from './model.ts'
import { missingIn, type TrainingColumn } from './training-set.ts'

export const missingBin = 0
/** Beside the one of missing values. */
export const valueBinsMax = 255

export type FeatureBins = {
  readonly feature: ModelFeature
  /** The bin of missing values included. */
  readonly binCount: number
  /** A number belongs to the first value bin whose upper end it does not exceed; the last has none. */
  readonly uppers: Int32Array
  /** Bin of each code of the training column; null for a number. */
  readonly binOfCode: Uint8Array | null
  readonly hasMissing: boolean
}

export type BinOptions = {
  /** Rows before it decide about the bins. */
  readonly until: number
  /** How much each row counts; 1 if absent. */
  readonly weights?: ArrayLike<number> | undefined
  /** Value bins, at most 255. */
  readonly binsMax: number
}

export function fitFeatureBins(feature: TrainingFeature, column: TrainingColumn, options: BinOptions): FeatureBins {
  const { values } = column
  const none = missingIn(values)
  let hasMissing = false
  for (let row = 0; row < options.until; row++) if (values[row] === none) hasMissing = true
  const { name } = feature
  if (feature.kind === 'categorical') {
    const { categories, binOfCode } = fitCategories(column, options)
    const described = { name, kind: 'categorical', categories } as const
    return { feature: described, binCount: categories.length + 1, uppers: new Int32Array(), binOfCode, hasMissing }
  }
  const { distinct, weights } = weighed(values, options)
  const uppers = upperEnds(distinct, weights, options.binsMax)
  const described: ModelFeature = {
    name,
    kind: 'numeric',
    ...(feature.resolution === undefined ? {} : { resolution: feature.resolution }),
    ...(feature.unit === undefined ? {} : { unit: feature.unit }),
  }
  const binCount = distinct.length === 0 ? 1 : uppers.length + 2
  return { feature: described, binCount, uppers, binOfCode: null, hasMissing }
}

function fitCategories({ values, categories }: TrainingColumn, { until, weights, binsMax }: BinOptions) {
  const names = categories ?? []
  const weightOf = new Float64Array(names.length)
  const none = missingIn(values)
  for (let row = 0; row < until; row++) {
    const code = values[row] as number
    if (code !== none) weightOf[code] = (weightOf[code] as number) + (weights === undefined ? 1 : Number(weights[row]))
  }
  const kept = [...names.keys()]
    .filter(code => (weightOf[code] as number) > 0)
    .sort((a, b) => Number(weightOf[b]) - Number(weightOf[a]) || ((names[a] as string) < (names[b] as string) ? -1 : 1))
    .slice(0, binsMax)
  const binOfCode = new Uint8Array(names.length)
  for (const [place, code] of kept.entries()) binOfCode[code] = place + 1
  return { categories: kept.map(code => names[code] as string), binOfCode }
}

/** Values nearer together than this are counted in a table, others sorted. */
const tableMax = 2 ** 20
/** Fewer rows are sooner searched for than a table is made. */
const tableMin = 5000

/** The different values in ascending order, and the weight of each. */
function weighed(
  values: TrainingColumn['values'],
  { until, weights }: BinOptions,
): { distinct: Int32Array; weights: Float64Array } {
  const none = missingIn(values)
  let low = valueMax
  let high = -valueMax
  for (let row = 0; row < until; row++) {
    const value = values[row] as number
    if (value === none) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  low = clamped(low)
  high = clamped(high)
  if (high - low >= tableMax) return weighedBySort(values, { until, weights })
  const table = new Float64Array(Math.max(0, high - low + 1)).fill(-1)
  for (let row = 0; row < until; row++) {
    const value = values[row] as number
    if (value === none) continue
    const at = clamped(value) - low
    table[at] = Math.max(0, table[at] as number) + (weights === undefined ? 1 : (weights[row] as number))
  }
  const distinct = Int32Array.from(table.keys()).filter(at => (table[at] as number) >= 0)
  return { distinct: distinct.map(at => at + low), weights: table.filter(weight => weight >= 0) }
}

function weighedBySort(values: TrainingColumn['values'], { until, weights }: Omit<BinOptions, 'binsMax'>) {
  const none = missingIn(values)
  const rows = Int32Array.from({ length: until }, (_, row) => row).filter(row => values[row] !== none)
  const sorted = rows.map(row => clamped(values[row] as number)).sort()
  const firsts = Int32Array.from(sorted.keys()).filter(at => at === 0 || sorted[at] !== sorted[at - 1])
  const distinct = firsts.map(first => sorted[first] as number)
  const summed = Float64Array.from(firsts, (first, place) => (firsts[place + 1] ?? sorted.length) - first)
  if (weights === undefined) return { distinct, weights: summed }
  summed.fill(0)
  const places = new Map([...distinct].map((value, place) => [value, place]))
  for (const row of rows) {
    const place = places.get(clamped(values[row] as number)) as number
    summed[place] = (summed[place] as number) + (weights[row] as number)
  }
  return { distinct, weights: summed }
}

/** Half way between the last value of a bin and the first of the next, rounded down. */
function upperEnds(distinct: Int32Array, weights: Float64Array, binsMax: number): Int32Array {
  let left = weights.reduce((sum, weight) => sum + weight, 0)
  const uppers: number[] = []
  const isAll = distinct.length <= binsMax
  let inBin = 0
  for (let place = 0; place + 1 < distinct.length && uppers.length < binsMax - 1; place++) {
    const weight = weights[place] as number
    inBin += weight
    const share = left / (binsMax - uppers.length)
    // a value heavier than a bin should be ends the bin before it, and its own
    if (!isAll && inBin < share && (weights[place + 1] as number) < share) continue
    uppers.push(Math.floor(((distinct[place] as number) + (distinct[place + 1] as number)) / 2))
    left -= inBin
    inBin = 0
  }
  return Int32Array.from(uppers)
}

function clamped(value: number): number {
  return Math.min(valueMax, Math.max(-valueMax, value))
}

/** Bin of a number that is not missing. */
export function binOfNumber({ uppers }: FeatureBins, value: number): number {
  let low = 0
  let high = uppers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (value <= (uppers[middle] as number)) high = middle
    else low = middle + 1
  }
  return low + 1
}

/** Bins of the numbers from `low` on, one a number; null if they lie too far apart for a table. */
function binTable(bins: FeatureBins): { low: number; table: Uint8Array } | null {
  const { uppers } = bins
  // below and above, bins do not change
  const low = uppers[0] ?? 0
  const length = (uppers.at(-1) ?? 0) - low + 2
  if (length > tableMax) return null
  const table = new Uint8Array(length)
  let bin = 0
  for (let at = 0; at < length; at++) {
    while (bin < uppers.length && low + at > (uppers[bin] as number)) bin++
    table[at] = bin + 1
  }
  return { low, table }
}

/** Calls back with the bin of each row that is not missing. */
export function eachBin(bins: FeatureBins, { values }: TrainingColumn, meet: (row: number, bin: number) => void): void {
  const { binOfCode, binCount } = bins
  if (binCount === 1) return
  const none = missingIn(values)
  const found = binOfCode === null && values.length > tableMin ? binTable(bins) : null
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number
    if (value === none) continue
    let bin: number
    if (found !== null) bin = found.table[Math.min(found.table.length - 1, Math.max(0, value - found.low))] as number
    else bin = binOfCode === null ? binOfNumber(bins, value) : (binOfCode[value] as number)
    if (bin !== missingBin) meet(row, bin)
  }
}
