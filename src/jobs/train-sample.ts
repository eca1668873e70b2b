// A sample of rows that is the same whatever order they come in: the `size` rows with the lowest hashes of (seed, flight,
// horizon). It can go on when it has been asked, since a row that is not among the lowest now never will be. Its memory is
// that of the rows it holds: values lie in typed arrays, two bytes each where a column allows it, and a row that leaves
// gives its place to the one that comes, or a year of rows would pass through the old generation of the heap.
//
// What it gives out lies in shared memory, so that a thread can read it and nobody copies it.

import type { FeatureRow } from '../forest/model.ts'
import { missing, type TrainingColumn } from '../forest/training-set.ts'
import { Heap } from '../lib/heap.ts'
import { hash32 } from '../lib/random.ts'

export type LabelledRow = {
  readonly flightId: string
  readonly horizonMinutes: number
  /** First planned. */
  readonly departureAt: number
  /** In the order of the feature table. */
  readonly features: FeatureRow
  readonly label: 0 | 1
}

/** Rows in the order of departure, flight and horizon, as columns. */
export type LabelledRows = {
  readonly departureAt: Float64Array
  readonly labels: Uint8Array
  /** In the order of the feature table. */
  readonly columns: readonly TrainingColumn[]
}

type Held = Omit<LabelledRow, 'features'> & { readonly slot: number }
type Kind = 'numeric' | 'categorical'

export class RowSample {
  readonly #size: number
  readonly #seed: number
  readonly #kinds: readonly Kind[]
  /** The row that leaves first: the highest hash. */
  readonly #rows = new Heap<{ at: number; row: Held }>((a, b) => byName(b.row, a.row) < 0)
  readonly #codes = new Map<string, number>()
  readonly #categories: string[] = []
  /** By column, then slot. */
  readonly #columns: (Int16Array | Int32Array)[]
  #seen = 0

  /** @param kinds of the feature table's columns, in its order */
  constructor(size: number, seed: number, kinds: readonly Kind[]) {
    this.#size = size
    this.#seed = seed
    this.#kinds = kinds
    this.#columns = kinds.map(() => new Int16Array(Math.min(size, 256)))
  }

  /** Rows offered so far. */
  get seen(): number {
    return this.#seen
  }

  offer({ features, ...about }: LabelledRow): void {
    this.#seen++
    const at = -hash32(`${about.flightId} ${about.horizonMinutes}`, this.#seed)
    const isFull = this.#rows.size === this.#size
    if (isFull) {
      const last = this.#rows.peek()
      if (!last || at < last.at || (at === last.at && byName(about, last.row) > 0)) return
    }
    const slot = isFull ? (this.#rows.pop()?.row.slot ?? 0) : this.#rows.size
    this.#keep(slot, features)
    this.#rows.push({ at, row: { ...about, slot } })
  }

  /** The rows held of flights first planned to leave from `from` on and before `to`. */
  rowsBetween(from: number, to: number): LabelledRows {
    const held: Held[] = []
    for (const { row } of this.#rows.items()) if (row.departureAt >= from && row.departureAt < to) held.push(row)
    held.sort((a, b) => a.departureAt - b.departureAt || byName(a, b))
    const slots = Int32Array.from(held, ({ slot }) => slot)
    return {
      departureAt: Float64Array.from(held, ({ departureAt }) => departureAt),
      labels: Uint8Array.from(held, ({ label }) => label),
      columns: this.#kinds.map((kind, column) => this.#columnOf(kind, column, slots)),
    }
  }

  #keep(slot: number, features: FeatureRow): void {
    for (let column = 0; column < this.#kinds.length; column++) {
      const value = features[column] ?? null
      if (value === null) this.#put(column, slot, missing)
      else this.#put(column, slot, typeof value === 'string' ? this.#codeOf(value) : value)
    }
  }

  #put(column: number, slot: number, value: number): void {
    let values = this.#columns[column] as Int16Array | Int32Array
    if (slot >= values.length) {
      const more = Math.min(this.#size, 2 * values.length)
      const grown = values instanceof Int16Array ? new Int16Array(more) : new Int32Array(more)
      grown.set(values)
      values = grown
      this.#columns[column] = values
    }
    if (values instanceof Int32Array) values[slot] = value
    else if (value === missing) values[slot] = shortMissing
    else if (value > shortMissing && value <= -(shortMissing + 1)) values[slot] = value
    else {
      const wide = Int32Array.from(values, each => (each === shortMissing ? missing : each))
      wide[slot] = value
      this.#columns[column] = wide
    }
  }

  #codeOf(category: string): number {
    let code = this.#codes.get(category)
    if (code === undefined) {
      code = this.#categories.push(category) - 1
      this.#codes.set(category, code)
    }
    return code
  }

  #columnOf(kind: Kind, column: number, slots: Int32Array): TrainingColumn {
    const held = this.#columns[column] as Int16Array | Int32Array
    const none = held instanceof Int16Array ? shortMissing : missing
    const values = new Int32Array(new SharedArrayBuffer(4 * slots.length))
    for (let row = 0; row < values.length; row++) {
      const value = held[slots[row] as number] as number
      values[row] = value === none ? missing : value
    }
    if (kind === 'numeric') return { values, categories: null }
    // the codes here are of the order in which rows were offered
    const codes = new Map<number, number>()
    for (let row = 0; row < values.length; row++) {
      const here = values[row] as number
      if (here === missing) continue
      const code = codes.get(here) ?? codes.size
      codes.set(here, code)
      values[row] = code
    }
    return { values, categories: [...codes.keys()].map(code => this.#categories[code] as string) }
  }
}

/** Missing in two bytes. */
const shortMissing = -(2 ** 15)

function byName(a: Pick<LabelledRow, 'flightId' | 'horizonMinutes'>, b: typeof a): number {
  if (a.flightId !== b.flightId) return a.flightId < b.flightId ? -1 : 1
  return a.horizonMinutes - b.horizonMinutes
}
