// Counts of every entity as of every recent frame. A frame's row is the row before it plus what the frame adds, so a
// column is a prefix sum, and what happened between two frames is the difference of two loads. Prefix sums may wrap
// around 2^31: a difference taken modulo 2^32 is right all the same. Rows from before the first frame read as zero.
// Levels go up and down: who is overdue in each frame.
//
//   offset of (frame, entity, column) = (frame mod frames kept) * stride + entity * 8 + column

import { assert } from '../lib/assert.ts'
import type { Cell } from '../records.ts'

const columnNames = [
  'departed',
  'departureDelayMinutes',
  'departedLate',
  'cancelled',
  'arrived',
  'arrivalDelayMinutes',
  'arrivedLate',
  'enRouteMinutes',
] as const

export type Column = (typeof columnNames)[number]

/** Overdue flights, and the sum of their ages in slots. */
export type Level = 'overdue' | 'overdueSlots'

const columns = columnNames.length
const levels = 2

/** Columns from one up to another, as places. */
export type ColumnRange = { readonly from: number; readonly to: number }

export const allColumns: ColumnRange = { from: 0, to: columns }

export function columnRange(first: Column, last: Column): ColumnRange {
  return { from: columnNames.indexOf(first), to: columnNames.indexOf(last) + 1 }
}

/** Entities by number; instants by frame. Of each span only some columns may be wanted. */
export type Question = {
  readonly entities: ArrayLike<number>
  readonly since: ArrayLike<number>
  readonly wanted: readonly ColumnRange[]
  readonly now: number
}

export class Ledger {
  readonly #frames: number
  #entitiesMax = 64
  #counts: Int32Array
  #levels: Int32Array
  /** The first frame ever; the rows of the last frames before #next are kept. */
  #begun = 0
  #next = 0
  /** Place of the newest frame's row among the rows. */
  #row = 0

  /** @param frames how many frames to keep */
  constructor(frames: number) {
    this.#frames = frames
    // One row more than frames: the row of zeros.
    this.#counts = new Int32Array((frames + 1) * this.#entitiesMax * columns)
    this.#levels = new Int32Array((frames + 1) * this.#entitiesMax * levels)
  }

  /** Starts the row of frame `index` with the sums of the frame before it. */
  open(index: number): void {
    const isFirst = this.#next === 0
    assert(isFirst || index === this.#next, 'frames enter the ledger one after the other')
    const before = this.#row
    this.#row = index % this.#frames
    this.#next = index + 1
    if (isFirst) this.#begun = index
    else {
      copyRow(this.#counts, before, this.#row, this.#entitiesMax * columns)
      copyRow(this.#levels, before, this.#row, this.#entitiesMax * levels)
    }
  }

  /** Makes room for entities below `count`. */
  reserve(count: number): void {
    if (count <= this.#entitiesMax) return
    const entities = Math.max(count, this.#entitiesMax * 2)
    const rows = this.#frames + 1
    this.#counts = widen(this.#counts, rows, entities * columns)
    this.#levels = widen(this.#levels, rows, entities * levels)
    this.#entitiesMax = entities
  }

  /** Counts a cell of the newest frame for an entity. */
  count(entity: number, cell: Cell): void {
    const counts = this.#counts
    const at = (this.#row * this.#entitiesMax + entity) * columns
    add(counts, at, cell.departed)
    add(counts, at + 1, cell.departureDelayMinutes)
    add(counts, at + 2, cell.departedLate)
    add(counts, at + 3, cell.cancelled)
    add(counts, at + 4, cell.arrived)
    add(counts, at + 5, cell.arrivalDelayMinutes)
    add(counts, at + 6, cell.arrivedLate)
    add(counts, at + 7, cell.enRouteMinutes)
  }

  /** Flights of an age in slots become overdue in the newest frame, or (negative) no longer are. */
  overdue(entity: number, flights: number, age: number): void {
    const at = (this.#row * this.#entitiesMax + entity) * levels
    add(this.#levels, at, flights)
    add(this.#levels, at + 1, flights * age)
  }

  /** Lets everybody who is overdue in the newest frame grow a slot older. */
  age(entities: number): void {
    const all = this.#levels
    const from = this.#row * this.#entitiesMax * levels
    const end = from + entities * levels
    for (let at = from; at < end; at += levels) add(all, at + 1, all[at] as number)
  }

  /**
   * For each `since` and each entity, what was counted after that frame and up to that of `now`; then the levels of each
   * entity as of `now`. Written to `into` where `countPlace` and `levelPlace` tell; what is not wanted stays as it was.
   */
  read({ entities, since, wanted, now }: Question, into: Int32Array): void {
    const counts = this.#counts
    const newest = this.#rowOf(now) * this.#entitiesMax
    let place = 0
    for (let span = 0; span < since.length; span++) {
      const oldest = this.#rowOf(since[span] as number) * this.#entitiesMax
      const { from, to } = wanted[span] as ColumnRange
      for (let n = 0; n < entities.length; n++, place += columns) {
        const entity = entities[n] as number
        const a = (newest + entity) * columns
        const b = (oldest + entity) * columns
        for (let c = from; c < to; c++) into[place + c] = (counts[a + c] as number) - (counts[b + c] as number)
      }
    }
    for (let n = 0; n < entities.length; n++) {
      const at = (newest + (entities[n] as number)) * levels
      into[place++] = this.#levels[at] as number
      into[place++] = this.#levels[at + 1] as number
    }
  }

  /** Overdue flights of an entity as of a frame. */
  overdueAt(index: number, entity: number): number {
    return this.#levels[(this.#rowOf(index) * this.#entitiesMax + entity) * levels] as number
  }

  #rowOf(index: number): number {
    if (index < this.#begun) return this.#frames
    assert(index < this.#next && index >= this.#next - this.#frames, 'a question is about a frame that is kept')
    return index % this.#frames
  }
}

function add(into: Int32Array, at: number, by: number): void {
  into[at] = (into[at] as number) + by
}

function copyRow(cells: Int32Array, from: number, to: number, stride: number): void {
  cells.copyWithin(to * stride, from * stride, (from + 1) * stride)
}

function widen(cells: Int32Array, rows: number, stride: number): Int32Array {
  const before = cells.length / rows
  const wider = new Int32Array(rows * stride)
  for (let row = 0; row < rows; row++) wider.set(cells.subarray(row * before, (row + 1) * before), row * stride)
  return wider
}

/** Shape of an answer of `read`. */
export type Shape = { spans: number; entities: number }

/** Room for an answer. */
export function sumsFor({ spans, entities }: Shape): Int32Array {
  return new Int32Array(spans * entities * columns + entities * levels)
}

/** Where an answer has the count of the entity and span at these places of the question. */
export function countPlace(column: Column, { span, entity, shape }: { span: number; entity: number; shape: Shape }) {
  return (span * shape.entities + entity) * columns + columnNames.indexOf(column)
}

/** Where an answer has a level of the entity at this place of the question. */
export function levelPlace(level: Level, entity: number, { spans, entities }: Shape): number {
  return spans * entities * columns + entity * levels + (level === 'overdue' ? 0 : 1)
}
