// Two columns side by side: rows of each by the same keys, which are their distinct values, their categories, or bins of
// equal width. What the methods on shares (chi-square, Z, Jensen-Shannon, PSI, Kullback-Leibler, Hellinger) start from.

import { assert } from '../lib/assert.ts'
import type { CategoricalDistribution, NumericDistribution } from './distribution.ts'

export type Aligned = {
  /** Rows by key. Some key may have none on one side. */
  readonly reference: Float64Array
  readonly current: Float64Array
  /** Keys in use; the arrays may be longer. */
  readonly size: number
  /** Index of the key that sorts first. */
  readonly first: number
}

/** By distinct value of either side, ascending. */
export function alignedValues(reference: NumericDistribution, current: NumericDistribution): Aligned {
  const most = reference.values.length + current.values.length
  const aligned = { reference: new Float64Array(most), current: new Float64Array(most), size: 0, first: 0 }
  let [i, j] = [0, 0]
  while (i < reference.values.length || j < current.values.length) {
    const mine = i < reference.values.length ? (reference.values[i] as number) : Number.POSITIVE_INFINITY
    const theirs = j < current.values.length ? (current.values[j] as number) : Number.POSITIVE_INFINITY
    // an infinite value is a value as well: only an index says that a side has ended
    const takesMine = i < reference.values.length && mine <= theirs
    if (j < current.values.length && theirs <= mine) aligned.current[aligned.size] = current.counts[j++] as number
    if (takesMine) aligned.reference[aligned.size] = reference.counts[i++] as number
    aligned.size++
  }
  return aligned
}

/** How many distinct values two sides have together, counted up to `most`. */
export function distinctValues(reference: NumericDistribution, current: NumericDistribution, most: number): number {
  let distinct = Math.min(most, reference.values.length)
  for (let j = 0; j < current.values.length && distinct < most; j++) {
    const value = current.values[j] as number
    const at = placeOf(reference.values, value)
    if (at === reference.values.length || reference.values[at] !== value) distinct++
  }
  return distinct
}

/** The categories of a reference, sorted, and where each stands. */
export type CategoryIndex = {
  readonly categories: readonly string[]
  readonly places: ReadonlyMap<string, number>
  readonly counts: Float64Array
}

export function categoryIndex({ counts }: CategoricalDistribution): CategoryIndex {
  const categories = [...counts.keys()].sort()
  return {
    categories,
    places: new Map(categories.map((category, place) => [category, place])),
    counts: Float64Array.from(categories, category => counts.get(category) as number),
  }
}

/** By category: the reference's in their order, then those that it does not have, so that sums never depend on arrival. */
export function alignedCategories(index: CategoryIndex, current: CategoricalDistribution): Aligned & Unseen {
  const known = index.categories.length
  const fresh: string[] = []
  for (const category of current.counts.keys()) if (!index.places.has(category)) fresh.push(category)
  fresh.sort()
  const size = known + fresh.length
  const aligned = { reference: new Float64Array(size), current: new Float64Array(size) }
  aligned.reference.set(index.counts)
  for (const [category, rows] of current.counts) {
    const place = index.places.get(category)
    if (place !== undefined) aligned.current[place] = rows
  }
  let unseen = 0
  for (const [at, category] of fresh.entries()) {
    const rows = current.counts.get(category) as number
    aligned.current[known + at] = rows
    unseen += rows
  }
  const startsFresh = fresh[0] !== undefined && (known === 0 || fresh[0] < (index.categories[0] as string))
  return { ...aligned, size, first: startsFresh ? known : 0, unseen }
}

/** Rows of categories that the reference does not have. */
export type Unseen = { readonly unseen: number }

/** A distribution with its running totals: `below[i]` rows have a value less than `values[i]`. */
export type Cumulated = NumericDistribution & { readonly below: Float64Array }

export function cumulated(distribution: NumericDistribution): Cumulated {
  const { counts } = distribution
  const below = new Float64Array(counts.length + 1)
  for (let at = 0; at < counts.length; at++) below[at + 1] = (below[at] as number) + (counts[at] as number)
  return { ...distribution, below }
}

/**
 * By bins of equal width over the range of both sides: [edge, next edge), the last closed.
 * @param size what Sturges' rule takes for the number of observations
 */
export function alignedBins(reference: Cumulated, current: NumericDistribution, size: number): Aligned {
  const edges = sturgesEdges(reference, current, size)
  const bins = edges.length - 1
  return { reference: rowsBetween(reference, edges), current: rowsWithin(current, edges), size: bins, first: 0 }
}

/**
 * Edges as `numpy.histogram_bin_edges(..., 'sturges')` gives them, to the bit: width = range / (log2(size) + 1), at least
 * 1 if both sides are whole numbers (numpy 2), ceil(range / width) bins; [v - 0.5, v + 0.5] if all values are v.
 */
export function sturgesEdges(reference: NumericDistribution, current: NumericDistribution, size: number): Float64Array {
  let low = Math.min(reference.values[0] as number, current.values[0] as number)
  let high = Math.max(reference.values.at(-1) as number, current.values.at(-1) as number)
  assert(Number.isFinite(high - low), 'there are values, and all are finite')
  let bins = 1
  if (low === high) {
    low -= 0.5
    high += 0.5
  } else {
    const width = (high - low) / (Math.log2(size) + 1)
    bins = Math.ceil((high - low) / (reference.isWhole && current.isWhole ? Math.max(1, width) : width))
  }
  const step = (high - low) / bins
  const edges = new Float64Array(bins + 1)
  for (let at = 0; at < bins; at++) edges[at] = at * step + low
  edges[bins] = high
  return edges
}

/** Rows in each bin, edge by edge: for a side whose running totals are at hand. */
function rowsBetween({ values, below, total }: Cumulated, edges: Float64Array): Float64Array {
  const rows = new Float64Array(edges.length - 1)
  let before = 0
  for (let bin = 0; bin < rows.length; bin++) {
    const upTo = bin === rows.length - 1 ? total : (below[placeOf(values, edges[bin + 1] as number)] as number)
    rows[bin] = upTo - before
    before = upTo
  }
  return rows
}

/** Rows in each bin, value by value: for a side that was only just counted. */
function rowsWithin({ values, counts }: NumericDistribution, edges: Float64Array): Float64Array {
  const rows = new Float64Array(edges.length - 1)
  let at = 0
  for (let bin = 0; bin < rows.length; bin++) {
    const isLast = bin === rows.length - 1
    const edge = edges[bin + 1] as number
    let sum = 0
    for (; at < values.length && ((values[at] as number) < edge || isLast); at++) sum += counts[at] as number
    rows[bin] = sum
  }
  return rows
}

/** Index of the first value that is not less. */
function placeOf(values: Float64Array, value: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
