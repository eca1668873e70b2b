// The log port: topics of partitions of records, and units of work that append to many of them at once.
//
// Designed against Kafka, not against SQLite. So:
//
//   L1  Offsets rise but may have gaps (control records, aborted units). Go on from `next`, never from `offset + 1`
//       and a count; never compare a position with the end of a partition to see whether one has caught up.
//   L2  Readers see committed records only, and in one partition always in the same order.
//   L3  A unit of work is one call of `commit`: all its appends become visible or none does. There is no other way to
//       write, and no offset is kept for anybody: a task's position is a record in its own changelog, in the unit.
//   L4  After any error of `commit` the claim is dead: whether the unit took effect is unknown, and only a new claim,
//       which fences the old one, may look.
//   L5  One owner at a time: a later claim of the same task makes every later commit of the earlier one fail.
//   L6  A commit that was answered need not be in sight yet; `settled` waits until it is. A unit of another process may
//       be in sight in one partition and still be to come in another: who draws a conclusion from what is not there
//       asks `isDecided` first.

/** A record as it is read. */
export type LogRecord = {
  readonly offset: number
  readonly key: string
  /** Confluent wire format in the topics of page one; null is a tombstone in a compacted topic. */
  readonly value: Uint8Array | null
  /** Facts of the wall clock, origin and trace: outside every digest. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A record to append. The partition is chosen by the caller (see partition.ts). */
export type Append = {
  readonly topic: string
  readonly partition: number
  readonly key: string
  readonly value: Uint8Array | null
  readonly headers?: Readonly<Record<string, string>>
}

export type TopicSpec = {
  readonly name: string
  readonly partitions: number
  readonly cleanup: 'delete' | 'compact'
}

export type ReadLimits = {
  /** A read stops once it holds this many bytes of keys and values; it always holds at least one record if there is one. */
  readonly bytesMax: number
  readonly recordsMax?: number
}

export type Chunk = {
  readonly records: readonly LogRecord[]
  /** Where to read on. May lie beyond the last record's offset + 1, even when `records` is empty. */
  readonly next: number
  /** The first offset kept, when the reading began before it: what lay between is gone. */
  readonly keptFrom?: number
}

/** The exclusive right to commit units of work for one task. */
export interface Claim {
  /**
   * Appends all or nothing.
   * @throws Failure TASK_FENCED (a later claim exists), COMMIT_UNKNOWN (may or may not have taken effect),
   *   RECORD_TOO_LARGE (nothing was appended), LOG_UNREACHABLE. After any of them the claim is dead.
   */
  commit(appends: readonly Append[]): Promise<void>
  /** Gives the task back without a word; idempotent. */
  release(): Promise<void>
}

export interface Log {
  /** Creates what is missing. @throws Failure TOPIC_MISMATCH when a topic exists with other partitions. */
  createTopics(specs: readonly TopicSpec[]): Promise<void>
  /** Topics that exist, by name. */
  topics(): Promise<readonly TopicSpec[]>
  /**
   * Committed records from an offset on, oldest first; an offset before the first kept record reads from that one.
   * @throws Failure LOG_UNREACHABLE
   */
  read(topic: string, partition: number, from: number, limits: ReadLimits): Promise<Chunk>
  /** The first offset kept, and one past the last committed record (for lag and tails, not for rule L1). */
  bounds(topic: string, partition: number): Promise<{ readonly first: number; readonly next: number }>
  /** Fences every earlier claim of this task, then answers. */
  claim(task: string): Promise<Claim>
  /** Allows the log to drop records before an offset. Readers that start before it start at what is left. */
  trim(topic: string, partition: number, before: number): Promise<void>
  /**
   * Resolves when all that this process has committed so far can be read: with some logs a unit comes into sight a
   * little after its commit was answered, one partition after the other.
   */
  settled(): Promise<void>
  /**
   * Whether all that anybody had written to the partition before the call is decided: in sight, or undone.
   * @throws Failure LOG_UNREACHABLE
   */
  isDecided(topic: string, partition: number): Promise<boolean>
  /** Calls back after every commit that this process can see, with the partitions it touched. @returns stop listening */
  onAppend(listener: (topic: string, partition: number) => void): () => void
  close(): Promise<void>
}

/** The largest key and value that any log takes, bytes. */
export const recordBytesMax = 1_000_000
