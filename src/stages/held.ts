// Held: events that were read and wait for the watermark, in the order in which they will enter the timeline:
// (at, type rank, id, content hash), `at` being their own or the watermark when they were read, whichever is later.

import { Heap } from '../lib/heap.ts'
import type { Packing, Table } from '../runtime/table.ts'
import type { AnyEvent } from './timeline-entry.ts'

export type HeldEvent = {
  readonly at: number
  readonly rank: number
  readonly id: string
  readonly hash: string
  readonly event: AnyEvent
  /** The original ones, for a dead letter. */
  readonly bytes: Uint8Array
  readonly offset: number
  readonly headers: Readonly<Record<string, string>> | undefined
}

type PackedEvent = Omit<HeldEvent, 'bytes'> & { readonly bytes: string }

export const heldPacking: Packing<HeldEvent> = {
  pack: (held): PackedEvent => ({ ...held, bytes: Buffer.from(held.bytes).toString('base64') }),
  unpack: (packed: PackedEvent): HeldEvent => ({ ...packed, bytes: Buffer.from(packed.bytes, 'base64') }),
}

export class Held {
  readonly #table: Table<HeldEvent>
  readonly #heap = new Heap<HeldEvent>(comesBefore)
  /** What is held of one flight or station: few. */
  readonly #byId = new Map<string, HeldEvent[]>()
  /** Read since the last commit and still held: what the table has yet to learn when the unit ends. */
  readonly #fresh = new Set<HeldEvent>()

  constructor(table: Table<HeldEvent>) {
    this.#table = table
    for (const [, event] of table.entries()) this.#index(event)
  }

  /** How many; counts all, whether or not they are in the table yet. */
  get size(): number {
    return this.#heap.size
  }

  has(id: string, rank: number, hash: string): boolean {
    return this.#byId.get(id)?.some(other => other.hash === hash && other.rank === rank) ?? false
  }

  add(event: HeldEvent): void {
    this.#fresh.add(event)
    this.#index(event)
  }

  /** When the first of them enters; infinite when nothing is held. */
  get firstAt(): number {
    return this.#heap.peek()?.at ?? Number.POSITIVE_INFINITY
  }

  take(): HeldEvent {
    const event = this.#heap.pop() as HeldEvent
    const ofId = this.#byId.get(event.id) as HeldEvent[]
    if (ofId.length === 1) this.#byId.delete(event.id)
    else ofId.splice(ofId.indexOf(event), 1)
    if (!this.#fresh.delete(event)) this.#table.delete(keyOf(event))
    return event
  }

  /** Whether another held claim of the same event (type, `at` as claimed) wins: the highest revision, then the lowest hash. */
  hasBetterThan(event: HeldEvent): boolean {
    const others = this.#byId.get(event.id)
    if (!others) return false
    const { at, revision } = event.event
    return others.some(
      other =>
        other.rank === event.rank &&
        other.event.at === at &&
        (other.event.revision > revision || (other.event.revision === revision && other.hash < event.hash)),
    )
  }

  /** Brings the table up to date; once a unit. */
  write(): void {
    for (const event of this.#fresh) this.#table.set(keyOf(event), event)
    this.#fresh.clear()
  }

  #index(event: HeldEvent): void {
    this.#heap.push(event)
    const ofId = this.#byId.get(event.id)
    if (ofId) ofId.push(event)
    else this.#byId.set(event.id, [event])
  }
}

function keyOf({ id, rank, hash }: HeldEvent): string {
  return `${hash} ${rank} ${id}`
}

function comesBefore(a: HeldEvent, b: HeldEvent): boolean {
  if (a.at !== b.at) return a.at < b.at
  if (a.rank !== b.rank) return a.rank < b.rank
  if (a.id !== b.id) return a.id < b.id
  return a.hash < b.hash
}
