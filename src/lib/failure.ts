// Everything that can go wrong, in one table: whose fault it is and what happens next. Callers branch on `code`,
// never on a message or a class. docs/failures.md has a section for each code; test/house-rules.test.ts keeps
// the two equal.

/** `ours` is a defect here, `theirs` a bad record, call or file, `world` a broker, disk, network or other process. */
export type Blame = 'ours' | 'theirs' | 'world'

/** What the engine does next: reject this one thing and go on, try the same again later, or stop the task. */
export type Next = 'reject' | 'retry' | 'stop'

const codes = {
  // a record
  FLIGHT_MALFORMED: { blame: 'theirs', next: 'reject' },
  SCHEMA_UNKNOWN: { blame: 'theirs', next: 'reject' },
  FIELD_MISSING: { blame: 'theirs', next: 'reject' },
  FIELD_TYPE: { blame: 'theirs', next: 'reject' },
  TIME_IMPOSSIBLE: { blame: 'theirs', next: 'reject' },
  AIRPORT_UNKNOWN: { blame: 'theirs', next: 'reject' },
  FUTURE: { blame: 'theirs', next: 'reject' },
  EXPIRED: { blame: 'theirs', next: 'reject' },
  UNKNOWN_FLIGHT: { blame: 'theirs', next: 'reject' },
  CONFLICT: { blame: 'theirs', next: 'reject' },
  SETTLED: { blame: 'theirs', next: 'reject' },
  WRONG_PARTITION: { blame: 'theirs', next: 'reject' },
  RECORD_TOO_LARGE: { blame: 'theirs', next: 'reject' },
  STAGE_FAILED: { blame: 'ours', next: 'reject' },

  // the log and the tasks on it
  LOG_UNREACHABLE: { blame: 'world', next: 'retry' },
  COMMIT_UNKNOWN: { blame: 'world', next: 'retry' },
  TASK_FENCED: { blame: 'world', next: 'stop' },
  INPUT_LOST: { blame: 'world', next: 'stop' },
  STATE_CORRUPT: { blame: 'ours', next: 'stop' },
  BLOB_MISSING: { blame: 'world', next: 'stop' },
  BLOB_ALTERED: { blame: 'world', next: 'stop' },
  BLOBS_UNREACHABLE: { blame: 'world', next: 'retry' },

  // models
  MODEL_CORRUPT: { blame: 'world', next: 'stop' },
  MODEL_UNKNOWN: { blame: 'theirs', next: 'reject' },
  MODEL_MISFIT: { blame: 'theirs', next: 'reject' },
  MODEL_UNSUPPORTED: { blame: 'theirs', next: 'reject' },
  ROWS_UNFIT: { blame: 'theirs', next: 'reject' },
  COMMAND_REFUSED: { blame: 'theirs', next: 'reject' },
  SEARCH_UNKNOWN: { blame: 'theirs', next: 'reject' },
  SEARCH_OPEN: { blame: 'theirs', next: 'reject' },
  TRAINING_FAILED: { blame: 'ours', next: 'reject' },

  // telling others
  WEBHOOK_FAILED: { blame: 'world', next: 'reject' },

  // contracts
  SCHEMA_INCOMPATIBLE: { blame: 'theirs', next: 'stop' },
  SCHEMA_ID_CHANGED: { blame: 'world', next: 'stop' },
  SCHEMAS_UNREACHABLE: { blame: 'world', next: 'retry' },
  TOPIC_MISMATCH: { blame: 'theirs', next: 'stop' },
  PIPELINE_VERSION: { blame: 'theirs', next: 'stop' },

  // the warehouse
  WAREHOUSE_MISSING: { blame: 'theirs', next: 'stop' },
  WAREHOUSE_LOCKED: { blame: 'theirs', next: 'retry' },
  WAREHOUSE_FAILED: { blame: 'world', next: 'retry' },
  WAREHOUSE_MIGRATION: { blame: 'theirs', next: 'stop' },
  WAREHOUSE_MISFIT: { blame: 'theirs', next: 'stop' },
  QUERY_REFUSED: { blame: 'theirs', next: 'reject' },

  // starting and calling
  DATA_DIR_LOCKED: { blame: 'theirs', next: 'stop' },
  PORT_IN_USE: { blame: 'theirs', next: 'stop' },
  SOURCE_UNREADABLE: { blame: 'theirs', next: 'stop' },
  NOT_RUNNING: { blame: 'theirs', next: 'stop' },
  NOT_SUPERVISED: { blame: 'theirs', next: 'reject' },
  USAGE: { blame: 'theirs', next: 'reject' },

  // over HTTP
  REQUEST_MALFORMED: { blame: 'theirs', next: 'reject' },
  ROUTE_UNKNOWN: { blame: 'theirs', next: 'reject' },
  MEDIA_TYPE: { blame: 'theirs', next: 'reject' },
  HOST_REFUSED: { blame: 'theirs', next: 'reject' },
  TOO_MANY_REQUESTS: { blame: 'theirs', next: 'retry' },
  TRAINING_OPEN: { blame: 'theirs', next: 'reject' },
  NOT_READY: { blame: 'world', next: 'retry' },
  OVERLOADED: { blame: 'world', next: 'retry' },
  UNEXPECTED: { blame: 'ours', next: 'reject' },
} as const satisfies Record<string, { blame: Blame; next: Next }>

export type FailureCode = keyof typeof codes

export const failureCodes: readonly FailureCode[] = Object.keys(codes) as FailureCode[]

export function isFailureCode(text: string): text is FailureCode {
  return Object.hasOwn(codes, text)
}

export type FailureOptions = {
  /** The field that is wrong, as a path into the record: `scheduledAt`, `flights[3].origin`. */
  field?: string
  /** What the reader can do next, as a sentence. */
  help?: string
  cause?: unknown
}

export class Failure extends Error {
  readonly code: FailureCode
  readonly blame: Blame
  readonly next: Next
  declare readonly field?: string
  declare readonly help?: string

  constructor(code: FailureCode, message: string, { field, help, cause }: FailureOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'Failure'
    this.code = code
    this.blame = codes[code].blame
    this.next = codes[code].next
    if (field !== undefined) this.field = field
    if (help !== undefined) this.help = help
  }
}

/** The failure in a chain of causes that is nearest to the surface, if there is one. */
export function failureIn(error: unknown): Failure | undefined {
  const seen = new Set<unknown>()
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    if (at instanceof Failure) return at
    seen.add(at)
  }
  return undefined
}
