// How the last windows of one length went, column by column: a ring of typed arrays, so that weeks of hourly windows of
// some 130 columns take a megabyte and a half and nothing grows.

import type { DriftMetrics } from '../records.ts'

type ColumnSeries = {
  readonly score: Float64Array
  /** 1 drifted, 0 not, -1 not enough rows. */
  readonly drifted: Int8Array
  readonly missingShare: Float64Array
}

/** Columns beyond it are left out: the feature table has fewer. */
const columnsMax = 300
const absent = -1

export class LoopSeries {
  readonly #capacity: number
  readonly #columns = new Map<string, ColumnSeries>()
  /** End of the window, event time. */
  readonly #to: Float64Array
  /** Where the record lies in drift.metrics. */
  readonly #offset: Float64Array
  readonly #rows: Float64Array
  readonly #compared: Int32Array
  readonly #drifted: Int32Array
  readonly #unusualShare: Float64Array
  #count = 0

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#to = new Float64Array(capacity)
    this.#offset = new Float64Array(capacity)
    this.#rows = new Float64Array(capacity)
    this.#compared = new Int32Array(capacity)
    this.#drifted = new Int32Array(capacity)
    this.#unusualShare = new Float64Array(capacity)
  }

  get length(): number {
    return Math.min(this.#count, this.#capacity)
  }

  add(metrics: DriftMetrics, offset: number): void {
    const place = this.#count % this.#capacity
    this.#count++
    this.#to[place] = metrics.to
    this.#offset[place] = offset
    this.#rows[place] = metrics.rows
    this.#compared[place] = metrics.columnsCompared
    this.#drifted[place] = metrics.columnsDrifted
    this.#unusualShare[place] = metrics.unusualShare ?? Number.NaN
    for (const { score, drifted, missingShare } of this.#columns.values()) {
      score[place] = Number.NaN
      drifted[place] = absent
      missingShare[place] = Number.NaN
    }
    const { columns, target, prediction } = metrics
    for (const metric of [...columns, target, prediction]) {
      if (metric === null) continue
      const series = this.#seriesOf(metric.column)
      if (!series) continue
      const rows = metric.missing + metric.currentCount
      series.score[place] = metric.score ?? Number.NaN
      series.drifted[place] = metric.drifted === null ? absent : Number(metric.drifted)
      series.missingShare[place] = rows === 0 ? Number.NaN : metric.missing / rows
    }
  }

  /** Ends of the windows, oldest first. */
  ends(): number[] {
    return this.#listOf(this.#to)
  }

  /** Rows, columns compared and drifted, and the share of unusual ones, of each window, oldest first. */
  totals(): {
    rows: number[]
    columnsCompared: number[]
    columnsDrifted: number[]
    unusualShare: (number | null)[]
  } {
    return {
      rows: this.#listOf(this.#rows),
      columnsCompared: this.#listOf(this.#compared),
      columnsDrifted: this.#listOf(this.#drifted),
      unusualShare: this.#listOf(this.#unusualShare).map(orNull),
    }
  }

  /** One entry a window, oldest first; undefined: no window had the column. */
  column(
    name: string,
  ): { score: (number | null)[]; drifted: (boolean | null)[]; missingShare: (number | null)[] } | undefined {
    const series = this.#columns.get(name)
    if (!series) return undefined
    return {
      score: this.#listOf(series.score).map(orNull),
      drifted: this.#listOf(series.drifted).map(value => (value === absent ? null : value === 1)),
      missingShare: this.#listOf(series.missingShare).map(orNull),
    }
  }

  /** The last window that ended by `at`. */
  endedBy(at: number): { to: number; offset: number } | null {
    for (let back = 0; back < this.length; back++) {
      const place = (this.#count - 1 - back) % this.#capacity
      const to = this.#to[place] as number
      if (to <= at) return { to, offset: this.#offset[place] as number }
    }
    return null
  }

  /** Scores of the window that ends at `to` and of those every `stepMs` before it, oldest first; null where there is none. */
  scores(name: string, { to, stepMs, count }: { to: number; stepMs: number; count: number }): (number | null)[] {
    const scores = Array.from({ length: count }, (): number | null => null)
    const series = this.#columns.get(name)
    if (!series) return scores
    for (let back = 0; back < this.length; back++) {
      const place = (this.#count - 1 - back) % this.#capacity
      const steps = (to - (this.#to[place] as number)) / stepMs
      if (steps >= count) break
      if (Number.isInteger(steps) && steps >= 0) scores[count - 1 - steps] = orNull(series.score[place] as number)
    }
    return scores
  }

  /** End of the first window of the unbroken run of drifted ones that holds the window that ends at `to`. */
  driftedSince(name: string, to: number): number | null {
    const series = this.#columns.get(name)
    let since: number | null = null
    for (let back = 0; series && back < this.length; back++) {
      const place = (this.#count - 1 - back) % this.#capacity
      const at = this.#to[place] as number
      if (at > to) continue
      if (series.drifted[place] !== 1) break
      since = at
    }
    return since
  }

  #seriesOf(name: string): ColumnSeries | undefined {
    const known = this.#columns.get(name)
    if (known || this.#columns.size >= columnsMax) return known
    const series = {
      score: new Float64Array(this.#capacity).fill(Number.NaN),
      drifted: new Int8Array(this.#capacity).fill(absent),
      missingShare: new Float64Array(this.#capacity).fill(Number.NaN),
    }
    this.#columns.set(name, series)
    return series
  }

  #listOf(values: Float64Array | Int32Array | Int8Array): number[] {
    if (this.#count <= this.#capacity) return Array.from(values.subarray(0, this.#count))
    const oldest = this.#count % this.#capacity
    return [...values.subarray(oldest), ...values.subarray(0, oldest)]
  }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
