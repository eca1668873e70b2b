// The value-count sketch of one column: rows by value, and rows without one. Counts are integers, so that sketches of any
// parts of a stream, merged in any order and taken away again, give the very counts of the rows that remain, and every
// statistic of a window is exact.
//
// A window that slides takes in an hour of some 40 rows and gives another away, for each of 140 columns: numeric values
// therefore lie sorted in typed arrays, and both together are one walk over them (`slide`). The rows of an hour are counted
// together, too (`columnContent`): sorted once, nothing is searched for or moved.

import { assert } from '../lib/assert.ts'
import type { ColumnSketch } from '../records.ts'
import { type CategoricalDistribution, type NumericDistribution, scaleOf } from './distribution.ts'

/**
 * A sketch as it travels: of `values` (whole resolutions, 32-bit integers) and `categories` one is empty, both ascend,
 * and each has its count of rows, 1 or more.
 */
export type SketchContent = {
  readonly [Field in keyof ColumnSketch]: Readonly<ColumnSketch[Field]>
}

export type SketchKind = 'numeric' | 'categorical'

/** Of no rows. */
export const nothing: SketchContent = { missing: 0, values: [], categories: [], counts: [] }
/** So many entries are moved, or sorted, faster by a loop than by a call. */
const fewEntries = 64

/** What rows hold in their columns. */
export type RowOfValues = readonly (number | string | null)[]

/** Room for the values of one column, which are sorted there. */
let sorting = new Int32Array(256)

export type Sketch = NumericSketch | CategoricalSketch

export function emptySketch(kind: SketchKind): Sketch {
  return kind === 'numeric' ? new NumericSketch() : new CategoricalSketch()
}

export function sketchOf(kind: SketchKind, content: SketchContent): Sketch {
  const sketch = emptySketch(kind)
  sketch.merge(content)
  return sketch
}

/** What rows hold in a column; one that a row does not have counts as missing. */
export function columnContent(kind: SketchKind, rows: readonly RowOfValues[], column: number): ColumnSketch {
  if (kind === 'numeric') return numericContent(rows, column)
  const sketch = new CategoricalSketch()
  for (let row = 0; row < rows.length; row++) sketch.add((rows[row] as RowOfValues)[column] ?? null)
  return sketch.content()
}

function numericContent(rows: readonly RowOfValues[], column: number): ColumnSketch {
  if (sorting.length < rows.length) sorting = new Int32Array(2 * rows.length)
  const sorted = sorting
  let size = 0
  for (let row = 0; row < rows.length; row++) {
    const value = (rows[row] as RowOfValues)[column] ?? null
    if (value === null) continue
    assert(typeof value === 'number' && (value | 0) === value, 'a numeric value is a 32-bit integer')
    sorted[size++] = value
  }
  sort(sorted, size)
  const values: number[] = []
  const counts: number[] = []
  for (let from = 0, to = 0; from < size; from = to) {
    const value = sorted[from] as number
    while (to < size && sorted[to] === value) to++
    values.push(value)
    counts.push(to - from)
  }
  return { missing: rows.length - size, values, categories: [], counts }
}

/** Two of one column as one. */
export function mergedContent(a: ColumnSketch, b: ColumnSketch): ColumnSketch {
  const missing = a.missing + b.missing
  if (b.counts.length === 0) return { ...a, missing }
  if (a.counts.length === 0) return { ...b, missing }
  if (a.values.length > 0) {
    const { keys: values, counts } = mergedKeys(a.values, a.counts, b.values, b.counts)
    return { missing, values, categories: [], counts }
  }
  const { keys: categories, counts } = mergedKeys(a.categories, a.counts, b.categories, b.counts)
  return { missing, values: [], categories, counts }
}

function mergedKeys<Key extends number | string>(a: Key[], aCounts: number[], b: Key[], bCounts: number[]) {
  const keys: Key[] = []
  const counts: number[] = []
  for (let [i, j] = [0, 0]; i < a.length || j < b.length; ) {
    const takesMine = j === b.length || (i < a.length && (a[i] as Key) <= (b[j] as Key))
    const takesTheirs = i === a.length || (j < b.length && (b[j] as Key) <= (a[i] as Key))
    keys.push((takesMine ? a[i] : b[j]) as Key)
    counts.push((takesMine ? (aCounts[i++] as number) : 0) + (takesTheirs ? (bCounts[j++] as number) : 0))
  }
  return { keys, counts }
}

export class NumericSketch {
  readonly kind = 'numeric'
  /** Rows without a value. */
  missing = 0
  /** Rows with a value. */
  total = 0
  #size = 0
  #values = new Int32Array(16)
  #counts = new Float64Array(16)
  /** Where a walk writes: the arrays change places after it. */
  #spareValues = new Int32Array(0)
  #spareCounts = new Float64Array(0)
  /** What `distribution` shows, made anew by each call. */
  #shown = new Float64Array(0)

  /** A whole number of resolutions, or null where there is no value. */
  add(value: number | string | null, rows = 1): void {
    if (value === null) {
      this.missing += rows
      return
    }
    assert(typeof value === 'number' && (value | 0) === value, 'a numeric value is a 32-bit integer')
    this.total += rows
    const at = this.#placeOf(value)
    if (at < this.#size && this.#values[at] === value) this.#counts[at] = (this.#counts[at] as number) + rows
    else this.#insert(at, value, rows)
  }

  merge(content: SketchContent): void {
    this.slide(content, nothing)
  }

  /** Takes away what was merged or added before. */
  subtract(content: SketchContent): void {
    this.slide(nothing, content)
  }

  /** Merges the one and takes the other away, which was merged or added before, in one walk. */
  slide(come: SketchContent, gone: SketchContent): void {
    const { values: comeValues, counts: comeCounts } = come
    const { values: goneValues, counts: goneCounts } = gone
    const comeSize = comeValues.length
    const goneSize = goneValues.length
    const size = this.#size
    this.#makeRoom(size + comeSize)
    const ownValues = this.#values
    const ownCounts = this.#counts
    const values = this.#spareValues
    const counts = this.#spareCounts
    let to = 0
    let own = 0
    let coming = 0
    let going = 0
    let total = this.total
    while (coming < comeSize || going < goneSize) {
      const isComing =
        going === goneSize || (coming < comeSize && (comeValues[coming] as number) <= (goneValues[going] as number))
      const value = (isComing ? comeValues[coming] : goneValues[going]) as number
      for (; own < size && (ownValues[own] as number) < value; own++) {
        values[to] = ownValues[own] as number
        counts[to++] = ownCounts[own] as number
      }
      let rows = own < size && ownValues[own] === value ? (ownCounts[own++] as number) : 0
      const before = rows
      if (isComing) rows += comeCounts[coming++] as number
      if (going < goneSize && goneValues[going] === value) rows -= goneCounts[going++] as number
      assert(rows >= 0, 'what is subtracted was in the sketch')
      total += rows - before
      if (rows === 0) continue
      values[to] = value
      counts[to++] = rows
    }
    for (; own < size; own++) {
      values[to] = ownValues[own] as number
      counts[to++] = ownCounts[own] as number
    }
    const missing = this.missing + come.missing - gone.missing
    assert(missing >= 0, 'what is subtracted was in the sketch')
    this.missing = missing
    this.total = total
    this.#size = to
    this.#values = values
    this.#counts = counts
    this.#spareValues = ownValues
    this.#spareCounts = ownCounts
  }

  /** What it counts, seen and not copied: use it before the sketch changes. The arrays are longer than `size`. */
  get counted(): { readonly size: number; readonly values: Int32Array; readonly counts: Float64Array } {
    return { size: this.#size, values: this.#values, counts: this.#counts }
  }

  /** Forgets all rows and keeps its room. */
  clear(): void {
    this.missing = 0
    this.total = 0
    this.#size = 0
  }

  content(): ColumnSketch {
    const size = this.#size
    const values = Array<number>(size)
    const counts = Array<number>(size)
    // a walk by index: Array.from goes through an iterator, ten times the time
    for (let at = 0; at < size; at++) {
      values[at] = this.#values[at] as number
      counts[at] = this.#counts[at] as number
    }
    return { missing: this.missing, values, categories: [], counts }
  }

  /** The numbers that it stands for. They are seen, not copied: use them before the sketch changes or is asked again. */
  distribution(resolution: number): NumericDistribution {
    const steps = this.#values
    const size = this.#size
    if (this.#shown.length < size) this.#shown = new Float64Array(steps.length)
    const values = this.#shown.subarray(0, size)
    const { divisor, factor } = scaleOf(resolution)
    for (let at = 0; at < size; at++) values[at] = ((steps[at] as number) * factor) / divisor
    const counts = this.#counts.subarray(0, size)
    const isWhole = Number.isInteger(resolution) && this.missing === 0
    return { kind: 'numeric', values, counts, total: this.total, missing: this.missing, isWhole }
  }

  /** Where the value stands, or would stand. */
  #placeOf(value: number): number {
    const values = this.#values
    let low = 0
    let high = this.#size
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((values[middle] as number) < value) low = middle + 1
      else high = middle
    }
    return low
  }

  #insert(at: number, value: number, rows: number): void {
    if (this.#size === this.#values.length) this.#grow(Math.max(16, 2 * this.#size))
    const values = this.#values
    const counts = this.#counts
    const size = this.#size
    if (size - at <= fewEntries) {
      for (let to = size; to > at; to--) {
        values[to] = values[to - 1] as number
        counts[to] = counts[to - 1] as number
      }
    } else {
      values.copyWithin(at + 1, at, size)
      counts.copyWithin(at + 1, at, size)
    }
    values[at] = value
    counts[at] = rows
    this.#size++
  }

  #grow(room: number): void {
    const values = new Int32Array(room)
    const counts = new Float64Array(room)
    values.set(this.#values)
    counts.set(this.#counts)
    this.#values = values
    this.#counts = counts
  }

  #makeRoom(size: number): void {
    if (size <= this.#spareValues.length) return
    const room = Math.max(size, this.#values.length, 2 * this.#spareValues.length)
    this.#spareValues = new Int32Array(room)
    this.#spareCounts = new Float64Array(room)
  }
}

/** What `distributionOfAll` shows, made anew by each call. */
let [shownValues, shownCounts] = [new Float64Array(0), new Float64Array(0)]

/**
 * The numbers that several sketches stand for together, none of which has rows without a value. They are seen, not kept:
 * use them before the next call.
 */
export function distributionOfAll(sketches: readonly NumericSketch[], resolution: number): NumericDistribution {
  const parts = sketches.map(sketch => ({ ...sketch.counted, at: 0 }))
  const most = parts.reduce((sum, { size }) => sum + size, 0)
  if (shownValues.length < most) [shownValues, shownCounts] = [new Float64Array(2 * most), new Float64Array(2 * most)]
  const [values, counts] = [shownValues, shownCounts]
  const { divisor, factor } = scaleOf(resolution)
  let size = 0
  for (;;) {
    let step = Number.POSITIVE_INFINITY
    for (const part of parts) if (part.at < part.size) step = Math.min(step, part.values[part.at] as number)
    if (step === Number.POSITIVE_INFINITY) break
    values[size] = (step * factor) / divisor
    counts[size] = 0
    for (const part of parts) {
      if (part.at === part.size || part.values[part.at] !== step) continue
      counts[size] = (counts[size] as number) + (part.counts[part.at++] as number)
    }
    size++
  }
  const total = sketches.reduce((sum, sketch) => sum + sketch.total, 0)
  const shown = { values: values.subarray(0, size), counts: counts.subarray(0, size) }
  return { kind: 'numeric', ...shown, total, missing: 0, isWhole: Number.isInteger(resolution) }
}

export class CategoricalSketch {
  readonly kind = 'categorical'
  /** Rows without a category. */
  missing = 0
  /** Rows with a category. */
  total = 0
  readonly #counts = new Map<string, number>()

  /** A category, or null where there is none. */
  add(category: number | string | null, rows = 1): void {
    if (category === null) {
      this.missing += rows
      return
    }
    assert(typeof category === 'string', 'a category is a string')
    this.total += rows
    this.#counts.set(category, (this.#counts.get(category) ?? 0) + rows)
  }

  merge({ missing, categories, counts }: SketchContent): void {
    this.missing += missing
    for (let next = 0; next < categories.length; next++) this.add(categories[next] as string, counts[next] as number)
  }

  /** Takes away what was merged or added before. */
  subtract({ missing, categories, counts }: SketchContent): void {
    assert(this.missing >= missing, 'what is subtracted was in the sketch')
    this.missing -= missing
    for (let next = 0; next < categories.length; next++) {
      const category = categories[next] as string
      const fewer = counts[next] as number
      const rows = (this.#counts.get(category) ?? 0) - fewer
      assert(rows >= 0, 'what is subtracted was in the sketch')
      this.total -= fewer
      if (rows === 0) this.#counts.delete(category)
      else this.#counts.set(category, rows)
    }
  }

  /** Merges the one and takes the other away, which was merged or added before. */
  slide(come: SketchContent, gone: SketchContent): void {
    this.merge(come)
    this.subtract(gone)
  }

  /** Forgets all rows. */
  clear(): void {
    this.missing = 0
    this.total = 0
    this.#counts.clear()
  }

  content(): ColumnSketch {
    const categories = [...this.#counts.keys()].sort()
    const counts = categories.map(category => this.#counts.get(category) as number)
    return { missing: this.missing, values: [], categories, counts }
  }

  /** Its counts are seen, not copied: use it before the sketch changes. */
  distribution(): CategoricalDistribution {
    return { kind: 'categorical', counts: this.#counts, total: this.total, missing: this.missing }
  }
}

/** Sorts the first values. */
function sort(values: Int32Array, size: number): void {
  if (size > fewEntries) {
    values.subarray(0, size).sort()
    return
  }
  for (let next = 1; next < size; next++) {
    const value = values[next] as number
    let at = next
    for (; at > 0 && (values[at - 1] as number) > value; at--) values[at] = values[at - 1] as number
    values[at] = value
  }
}
