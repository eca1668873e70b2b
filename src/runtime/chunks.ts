// Chunks: what was read and decoded last of each partition, for the next task of this thread that comes by. Reading and
// decoding cost more than most steps, and several stages read the same topic, one shortly after the other.
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

  /** @param topics those that more than one task of a partition reads; of others nothing is kept */
  constructor(topics: ReadonlySet<string>) {
    this.#topics = topics
  }

  /** The chunk that begins at an offset, unless it is larger than `bytesMax` or no longer kept. */
  find(place: { topic: string; partition: number }, from: number, bytesMax: number): DecodedChunk | undefined {
    const chunk = this.#chunks.get(nameOf(place))?.find(each => each.from === from)
    return chunk && chunk.bytes <= bytesMax ? chunk : undefined
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
