// A stage on hand-made inputs: records go through the real codec and rows through JSON, what it says is captured.
// `restart` keeps nothing of the stage but the rows that it has marked as changed.

import { readdirSync, readFileSync } from 'node:fs'
import { CodecAvro } from '../../src/adapters/codec-avro.ts'
import { SchemasMemory } from '../../src/adapters/schemas-memory.ts'
import { Failure, failureIn } from '../../src/lib/failure.ts'
import { minutes } from '../../src/lib/time.ts'
import type { RecordName, Records } from '../../src/records.ts'
import type { Artefacts, Behaviour, Input, InputRecord, Shared, Stage, StageIo } from '../../src/runtime/stage.ts'
import { Table } from '../../src/runtime/table.ts'
import { loopDefaults, type StageSettings } from '../../src/stages/settings.ts'
import { airports } from '../flights/world.ts'

const folder = new URL('../../schemas/', import.meta.url)
const texts = readdirSync(folder)
  .sort()
  .map(file => readFileSync(new URL(file, folder), 'utf8'))

export const codec = await CodecAvro.open(new SchemasMemory(), texts)

export const settings: StageSettings = {
  version: 'p1',
  latenessMs: minutes(10),
  aheadMs: minutes(60),
  windowMs: minutes(10),
  stepMs: minutes(1440),
  horizonsMinutes: [120],
  airports,
  loop: loopDefaults,
}

export type Emitted = {
  readonly topic: string
  readonly name: string
  readonly key: string
  readonly value: unknown
  readonly headers: Readonly<Record<string, string>> | undefined
}

export type RunOptions = {
  readonly settings?: Partial<StageSettings>
  readonly partition?: number
  readonly partitions?: number
  readonly shared?: Shared<unknown>
  readonly artefacts?: Artefacts<unknown>
}

class ArrayInput implements Input {
  readonly topic: string
  readonly partition: number
  readonly records: InputRecord[] = []
  next = 0

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  peek(): InputRecord | null {
    return this.records[this.next] ?? null
  }

  take(): void {
    this.next++
  }
}

const nothing = { get: () => null }
const noView: Shared<unknown> = { view: null, has: () => false }

export class StageRun {
  readonly emitted: Emitted[] = []
  /** What it has said of how far it is, in order. */
  readonly reached: number[] = []
  readonly #stage: Stage<StageSettings>
  readonly #o: RunOptions
  readonly #inputs = new Map<string, ArrayInput>()
  /** Rows as text, by table and key. */
  readonly #rows = new Map<string, Map<string, string>>()
  #tables: Table<unknown>[] = []
  #behaviour: Behaviour

  constructor(stage: Stage<StageSettings>, options: RunOptions = {}) {
    this.#stage = stage
    this.#o = options
    this.#behaviour = this.#open()
  }

  /** Appends a record to an input; by default to the task's own partition, or the only one. */
  put<N extends RecordName>(
    topic: string,
    name: N,
    value: Records[N],
    place: { key?: string; partition?: number } = {},
  ) {
    const bytes = Buffer.from(codec.encode(name, value))
    this.putBytes(topic, bytes, place)
  }

  putBytes(topic: string, bytes: Uint8Array, { key = 'key', partition }: { key?: string; partition?: number } = {}) {
    const input = this.#input(topic, partition ?? this.#o.partition ?? 0)
    const decoded = { name: '', value: null as unknown, problem: null as Failure | null }
    try {
      Object.assign(decoded, codec.decode(bytes))
    } catch (error) {
      decoded.problem = failureIn(error) ?? new Failure('FLIGHT_MALFORMED', String(error))
    }
    input.records.push({ key, ...decoded, bytes, offset: input.records.length, headers: { trace: 't1' } })
  }

  step(): boolean {
    return this.#behaviour.step()
  }

  /** Steps until it parks; `between` is called after each step. @returns how many steps it took */
  drain(between: () => void = () => undefined): number {
    for (let steps = 0; ; steps++) {
      if (!this.step()) return steps
      if (steps > 100_000) throw new Error('the stage does not come to an end')
      between()
    }
  }

  /** Writes the changed rows, throws everything else away and opens the stage again. */
  restart(): void {
    this.#behaviour.beforeCommit?.()
    for (const table of this.#tables) {
      const rows = this.#rows.get(table.name) ?? new Map<string, string>()
      this.#rows.set(table.name, rows)
      table.flush((key, row) => {
        if (row === null) rows.delete(key)
        else rows.set(key, JSON.stringify(row))
      })
    }
    this.#behaviour = this.#open()
  }

  /** How many rows a table has. */
  rowCount(table: string): number {
    return this.#tables.find(({ name }) => name === table)?.size ?? 0
  }

  balance(): Readonly<Record<string, number>> {
    return this.#behaviour.balance?.() ?? {}
  }

  poisoned(): void {
    this.#behaviour.poisoned?.(undefined as never)
  }

  lookup(key: string): unknown {
    return this.#behaviour.lookup?.(key)
  }

  /** Records of an input that were not taken. */
  waiting(topic: string, partition = 0): number {
    const { records, next } = this.#input(topic, partition)
    return records.length - next
  }

  /** Values of one record type that went to a topic. */
  out<N extends RecordName>(topic: string, name: N): Records[N][] {
    return this.emitted.filter(each => each.topic === topic && each.name === name).map(each => each.value as Records[N])
  }

  #open(): Behaviour {
    const { settings: change = {}, partition = 0, partitions = 1, shared = noView, artefacts = nothing } = this.#o
    this.#tables = []
    const io: StageIo = {
      partition,
      partitions,
      input: topic => this.#input(topic, partition),
      gather: topic => Array.from({ length: partitions }, (_, number) => this.#input(topic, number)),
      output: topic => ({
        emit: (name, key, value, headers) => {
          this.emitted.push({ topic, key, headers, ...codec.decode(codec.encode(name, value)) })
        },
      }),
      table: <Row>(name: string, packing?: ConstructorParameters<typeof Table<Row>>[1]) => {
        const table = new Table<Row>(name, packing)
        for (const [key, row] of this.#rows.get(name) ?? []) table.restore(key, JSON.parse(row))
        this.#tables.push(table as Table<unknown>)
        return table
      },
      shared: <View>() => shared as Shared<View>,
      artefacts: <T>() => artefacts as Artefacts<T>,
      reached: at => {
        this.reached.push(at)
      },
    }
    return this.#stage.open(io, { ...settings, ...change })
  }

  #input(topic: string, partition: number): ArrayInput {
    const name = `${topic}/${partition}`
    const input = this.#inputs.get(name) ?? new ArrayInput(topic, partition)
    this.#inputs.set(name, input)
    return input
  }
}
