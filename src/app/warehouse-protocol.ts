// What passes between the program and the process of the warehouse.

import type { PackedError } from '../adapters/workers-threads-protocol.ts'
import type { SinkLag } from '../jobs/sink.ts'
import type { QueryAnswer } from '../runtime/warehouse.ts'

export type WarehouseInput = {
  readonly dataDir: string
  /** Whether it copies the topics of the data folder into the warehouse, or only answers questions. */
  readonly fills: boolean
}

export type Request =
  | { readonly kind: 'caughtUp' }
  | { readonly kind: 'lag' }
  | { readonly kind: 'query'; readonly sql: string; readonly rowsMax: number }
  | { readonly kind: 'stop' }

export type Answers = { caughtUp: void; lag: readonly SinkLag[]; query: QueryAnswer; stop: void }

export type ToWarehouse = { readonly id: number; readonly request: Request }

export type FromWarehouse =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: PackedError }
  | { readonly kind: 'trouble'; readonly error: PackedError }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly error: PackedError }
