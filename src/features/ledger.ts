// Counts of every entity as of every recent frame. A frame's row is the row before it plus what the frame adds, so a
// column that only adds up is a prefix sum, and what happened between two frames is the difference of two loads. Other
// columns are levels that go up and down.
//
//   offset of (frame, entity, column) = (frame mod capacity) * stride + entity * columns + column
//
// Prefix sums may wrap around 2^31: a difference taken modulo 2^32 is right all the same. Rows from before the first
// frame read as zero.

import { assert } from '../lib/assert.ts'

const columnNames = [
  'departed',
  'departureDelayMinutes',
  'departedLate',
  'arrived',
  'arrivalDelayMinutes',
  'arrivedLate',
  'cancelled',
  'diverted',
  'overdue',
  'overdueSlots',
] as const

export type Column = (typeof columnNames)[number]

/** Place of each column in an entity's row. `overdue` (flights) and `overdueSlots` (their ages in slots) are levels. */
export const column = Object.fromEntries(columnNames.map((name, at) => [name, at])) as Record<Column, number>

const columns = columnNames.length

/** Entities by number; instants by handle (`asOf`). */
export type Question = { entities: readonly number[]; since: readonly number[]; now: number }

export class Ledger {
  readonly #capacity: number
  #entitiesMax = 64
  #stride = this.#entitiesMax * columns
  #cells: Int32Array
  /** The first frame ever; the rows of the last `capacity` frames before #next are kept. */
  #begun = 0
  #next = 0
  #write = 0

  /** @param frames how many frames to keep */
  constructor(frames: number) {
    this.#capacity = frames
    this.#cells = allocate(frames, this.#stride)
  }

  /** Starts the row of frame `index` with the sums of the frame before it. */
  open(index: number): void {
    const isFirst = this.#next === 0
    assert(isFirst || index === this.#next, 'frames enter the ledger one after the other')
    if (isFirst) this.#begun = index
    const from = this.#write
    this.#write = this.#rowOf(index)
    if (!isFirst) this.#cells.copyWithin(this.#write, from, from + this.#stride)
    this.#next = index + 1
  }

  /** Makes room for entities below `count`. */
  reserve(count: number): void {
    if (count <= this.#entitiesMax) return
    const entities = Math.max(count, this.#entitiesMax * 2)
    const stride = entities * columns
    const cells = allocate(this.#capacity, stride)
    for (let row = 0; row < this.#capacity; row++) {
      cells.set(this.#cells.subarray(row * this.#stride, (row + 1) * this.#stride), row * stride)
    }
    this.#entitiesMax = entities
    this.#stride = stride
    this.#cells = cells
    this.#write = this.#rowOf(this.#next - 1)
  }

  /** Adds to the newest frame. */
  add(entity: number, at: number, by: number): void {
    const cell = this.#write + entity * columns + at
    this.#cells[cell] = (this.#cells[cell] as number) + by
  }

  /** Lets everybody who is overdue in the newest frame grow a slot older. */
  age(entities: number): void {
    const cells = this.#cells
    const end = this.#write + entities * columns
    for (let row = this.#write; row < end; row += columns) {
      const at = row + column.overdueSlots
      cells[at] = (cells[at] as number) + (cells[row + column.overdue] as number)
    }
  }

  /** A handle on an empty air space. */
  get nothing(): number {
    return this.#capacity * this.#stride
  }

  /** A handle on the sums as of frame `index`, good until the next frame is applied. */
  asOf(index: number): number {
    assert(index < this.#next, 'a question is about a frame that has been applied')
    if (index < this.#begun) return this.nothing
    assert(index >= this.#next - this.#capacity, 'a question is about a frame that is still kept')
    return this.#rowOf(index)
  }

  /**
   * For each entity, all columns: what was added after each of the `since` frames up to the frame of `now`, and then the
   * levels as of `now`. Written to `into` by (span, entity, column), the levels as one span more (`sumPlace`).
   */
  read({ entities, since, now }: Question, into: Int32Array): void {
    const cells = this.#cells
    let at = 0
    for (let span = 0; span <= since.length; span++) {
      const from = since[span] ?? this.nothing
      for (let n = 0; n < entities.length; n++) {
        const entity = (entities[n] as number) * columns
        for (let c = 0; c < columns; c++) {
          into[at++] = (cells[now + entity + c] as number) - (cells[from + entity + c] as number)
        }
      }
    }
  }

  #rowOf(index: number): number {
    return (index % this.#capacity) * this.#stride
  }
}

/** One row more than frames: the row of zeros. */
function allocate(frames: number, stride: number): Int32Array {
  return new Int32Array((frames + 1) * stride)
}

/** Place of an answer of `read`. */
export function sumPlace({
  span,
  entity,
  entities,
  at,
}: {
  span: number
  entity: number
  entities: number
  at: number
}) {
  return (span * entities + entity) * columns + at
}

/** Room for an answer of `read`. */
export function sumsFor(spans: number, entities: number): Int32Array {
  return new Int32Array((spans + 1) * entities * columns)
}
