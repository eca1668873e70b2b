// Follows the topics of the loop (drift.metrics, models.registry, retrain.requests) like any consumer does, into a book
// (loop-book.ts). The registry and the requests are read from their beginning: they are small. Of the metrics of a year
// (40 MB) the last four weeks are taken; of what lies before them only the alerts are decoded, so that one that has
// been open for longer is not lost.

import { failureIn } from '../lib/failure.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log, LogRecord } from '../runtime/log.ts'
import type { Codec } from '../runtime/schemas.ts'
import type { LoopChange } from '../server/loop.ts'
import { LoopBook, pastDays } from './loop-book.ts'
import { driftNowOf } from './loop-report.ts'

const tailed: readonly string[] = ['models.registry', 'retrain.requests', 'drift.metrics']
/** A day brings 24 hours, 24 days and a week, and a few alerts and tests; every other offset may be a gap. */
const metricsPast = (pastDays + 2) * 50 * 2
const chunkBytes = 500_000
const againMs = 1000
/** Keys of windows; alerts and tests have others. */
const isWindow = /\/(HOUR|DAY|WEEK)$/

type Cursor = { readonly topic: string; next: number }

export type LoopTailsOptions = {
  readonly log: Log
  readonly codec: Codec
  readonly clock: Clock
  readonly onTrouble: (error: unknown) => void
}

export class LoopTails {
  readonly book = new LoopBook()
  readonly #o: LoopTailsOptions
  readonly #listeners = new Set<(change: LoopChange) => void>()
  readonly #cursors: Cursor[] = tailed.map(topic => ({ topic, next: 0 }))
  #isBusy = false
  #again = false
  #isStopped = false
  #unlisten: (() => void) | undefined

  constructor(options: LoopTailsOptions) {
    this.#o = options
  }

  /** Reads the past piece by piece, so that others may go on meanwhile; resolves once it is read, and then follows. */
  async start(): Promise<void> {
    const { log, clock } = this.#o
    for (const cursor of this.#cursors) {
      const { first, next: end } = await log.bounds(cursor.topic, 0)
      const from = cursor.topic === 'drift.metrics' ? Math.max(first, end - metricsPast) : first
      for (cursor.next = first; !this.#isStopped && cursor.next < end; await clock.turn()) {
        if ((await this.#readChunk(cursor, { windowsFrom: from })).length === 0) break
      }
    }
    if (this.#isStopped) return
    this.#tellPast()
    this.#unlisten = log.onAppend(topic => {
      if (tailed.includes(topic)) this.#follow()
    })
    this.#follow()
  }

  stop(): void {
    this.#isStopped = true
    this.#unlisten?.()
  }

  onChange(listener: (change: LoopChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** To those who came before the past was read. */
  #tellPast(): void {
    const metrics = this.book.latest('DAY')
    if (metrics) this.#tell({ metrics: driftNowOf(metrics) })
    for (const alert of this.book.alerts) if (alert.resolvedAt === null) this.#tell({ alert })
  }

  #tell(change: LoopChange): void {
    for (const listener of this.#listeners) listener(change)
  }

  #follow(): void {
    this.#read().catch((error: unknown) => {
      this.#isBusy = false
      if (this.#isStopped) return
      this.#o.onTrouble(error)
      if (failureIn(error)?.next !== 'retry') return
      // nobody else may ring once the log answers again
      void this.#o.clock.sleep(againMs).then(() => {
        if (!this.#isStopped) this.#follow()
      })
    })
  }

  async #read(): Promise<void> {
    this.#again = true
    if (this.#isBusy) return
    this.#isBusy = true
    while (this.#again && !this.#isStopped) {
      this.#again = false
      for (const cursor of this.#cursors) {
        for (;;) {
          const records = await this.#readChunk(cursor, { windowsFrom: 0 })
          if (records.length === 0 || this.#isStopped) break
          for (const change of records.flat()) this.#tell(change)
        }
      }
    }
    this.#isBusy = false
  }

  /** @returns the changes that each record brought; none: there was no record */
  async #readChunk(cursor: Cursor, { windowsFrom }: { windowsFrom: number }): Promise<(readonly LoopChange[])[]> {
    const { topic, next: from } = cursor
    const { records, next } = await this.#o.log.read(topic, 0, from, { bytesMax: chunkBytes })
    cursor.next = next
    // a gap without records is no end
    if (records.length === 0) return next === from ? [] : [[]]
    return records.map(record => (record.offset < windowsFrom && isWindow.test(record.key) ? [] : this.#take(record)))
  }

  #take({ value, offset }: LogRecord): readonly LoopChange[] {
    if (!value) return []
    const { name, value: decoded } = this.#o.codec.decode(value)
    return this.book.take(name, decoded, offset)
  }
}
