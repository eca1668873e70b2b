// One partition of log-sqlite: a table of batches, each at the offset of its first record. Tables of their own are not
// for order's sake: appends to the end of a table cost SQLite half as much as those into the middle of a common one.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { BatchReader, type BatchWriter } from './log-sqlite-batch.ts'
import { corrupt } from './log-sqlite-file.ts'

/** A row that is being read; `end` is the offset after its last record. */
export type Row = { readonly reader: BatchReader; readonly end: number; readonly byteCount: number }

export class SqlitePartition {
  readonly topic: string
  readonly partition: number
  /** The offset after the last committed record, for the owner of the file; undefined when it must be asked. */
  next: number | undefined
  /** The same, within the open transaction. */
  end = 0
  /** What the open transaction has not inserted yet. */
  writer: BatchWriter | undefined
  /**
   * The offset from which on all rows are this process's own. Their bytes are not checked when they are read: the check
   * is for what happens to a file while nobody writes it.
   */
  #ownFrom = Number.POSITIVE_INFINITY
  readonly #db: DatabaseSync
  readonly #table: string
  readonly #statements = new Map<string, StatementSync>()

  /** @param number of all partitions of the log */
  constructor(db: DatabaseSync, { topic, partition, number }: { topic: string; partition: number; number: number }) {
    this.#db = db
    this.#table = `batches_${number}`
    this.topic = topic
    this.partition = partition
  }

  create(): void {
    this.#sql('create').run()
  }

  /** The first offset kept; undefined when there never was one. */
  first(): number | undefined {
    const row = this.#sql('first').get()
    return row && Number(row.base)
  }

  /** The offset after the last record. */
  last(): number {
    const row = this.#sql('last').get()
    return row ? Number(row.base) + Number(row.count) : 0
  }

  insert(base: number, { count, bytes }: { count: number; bytes: Uint8Array }): void {
    this.#ownFrom = Math.min(this.#ownFrom, base)
    this.#sql('insert').run(base, count, crc32(bytes), bytes)
  }

  /** Deletes batches that end at or before an offset, but never the last: the next offset follows from it. */
  trim(before: number): void {
    this.#sql('trim').run(before, before)
  }

  /**
   * The row that holds an offset, or else the first one after it; then those behind it.
   * @throws Failure STATE_CORRUPT
   */
  *rowsFrom(offset: number): Generator<Row> {
    const holding = this.#sql('holding').get(offset)
    const start = holding && Number(holding.base) + Number(holding.count) > offset ? Number(holding.base) : offset
    const rows = this.#sql('rows')
    rows.setReturnArrays(true)
    for (const row of rows.iterate(start)) {
      const [base, count, crc, body] = row as unknown as [number, number, number, Uint8Array]
      if (base < this.#ownFrom && crc32(body) !== crc) {
        throw corrupt(`${this.topic}/${this.partition}: the batch at ${base} is not what was written`)
      }
      yield { reader: new BatchReader(body, base), end: base + count, byteCount: body.byteLength }
    }
  }

  /** Prepared when first used: a tool that looks at one topic needs few of them. */
  #sql(name: keyof typeof texts): StatementSync {
    let statement = this.#statements.get(name)
    if (!statement) {
      statement = this.#db.prepare(texts[name](this.#table))
      this.#statements.set(name, statement)
    }
    return statement
  }
}

const texts = {
  create: (table: string) => `CREATE TABLE ${table} (
    base INTEGER PRIMARY KEY, count INTEGER NOT NULL, crc INTEGER NOT NULL, body BLOB NOT NULL)`,
  first: (table: string) => `SELECT base FROM ${table} ORDER BY base LIMIT 1`,
  last: (table: string) => `SELECT base, count FROM ${table} ORDER BY base DESC LIMIT 1`,
  holding: (table: string) => `SELECT base, count FROM ${table} WHERE base <= ? ORDER BY base DESC LIMIT 1`,
  rows: (table: string) => `SELECT base, count, crc, body FROM ${table} WHERE base >= ? ORDER BY base`,
  insert: (table: string) => `INSERT INTO ${table} (base, count, crc, body) VALUES (?, ?, ?, ?)`,
  trim: (table: string) =>
    `DELETE FROM ${table} WHERE base < ? AND base + count <= ? AND base < (SELECT max(base) FROM ${table})`,
}
