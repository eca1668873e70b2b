// The replay source as work for a thread: reads a folder, spoils the stream if asked to, encodes it, and hands over a
// chunk for each UTC day of delivery, days without items too, so that what is left to do is to cut and append.

import type { Item } from '../flights/event-order.ts'
import { parseDoses, Spoiler } from '../flights/spoil.ts'
import { days, floorTo } from '../lib/time.ts'
import { EventEncoder, type SchemaIds } from './source-encode.ts'
import { folderItems } from './source-folder.ts'

/** Plain data. */
export type SourceInput = {
  folder: string
  /** First and last local day of planned departure, inclusive, as 2013-01-31. */
  from: string
  to: string
  /** Doses, as `late=0.01,duplicate=0.01`; empty: none. */
  inject: string
  seed: number
  /** Schema ids of the events. */
  ids: SchemaIds
  /** So many items from the start are left out; the first chunk is then of the day of the last of them. */
  skipItems: number
}

/** The items that are delivered from `from` to before `to`, a UTC day; item i has bytes `ends[i - 1]` to `ends[i]`. */
export type SourceChunk = {
  from: number
  to: number
  /** Flight id or station. */
  keys: string[]
  /** Record names; empty where the bytes are no record. */
  names: string[]
  deliveredAt: Float64Array
  ends: Uint32Array
  /** Wire format, one after the other. */
  bytes: Uint8Array
}

/** @throws Failure USAGE, SOURCE_UNREADABLE */
export async function* work(input: SourceInput): AsyncGenerator<SourceChunk> {
  const encoder = new EventEncoder(input.ids)
  let left = input.skipItems
  let chunk: ChunkBuilder | undefined
  for await (const items of spoiledItems(input, encoder)) {
    for (const item of items) {
      const day = floorTo(item.deliveredAt, days(1))
      chunk ??= new ChunkBuilder(day, encoder)
      while (chunk.from < day) {
        if (left === 0) yield chunk.finish()
        chunk = chunk.next()
      }
      if (left > 0) left--
      else chunk.add(item)
    }
  }
  if (chunk !== undefined) yield chunk.finish()
}

async function* spoiledItems({ folder, from, to, inject, seed }: SourceInput, encoder: EventEncoder) {
  const doses = parseDoses(inject)
  const source = folderItems({ folder, from, to })
  if (Object.values(doses).every(dose => dose === 0)) return yield* source
  const spoiler = new Spoiler({ doses, seed, encode: (name, value) => encoder.encode(name, value) })
  for await (const items of source) {
    for (const item of items) spoiler.add(item)
    const last = items.at(-1)
    if (last !== undefined) yield spoiler.take(last.deliveredAt)
  }
  yield spoiler.take(Number.POSITIVE_INFINITY)
}

class ChunkBuilder {
  readonly from: number
  readonly #encoder: EventEncoder
  readonly #keys: string[] = []
  readonly #names: string[] = []
  readonly #deliveredAt: number[] = []
  readonly #ends: number[] = []
  #bytes: Buffer<ArrayBuffer>
  #end = 0

  constructor(from: number, encoder: EventEncoder, bytes = Buffer.alloc(1 << 20)) {
    this.from = from
    this.#encoder = encoder
    this.#bytes = bytes
  }

  add({ key, name, value, deliveredAt }: Item): void {
    this.#keys.push(key)
    this.#names.push(name ?? '')
    this.#deliveredAt.push(deliveredAt)
    this.#end = this.#write(name, value)
    this.#ends.push(this.#end)
  }

  finish(): SourceChunk {
    return {
      from: this.from,
      to: this.from + days(1),
      keys: this.#keys,
      names: this.#names,
      deliveredAt: Float64Array.from(this.#deliveredAt),
      ends: Uint32Array.from(this.#ends),
      bytes: new Uint8Array(this.#bytes.subarray(0, this.#end)),
    }
  }

  /** The next day's, which takes over the buffer: finish this one first. */
  next(): ChunkBuilder {
    return new ChunkBuilder(this.from + days(1), this.#encoder, this.#bytes)
  }

  #write(name: string | null, value: object): number {
    for (;;) {
      const end = this.#tryWrite(name, value)
      if (end >= 0) return end
      const larger = Buffer.alloc(this.#bytes.length * 2)
      this.#bytes.copy(larger, 0, 0, this.#end)
      this.#bytes = larger
    }
  }

  #tryWrite(name: string | null, value: object): number {
    if (name !== null) return this.#encoder.write(name, value, this.#bytes, this.#end)
    const raw = value as Uint8Array
    if (this.#end + raw.length > this.#bytes.length) return -1
    this.#bytes.set(raw, this.#end)
    return this.#end + raw.length
  }
}
