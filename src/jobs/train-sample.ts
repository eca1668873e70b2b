// A sample of rows that is the same whatever order they come in: the `size` rows with the lowest hashes of (seed, flight,
// horizon). It can go on when it has been asked, since a row that is not among the lowest now never will be. Its memory is
// that of the rows it holds: values lie in typed arrays, and a row that leaves gives its place to the one that comes, or a
// year of rows would pass through the old generation of the heap.
//
// What it gives out is what it holds, put in order where it lies: a training costs no second copy of the rows.

import type { FeatureRow } from '../forest/model.ts'
import type { TrainingColumn } from '../forest/training-set.ts'
import { Heap } from '../lib/heap.ts'
import { hash32 } from '../lib/random.ts'
import { permute, SampleColumn } from './train-column.ts'

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

type Name = Pick<LabelledRow, 'flightId' | 'horizonMinutes'>

export class RowSample {
  readonly #size: number
  readonly #seed: number
  /** The row that leaves first: the highest hash. */
  readonly #rows = new Heap<{ readonly at: number; slot: number }>((a, b) => this.#inOrder(b.slot, a.slot) < 0)
  /** By slot, as all that follows. */
  #flightIds: string[] = []
  #abouts: Abouts
  readonly #columns: readonly SampleColumn[]
  #seen = 0

  /** @param kinds of the feature table's columns, in its order */
  constructor(size: number, seed: number, kinds: readonly ('numeric' | 'categorical')[]) {
    this.#size = size
    this.#seed = seed
    const room = Math.min(size, 256)
    this.#abouts = aboutsOf(room)
    this.#columns = kinds.map(kind => new SampleColumn(kind, room))
  }

  /** Rows offered so far. */
  get seen(): number {
    return this.#seen
  }

  offer(row: LabelledRow): void {
    this.#seen++
    // small integers: the heap holds them without boxes
    const at = hashMax - hash32(`${row.flightId} ${row.horizonMinutes}`, this.#seed)
    const isFull = this.#rows.size === this.#size
    if (isFull) {
      const last = this.#rows.peek()
      if (!last || at < last.at || (at === last.at && byName(row, this.#nameOf(last.slot)) > 0)) return
    }
    const slot = isFull ? (this.#rows.pop()?.slot ?? 0) : this.#rows.size
    this.#keep(slot, row)
    this.#rows.push({ at, slot })
  }

  /**
   * The rows held of flights first planned to leave from `from` on and before `to`. The columns are the sample's own: the
   * next row that is offered changes them.
   */
  rowsBetween(from: number, to: number): LabelledRows {
    this.#sort()
    const { departureAt, labels } = this.#abouts
    const held = this.#rows.size
    const first = firstFrom(departureAt.subarray(0, held), from)
    const end = Math.max(first, firstFrom(departureAt.subarray(0, held), to))
    return {
      departureAt: departureAt.slice(first, end),
      labels: labels.slice(first, end),
      columns: this.#columns.map(column => column.between(first, end, held)),
    }
  }

  #keep(slot: number, { flightId, horizonMinutes, departureAt, label, features }: LabelledRow): void {
    if (slot >= this.#abouts.labels.length) {
      const room = Math.min(this.#size, 2 * slot)
      this.#abouts = aboutsOf(room, this.#abouts)
      for (const column of this.#columns) column.grow(room)
    }
    this.#flightIds[slot] = flightId
    this.#abouts.horizons[slot] = horizonMinutes
    this.#abouts.departureAt[slot] = departureAt
    this.#abouts.labels[slot] = label
    for (let column = 0; column < this.#columns.length; column++)
      (this.#columns[column] as SampleColumn).put(slot, features[column] ?? null)
  }

  #sort(): void {
    const { departureAt, horizons, labels } = this.#abouts
    const order = Array.from({ length: this.#rows.size }, (_, slot) => slot)
    order.sort((a, b) => (departureAt[a] as number) - (departureAt[b] as number) || this.#inOrder(a, b))
    const scratch = new Float64Array(order.length)
    for (const values of [departureAt, horizons, labels]) permute(values, order, scratch)
    this.#flightIds = order.map(slot => this.#flightIds[slot] as string)
    for (const column of this.#columns) column.permute(order, scratch)
    const movedTo = new Int32Array(order.length)
    for (let to = 0; to < order.length; to++) movedTo[order[to] as number] = to
    for (const row of this.#rows.items()) row.slot = movedTo[row.slot] as number
  }

  #inOrder(a: number, b: number): number {
    return byName(this.#nameOf(a), this.#nameOf(b))
  }

  #nameOf(slot: number): Name {
    return { flightId: this.#flightIds[slot] as string, horizonMinutes: this.#abouts.horizons[slot] as number }
  }
}

const hashMax = 2 ** 31 - 1

function byName(a: Name, b: Name): number {
  if (a.flightId !== b.flightId) return a.flightId < b.flightId ? -1 : 1
  return a.horizonMinutes - b.horizonMinutes
}

/** What is known of a row beside its name and features. */
type Abouts = { readonly departureAt: Float64Array; readonly horizons: Int32Array; readonly labels: Uint8Array }

function aboutsOf(room: number, before?: Abouts): Abouts {
  const abouts = {
    departureAt: new Float64Array(room),
    horizons: new Int32Array(room),
    labels: new Uint8Array(room),
  }
  if (!before) return abouts
  abouts.departureAt.set(before.departureAt)
  abouts.horizons.set(before.horizons)
  abouts.labels.set(before.labels)
  return abouts
}

/** Index of the first that is not before `at`. */
function firstFrom(ascending: Float64Array, at: number): number {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] as number) < at) low = middle + 1
    else high = middle
  }
  return low
}
