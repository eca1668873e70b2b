// Chunks: what was read and decoded last of each partition, for the next task of this thread that comes by. Reading and
// decoding cost more than most steps, and several stages read the same topic. A commit wakes them all at once, so who
// comes while another one reads from the same place waits for it.
//
// Decoded records are handed to more than one stage: whoever takes one must not change it.

import type { InputRecord } from './stage.ts'

/** Records from an offset on; `next` is where to read on, `bytes` how large they are in the log. */
export type DecodedChunk = {
  readonly from: number
  readonly next: number
  readonly bytes: number
  readonly records: readonly InputRecord[]
}

/** Of each partition. */
const kept = 2

export class Chunks {
  readonly #topics: ReadonlySet<string>
  readonly #chunks = new Map<string, DecodedChunk[]>()
  /** The last read of each partition, while it is under way. */
  readonly #readings = new Map<string, { readonly from: number; readonly done: Promise<void> }>()

  /** @param topics those that more than one task of a partition reads; of others nothing is kept */
  constructor(topics: ReadonlySet<string>) {
    this.#topics = topics
  }

  /** The chunk that begins at an offset, unless it is larger than `bytesMax` or no longer kept. */
  find(place: { topic: string; partition: number }, from: number, bytesMax: number): DecodedChunk | undefined {
    const chunk = this.#chunks.get(nameOf(place))?.find(each => each.from === from)
    return chunk && chunk.bytes <= bytesMax ? chunk : undefined
  }

  /** Resolves when the read of another task from the same offset is done; undefined: there is none. */
  reading(place: { topic: string; partition: number }, from: number): Promise<void> | undefined {
    const reading = this.#readings.get(nameOf(place))
    return reading?.from === from ? reading.done : undefined
  }

  /** To be told of a read when it begins; what it brings is for `keep`. */
  expect(place: { topic: string; partition: number }, from: number, read: Promise<unknown>): void {
    if (!this.#topics.has(place.topic)) return
    const name = nameOf(place)
    const over = () => {
      if (this.#readings.get(name) === reading) this.#readings.delete(name)
    }
    const reading = { from, done: read.then(over, over) }
    this.#readings.set(name, reading)
  }

  keep(place: { topic: string; partition: number }, chunk: DecodedChunk): void {
    if (!this.#topics.has(place.topic)) return
    const name = nameOf(place)
    this.#chunks.set(name, [chunk, ...(this.#chunks.get(name) ?? [])].slice(0, kept))
  }
}

function nameOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}/${partition}`
}
