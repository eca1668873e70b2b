// log-sqlite: the embedded log, one SQLite file in the data folder. A unit of work is one transaction.
//
//   S1  Offsets of a partition start at 0 and have no gaps. Rows hold batches, not records: see log-sqlite-file.ts.
//   S2  One process owns the file and writes; others may read it meanwhile (`openReadOnly`).
//   S3  What is known of the end of a partition is taken over only after COMMIT; after an error it is read anew.
//   S4  The last batch of a partition is never trimmed: it is what the next offset follows from.
//
// SQLite is synchronous: a commit or read blocks this thread for as long as it takes (microseconds a record).

import type { StatementSync } from 'node:sqlite'
import { assert } from '../lib/assert.ts'
import { Failure } from '../lib/failure.ts'
import type { Append, Chunk, Claim, Log, LogRecord, ReadLimits, TopicSpec } from '../runtime/log.ts'
import { Listeners } from './append-listeners.ts'
import { BatchWriter } from './log-sqlite-batch.ts'
import { type LogFile, openFile, openFileReadOnly, translated } from './log-sqlite-file.ts'
import { type Row, SqlitePartition } from './log-sqlite-partition.ts'

export type LogSqliteOptions = {
  /** What a loss of power may cost: `normal` the last commits, `full` nothing. A kill costs nothing either way. */
  readonly synchronous?: 'normal' | 'full'
}

/** A row is closed once it holds this much: reading from its middle skips at most as many bytes. */
const batchBytes = 256 * 1024
/** Rows of which a reader took only a part, kept for its next read. */
const restBytesMax = 4 * 1024 * 1024

export class LogSqlite implements Log {
  readonly #file: LogFile
  readonly #owner: boolean
  readonly #sql: Statements
  readonly #listeners = new Listeners()
  readonly #topics = new Map<string, { spec: TopicSpec; parts: readonly SqlitePartition[] }>()
  readonly #writers: BatchWriter[] = []
  readonly #rests = new Map<SqlitePartition, Row>()
  #restBytes = 0
  #writtenBytes = 0
  #closed = false

  /** @throws Failure DATA_DIR_LOCKED, STATE_CORRUPT, LOG_UNREACHABLE */
  static open(folder: string, { synchronous = 'normal' }: LogSqliteOptions = {}): LogSqlite {
    return new LogSqlite(openFile(folder, synchronous), true)
  }

  /**
   * The log of a folder for tools, whether or not its owner runs. Only reads; hears of no appends.
   * @throws Failure SOURCE_UNREADABLE when there is none, STATE_CORRUPT
   */
  static openReadOnly(folder: string): LogSqlite {
    return new LogSqlite(openFileReadOnly(folder), false)
  }

  private constructor(file: LogFile, owner: boolean) {
    this.#file = file
    this.#owner = owner
    try {
      this.#sql = prepare(file)
      this.#loadTopics()
    } catch (error) {
      void file.close()
      throw translated(error, 'cannot open the log', 'LOG_UNREACHABLE')
    }
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    this.#assertOwner()
    this.#transact('cannot create topics', () => {
      for (const { name, partitions, cleanup } of specs) {
        const found = this.#topics.get(name)?.spec
        if (found) {
          assertSame(found, { name, partitions, cleanup })
          continue
        }
        const first = Number(this.#sql.partitionCount.get()?.count)
        this.#sql.insertTopic.run(name, first, partitions, cleanup)
        for (const part of this.#partsOf({ name, partitions }, first)) part.create()
      }
    })
    this.#loadTopics()
  }

  async topics(): Promise<readonly TopicSpec[]> {
    this.#loadTopics()
    return [...this.#topics.values()].map(({ spec }) => spec).sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async read(topic: string, partition: number, from: number, limits: ReadLimits): Promise<Chunk> {
    const part = this.#part(topic, partition)
    try {
      return this.#read(part, from, limits)
    } catch (error) {
      throw translated(error, `cannot read ${topic}/${partition}`, 'LOG_UNREACHABLE')
    }
  }

  async bounds(topic: string, partition: number): Promise<{ first: number; next: number }> {
    const part = this.#part(topic, partition)
    const next = this.#nextOf(part)
    return { first: part.first() ?? next, next }
  }

  async claim(task: string): Promise<Claim> {
    this.#assertOwner()
    const row = this.#transact(`cannot claim ${task}`, () => this.#sql.claim.get(task))
    const epoch = Number(row?.epoch)
    let isAlive = true
    return {
      commit: async appends => {
        if (!isAlive) throw new Failure('TASK_FENCED', `this claim of ${task} is over; claim again`)
        isAlive = false
        this.#assertOwner()
        this.#commit(task, epoch, appends)
        isAlive = true
      },
      release: async () => {
        isAlive = false
      },
    }
  }

  async trim(topic: string, partition: number, before: number): Promise<void> {
    this.#assertOwner()
    const part = this.#part(topic, partition)
    this.#transact(`cannot trim ${topic}/${partition}`, () => part.trim(before))
  }

  async settled(): Promise<void> {}

  onAppend(listener: (topic: string, partition: number) => void): () => void {
    return this.#listeners.add(listener)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#rests.clear()
    await this.#file.close()
  }

  #commit(task: string, epoch: number, appends: readonly Append[]): void {
    const touched: SqlitePartition[] = []
    this.#writtenBytes = 0
    try {
      this.#transact(`cannot commit for ${task}`, () => {
        const now = this.#sql.epochOf.get(task)?.epoch
        if (now !== epoch) throw new Failure('TASK_FENCED', `${task} was claimed again`)
        for (const append of appends) this.#add(append, touched)
        for (const part of touched) this.#flush(part)
      })
      for (const part of touched) part.next = part.end
      this.#file.committed(this.#writtenBytes)
    } catch (error) {
      for (const part of touched) part.next = undefined
      throw error
    } finally {
      for (const part of touched) this.#giveBack(part)
    }
    for (const { topic, partition } of touched) this.#listeners.tell(topic, partition)
  }

  #add(append: Append, touched: SqlitePartition[]): void {
    const part = this.#part(append.topic, append.partition)
    if (!part.writer) {
      part.end = this.#nextOf(part)
      part.writer = this.#writers.pop() ?? new BatchWriter()
      touched.push(part)
    }
    part.writer.add(append)
    if (part.writer.byteCount >= batchBytes) this.#flush(part)
  }

  #flush(part: SqlitePartition): void {
    const writer = part.writer as BatchWriter
    if (writer.count === 0) return
    const bytes = writer.bytes()
    part.insert(part.end, { count: writer.count, bytes })
    part.end += writer.count
    this.#writtenBytes += bytes.length
    writer.clear()
  }

  #giveBack(part: SqlitePartition): void {
    if (!part.writer) return
    part.writer.clear()
    this.#writers.push(part.writer)
    part.writer = undefined
  }

  #read(part: SqlitePartition, from: number, { bytesMax, recordsMax = Number.POSITIVE_INFINITY }: ReadLimits): Chunk {
    // most reads of a parked task end here
    if (part.next !== undefined && from >= part.next) return { records: [], next: from }
    const records: LogRecord[] = []
    let byteCount = 0
    for (const row of this.#rowsFrom(part, Math.max(0, from))) {
      const { reader, end } = row
      while (reader.offset < from) reader.skip()
      while (reader.offset < end) {
        const size = reader.peekBytes()
        if (records.length > 0 && (byteCount + size > bytesMax || records.length >= recordsMax)) {
          this.#keepRest(part, row)
          return { records, next: reader.offset }
        }
        byteCount += size
        records.push(reader.next())
      }
      if (byteCount >= bytesMax || records.length >= recordsMax) return { records, next: end }
    }
    const last = records.at(-1)
    return { records, next: last ? last.offset + 1 : from }
  }

  *#rowsFrom(part: SqlitePartition, offset: number): Generator<Row> {
    const rest = this.#takeRest(part)
    if (rest?.reader.offset !== offset) return yield* part.rowsFrom(offset)
    yield rest
    yield* part.rowsFrom(rest.end)
  }

  #takeRest(part: SqlitePartition): Row | undefined {
    const rest = this.#rests.get(part)
    if (!rest) return undefined
    this.#rests.delete(part)
    this.#restBytes -= rest.byteCount
    return rest
  }

  #keepRest(part: SqlitePartition, row: Row): void {
    this.#rests.set(part, row)
    this.#restBytes += row.byteCount
    for (const oldest of this.#rests.keys()) {
      if (this.#restBytes <= restBytesMax) break
      this.#takeRest(oldest)
    }
  }

  #nextOf(part: SqlitePartition): number {
    if (part.next !== undefined) return part.next
    const next = part.last()
    if (this.#owner) part.next = next
    return next
  }

  #part(topic: string, partition: number): SqlitePartition {
    if (this.#closed) throw new Failure('LOG_UNREACHABLE', 'the log is closed')
    if (!this.#owner && !this.#topics.has(topic)) this.#loadTopics()
    const part = this.#topics.get(topic)?.parts[partition]
    if (!part) throw new Failure('TOPIC_MISMATCH', `there is no ${topic}/${partition} in this log`)
    return part
  }

  #loadTopics(): void {
    for (const { name, first, partitions, cleanup } of this.#sql.topics.all()) {
      if (this.#topics.has(String(name))) continue
      const topic = String(name)
      const spec: TopicSpec = { name: topic, partitions: Number(partitions), cleanup: cleanup as TopicSpec['cleanup'] }
      this.#topics.set(topic, { spec, parts: this.#partsOf(spec, Number(first)) })
    }
  }

  #partsOf({ name, partitions }: Omit<TopicSpec, 'cleanup'>, first: number): SqlitePartition[] {
    return Array.from({ length: partitions }, (_, partition) => {
      return new SqlitePartition(this.#file.db, { topic: name, partition, number: first + partition })
    })
  }

  #assertOwner(): void {
    assert(this.#owner, 'a log that was opened for reading is not written')
    if (this.#closed) throw new Failure('LOG_UNREACHABLE', 'the log is closed')
  }

  /** @throws Failure COMMIT_UNKNOWN when the end of the transaction failed, LOG_UNREACHABLE for anything before */
  #transact<T>(what: string, run: () => T): T {
    const { begin, commit, rollback } = this.#sql
    let result: T
    try {
      begin.run()
      result = run()
    } catch (error) {
      if (this.#file.db.isTransaction) rollback.run()
      throw translated(error, what, 'LOG_UNREACHABLE')
    }
    try {
      commit.run()
    } catch (error) {
      if (this.#file.db.isTransaction) rollback.run()
      throw translated(error, what, 'COMMIT_UNKNOWN')
    }
    return result
  }
}

function assertSame(found: TopicSpec, wanted: TopicSpec): void {
  if (found.partitions === wanted.partitions && found.cleanup === wanted.cleanup) return
  const told = ({ partitions, cleanup }: TopicSpec) => `${partitions} partitions and cleanup ${cleanup}`
  throw new Failure('TOPIC_MISMATCH', `${wanted.name} exists with ${told(found)}, not ${told(wanted)}`, {
    help: 'Use the settings that it was made with, or another data folder.',
  })
}

type Statements = ReturnType<typeof prepare>

function prepare({ db }: LogFile) {
  const sql = (text: string): StatementSync => db.prepare(text)
  return {
    begin: sql('BEGIN IMMEDIATE'),
    commit: sql('COMMIT'),
    rollback: sql('ROLLBACK'),
    topics: sql('SELECT name, first, partitions, cleanup FROM topics ORDER BY name'),
    partitionCount: sql('SELECT coalesce(max(first + partitions), 0) AS count FROM topics'),
    insertTopic: sql('INSERT INTO topics (name, first, partitions, cleanup) VALUES (?, ?, ?, ?)'),
    epochOf: sql('SELECT epoch FROM claims WHERE task = ?'),
    claim: sql(`INSERT INTO claims (task, epoch) VALUES (?, 1)
      ON CONFLICT (task) DO UPDATE SET epoch = epoch + 1 RETURNING epoch`),
  }
}
