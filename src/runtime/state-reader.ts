// StateReader: rows of one table of a task, read from its snapshot and changelog as its next owner would restore them,
// but without a claim: whoever has the task goes on and notices nothing. So any process can answer for every task.
//
// The first look costs what a restoring costs, each later one what was committed since the one before. What a unit has
// not committed yet is not seen.

import { hash as digestOf } from 'node:crypto'
import { Failure } from '../lib/failure.ts'
import type { Blobs } from './blobs.ts'
import { placesIn, rowAt, unitKey } from './changes.ts'
import type { Log, LogRecord } from './log.ts'
import { migrated, type Pointer, pointerIn, snapshotKey } from './state.ts'

export type StateReaderOptions = {
  readonly log: Log
  readonly blobs: Blobs
  readonly task: string
  readonly changelog: string
  readonly partition: number
  readonly table: string
  readonly layout: number
  readonly migrate: Readonly<Record<number, (table: string, row: unknown) => unknown>>
}

const readBytes = 4_000_000

export class StateReader {
  readonly #o: StateReaderOptions
  readonly #rows = new Map<string, unknown>()
  /** Where the changelog is read on; null: from its snapshot. */
  #next: number | null = null
  #looking: Promise<void> | undefined

  constructor(options: StateReaderOptions) {
    this.#o = options
  }

  /**
   * As committed when this is called; undefined when there is none. Packed, as it lies in the changelog.
   * @throws Failure LOG_UNREACHABLE, BLOB_MISSING, STATE_CORRUPT
   */
  async row(key: string): Promise<unknown> {
    // a look that is under way may have passed the end already
    await this.#looking?.catch(() => undefined)
    this.#looking ??= this.#catchUp().finally(() => {
      this.#looking = undefined
    })
    await this.#looking
    return this.#rows.get(key)
  }

  async #catchUp(): Promise<void> {
    try {
      if (this.#next !== null && (await this.#readOn(this.#next))) return
      await this.#begin()
    } catch (error) {
      this.#next = null
      throw error
    }
  }

  /** From the newest snapshot. */
  async #begin(): Promise<void> {
    const { log, changelog, partition, blobs, task } = this.#o
    this.#rows.clear()
    let pointer: Pointer | null = null
    let tail: LogRecord[] = []
    const { first } = await log.bounds(changelog, partition)
    // a trim meanwhile is that of a newer snapshot, whose pointer comes behind it
    const { at, isWhole } = await this.#each(first, record => {
      tail.push(record)
      if (record.key !== snapshotKey || record.value === null) return
      const found = pointerIn(record.value, task)
      pointer = found
      tail = tail.filter(({ offset }) => offset >= found.offset)
    })
    if (!isWhole) return this.#begin()
    const newest = pointer as Pointer | null
    if (newest) {
      const bytes = await blobs.get(newest.address)
      if (!newest.address.endsWith(digestOf('sha256', bytes, 'hex')))
        throw new Failure('STATE_CORRUPT', `${task}: snapshot ${newest.address} was altered`)
      this.#take(bytes, `snapshot ${newest.address}`)
    } else if (first > 0) {
      throw new Failure('STATE_CORRUPT', `${task}: its changelog begins at ${first}, behind its snapshot`)
    }
    for (const record of tail) this.#apply(record)
    this.#next = at
  }

  /** @returns false when what comes next was trimmed: a newer snapshot stands for it */
  async #readOn(from: number): Promise<boolean> {
    const { at, isWhole } = await this.#each(from, record => this.#apply(record))
    if (isWhole) this.#next = at
    return isWhole
  }

  /** Hands on every record from an offset to the end. */
  async #each(from: number, take: (record: LogRecord) => void): Promise<{ at: number; isWhole: boolean }> {
    const { log, changelog, partition } = this.#o
    for (let at = from; ; ) {
      const chunk = await log.read(changelog, partition, at, { bytesMax: readBytes })
      if (chunk.keptFrom !== undefined) return { at, isWhole: false }
      for (const record of chunk.records) take(record)
      if (chunk.records.length === 0 && chunk.next === at) return { at, isWhole: true }
      at = chunk.next
    }
  }

  #apply({ key, value, offset }: LogRecord): void {
    if (key === unitKey && value) this.#take(value, `record ${offset} of its changelog`)
  }

  #take(bytes: Uint8Array, what: string): void {
    const { task, table, layout: newest, migrate } = this.#o
    const { rows, layout } = placesIn(bytes, `${task}: ${what}`)
    for (const { table: name, key, row: place } of rows) {
      if (name !== table) continue
      if (place === null) this.#rows.delete(key)
      else {
        const row = rowAt(place, `${task}: ${name}/${key}`)
        this.#rows.set(key, migrated({ table, row, layout }, { newest, migrate, task }))
      }
    }
  }
}
