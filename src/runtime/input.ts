// Buffered: the records of one partition that a task has fetched and not yet taken.
//
//   `taken`   where the next unit of work starts when this one commits
//   `next`    where the log is read on; ahead of `taken` by what is buffered (and by gaps)

import { Failure, failureIn } from '../lib/failure.ts'
import type { Budget, Holder } from './budget.ts'
import type { Chunks } from './chunks.ts'
import type { Log, LogRecord } from './log.ts'
import type { Codec } from './schemas.ts'
import type { Input, InputRecord } from './stage.ts'

export type InputOptions = {
  readonly log: Log
  readonly codec: Codec
  readonly budget: Budget
  readonly fetchBytes: number
  /** What other tasks have decoded of the same partition. */
  readonly chunks: Chunks
  /** Whether a record that cannot be decoded is handed on with its problem. */
  readonly raw: boolean
}

const noBytes = new Uint8Array(0)

export class Buffered implements Input, Holder {
  readonly topic: string
  readonly partition: number
  readonly #options: InputOptions
  #records: readonly InputRecord[] = []
  #head = 0
  #bytes = 0
  #next = 0
  /** Whether something was taken before: then nothing may be missing behind it. */
  #hasBegun = false
  taken = 0
  parked = false

  constructor(topic: string, partition: number, options: InputOptions) {
    this.topic = topic
    this.partition = partition
    this.#options = options
    options.budget.join(this)
  }

  /** Goes on from where a unit ended. */
  seek(offset: number): void {
    this.#hasBegun = true
    this.#drop()
    this.#next = offset
    this.taken = offset
  }

  /**
   * Reads on when nothing is buffered.
   * @returns whether there is a record now
   * @throws Failure INPUT_LOST when the log has dropped what comes next, what reading and decoding throw
   */
  async fill(): Promise<boolean> {
    this.parked = false
    if (this.#head < this.#records.length) return true
    const { budget, fetchBytes, chunks, raw } = this.#options
    for (;;) {
      const from = this.#next
      const other = raw ? undefined : chunks.reading(this, from)
      if (other) await other
      const bytesMax = budget.grant(fetchBytes)
      const known = raw ? undefined : chunks.find(this, from, bytesMax)
      if (known) {
        this.#hold(known.records, known.bytes)
        this.#next = known.next
        return true
      }
      const read = this.#read(from, bytesMax)
      if (!raw) chunks.expect(this, from, read)
      if (await read) return true
      if (this.#next === from) return false
      this.taken = this.#next
    }
  }

  /** @returns whether there was a record */
  async #read(from: number, bytesMax: number): Promise<boolean> {
    const { log, budget, chunks, raw } = this.#options
    // what is granted counts at once, so that readers at the same time do not each get it
    budget.hold(bytesMax)
    const chunk = await log.read(this.topic, this.partition, from, { bytesMax }).finally(() => budget.release(bytesMax))
    if (chunk.keptFrom !== undefined && this.#hasBegun) throw this.#lost(from, chunk.keptFrom)
    this.#next = chunk.next
    if (chunk.records.length === 0) return false
    const { records, bytes } = await this.#decoded(chunk.records)
    this.#hold(records, bytes)
    if (!raw && chunk.keptFrom === undefined) chunks.keep(this, { from, next: chunk.next, bytes, records })
    return true
  }

  /** Whether the log holds a record that was not taken yet. */
  async pending(): Promise<boolean> {
    if (this.#head < this.#records.length) return true
    let from = this.#next
    for (;;) {
      const chunk = await this.#options.log.read(this.topic, this.partition, from, { bytesMax: 1, recordsMax: 1 })
      if (chunk.records.length > 0) return true
      if (chunk.next === from) return false
      from = chunk.next
    }
  }

  peek(): InputRecord | null {
    return this.#records[this.#head] ?? null
  }

  take(): void {
    const record = this.#records[this.#head] as InputRecord
    this.#head++
    this.taken = record.offset + 1
    this.#hasBegun = true
    if (this.#head < this.#records.length) return
    // with the gap behind it, so that whoever goes on from here does not take offsets that hold nothing for lost
    this.taken = this.#next
    this.#drop()
  }

  releaseIfParked(): number {
    if (!this.parked || this.#bytes === 0) return 0
    const bytes = this.#bytes
    this.#records = []
    this.#head = 0
    this.#bytes = 0
    this.#next = this.taken
    return bytes
  }

  close(): void {
    this.#drop()
    this.#options.budget.leave(this)
  }

  async #decoded(records: readonly LogRecord[]): Promise<{ records: readonly InputRecord[]; bytes: number }> {
    let bytes = 0
    const decoded: InputRecord[] = []
    for (const record of records) {
      bytes += record.value?.length ?? 0
      let input = this.#decode(record)
      if (input.problem !== null) input = await this.#again(record, input)
      decoded.push(input)
    }
    return { records: decoded, bytes }
  }

  #hold(records: readonly InputRecord[], bytes: number): void {
    this.#options.budget.hold(bytes)
    this.#records = records
    this.#head = 0
    this.#bytes = bytes
  }

  /** Decodes a record once more if its schema can be learned. */
  async #again(record: LogRecord, first: InputRecord): Promise<InputRecord> {
    const learned = first.problem?.code === 'SCHEMA_UNKNOWN' && (await this.#options.codec.learn())
    const input = learned ? this.#decode(record) : first
    if (input.problem === null || this.#options.raw) return input
    const place = `${this.topic}/${this.partition} at ${record.offset}`
    throw new Failure('STATE_CORRUPT', `${place}: ${input.problem.message}`, { cause: input.problem })
  }

  #decode({ key, value, offset, headers }: LogRecord): InputRecord {
    const bytes = value ?? noBytes
    try {
      const { name, value: body } = this.#options.codec.decode(bytes)
      return { key, name, value: body, problem: null, bytes, offset, headers }
    } catch (error) {
      const problem = failureIn(error) ?? new Failure('FLIGHT_MALFORMED', String(error), { cause: error })
      if (problem.next !== 'reject') throw error
      return { key, name: '', value: null, problem, bytes, offset, headers }
    }
  }

  #lost(from: number, keptFrom: number): Failure {
    const message = `${this.topic}/${this.partition} begins at ${keptFrom}, but was taken up to ${from} only`
    return new Failure('INPUT_LOST', message, {
      help: 'Begin anew under another kafkaPrefix, by a replay of what is kept, and give topics a longer retention.',
    })
  }

  #drop(): void {
    this.#options.budget.release(this.#bytes)
    this.#records = []
    this.#head = 0
    this.#bytes = 0
  }
}
