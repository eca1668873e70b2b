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

/** Of each partition, should a task be behind the others. */
const kept = 2

type Kept = { readonly chunk: DecodedChunk; left: number }

export class Chunks {
  readonly #readers: ReadonlyMap<string, number>
  readonly #chunks = new Map<string, Kept[]>()
  /** The last read of each partition, while it is under way. */
  readonly #readings = new Map<string, { readonly from: number; readonly done: Promise<void> }>()

  /** @param readers how many tasks read a partition of a topic; of those with one nothing is kept */
  constructor(readers: ReadonlyMap<string, number>) {
    this.#readers = readers
  }

  /**
   * The chunk that begins at an offset, unless it is larger than `bytesMax` or no longer kept. The last of its readers
   * takes it away: what lies here longer than it must is memory for nothing.
   */
  find(place: { topic: string; partition: number }, from: number, bytesMax: number): DecodedChunk | undefined {
    const chunks = this.#chunks.get(nameOf(place))
    const found = chunks?.find(({ chunk }) => chunk.from === from)
    if (!chunks || !found || found.chunk.bytes > bytesMax) return undefined
    found.left--
    if (found.left === 0) chunks.splice(chunks.indexOf(found), 1)
    return found.chunk
  }

  /** Resolves when the read of another task from the same offset is done; undefined: there is none. */
  reading(place: { topic: string; partition: number }, from: number): Promise<void> | undefined {
    const reading = this.#readings.get(nameOf(place))
    return reading?.from === from ? reading.done : undefined
  }

  /** To be told of a read when it begins; what it brings is for `keep`. */
  expect(place: { topic: string; partition: number }, from: number, read: Promise<unknown>): void {
    if (this.#others(place.topic) < 1) return
    const name = nameOf(place)
    const over = () => {
      if (this.#readings.get(name) === reading) this.#readings.delete(name)
    }
    const reading = { from, done: read.then(over, over) }
    this.#readings.set(name, reading)
  }

  keep(place: { topic: string; partition: number }, chunk: DecodedChunk): void {
    const left = this.#others(place.topic)
    if (left < 1) return
    const name = nameOf(place)
    this.#chunks.set(name, [{ chunk, left }, ...(this.#chunks.get(name) ?? [])].slice(0, kept))
  }

  #others(topic: string): number {
    return (this.#readers.get(topic) ?? 0) - 1
  }
}

function nameOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}/${partition}`
}
