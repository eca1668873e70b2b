// log-sqlite: the embedded log, one SQLite file in the data folder. A unit of work is one transaction.
//
//   S1  Offsets of a partition start at 0 and have no gaps. Rows hold batches, not records: see log-sqlite-file.ts.
//   S2  One process owns the file and writes, in as many threads as it likes (`share`, `join`: each has a connection,
//       hears of the others' commits and takes turns with them); others may read it meanwhile (`openReadOnly`).
//   S3  What is known of the end of a partition is taken over only after COMMIT; after an error, or after a commit of
//       another thread, it is read anew.
//   S4  The last batch of a partition is never trimmed: it is what the next offset follows from.
//
// SQLite is synchronous: a commit or read blocks this thread for as long as it takes (microseconds a record).

import type { StatementSync } from 'node:sqlite'
import type { MessagePort } from 'node:worker_threads'
import { assert } from '../lib/assert.ts'
import { Failure } from '../lib/failure.ts'
import type { Append, Chunk, Claim, Log, LogRecord, ReadLimits, TopicSpec } from '../runtime/log.ts'
import { Listeners } from './append-listeners.ts'
import { BatchWriter } from './log-sqlite-batch.ts'
import {
  type LogFile,
  openFile,
  openFileAgain,
  openFileReadOnly,
  type Synchronous,
  translated,
} from './log-sqlite-file.ts'
import { type Row, SqlitePartition } from './log-sqlite-partition.ts'
import { Peers } from './log-sqlite-peers.ts'
import { SharedTurn } from './shared-turn.ts'

export type LogSqliteOptions = {
  /** What a loss of power may cost: `normal` the last commits, `full` nothing. A kill costs nothing either way. */
  readonly synchronous?: Synchronous
}

/** What another thread needs to join; hand `port` over with it. */
export type LogShare = {
  readonly folder: string
  readonly synchronous: Synchronous
  readonly turn: SharedArrayBuffer
  readonly port: MessagePort
}

type Writer = { readonly folder: string; readonly synchronous: Synchronous; readonly turn: SharedTurn }

/** A row is closed once it holds this much: reading from its middle skips at most as many bytes. */
const batchBytes = 256 * 1024
/** Rows of which a reader took only a part, kept for its next read. */
const restBytesMax = 4 * 1024 * 1024

export class LogSqlite implements Log {
  readonly #file: LogFile
  /** null: only reads. */
  readonly #writer: Writer | null
  readonly #sql: Statements
  readonly #listeners = new Listeners()
  readonly #topics = new Map<string, { spec: TopicSpec; parts: readonly SqlitePartition[] }>()
  readonly #writers: BatchWriter[] = []
  readonly #rests = new Map<SqlitePartition, Row>()
  readonly #turn: SharedTurn
  readonly #peers = new Peers(({ touched, bytes }) => {
    this.#file.committed(bytes)
    for (const [topic, partition] of touched) this.#listeners.tell(topic, partition)
  })
  /** How often the file had changed when the ends of partitions were last known. */
  #changes = 0
  #restBytes = 0
  #writtenBytes = 0
  #closed = false

  /** @throws Failure DATA_DIR_LOCKED, STATE_CORRUPT, LOG_UNREACHABLE */
  static open(folder: string, { synchronous = 'normal' }: LogSqliteOptions = {}): LogSqlite {
    return new LogSqlite(openFile(folder, synchronous), { folder, synchronous, turn: new SharedTurn() })
  }

  /** The log of the owner in another of its threads; it may close when the owner still goes on, not after it. */
  static join({ folder, synchronous, turn, port }: LogShare): LogSqlite {
    const log = new LogSqlite(openFileAgain(folder, synchronous), { folder, synchronous, turn: new SharedTurn(turn) })
    log.#peers.join(port)
    return log
  }

  /**
   * The log of a folder for tools, whether or not its owner runs. Only reads; hears of no appends.
   * @throws Failure SOURCE_UNREADABLE when there is none, STATE_CORRUPT
   */
  static openReadOnly(folder: string): LogSqlite {
    return new LogSqlite(openFileReadOnly(folder), null)
  }

  private constructor(file: LogFile, writer: Writer | null) {
    this.#file = file
    this.#writer = writer
    this.#turn = writer?.turn ?? new SharedTurn()
    try {
      this.#sql = prepare(file)
      this.#loadTopics()
    } catch (error) {
      void file.close()
      throw translated(error, 'cannot open the log', 'LOG_UNREACHABLE')
    }
  }

  /** A way in for another thread; to be called by the owner. */
  share(): LogShare {
    const { folder, synchronous, turn } = this.#assertWriter()
    return { folder, synchronous, turn: turn.memory, port: this.#peers.invite() }
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    this.#assertWriter()
    this.#transact('cannot create topics', () => {
      this.#loadTopics()
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
    this.#assertWriter()
    const row = this.#transact(`cannot claim ${task}`, () => this.#sql.claim.get(task))
    const epoch = Number(row?.epoch)
    let isAlive = true
    return {
      commit: async appends => {
        if (!isAlive) throw new Failure('TASK_FENCED', `this claim of ${task} is over; claim again`)
        isAlive = false
        this.#assertWriter()
        this.#commit(task, epoch, appends)
        isAlive = true
      },
      release: async () => {
        isAlive = false
      },
    }
  }

  async trim(topic: string, partition: number, before: number): Promise<void> {
    this.#assertWriter()
    const part = this.#part(topic, partition)
    this.#transact(`cannot trim ${topic}/${partition}`, () => part.trim(before))
  }

  async settled(): Promise<void> {}

  /** A unit comes into sight as a whole. */
  async isDecided(): Promise<boolean> {
    return true
  }

  onAppend(listener: (topic: string, partition: number) => void): () => void {
    return this.#listeners.add(listener)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#rests.clear()
    this.#peers.close()
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
    this.#peers.tell(() => ({
      touched: touched.map(({ topic, partition }) => [topic, partition] as const),
      bytes: this.#writtenBytes,
    }))
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
    this.#refresh()
    if (part.next !== undefined && from >= part.next) return { records: [], next: from }
    const records: LogRecord[] = []
    let byteCount = 0
    let gone: Pick<Chunk, 'keptFrom'> = {}
    for (const row of this.#rowsFrom(part, Math.max(0, from))) {
      const { reader, end } = row
      // offsets have no gaps here, so a row that is missing was trimmed away
      if (records.length === 0 && reader.offset > from) gone = { keptFrom: reader.offset }
      while (reader.offset < from) reader.skip()
      while (reader.offset < end) {
        const size = reader.peekBytes()
        if (records.length > 0 && (byteCount + size > bytesMax || records.length >= recordsMax)) {
          this.#keepRest(part, row)
          return { records, next: reader.offset, ...gone }
        }
        byteCount += size
        records.push(reader.next())
      }
      if (byteCount >= bytesMax || records.length >= recordsMax) return { records, next: end, ...gone }
    }
    const last = records.at(-1)
    return { records, next: last ? last.offset + 1 : from, ...gone }
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
    this.#refresh()
    if (part.next !== undefined) return part.next
    const next = part.last()
    if (this.#writer) part.next = next
    return next
  }

  #part(topic: string, partition: number): SqlitePartition {
    if (this.#closed) throw new Failure('LOG_UNREACHABLE', 'the log is closed')
    if (!this.#topics.has(topic)) this.#loadTopics()
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

  #assertWriter(): Writer {
    assert(this.#writer !== null, 'a log that was opened for reading is not written')
    if (this.#closed) throw new Failure('LOG_UNREACHABLE', 'the log is closed')
    return this.#writer
  }

  /** Forgets what is known of the ends of partitions when another thread has changed the file since. */
  #refresh(): void {
    const { changes } = this.#turn
    if (changes === this.#changes) return
    for (const { parts } of this.#topics.values()) for (const part of parts) part.next = undefined
    this.#changes = changes
  }

  /** @throws Failure COMMIT_UNKNOWN when the end of the transaction failed, LOG_UNREACHABLE for anything before */
  #transact<T>(what: string, run: () => T): T {
    const { begin, commit, rollback } = this.#sql
    let result: T
    this.#turn.enter()
    try {
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
    } finally {
      // what this thread knows of the ends holds over its own change; a failed one has forgotten what it must
      this.#refresh()
      this.#changes = this.#turn.changed()
      this.#turn.leave()
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
