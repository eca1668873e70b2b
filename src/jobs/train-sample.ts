// A sample of rows that is the same whatever order they come in: the `size` rows with the lowest hashes of (seed, flight,
// horizon). Its memory is that of the rows it holds, and stays so: values lie in one typed array, and a row that leaves
// gives its place to the one that comes, or a year of rows would pass through the old generation of the heap.

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

export class RowSample {
  readonly #size: number
  readonly #seed: number
  readonly #kinds: readonly ('numeric' | 'categorical')[]
  /** The row that leaves first: the highest hash. */
  readonly #rows = new Heap<{ at: number; row: Held }>((a, b) => byName(b.row, a.row) < 0)
  readonly #codes = new Map<string, number>()
  readonly #categories: string[] = []
  #values = new Int32Array(0)
  #seen = 0

  /** @param kinds of the feature table's columns, in its order */
  constructor(size: number, seed: number, kinds: readonly ('numeric' | 'categorical')[]) {
    this.#size = size
    this.#seed = seed
    this.#kinds = kinds
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

  /** Empties the sample. */
  takeAll(): LabelledRows {
    const held: Held[] = []
    for (let next = this.#rows.pop(); next !== undefined; next = this.#rows.pop()) held.push(next.row)
    held.sort((a, b) => a.departureAt - b.departureAt || byName(a, b))
    const slots = Int32Array.from(held, ({ slot }) => slot)
    return {
      departureAt: Float64Array.from(held, ({ departureAt }) => departureAt),
      labels: Uint8Array.from(held, ({ label }) => label),
      columns: this.#kinds.map((kind, column) => this.#columnOf(kind, column, slots)),
    }
  }

  #keep(slot: number, features: FeatureRow): void {
    const width = this.#kinds.length
    if ((slot + 1) * width > this.#values.length) {
      const grown = new Int32Array(Math.min(this.#size, Math.max(256, 2 * slot)) * width)
      grown.set(this.#values)
      this.#values = grown
    }
    for (let column = 0; column < width; column++) {
      const value = features[column] ?? null
      this.#values[slot * width + column] =
        value === null ? missing : typeof value === 'string' ? this.#codeOf(value) : value
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

  #columnOf(kind: 'numeric' | 'categorical', column: number, slots: Int32Array): TrainingColumn {
    const width = this.#kinds.length
    const values = slots.map(slot => this.#values[slot * width + column] as number)
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

function byName(a: Pick<LabelledRow, 'flightId' | 'horizonMinutes'>, b: typeof a): number {
  if (a.flightId !== b.flightId) return a.flightId < b.flightId ? -1 : 1
  return a.horizonMinutes - b.horizonMinutes
}
