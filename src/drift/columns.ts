// What the rows of a window hold in their columns: the value-count sketches of all columns together. A window that slides
// takes in an hour of some 40 rows and gives another away, for each of 140 columns. So the numbers of all columns lie one
// behind the other in the same arrays, as they travel and as they are counted, and an hour is one walk from array to array:
// sketches that were objects of their own cost more in cache misses than in counting.

import { assert } from '../lib/assert.ts'
import type { ColumnSketch, ColumnSketches } from '../records.ts'
import { type Distribution, scaleOf } from './distribution.ts'
import { CategoricalSketch, type SketchKind } from './sketch.ts'
import { type Run, slideRun, sortStart, sumOf } from './sorted-counts.ts'

/** What rows hold in their columns. */
export type RowOfValues = readonly (number | string | null)[]

/** Of no rows. Nobody writes into it. */
export const noSketches: ColumnSketches = {
  missing: [],
  distinct: [],
  values: [],
  valueCounts: [],
  categories: [],
  categoryCounts: [],
}

export class ColumnSums {
  readonly #kinds: readonly SketchKind[]
  readonly #missing: Float64Array
  /** Rows with a value. */
  readonly #totals: Float64Array
  /** Of the categorical columns; elsewhere null. */
  readonly #categories: readonly (CategoricalSketch | null)[]
  /** Where the numbers of each column begin, and where those of the last one end. */
  #starts: Int32Array
  #values = new Int32Array(0)
  #counts = new Float64Array(0)
  /** Where a walk writes: the arrays change places after it. */
  #spareStarts: Int32Array
  #spareValues = new Int32Array(0)
  #spareCounts = new Float64Array(0)
  /** What `distribution` shows, made anew by each call. */
  #shown = new Float64Array(0)

  constructor(kinds: readonly SketchKind[]) {
    this.#kinds = kinds
    this.#missing = new Float64Array(kinds.length)
    this.#totals = new Float64Array(kinds.length)
    this.#categories = kinds.map(kind => (kind === 'categorical' ? new CategoricalSketch() : null))
    this.#starts = new Int32Array(kinds.length + 1)
    this.#spareStarts = new Int32Array(kinds.length + 1)
  }

  /** Merges the one and takes the other away, which was merged before. */
  slide(come: ColumnSketches, gone: ColumnSketches): void {
    const columns = this.#kinds.length
    this.#makeRoom((this.#starts[columns] as number) + come.values.length)
    const starts = this.#spareStarts
    const own: Run = { values: this.#values, counts: this.#counts, at: 0, end: 0 }
    const coming: Run = { values: come.values, counts: come.valueCounts, at: 0, end: 0 }
    const going: Run = { values: gone.values, counts: gone.valueCounts, at: 0, end: 0 }
    const categories = { coming: 0, going: 0 }
    let to = 0
    for (let column = 0; column < columns; column++) {
      const comes = come.distinct[column] ?? 0
      const goes = gone.distinct[column] ?? 0
      const missing = (this.#missing[column] as number) + (come.missing[column] ?? 0) - (gone.missing[column] ?? 0)
      assert(missing >= 0, 'what is subtracted was in the sketch')
      this.#missing[column] = missing
      const sketch = this.#categories[column]
      if (sketch) {
        for (const end = categories.coming + comes; categories.coming < end; categories.coming++) {
          sketch.add(come.categories[categories.coming] as string, come.categoryCounts[categories.coming])
        }
        for (const end = categories.going + goes; categories.going < end; categories.going++) {
          sketch.remove(gone.categories[categories.going] as string, gone.categoryCounts[categories.going])
        }
        sketch.missing = missing
        this.#totals[column] = sketch.total
      } else {
        own.end = this.#starts[column + 1] as number
        coming.end += comes
        going.end += goes
        const change = sumOf(coming) - sumOf(going)
        this.#totals[column] = (this.#totals[column] as number) + change
        to = slideRun({ own, coming, going }, this.#spareValues, this.#spareCounts, to)
      }
      starts[column + 1] = to
    }
    ;[this.#starts, this.#spareStarts] = [starts, this.#starts]
    ;[this.#values, this.#spareValues] = [this.#spareValues, this.#values]
    ;[this.#counts, this.#spareCounts] = [this.#spareCounts, this.#counts]
  }

  /** Forgets all rows and keeps its room. */
  clear(): void {
    this.#missing.fill(0)
    this.#totals.fill(0)
    this.#starts.fill(0)
    for (const sketch of this.#categories) sketch?.clear()
  }

  content(): ColumnSketches {
    const columns = this.#kinds.length
    const size = this.#starts[columns] as number
    const content: ColumnSketches = {
      missing: listOf(this.#missing, columns),
      distinct: Array<number>(columns),
      values: listOf(this.#values, size),
      valueCounts: listOf(this.#counts, size),
      categories: [],
      categoryCounts: [],
    }
    for (let column = 0; column < columns; column++) {
      const sketch = this.#categories[column]
      content.distinct[column] = sketch
        ? addCategories(sketch, content)
        : (this.#starts[column + 1] as number) - (this.#starts[column] as number)
    }
    return content
  }

  /** Rows with a value in a column. */
  total(column: number): number {
    return this.#totals[column] as number
  }

  /**
   * What a column's rows stand for; nothing if there is no such column. It is seen, not copied: use it before the sums
   * change or are asked again.
   * @param resolution what an integer step of a numeric column is worth
   */
  distribution(column: number, resolution: number): Distribution | undefined {
    const sketch = this.#categories[column]
    if (sketch) return sketch.distribution()
    if (sketch === undefined) return undefined
    const [start, end] = [this.#starts[column] as number, this.#starts[column + 1] as number]
    if (this.#shown.length < end - start) this.#shown = new Float64Array(2 * (end - start))
    const values = this.#shown.subarray(0, end - start)
    const { divisor, factor } = scaleOf(resolution)
    const steps = this.#values
    for (let at = start; at < end; at++) values[at - start] = ((steps[at] as number) * factor) / divisor
    const counts = this.#counts.subarray(start, end)
    const missing = this.#missing[column] as number
    const isWhole = Number.isInteger(resolution) && missing === 0
    return { kind: 'numeric', values, counts, total: this.#totals[column] as number, missing, isWhole }
  }

  #makeRoom(size: number): void {
    if (size <= this.#spareValues.length) return
    const room = Math.max(size, this.#values.length, 2 * this.#spareValues.length)
    this.#spareValues = new Int32Array(room)
    this.#spareCounts = new Float64Array(room)
  }
}

/** What rows hold in columns of these kinds; a column that a row does not have counts as missing there. */
export function sketchesOf(kinds: readonly SketchKind[], rows: readonly RowOfValues[]): ColumnSketches {
  const content: ColumnSketches = { ...noSketches, missing: [], distinct: [], categories: [], categoryCounts: [] }
  let size = 0
  for (let column = 0; column < kinds.length; column++) {
    if (kinds[column] === 'numeric') {
      const before = size
      size = countNumbers(rows, column, size)
      content.distinct.push(size - before)
      content.missing.push(rows.length - numbers)
    } else {
      const sketch = new CategoricalSketch()
      for (let row = 0; row < rows.length; row++) sketch.add((rows[row] as RowOfValues)[column] ?? null)
      content.distinct.push(addCategories(sketch, content))
      content.missing.push(sketch.missing)
    }
  }
  return { ...content, values: listOf(foundValues, size), valueCounts: listOf(foundCounts, size) }
}

/** Columns as they were kept before they lay in common arrays. */
export function sketchesOfColumns(columns: readonly ColumnSketch[]): ColumnSketches {
  return {
    missing: columns.map(({ missing }) => missing),
    distinct: columns.map(({ counts }) => counts.length),
    values: columns.flatMap(({ values }) => values),
    valueCounts: columns.flatMap(({ values, counts }) => (values.length > 0 ? counts : [])),
    categories: columns.flatMap(({ categories }) => categories),
    categoryCounts: columns.flatMap(({ categories, counts }) => (categories.length > 0 ? counts : [])),
  }
}

/** Room for the numbers of one column, which are sorted there, and for what has been found in the columns so far. */
let sorting = new Int32Array(256)
let [foundValues, foundCounts] = [new Int32Array(4096), new Int32Array(4096)]
/** How many rows had a number in the column that was counted last. */
let numbers = 0

/** Sorted once, nothing is searched for or moved. @returns how many values there are now */
function countNumbers(rows: readonly RowOfValues[], column: number, before: number): number {
  if (sorting.length < rows.length) sorting = new Int32Array(2 * rows.length)
  if (foundValues.length < before + rows.length) {
    foundValues = grown(foundValues, 2 * (before + rows.length))
    foundCounts = grown(foundCounts, 2 * (before + rows.length))
  }
  const sorted = sorting
  numbers = 0
  for (let row = 0; row < rows.length; row++) {
    const value = (rows[row] as RowOfValues)[column] ?? null
    if (value === null) continue
    assert(typeof value === 'number' && (value | 0) === value, 'a numeric value is a 32-bit integer')
    sorted[numbers++] = value
  }
  sortStart(sorted, numbers)
  let size = before
  for (let from = 0, to = 0; from < numbers; from = to) {
    const value = sorted[from] as number
    while (to < numbers && sorted[to] === value) to++
    foundValues[size] = value
    foundCounts[size++] = to - from
  }
  return size
}

/** @returns how many there are */
function addCategories(sketch: CategoricalSketch, { categories, categoryCounts }: ColumnSketches): number {
  const found = sketch.content()
  for (let at = 0; at < found.counts.length; at++) {
    categories.push(found.categories[at] as string)
    categoryCounts.push(found.counts[at] as number)
  }
  return found.counts.length
}

function grown(array: Int32Array<ArrayBuffer>, room: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(room)
  larger.set(array)
  return larger
}

/** A walk by index: Array.from goes through an iterator, ten times the time. */
function listOf(array: Int32Array | Float64Array, size: number): number[] {
  const list = Array<number>(size)
  for (let at = 0; at < size; at++) list[at] = array[at] as number
  return list
}
