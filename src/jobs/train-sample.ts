// A sample of rows that is the same whatever order they come in: the `size` rows with the lowest hashes of (seed, flight,
// horizon). Its memory is that of the rows it holds, and stays so: values lie in one typed array, and a row that leaves
// gives its place to the one that comes, or a year of rows would pass through the old generation of the heap.

import type { FeatureRow } from '../forest/model.ts'
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

type Held = Omit<LabelledRow, 'features'> & { readonly slot: number }

const missing = -(2 ** 31)

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

  /** By departure, flight and horizon. Empties the sample. */
  takeAll(): LabelledRow[] {
    const rows: LabelledRow[] = []
    for (let next = this.#rows.pop(); next !== undefined; next = this.#rows.pop()) {
      const { slot, ...about } = next.row
      rows.push({ ...about, features: this.#featuresIn(slot) })
    }
    return rows.sort((a, b) => a.departureAt - b.departureAt || byName(a, b))
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

  #featuresIn(slot: number): FeatureRow {
    const from = slot * this.#kinds.length
    return this.#kinds.map((kind, column) => {
      const value = this.#values[from + column] as number
      if (value === missing) return null
      return kind === 'numeric' ? value : (this.#categories[value] as string)
    })
  }
}

function byName(a: Pick<LabelledRow, 'flightId' | 'horizonMinutes'>, b: typeof a): number {
  if (a.flightId !== b.flightId) return a.flightId < b.flightId ? -1 : 1
  return a.horizonMinutes - b.horizonMinutes
}
