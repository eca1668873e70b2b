// State: what a task remembers, as rows in its changelog, and how it comes back after a restart.
//
// Three kinds of record lie in a changelog, by their keys:
//
//   unit       the rows that a unit changed, and its position: for each input where the next unit starts (changes.ts)
//   snapshot   an address on the blobs port and the changelog offset up to which that blob holds every row
//   claim      a nonce, the mark of an owner: restoring ends where it reads back its own
//
// Restoring reads the newest snapshot and the rows behind it, so its time depends on the size of the state and on
// `snapshotBytes`, never on the length of history. Once a snapshot's pointer is committed the changelog before it may go
// (`trim`), the newest pointer itself never; nothing else ends a changelog's records.

import { hash as digestOf, randomUUID } from 'node:crypto'
import { Failure } from '../lib/failure.ts'
import { Bell } from './bell.ts'
import type { Blobs } from './blobs.ts'
import { type Changes, ChangeWriter, type Position, placesIn, type RowPlace, rowAt, unitKey } from './changes.ts'
import type { Append, Claim, Log, LogRecord } from './log.ts'
import { type Standing, standingHeader, standingIn, standingText } from './standing.ts'
import type { Rows } from './table.ts'

const decoder = new TextDecoder()
/** The key of the pointers to snapshots in a changelog. */
export const snapshotKey = 'snapshot'
const keys = { unit: unitKey, snapshot: snapshotKey, claim: 'claim' } as const

export type { Position }

export type StateOptions = {
  readonly log: Log
  readonly blobs: Blobs
  readonly task: string
  readonly changelog: string
  readonly partition: number
  readonly layout: number
  readonly migrate: Readonly<Record<number, (table: string, row: unknown) => unknown>>
  readonly snapshotBytes: number
}

/**
 * A log that loses its last commits with the power comes back to an older pointer, whose snapshot must still be there.
 * What may be lost is at most what lies between two syncs of the log, less than this many snapshots' worth of changelog.
 */
const olderKept = 6

export type Pointer = { readonly address: string; readonly offset: number }

/** Rows by `table/key`; no position: the task never ran. `midway` as in standing.ts. */
type Restored = { rows: Map<string, unknown>; position: Position | null; midway: boolean }

export class State {
  readonly #options: StateOptions
  readonly #tables: Rows[] = []
  readonly #writer: ChangeWriter
  #bytesSinceSnapshot = 0
  #pointer: Pointer | null = null
  #midway = false

  constructor(options: StateOptions) {
    this.#options = options
    this.#writer = new ChangeWriter(options.layout)
  }

  add(table: Rows): void {
    this.#tables.push(table)
  }

  /**
   * Marks the new owner and reads the changelog up to that mark. Its claim has fenced the one before, so nothing that
   * changes the state can follow.
   * @returns the rows by `table/key` (to be given to `fillTable`) and the position, null for a task that never ran
   * @throws Failure TASK_FENCED when a later owner has left its mark, STATE_CORRUPT, BLOB_MISSING
   */
  async takeOver(claim: Claim): Promise<Restored> {
    const { log, changelog, partition } = this.#options
    const { first, next: end } = await log.bounds(changelog, partition)
    const nonce = randomUUID()
    await claim.commit([this.#append(keys.claim, Buffer.from(nonce))])
    const tail = await this.#tailUpTo(nonce, end)
    if (first > (this.#pointer?.offset ?? 0))
      throw this.#corrupt(`its changelog begins at ${first}, behind its snapshot`)
    return await this.#restored(tail)
  }

  /**
   * The units behind the newest snapshot, which is noted.
   * @param end what the owner's mark and every later one lie behind
   */
  async #tailUpTo(nonce: string, end: number): Promise<LogRecord[]> {
    let tail: LogRecord[] = []
    for await (const record of this.#changelog()) {
      const { key, value, offset } = record
      this.#midway = standingIn(record)?.midway ?? this.#midway
      if (value === null) throw this.#corrupt(`record ${offset} of its changelog has no value`)
      if (key === keys.claim && decoder.decode(value) === nonce) break
      if (offset >= end) {
        throw new Failure('TASK_FENCED', `${this.#options.task} was claimed again while it was restored`)
      }
      if (key === keys.unit) tail.push(record)
      else if (key === keys.snapshot) {
        const pointer = pointerIn(value, this.#options.task)
        this.#pointer = pointer
        tail = tail.filter(each => each.offset >= pointer.offset)
      } else if (key !== keys.claim) throw this.#corrupt(`"${key}" is no kind of record in a changelog`)
    }
    return tail
  }

  /** Every record of the changelog; at its end waits for more, for a committed record may come into sight late. */
  async *#changelog(): AsyncGenerator<LogRecord> {
    const { log, changelog, partition } = this.#options
    const bell = new Bell()
    const unlisten = log.onAppend((topic, at) => {
      if (topic === changelog && at === partition) bell.ring()
    })
    try {
      for (let from = 0; ; ) {
        const seen = bell.count
        const chunk = await log.read(changelog, partition, from, { bytesMax: 4_000_000 })
        yield* chunk.records
        if (chunk.records.length === 0 && chunk.next === from) await bell.after(seen)
        from = chunk.next
      }
    } finally {
      unlisten()
    }
  }

  /** The changelog records of a unit: every changed row, and the position. Mostly one. The last tells the standing. */
  unitRecords(position: Position, standing: Standing | null = null): Append[] {
    const writer = this.#writer
    const write = (key: string, row: unknown) => writer.row(key, row)
    writer.begin(position)
    for (const table of this.#tables) {
      writer.table(table.name)
      table.flush(write)
    }
    const records = writer.end().map(value => {
      this.#bytesSinceSnapshot += value.length
      return this.#append(keys.unit, value)
    })
    const last = records.pop() as Append
    return [...records, telling(last, standing)]
  }

  get snapshotIsDue(): boolean {
    return this.#bytesSinceSnapshot >= this.#options.snapshotBytes
  }

  /** After one that could not be written: it is due again when a quarter of its bytes have come on top. */
  postponeSnapshot(): void {
    this.#bytesSinceSnapshot -= this.#options.snapshotBytes / 4
  }

  /**
   * Writes every row and the position to a blob; call between units.
   * @returns the pointer record to commit; call `snapshotCommitted` after that
   */
  async snapshot(position: Position, standing: Standing | null = null): Promise<Append> {
    const { log, changelog, partition, blobs, task } = this.#options
    const offset = (await log.bounds(changelog, partition)).next
    const writer = new ChangeWriter(this.#options.layout, Number.POSITIVE_INFINITY)
    writer.begin(position)
    for (const table of this.#tables) {
      writer.table(table.name)
      for (const [key, row] of table.all()) writer.row(key, row)
    }
    const [bytes] = writer.end() as [Uint8Array]
    const address = `${snapshotFolder(task)}${sortable(offset)}-${digestOf('sha256', bytes, 'hex')}`
    await blobs.put(address, bytes)
    this.#pointer = { address, offset }
    this.#bytesSinceSnapshot = 0
    return telling(this.#append(keys.snapshot, Buffer.from(JSON.stringify(this.#pointer))), standing)
  }

  /** Forgets what the committed snapshot stands for: older ones only, for a later owner may have made the next. */
  async snapshotCommitted(): Promise<void> {
    const { log, changelog, partition, blobs, task } = this.#options
    const pointer = this.#pointer
    if (!pointer) return
    await log.trim(changelog, partition, pointer.offset)
    const all = await blobs.list(snapshotFolder(task))
    const older = all.filter(address => address < `${snapshotFolder(task)}${sortable(pointer.offset)}`)
    for (const address of older.slice(0, -olderKept)) await blobs.delete(address)
  }

  async #snapshotBytes(address: string): Promise<Uint8Array> {
    const bytes = await this.#options.blobs.get(address)
    if (address.endsWith(digestOf('sha256', bytes, 'hex'))) return bytes
    throw this.#corrupt(`snapshot ${address} was altered`)
  }

  async #restored(tail: readonly LogRecord[]): Promise<Restored> {
    const { task, layout: newest, migrate } = this.#options
    const places = new Map<string, { place: RowPlace; table: string; layout: number }>()
    let position: Position | null = null
    const take = (changes: Changes<RowPlace | null>) => {
      position = changes.position
      const { layout } = changes
      for (const { table, key, row: place } of changes.rows) {
        if (place === null) places.delete(`${table}/${key}`)
        else places.set(`${table}/${key}`, { place, table, layout })
      }
    }
    if (this.#pointer) {
      const { address } = this.#pointer
      take(placesIn(await this.#snapshotBytes(address), `${task}: snapshot ${address}`))
    }
    this.#bytesSinceSnapshot = 0
    for (const { value, offset } of tail) {
      const bytes = value as Uint8Array
      this.#bytesSinceSnapshot += bytes.length
      take(placesIn(bytes, `${task}: record ${offset} of its changelog`))
    }
    const rows = new Map<string, unknown>()
    for (const [name, { place, table, layout }] of places) {
      const row = rowAt(place, `${task}: ${name}`)
      rows.set(name, migrated({ table, row, layout }, { newest, migrate, task }))
    }
    return { rows, position, midway: this.#midway }
  }

  #corrupt(what: string): Failure {
    return corrupt(this.#options.task, what)
  }

  #append(key: string, value: Uint8Array): Append {
    return { topic: this.#options.changelog, partition: this.#options.partition, key, value }
  }
}

function corrupt(task: string, what: string): Failure {
  return new Failure('STATE_CORRUPT', `${task}: ${what}`)
}

/** @throws Failure STATE_CORRUPT */
export function pointerIn(value: Uint8Array, task: string): Pointer {
  try {
    const { address, offset } = JSON.parse(decoder.decode(value)) as Pointer
    if (typeof address === 'string' && Number.isSafeInteger(offset)) return { address, offset }
  } catch {
    // is told below
  }
  throw corrupt(task, 'the pointer to its snapshot cannot be read')
}

type Old = { readonly table: string; readonly row: unknown; readonly layout: number }
type Present = { readonly newest: number; readonly migrate: StateOptions['migrate']; readonly task: string }

/** A row in the present layout. @throws Failure STATE_CORRUPT */
export function migrated({ table, row, layout }: Old, { newest, migrate, task }: Present): unknown {
  if (layout > newest) throw corrupt(task, `${table} has layout ${layout}, newer than this program`)
  let present = row
  for (let at = layout; at < newest; at++) {
    const step = migrate[at]
    if (!step) throw corrupt(task, `no migration of ${table} from layout ${at}`)
    present = step(table, present)
  }
  return present
}

function telling(append: Append, standing: Standing | null): Append {
  return standing ? { ...append, headers: { [standingHeader]: standingText(standing) } } : append
}

function snapshotFolder(task: string): string {
  return `snapshots/${task}/`
}

/** Offsets as text that sorts as they do. */
function sortable(offset: number): string {
  return String(offset).padStart(16, '0')
}

/** Hands restored rows to a table. */
export function fillTable(table: Rows, rows: ReadonlyMap<string, unknown>): void {
  const prefix = `${table.name}/`
  for (const [key, row] of rows) if (key.startsWith(prefix)) table.restore(key.slice(prefix.length), row)
}
