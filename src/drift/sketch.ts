// The value-count sketch of one column: rows by value, and rows without one. Counts are integers, so that sketches of any
// parts of a stream, merged in any order and taken away again, give the very counts of the rows that remain, and every
// statistic of a window is exact.
//
// A window merges an hour of some 40 rows and subtracts another, for each of 70 columns: numeric values therefore lie
// sorted in typed arrays, and both operations are one walk over them.

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

  /** A whole number of resolutions, or null where there is no value. */
  add(value: number | string | null, rows = 1): void {
    if (value === null) {
      this.missing += rows
      return
    }
    assert(typeof value === 'number' && (value | 0) === value, 'a numeric value is a 32-bit integer')
    this.total += rows
    const at = this.#placeOf(value)
    if (at < this.#size && this.#values[at] === value) {
      this.#counts[at] = (this.#counts[at] as number) + rows
      return
    }
    this.#reserve(this.#size + 1)
    this.#values.copyWithin(at + 1, at, this.#size)
    this.#counts.copyWithin(at + 1, at, this.#size)
    this.#values[at] = value
    this.#counts[at] = rows
    this.#size++
  }

  merge({ missing, values, counts }: SketchContent): void {
    this.missing += missing
    const fresh = this.#countUnknown(values)
    this.#reserve(this.#size + fresh)
    const [ownValues, ownCounts] = [this.#values, this.#counts]
    // from the end, so that nothing is overwritten before it has moved
    let from = this.#size - 1
    let to = this.#size + fresh - 1
    for (let next = values.length - 1; next >= 0; to--) {
      const value = values[next] as number
      const own = from < 0 ? Number.NEGATIVE_INFINITY : (ownValues[from] as number)
      let rows = 0
      if (own >= value) rows += ownCounts[from--] as number
      if (own <= value) {
        const more = counts[next--] as number
        this.total += more
        rows += more
      }
      ownValues[to] = own > value ? own : value
      ownCounts[to] = rows
    }
    this.#size += fresh
  }

  /** Takes away what was merged or added before. */
  subtract({ missing, values, counts }: SketchContent): void {
    assert(this.missing >= missing, 'what is subtracted was in the sketch')
    this.missing -= missing
    const [ownValues, ownCounts, size] = [this.#values, this.#counts, this.#size]
    let to = 0
    let next = 0
    for (let from = 0; from < size; from++) {
      const value = ownValues[from] as number
      let rows = ownCounts[from] as number
      if (next < values.length && values[next] === value) {
        const fewer = counts[next++] as number
        assert(rows >= fewer, 'what is subtracted was in the sketch')
        rows -= fewer
        this.total -= fewer
        if (rows === 0) continue
      }
      ownValues[to] = value
      ownCounts[to] = rows
      to++
    }
    assert(next === values.length, 'what is subtracted was in the sketch')
    this.#size = to
  }

  /** Forgets all rows and keeps its room. */
  clear(): void {
    this.missing = 0
    this.total = 0
    this.#size = 0
  }

  content(): ColumnSketch {
    const values: number[] = []
    const counts: number[] = []
    // a walk by index: Array.from goes through an iterator, ten times the time
    for (let at = 0; at < this.#size; at++) {
      values.push(this.#values[at] as number)
      counts.push(this.#counts[at] as number)
    }
    return { missing: this.missing, values, categories: [], counts }
  }

  /** The numbers that it stands for. Its counts are seen, not copied: use it before the sketch changes. */
  distribution(resolution: number): NumericDistribution {
    const [steps, size] = [this.#values, this.#size]
    const values = new Float64Array(size)
    const { divisor, factor } = scaleOf(resolution)
    for (let at = 0; at < size; at++) values[at] = ((steps[at] as number) * factor) / divisor
    const counts = this.#counts.subarray(0, size)
    const isWhole = Number.isInteger(resolution) && this.missing === 0
    return { kind: 'numeric', values, counts, total: this.total, missing: this.missing, isWhole }
  }

  /** Where the value stands, or would stand. */
  #placeOf(value: number): number {
    let [low, high] = [0, this.#size]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#values[middle] as number) < value) low = middle + 1
      else high = middle
    }
    return low
  }

  #countUnknown(values: readonly number[]): number {
    let unknown = 0
    let at = 0
    for (let next = 0; next < values.length; next++) {
      const value = values[next] as number
      while (at < this.#size && (this.#values[at] as number) < value) at++
      if (at === this.#size || this.#values[at] !== value) unknown++
    }
    return unknown
  }

  #reserve(size: number): void {
    if (size <= this.#values.length) return
    const [values, counts] = [this.#values, this.#counts]
    this.#values = new Int32Array(Math.max(size, 2 * values.length))
    this.#counts = new Float64Array(this.#values.length)
    this.#values.set(values)
    this.#counts.set(counts)
  }
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
