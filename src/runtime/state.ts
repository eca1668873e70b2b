// State: what a task remembers, as rows in its changelog, and how it comes back after a restart.
//
// A changelog record is `table/key` with the row as JSON behind the number of its layout ("1 {...}"), or a tombstone.
// Three keys are the runtime's own:
//
//   !position   the position vector: for each input where the next unit starts; in every unit
//   !snapshot   an address on the blobs port and the changelog offset up to which that blob holds every row
//   !claim      a nonce, the mark of an owner: restoring ends where it reads back its own
//
// Restoring reads the newest snapshot and the rows behind it, so its time depends on the size of the state and on
// `snapshotBytes`, never on the length of history or on when a cleaner last ran. Once a snapshot's pointer is committed
// the changelog before it may go (`trim`).

import { hash as digestOf, randomUUID } from 'node:crypto'
import { Failure } from '../lib/failure.ts'
import { Bell } from './bell.ts'
import type { Blobs } from './blobs.ts'
import type { Append, Claim, Log, LogRecord } from './log.ts'
import type { Rows } from './table.ts'

export type Position = Readonly<Record<string, number>>

const decoder = new TextDecoder()
const ownKeys = { position: '!position', snapshot: '!snapshot', claim: '!claim' } as const

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

type Pointer = { address: string; offset: number }

export class State {
  readonly #options: StateOptions
  readonly #tables = new Map<string, Rows>()
  #bytesSinceSnapshot = 0
  #pointer: Pointer | null = null

  constructor(options: StateOptions) {
    this.#options = options
  }

  add(table: Rows): void {
    this.#tables.set(table.name, table)
  }

  /**
   * Marks the new owner and reads the changelog up to that mark. Its claim has fenced the one before, so nothing that
   * changes the state can follow.
   * @returns the rows by `table/key` (to be given to `fillTable`) and the position, null for a task that never ran
   * @throws Failure TASK_FENCED when a later owner has left its mark
   */
  async takeOver(claim: Claim): Promise<{ rows: Map<string, unknown>; position: Position | null }> {
    const { log, changelog, partition } = this.#options
    const { next: end } = await log.bounds(changelog, partition)
    const nonce = randomUUID()
    await claim.commit([this.#append(ownKeys.claim, Buffer.from(nonce))])
    return this.#decoded(await this.#rowsUpTo(nonce, end))
  }

  /** @param end what the owner's mark and every later one lie behind */
  async #rowsUpTo(nonce: string, end: number): Promise<Map<string, Uint8Array>> {
    const tail: LogRecord[] = []
    for await (const record of this.#changelog()) {
      const { key, value, offset } = record
      const mark = key === ownKeys.claim && value ? decoder.decode(value) : null
      if (mark === nonce) break
      if (offset >= end) {
        throw new Failure('TASK_FENCED', `${this.#options.task} was claimed again while it was restored`)
      }
      if (key === ownKeys.snapshot && value) this.#pointer = JSON.parse(decoder.decode(value)) as Pointer
      tail.push(record)
    }
    const bytes = await this.#snapshotRows()
    const behind = this.#pointer?.offset ?? 0
    this.#bytesSinceSnapshot = 0
    for (const { key, value, offset } of tail) {
      if (offset < behind) continue
      this.#bytesSinceSnapshot += value?.length ?? 0
      if (value) bytes.set(key, value)
      else bytes.delete(key)
    }
    return bytes
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

  /** The changelog records of a unit: every changed row, and the position. */
  unitRecords(position: Position): Append[] {
    const appends: Append[] = []
    for (const [name, table] of this.#tables) {
      table.flush((key, row) => {
        const value = row === null ? null : this.#encode(row)
        this.#bytesSinceSnapshot += (value?.length ?? 0) + key.length
        appends.push(this.#append(`${name}/${key}`, value))
      })
    }
    appends.push(this.#append(ownKeys.position, this.#encode(position)))
    return appends
  }

  get snapshotIsDue(): boolean {
    return this.#bytesSinceSnapshot >= this.#options.snapshotBytes
  }

  /**
   * Writes every row and the position to a blob; call between units.
   * @returns the pointer record to commit; call `snapshotCommitted` after that
   */
  async snapshot(position: Position): Promise<Append> {
    const { log, changelog, partition, blobs, task } = this.#options
    const offset = (await log.bounds(changelog, partition)).next
    const parts: Uint8Array[] = []
    const add = (key: string, value: Uint8Array) => {
      const keyBytes = Buffer.from(key)
      const lengths = Buffer.alloc(8)
      lengths.writeUInt32LE(keyBytes.length, 0)
      lengths.writeUInt32LE(value.length, 4)
      parts.push(lengths, keyBytes, value)
    }
    for (const [name, table] of this.#tables) {
      for (const [key, row] of table.all()) add(`${name}/${key}`, this.#encode(row))
    }
    add(ownKeys.position, this.#encode(position))
    const bytes = Buffer.concat(parts)
    const address = `${snapshotFolder(task)}${sortable(offset)}-${digestOf('sha256', bytes, 'hex')}`
    await blobs.put(address, bytes)
    this.#pointer = { address, offset }
    this.#bytesSinceSnapshot = 0
    return this.#append(ownKeys.snapshot, Buffer.from(JSON.stringify(this.#pointer)))
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

  async #snapshotRows(): Promise<Map<string, Uint8Array>> {
    const rows = new Map<string, Uint8Array>()
    if (!this.#pointer) return rows
    const bytes = Buffer.from(await this.#options.blobs.get(this.#pointer.address))
    if (!this.#pointer.address.endsWith(digestOf('sha256', bytes, 'hex'))) {
      throw new Failure('STATE_CORRUPT', `${this.#options.task}: snapshot ${this.#pointer.address} was altered`)
    }
    for (let at = 0; at < bytes.length; ) {
      const keyEnd = at + 8 + bytes.readUInt32LE(at)
      const end = keyEnd + bytes.readUInt32LE(at + 4)
      rows.set(bytes.toString('utf8', at + 8, keyEnd), bytes.subarray(keyEnd, end))
      at = end
    }
    return rows
  }

  #decoded(bytes: Map<string, Uint8Array>): { rows: Map<string, unknown>; position: Position | null } {
    const rows = new Map<string, unknown>()
    let position: Position | null = null
    for (const [key, value] of bytes) {
      if (key === ownKeys.snapshot || key === ownKeys.claim) continue
      const text = decoder.decode(value)
      const space = text.indexOf(' ')
      const layout = Number(text.slice(0, space))
      let row: unknown = JSON.parse(text.slice(space + 1))
      if (key === ownKeys.position) position = row as Position
      else {
        row = this.#migrated(key.slice(0, key.indexOf('/')), row, layout)
        rows.set(key, row)
      }
    }
    return { rows, position }
  }

  #migrated(table: string, row: unknown, layout: number): unknown {
    let migrated = row
    for (let at = layout; at < this.#options.layout; at++) {
      const step = this.#options.migrate[at]
      if (!step) throw new Failure('STATE_CORRUPT', `${this.#options.task}: no migration of ${table} from layout ${at}`)
      migrated = step(table, migrated)
    }
    if (layout > this.#options.layout) {
      throw new Failure(
        'STATE_CORRUPT',
        `${this.#options.task}: ${table} has layout ${layout}, newer than this program`,
      )
    }
    return migrated
  }

  #encode(row: unknown): Uint8Array {
    return Buffer.from(`${this.#options.layout} ${JSON.stringify(row)}`)
  }

  #append(key: string, value: Uint8Array | null): Append {
    return { topic: this.#options.changelog, partition: this.#options.partition, key, value }
  }
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
