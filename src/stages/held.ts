// Held: events that were read and wait for the watermark, in the order in which they will enter the timeline:
// (at, type rank, id, content hash), `at` being their own or the watermark when they were read, whichever is later.

import { Heap } from '../lib/heap.ts'
import type { Table } from '../runtime/table.ts'
import type { AnyEvent } from './timeline-entry.ts'

/** As it lies in the table; bytes are the original ones, for a dead letter. */
export class HeldEvent {
  readonly at: number
  readonly rank: number
  readonly id: string
  readonly hash: string
  readonly event: AnyEvent
  readonly bytes: Uint8Array
  readonly offset: number
  readonly headers: Readonly<Record<string, string>> | undefined

  constructor(fields: Omit<HeldEvent, 'toJSON' | 'same'>) {
    this.at = fields.at
    this.rank = fields.rank
    this.id = fields.id
    this.hash = fields.hash
    this.event = fields.event
    this.bytes = fields.bytes
    this.offset = fields.offset
    this.headers = fields.headers
  }

  /** What makes two events the same one: flight, type, and `at` as claimed. */
  get same(): string {
    return `${this.id} ${this.rank} ${this.event.at}`
  }

  toJSON(): unknown {
    return { ...this, bytes: Buffer.from(this.bytes).toString('base64') }
  }

  static restore(row: HeldEvent): HeldEvent {
    return new HeldEvent({ ...row, bytes: Buffer.from(row.bytes as unknown as string, 'base64') })
  }
}

export class Held {
  readonly #table: Table<HeldEvent>
  readonly #heap = new Heap<HeldEvent>(comesBefore)
  readonly #bySame = new Map<string, HeldEvent[]>()

  constructor(table: Table<HeldEvent>) {
    this.#table = table
    for (const [, row] of table.entries()) this.#index(HeldEvent.restore(row))
  }

  get size(): number {
    return this.#table.size
  }

  has(hash: string): boolean {
    return this.#table.has(hash)
  }

  add(event: HeldEvent): void {
    this.#table.set(event.hash, event)
    this.#index(event)
  }

  /** When the first of them enters; infinite when nothing is held. */
  get firstAt(): number {
    return this.#heap.peek()?.at ?? Number.POSITIVE_INFINITY
  }

  take(): HeldEvent {
    const event = this.#heap.pop() as HeldEvent
    this.#table.delete(event.hash)
    const rest = (this.#bySame.get(event.same) ?? []).filter((other) => other !== event)
    if (rest.length > 0) this.#bySame.set(event.same, rest)
    else this.#bySame.delete(event.same)
    return event
  }

  /** Whether another held claim of the same event wins: the highest revision, then the lowest hash. */
  hasBetterThan(event: HeldEvent): boolean {
    const others = this.#bySame.get(event.same)
    if (!others) return false
    const { revision } = event.event
    return others.some(
      (other) => other.event.revision > revision || (other.event.revision === revision && other.hash < event.hash),
    )
  }

  #index(event: HeldEvent): void {
    this.#heap.push(event)
    const same = this.#bySame.get(event.same)
    if (same) same.push(event)
    else this.#bySame.set(event.same, [event])
  }
}

function comesBefore(a: HeldEvent, b: HeldEvent): boolean {
  if (a.at !== b.at) return a.at < b.at
  if (a.rank !== b.rank) return a.rank < b.rank
  if (a.id !== b.id) return a.id < b.id
  return a.hash < b.hash
}
