// One partition of log-memory, and the chance that its Kafka mode draws from.

import type { Append, Chunk, LogRecord, ReadLimits } from '../runtime/log.ts'

/** Draws that follow from a seed alone. */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** A whole number, 0 to `count` - 1. */
  below(count: number): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * count)
  }

  /** Once in `count` times. */
  oneIn(count: number): boolean {
    return this.below(count) === 0
  }
}

export class MemoryPartition {
  readonly #chance: Chance | undefined
  #records: LogRecord[] = []
  #first = 0
  #end = 0
  #visibleEnd = 0
  readonly #hidden: { end: number; isRevealed: boolean }[] = []

  /** @param chance what Kafka mode draws from; without it offsets have no gaps and reads give all they may */
  constructor(chance: Chance | undefined) {
    this.#chance = chance
  }

  bounds(): { first: number; next: number } {
    return { first: this.#first, next: this.#visibleEnd }
  }

  /** Whether every unit that was appended is in sight. */
  get isDecided(): boolean {
    return this.#hidden.length === 0
  }

  /** Takes the records of a committed unit, out of sight until `reveal` is called. */
  append(appends: readonly Append[]): { reveal(): void } {
    if (this.#chance?.oneIn(4)) this.abort(1 + this.#chance.below(5))
    for (const { key, value, headers } of appends) {
      const offset = this.#end++
      const copy = value === null ? null : new Uint8Array(value)
      this.#records.push(headers ? { offset, key, value: copy, headers: { ...headers } } : { offset, key, value: copy })
    }
    // the control record that ends a transaction
    if (this.#chance) this.#end++
    const unit = { end: this.#end, isRevealed: false }
    this.#hidden.push(unit)
    return {
      reveal: () => {
        unit.isRevealed = true
        // nobody sees past a transaction that is still open
        while (this.#hidden[0]?.isRevealed) this.#visibleEnd = this.#hidden.shift()?.end ?? this.#visibleEnd
      },
    }
  }

  /** Offsets that a unit took which was then aborted, and its control record. */
  abort(count: number): void {
    this.#end += count + 1
  }

  read(from: number, { bytesMax, recordsMax = Number.POSITIVE_INFINITY }: ReadLimits): Chunk {
    const start = this.#indexOf(Math.max(from, this.#first))
    const gone = from < this.#first ? { keptFrom: this.#first } : {}
    const chance = this.#chance
    const following = this.#offsetAt(start)
    if (following > from && chance?.oneIn(2)) return { records: [], next: following, ...gone }
    const most = chance?.oneIn(3) ? 1 + chance.below(4) : Number.POSITIVE_INFINITY
    const records: LogRecord[] = []
    let byteCount = 0
    let index = start
    for (; index < this.#records.length; index++) {
      const record = this.#records[index] as LogRecord
      if (record.offset >= this.#visibleEnd) break
      const size = Buffer.byteLength(record.key) + (record.value?.length ?? 0)
      if (records.length > 0 && (byteCount + size > bytesMax || records.length >= Math.min(most, recordsMax))) break
      byteCount += size
      records.push(record)
    }
    const last = records.at(-1)
    if (!last) return { records, next: Math.max(from, following), ...gone }
    return { records, next: chance?.oneIn(2) ? this.#offsetAt(index) : last.offset + 1, ...gone }
  }

  /** Drops records before an offset; Kafka mode may keep some of them. */
  trim(before: number): void {
    const end = Math.min(before, this.#visibleEnd)
    const to = this.#chance ? end - this.#chance.below(4) : end
    if (to <= this.#first) return
    this.#first = to
    this.#records.splice(0, this.#indexOf(to))
  }

  /** Drops records whose key comes again later; Kafka mode may keep some of them. */
  compact(): void {
    const newest = new Map<string, number>()
    for (const { key, offset } of this.#records) if (offset < this.#visibleEnd) newest.set(key, offset)
    this.#records = this.#records.filter(({ key, offset }) => {
      const isNewest = offset >= this.#visibleEnd || newest.get(key) === offset
      return isNewest || (this.#chance?.oneIn(4) ?? false)
    })
  }

  /** The offset of the record at an index if it can be seen, else where the visible ones end. */
  #offsetAt(index: number): number {
    return Math.min(this.#records[index]?.offset ?? this.#visibleEnd, this.#visibleEnd)
  }

  /** The index of the first record at or behind an offset. */
  #indexOf(offset: number): number {
    let low = 0
    let high = this.#records.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#records[middle] as LogRecord).offset < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
