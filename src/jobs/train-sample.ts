// A sample of rows that is the same whatever order they come in: the `size` rows with the lowest hashes of (seed, flight,
// horizon). Its memory is that of the rows it holds.

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

export class RowSample {
  readonly #size: number
  readonly #seed: number
  /** The row that leaves first: the highest hash. */
  readonly #rows = new Heap<{ at: number; row: LabelledRow }>((a, b) => byName(b.row, a.row) < 0)
  #seen = 0

  constructor(size: number, seed: number) {
    this.#size = size
    this.#seed = seed
  }

  /** Rows offered so far. */
  get seen(): number {
    return this.#seen
  }

  offer(row: LabelledRow): void {
    this.#seen++
    const at = -hash32(`${row.flightId} ${row.horizonMinutes}`, this.#seed)
    if (this.#rows.size === this.#size && at < this.#rows.firstAt) return
    this.#rows.push({ at, row })
    if (this.#rows.size > this.#size) this.#rows.pop()
  }

  /** By departure, flight and horizon. Empties the sample. */
  takeAll(): LabelledRow[] {
    const rows: LabelledRow[] = []
    for (let next = this.#rows.pop(); next !== undefined; next = this.#rows.pop()) rows.push(next.row)
    return rows.sort((a, b) => a.departureAt - b.departureAt || byName(a, b))
  }
}

function byName(a: LabelledRow, b: LabelledRow): number {
  if (a.flightId !== b.flightId) return a.flightId < b.flightId ? -1 : 1
  return a.horizonMinutes - b.horizonMinutes
}
