// What passes between the program and the process of the warehouse.

import type { LogKafkaOptions } from '../adapters/log-kafka.ts'
import type { ClickhouseAccess } from '../adapters/warehouse-clickhouse.ts'
import type { PackedError } from '../adapters/workers-threads-protocol.ts'
import type { SinkLag } from '../jobs/sink.ts'
import type { QueryAnswer } from '../runtime/warehouse.ts'
import type { Places } from './places.ts'

export type WarehouseInput = {
  readonly dataDir: string
  /** The server that holds the tables; without it, they lie in the data folder. */
  readonly server?: ClickhouseAccess
  /** Where schemas and blobs are; without it, in the data folder. */
  readonly places?: Places
  /** Where the topics are; without it, in the data folder. */
  readonly kafka?: LogKafkaOptions
  /** After how many days of event time rows leave the tables; 0 or nothing: never. */
  readonly keepDays?: number
  /** Whether it copies the topics of the data folder into the warehouse, or only answers questions. */
  readonly fills: boolean
  /** The process's name, where several share that work: then it fills only while it is told to. */
  readonly sharedAs?: string
}

export type Request =
  | { readonly kind: 'caughtUp' }
  | { readonly kind: 'lag' }
  | { readonly kind: 'query'; readonly sql: string; readonly rowsMax: number }
  | { readonly kind: 'fill'; readonly isOurs: boolean }
  | { readonly kind: 'stop' }

export type Answers = { caughtUp: void; lag: readonly SinkLag[]; query: QueryAnswer; fill: void; stop: void }

/** Comes first. Over this way and not the command line, which anybody on the machine can read. */
export type Begin = { readonly begin: WarehouseInput }

export type ToWarehouse = { readonly id: number; readonly request: Request }

export type FromWarehouse =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: PackedError }
  | { readonly kind: 'trouble'; readonly error: PackedError }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly error: PackedError }
