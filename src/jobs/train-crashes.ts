// How often the training of a request has crashed, in train.changelog: a row each, so that a restart goes on counting and a
// training that always crashes is not repeated for ever. A crash is of the wall clock: nothing else may depend on the
// count but the answer that gives up, which is on record like any other.

import { readAll } from '../runtime/digest.ts'
import type { Append, Log } from '../runtime/log.ts'

/** Trainings of one request that may crash; the last of them is answered with TRAINING_FAILED. */
export const trainingAttemptsMax = 3

const changelog = { name: 'train.changelog', partitions: 1, cleanup: 'delete' } as const
/** Of a message, characters. */
const whyMax = 300

export type Crashes = { readonly count: number /** What the last one said. */; readonly why: string }

export class TrainCrashes {
  readonly #log: Log
  readonly #rows = new Map<string, Crashes>()
  #isRead = false

  constructor(log: Log) {
    this.#log = log
  }

  /** Reads what earlier owners have noted; once the task is claimed nobody else adds to it. @throws Failure LOG_UNREACHABLE */
  async open(): Promise<void> {
    if (this.#isRead) return
    await this.#log.createTopics([changelog])
    this.#rows.clear()
    for await (const { key, value } of readAll(this.#log, changelog.name, 0)) {
      if (value) this.#rows.set(key, JSON.parse(Buffer.from(value).toString()) as Crashes)
    }
    this.#isRead = true
  }

  of(request: string): Crashes {
    return this.#rows.get(request) ?? { count: 0, why: '' }
  }

  /** The row of one crash more. Counted once it is read back: commit it, then call `again`. */
  row(request: string, error: unknown): Append {
    const why = (error instanceof Error ? error.message : String(error)).slice(0, whyMax)
    const crashes: Crashes = { count: this.of(request).count + 1, why }
    return { topic: changelog.name, partition: 0, key: request, value: Buffer.from(JSON.stringify(crashes)) }
  }

  /** Reads once more, whatever became of a commit. */
  again(): void {
    this.#isRead = false
  }
}
