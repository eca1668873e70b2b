// The sink: copies topics into the warehouse, a batch of one partition at a time, each exactly once.
//
//   K1  The bounds of a batch are recorded in the warehouse (`sink_batches`) before the batch is inserted. That the next
//       batch is recorded means that this one was stored; so the last one recorded is the only one in doubt.
//   K2  After a start or an error the last batch of every partition is repeated: the same offsets, the same rows, the
//       same token. If it was stored, the token lets it fall; if the token is forgotten, its rows replace themselves.
//   K3  The position lies where the rows lie. A warehouse that is thrown away is filled again from the beginning.
//   K4  One batch is in hand at a time: memory is that of `batchBytes` of records, whatever the lag.
//   K5  The stream knows nothing of it: the sink reads what is committed, looks again after a while, and waits longer
//       and longer while the warehouse fails.
//   K6  Where several processes could fill it, the turn is held anew before each batch is recorded: one that was frozen
//       meanwhile finds that it has a successor, and records nothing.

import { Failure, failureIn } from '../lib/failure.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log, LogRecord } from '../runtime/log.ts'
import type { Codec, Decoded } from '../runtime/schemas.ts'
import type { Warehouse } from '../runtime/warehouse.ts'
import { SinkRows, sinkTopics } from './sink-rows.ts'
import type { Turn } from './turn.ts'

export type SinkOptions = {
  readonly log: Log
  readonly codec: Codec
  readonly warehouse: Warehouse
  readonly clock: Clock
  readonly onTrouble: (error: unknown) => void
  /** Of keys and values in one batch. */
  readonly batchBytes?: number
  /** A partition's batches that are not full come no faster than this. */
  readonly everyMs?: number
  /** How long to wait before looking again when there is nothing to do. */
  readonly pollMs?: number
  /** Where several processes could do it. */
  readonly turn?: Turn
}

type Defaults = 'batchBytes' | 'everyMs' | 'pollMs'

export type SinkLag = {
  readonly topic: string
  readonly partition: number
  /** Everything before it is stored. */
  readonly position: number
  /** One past the last record. */
  readonly end: number
}

type Source = {
  readonly topic: string
  readonly partition: number
  position: number
  /** Not before this is another batch taken that may be small; epoch milliseconds. */
  notBefore: number
}

type Batch = {
  readonly from: number
  readonly to: number
  readonly records: readonly LogRecord[]
  readonly full: boolean
}

type Waiter = { readonly resolve: () => void; readonly reject: (error: unknown) => void }

const backOffMs = { first: 500, most: 30_000 }

/** The last batch that was recorded of each partition. */
export const lastBatchesSql = `SELECT topic, partition, from_offset, to_offset, records FROM sink_batches
ORDER BY topic, partition, from_offset DESC LIMIT 1 BY topic, partition`

const bookColumns = ['topic', 'partition', 'from_offset', 'to_offset', 'records']

export class Sink {
  readonly #o: SinkOptions & Required<Pick<SinkOptions, Defaults>>
  readonly #stop = new AbortController()
  #sources: Source[] = []
  #isRecovered = false
  #waiters: Waiter[] = []
  /** Aborted to end a wait early. */
  #nap = new AbortController()
  #failed: Failure | undefined
  #running: Promise<void> | undefined

  constructor(options: SinkOptions) {
    this.#o = { batchBytes: 4 << 20, everyMs: 1000, pollMs: 200, ...options }
  }

  /** Runs until `stop`. */
  start(): void {
    this.#running ??= this.#run()
  }

  /**
   * Resolves when everything that could be read when this was called is stored.
   * @throws Failure WAREHOUSE_MISFIT when the sink has given up, NOT_RUNNING when it was stopped
   */
  caughtUp(): Promise<void> {
    if (this.#failed) return Promise.reject(this.#failed)
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      this.#nap.abort()
    })
  }

  /** How far each partition is; empty before the first look into the warehouse. */
  lag(): Promise<SinkLag[]> {
    return Promise.all(
      this.#sources.map(async ({ topic, partition, position }) => {
        const { next } = await this.#o.log.bounds(topic, partition)
        return { topic, partition, position, end: next }
      }),
    )
  }

  /** Ends after the batch in hand. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#nap.abort()
    await this.#running
    await this.#o.turn?.release()
    this.#rejectWaiters(new Failure('NOT_RUNNING', 'the sink was stopped'))
  }

  async #run(): Promise<void> {
    const { clock, onTrouble, pollMs } = this.#o
    let backOff = backOffMs.first
    while (!this.#stop.signal.aborted) {
      this.#nap = new AbortController()
      if (this.#o.turn?.isOurs() === false) {
        await this.#standBy()
        continue
      }
      try {
        const asked = this.#waiters.length
        const found = await this.#round(asked > 0)
        backOff = backOffMs.first
        if (found) continue
        for (const { resolve } of this.#waiters.splice(0, asked)) resolve()
        if (this.#waiters.length === 0) await clock.sleep(pollMs, this.#nap.signal)
      } catch (error) {
        if (this.#stop.signal.aborted) return
        onTrouble(error)
        this.#isRecovered = false
        const failure = failureIn(error)
        if (failure?.next === 'stop') return this.#giveUp(failure)
        // a caller who waits is no reason to hammer a warehouse that fails
        await clock.sleep(backOff, this.#stop.signal)
        backOff = Math.min(backOff * 2, backOffMs.most)
      }
    }
  }

  /** Another process fills it: who has to wait for that has to ask there. */
  async #standBy(): Promise<void> {
    await this.#o.turn?.release()
    this.#isRecovered = false
    this.#sources = []
    await this.#o.clock.sleep(this.#o.pollMs, this.#stop.signal)
  }

  /** @returns whether anything was found */
  async #round(flush: boolean): Promise<boolean> {
    if (!this.#isRecovered || this.#sources.length === 0) {
      await this.#o.turn?.hold()
      await this.#recover()
    }
    let found = false
    for (const source of this.#sources) {
      if (this.#stop.signal.aborted) return true
      if (!flush && this.#o.clock.now() < source.notBefore) continue
      const batch = await this.#fetch(source)
      if (batch.records.length > 0) {
        found = true
        await this.#store(source, batch)
      }
      source.position = batch.to
      if (!batch.full) source.notBefore = this.#o.clock.now() + this.#o.everyMs
    }
    return found
  }

  /** Rule K2. */
  async #recover(): Promise<void> {
    const { log, warehouse } = this.#o
    const { rows } = await warehouse.query(lastBatchesSql, { rowsMax: 100_000 })
    const last = new Map(rows.map(row => [`${String(row['topic'])}/${Number(row['partition'])}`, row]))
    const sources: Source[] = []
    for (const { name: topic, partitions } of await log.topics()) {
      if (!sinkTopics.includes(topic)) continue
      for (let partition = 0; partition < partitions; partition++) {
        const source = { topic, partition, position: 0, notBefore: 0 }
        const row = last.get(`${topic}/${partition}`)
        if (row)
          await this.#repeat(source, {
            from: Number(row['from_offset']),
            to: Number(row['to_offset']),
            count: Number(row['records']),
          })
        sources.push(source)
      }
    }
    this.#sources = sources
    this.#isRecovered = true
  }

  async #repeat(source: Source, { from, to, count }: { from: number; to: number; count: number }): Promise<void> {
    const { topic, partition } = source
    source.position = from
    const batch = await this.#fetch(source, to)
    if (batch.records.length !== count) {
      const found = `${batch.records.length} of the ${count} records of its last batch are in the log`
      throw new Failure('WAREHOUSE_MISFIT', `the warehouse has ${topic}/${partition} up to ${to}, but ${found}`, {
        help: 'Put the right log back, or remove the warehouse: it is filled again from what the topics hold.',
      })
    }
    await this.#insert(source, batch)
    source.position = to
  }

  /** Rule K1. */
  async #store(source: Source, batch: Batch): Promise<void> {
    const { topic, partition } = source
    const rows = [[topic, partition, batch.from, batch.to, batch.records.length]]
    // rule K6
    await this.#o.turn?.hold()
    const token = tokenOf(source, batch)
    await this.#o.warehouse.insert({ table: 'sink_batches', columns: bookColumns, rows, token })
    await this.#insert(source, batch)
  }

  async #insert(source: Source, batch: Batch): Promise<void> {
    const gathered = new SinkRows(source.partition)
    for (const { value, offset } of batch.records) if (value) gathered.add(await this.#decode(value), offset)
    const token = tokenOf(source, batch)
    for (const [table, { columns, rows }] of gathered.tables) {
      await this.#o.warehouse.insert({ table, columns, rows, token })
    }
  }

  /** Records from the source's position on: as many as a batch takes, or those before `to`. */
  async #fetch({ topic, partition, position }: Source, to = Number.POSITIVE_INFINITY): Promise<Batch> {
    const { log, batchBytes } = this.#o
    const records: LogRecord[] = []
    let bytes = 0
    let at = position
    const room = () => (Number.isFinite(to) ? batchBytes : batchBytes - bytes)
    while (at < to && room() > 0) {
      const chunk = await log.read(topic, partition, at, { bytesMax: room() })
      if (chunk.records.length === 0 && chunk.next === at) break
      for (const record of chunk.records) {
        if (record.offset >= to) break
        records.push(record)
        bytes += record.key.length + (record.value?.length ?? 0)
      }
      at = chunk.next
    }
    return { from: position, to: Math.min(at, to), records, full: room() <= 0 }
  }

  async #decode(value: Uint8Array): Promise<Decoded> {
    const { codec } = this.#o
    try {
      return codec.decode(value)
    } catch (error) {
      // written by a newer program while this one runs
      if (failureIn(error)?.code !== 'SCHEMA_UNKNOWN' || !(await codec.learn())) throw error
      return codec.decode(value)
    }
  }

  #giveUp(failure: Failure): void {
    this.#failed = failure
    this.#rejectWaiters(failure)
  }

  #rejectWaiters(error: Failure): void {
    for (const { reject } of this.#waiters.splice(0)) reject(error)
  }
}

function tokenOf({ topic, partition }: Source, { from, to }: Batch): string {
  return `${topic}/${partition}/${from}-${to}`
}
