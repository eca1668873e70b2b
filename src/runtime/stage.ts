// Stage: a pure state machine over one partition, or over the merged partitions of a gather.
//
// `open` is called once for each life of a task, with the state restored; it may build indexes over its tables. `step`
// does the smallest piece of work and answers whether it did any. A stage reads no clock, draws no random number and
// touches nothing outside its io, so a unit of work may be thrown away and done again and always gives the same answer.
//
//   driving    the partition of the task itself: its order is the order of everything the stage does
//   gather     one partition each of N, merged by the stage in lockstep (a stage with one task)
//   broadcast  a view that the whole process shares, advanced by event time and asked as of an instant

import type { Failure } from '../lib/failure.ts'
import type { RecordName, Records } from '../records.ts'
import type { Packing, Table } from './table.ts'

/** A record at the head of an input. `problem` says why it could not be decoded; then `name` is empty. */
export type InputRecord = {
  readonly key: string
  readonly name: string
  readonly value: unknown
  readonly problem: Failure | null
  readonly bytes: Uint8Array
  readonly offset: number
  readonly headers: Readonly<Record<string, string>> | undefined
}

export interface Input {
  readonly topic: string
  readonly partition: number
  /** The next record, or null when none has arrived. */
  peek(): InputRecord | null
  /** Consumes the record that `peek` showed. */
  take(): void
}

export interface Output {
  /** Appends to the task's own partition, or to the only one. @throws Failure FIELD_TYPE */
  emit<N extends RecordName>(name: N, key: string, value: Records[N], headers?: Readonly<Record<string, string>>): void
}

/** A view of a broadcast topic that all tasks of a process share. */
export interface Shared<View> {
  readonly view: View
  /** Whether the view holds everything up to `at` (event time). */
  has(at: number): boolean
}

/** Things of a model store that a stage may ask for by hash; null: not here yet, so park. */
export interface Artefacts<T> {
  get(hash: string): T | null
}

export interface StageIo {
  readonly partition: number
  readonly partitions: number
  input(topic: string): Input
  gather(topic: string): readonly Input[]
  output(topic: string): Output
  table<Row>(name: string, packing?: Packing<Row>): Table<Row>
  shared<View>(topic: string): Shared<View>
  artefacts<T>(): Artefacts<T>
  /** Tells the process how far in event time this task is; what lies further back may be forgotten. */
  reached(at: number): void
}

export type Behaviour = {
  /** Does one piece of work; false parks the task until an input, a view or an artefact has moved. */
  step(): boolean
  /** Called once a unit, before its changed rows are written. */
  beforeCommit?(): void
  /** Counts for the balance sheet, from state alone. */
  balance?(): Readonly<Record<string, number>>
  /** A row of state by key, for doors that answer from the present; never for another stage. */
  lookup?(key: string): unknown
  /** Counts a record that the runtime dead-lettered because `step` fails on it. */
  poisoned?(record: InputRecord): void
}

export type Stage<Settings> = {
  readonly name: string
  /** Number of the layout of its rows; older ones are brought forward by `migrate`. */
  readonly layout: number
  /** Pure: a row of layout n (its index) to layout n + 1. */
  readonly migrate?: Readonly<Record<number, (table: string, row: unknown) => unknown>>
  /** The table whose rows `lookup` gives, so that processes that do not have the task can answer too. */
  readonly lookups?: { readonly table: string; readonly unpack: (packed: never) => unknown }
  open(io: StageIo, settings: Settings): Behaviour
}
