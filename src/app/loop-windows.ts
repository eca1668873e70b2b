// The rows of a window of drift.metrics, summed from the partials of its hours: what the histogram of a column shows as
// current. Asked for by somebody who looks, so read when asked; the last window of each length is kept for the next
// column.

import { WindowSums, windowIn } from '../drift/window.ts'
import { hours } from '../lib/time.ts'
import type { DriftPartial } from '../records.ts'
import type { Log } from '../runtime/log.ts'
import type { Codec } from '../runtime/schemas.ts'
import type { DriftSpan } from '../server/loop.ts'
import { columnKinds } from '../stages/monitor.ts'

export type WindowAsk = { readonly span: DriftSpan; readonly from: number; readonly to: number }

const topic = 'drift.partials'
/** Hours that the partials may be ahead of the metrics. */
const aheadHours = 48
const chunkBytes = 500_000

export class LoopWindows {
  readonly #log: Log
  readonly #codec: Codec
  readonly #partitions: number
  readonly #kept = new Map<DriftSpan, { to: number; sums: Promise<WindowSums | null> }>()

  constructor({ log, codec, partitions }: { log: Log; codec: Codec; partitions: number }) {
    this.#log = log
    this.#codec = codec
    this.#partitions = partitions
  }

  /** null when partials of the window are gone already, or not in sight yet. */
  sums(ask: WindowAsk): Promise<WindowSums | null> {
    const kept = this.#kept.get(ask.span)
    if (kept?.to === ask.to) return kept.sums
    const sums = this.#read(ask)
    this.#kept.set(ask.span, { to: ask.to, sums })
    // what failed, or was not whole, is read again
    const forget = () => {
      if (this.#kept.get(ask.span)?.sums === sums) this.#kept.delete(ask.span)
    }
    sums.then(found => found ?? forget(), forget)
    return sums
  }

  async #read({ from, to }: WindowAsk): Promise<WindowSums | null> {
    const sums = new WindowSums(columnKinds)
    for (let partition = 0; partition < this.#partitions; partition++) {
      const partials = await this.#partialsOf(partition, { from, to })
      if (partials === null) return null
      for (const partial of partials) sums.merge(windowIn(partial))
    }
    return sums
  }

  /** One record an hour, so that the place of the first hour is nearly known; null unless all are there. */
  async #partialsOf(partition: number, { from, to }: { from: number; to: number }): Promise<DriftPartial[] | null> {
    const { first, next: end } = await this.#log.bounds(topic, partition)
    const wanted = (to - from) / hours(1)
    // offsets may have gaps: then further back, twice as far each time
    for (let back = wanted + aheadHours; ; back *= 2) {
      const start = Math.max(first, end - back)
      const partials = await this.#partialsFrom(start, end, partition)
      const found = partials.filter(partial => partial.from >= from && partial.to <= to)
      if (found.length === wanted) return found
      if (start === first || (partials[0] && partials[0].from <= from)) return null
    }
  }

  async #partialsFrom(start: number, end: number, partition: number): Promise<DriftPartial[]> {
    const partials: DriftPartial[] = []
    for (let at = start; at < end; ) {
      const { records, next } = await this.#log.read(topic, partition, at, { bytesMax: chunkBytes })
      for (const { value } of records) if (value) partials.push(this.#codec.decode(value).value as DriftPartial)
      if (next === at) break
      at = next
    }
    return partials
  }
}
