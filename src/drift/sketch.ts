// The value-count sketch of one column: rows by value, and rows without one. Counts are integers, so that sketches of any
// parts of a stream, merged in any order and taken away again, give the very counts of the rows that remain, and every
// statistic of a window is exact.
//
// Numeric values lie sorted in typed arrays, so that what comes and what goes are one walk over them. The columns of a
// window are sketches of which there are 140; they lie together (columns.ts).

import { assert } from '../lib/assert.ts'
import type { ColumnSketch } from '../records.ts'
import { type CategoricalDistribution, type NumericDistribution, scaleOf } from './distribution.ts'
import { type Run, slideRun, sumOf } from './sorted-counts.ts'

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
/** So many entries are moved faster by a loop than by a call. */
const fewEntries = 64

export type Sketch = NumericSketch | CategoricalSketch

export function emptySketch(kind: SketchKind): Sketch {
  return kind === 'numeric' ? new NumericSketch() : new CategoricalSketch()
}

export function sketchOf(kind: SketchKind, content: SketchContent): Sketch {
  const sketch = emptySketch(kind)
  sketch.merge(content)
  return sketch
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
    this.#makeRoom(this.#size + come.values.length)
    const own: Run = { values: this.#values, counts: this.#counts, at: 0, end: this.#size }
    const coming: Run = { values: come.values, counts: come.counts, at: 0, end: come.values.length }
    const going: Run = { values: gone.values, counts: gone.counts, at: 0, end: gone.values.length }
    const total = this.total + sumOf(coming) - sumOf(going)
    const size = slideRun({ own, coming, going }, this.#spareValues, this.#spareCounts, 0)
    const missing = this.missing + come.missing - gone.missing
    assert(missing >= 0, 'what is subtracted was in the sketch')
    this.missing = missing
    this.total = total
    this.#size = size
    ;[this.#values, this.#spareValues] = [this.#spareValues, this.#values]
    ;[this.#counts, this.#spareCounts] = [this.#spareCounts, this.#counts]
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
  for (let left = most; left > 0; size++) {
    const step = leastOf(parts)
    let rows = 0
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index] as Part
      if (part.at === part.size || part.values[part.at] !== step) continue
      rows += part.counts[part.at++] as number
      left--
    }
    values[size] = (step * factor) / divisor
    counts[size] = rows
  }
  const total = sketches.reduce((sum, sketch) => sum + sketch.total, 0)
  const shown = { values: values.subarray(0, size), counts: counts.subarray(0, size) }
  return { kind: 'numeric', ...shown, total, missing: 0, isWhole: Number.isInteger(resolution) }
}

type Part = NumericSketch['counted'] & { at: number }

/** The least value that some part is at; a 32-bit integer, of which nothing need be made on the heap. */
function leastOf(parts: readonly Part[]): number {
  let least = 0x7fffffff
  for (let index = 0; index < parts.length; index++) {
    const { at, size, values } = parts[index] as Part
    if (at < size && (values[at] as number) < least) least = values[at] as number
  }
  return least
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
    for (let next = 0; next < categories.length; next++) this.remove(categories[next] as string, counts[next] as number)
  }

  /** Takes rows away that were added before. */
  remove(category: string, rows = 1): void {
    const left = (this.#counts.get(category) ?? 0) - rows
    assert(left >= 0, 'what is subtracted was in the sketch')
    this.total -= rows
    if (left === 0) this.#counts.delete(category)
    else this.#counts.set(category, left)
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
