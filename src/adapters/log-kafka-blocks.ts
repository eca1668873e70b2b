// What was fetched last, decoded, by the offsets it covers: several tasks read the same partition, each a part at a time,
// and a broker hands out whole batches only. What is committed never changes, so a block is right for ever; the oldest
// are forgotten once all together hold more than `bytesMax`.

import type { Chunk, LogRecord, ReadLimits } from '../runtime/log.ts'

/** Every committed record with an offset from `from` to below `next`. */
export type Block = {
  readonly from: number
  readonly next: number
  readonly records: readonly LogRecord[]
  readonly bytes: number
  /** The first offset that was kept, if that is not `from`. */
  readonly keptFrom?: number
}

export class Blocks {
  readonly #bytesMax: number
  readonly #blocks = new Map<string, Block[]>()
  #order: { name: string; block: Block }[] = []
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  find(name: string, from: number): Block | undefined {
    return this.#blocks.get(name)?.find(block => block.from <= from && from < block.next)
  }

  keep(name: string, block: Block): void {
    const held = this.#blocks.get(name) ?? []
    held.push(block)
    this.#blocks.set(name, held)
    this.#order.push({ name, block })
    this.#bytes += block.bytes
    while (this.#bytes > this.#bytesMax && this.#order.length > 1) this.#forgetOldest()
  }

  forget(name: string): void {
    for (const block of this.#blocks.get(name) ?? []) this.#bytes -= block.bytes
    this.#blocks.delete(name)
    this.#order = this.#order.filter(each => each.name !== name)
  }

  #forgetOldest(): void {
    const oldest = this.#order.shift()
    if (!oldest) return
    this.#bytes -= oldest.block.bytes
    const left = (this.#blocks.get(oldest.name) ?? []).filter(block => block !== oldest.block)
    if (left.length > 0) this.#blocks.set(oldest.name, left)
    else this.#blocks.delete(oldest.name)
  }
}

/** What a reading from an offset gets of a block. */
export function chunkOf({ records, next, keptFrom = 0, bytes: all }: Block, from: number, limits: ReadLimits): Chunk {
  const { bytesMax, recordsMax = Number.POSITIVE_INFINITY } = limits
  const start = indexOf(records, from)
  const gone = from < keptFrom ? { keptFrom } : {}
  if (start === 0 && all <= bytesMax && records.length <= recordsMax) return { records, next, ...gone }
  let end = start
  for (let bytes = 0; end < records.length; end++) {
    const size = sizeOf(records[end] as LogRecord)
    if (end > start && (bytes + size > bytesMax || end - start >= recordsMax)) break
    bytes += size
  }
  if (end === records.length) return { records: start === 0 ? records : records.slice(start), next, ...gone }
  return { records: records.slice(start, end), next: (records[end] as LogRecord).offset, ...gone }
}

export function sizeOf({ key, value }: LogRecord): number {
  return Buffer.byteLength(key) + (value?.length ?? 0)
}

/** The index of the first record at or behind an offset. */
function indexOf(records: readonly LogRecord[], offset: number): number {
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((records[middle] as LogRecord).offset < offset) low = middle + 1
    else high = middle
  }
  return low
}
