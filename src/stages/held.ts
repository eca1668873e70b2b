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

/** What makes two events the same one: flight, type, and `at` as claimed. */
function sameOf({ id, rank, event }: HeldEvent): string {
  return `${id} ${rank} ${event.at}`
}

export class Held {
  readonly #table: Table<HeldEvent>
  readonly #heap = new Heap<HeldEvent>(comesBefore)
  readonly #bySame = new Map<string, HeldEvent[]>()

  constructor(table: Table<HeldEvent>) {
    this.#table = table
    for (const [, row] of table.entries()) this.#index(row)
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
    const rest = (this.#bySame.get(sameOf(event)) ?? []).filter(other => other !== event)
    if (rest.length > 0) this.#bySame.set(sameOf(event), rest)
    else this.#bySame.delete(sameOf(event))
    return event
  }

  /** Whether another held claim of the same event wins: the highest revision, then the lowest hash. */
  hasBetterThan(event: HeldEvent): boolean {
    const others = this.#bySame.get(sameOf(event))
    if (!others) return false
    const { revision } = event.event
    return others.some(
      other => other.event.revision > revision || (other.event.revision === revision && other.hash < event.hash),
    )
  }

  #index(event: HeldEvent): void {
    this.#heap.push(event)
    const same = this.#bySame.get(sameOf(event))
    if (same) same.push(event)
    else this.#bySame.set(sameOf(event), [event])
  }
}

function comesBefore(a: HeldEvent, b: HeldEvent): boolean {
  if (a.at !== b.at) return a.at < b.at
  if (a.rank !== b.rank) return a.rank < b.rank
  if (a.id !== b.id) return a.id < b.id
  return a.hash < b.hash
}
