// Turn: whose turn a job is, where several processes could do it. The group says whose it should be; what keeps a process
// that was frozen from going on beside its successor is a token in the log: each one who takes the job writes the next
// number under a claim, and writes it again before each step that touches the world. A later claim makes that fail.

import { readAll } from '../runtime/digest.ts'
import type { Claim, Log } from '../runtime/log.ts'

export type TurnOptions = {
  readonly log: Log
  readonly job: string
  /** Who takes it, for those who look. */
  readonly by: string
  readonly isOurs: () => boolean
}

const topic = { name: 'jobs.changelog', partitions: 1, cleanup: 'compact' } as const

export class Turn {
  readonly #o: TurnOptions
  #claim: Claim | undefined
  #token = 0

  constructor(options: TurnOptions) {
    this.#o = options
  }

  isOurs(): boolean {
    return this.#o.isOurs()
  }

  /** The number of this turn; 0 before it was first held. */
  get token(): number {
    return this.#token
  }

  /** Takes the job if it was not taken yet. @throws Failure TASK_FENCED when another one has taken it since, LOG_UNREACHABLE */
  async hold(): Promise<void> {
    const claim = this.#claim ?? (await this.#take())
    this.#claim = undefined
    const value = Buffer.from(JSON.stringify({ token: this.#token, by: this.#o.by }))
    await claim.commit([{ topic: topic.name, partition: 0, key: this.#o.job, value }])
    this.#claim = claim
  }

  async release(): Promise<void> {
    const claim = this.#claim
    this.#claim = undefined
    await claim?.release()
  }

  async #take(): Promise<Claim> {
    const { log, job } = this.#o
    await log.createTopics([topic])
    const claim = await log.claim(`job ${job}`)
    let last = 0
    for await (const { key, value } of readAll(log, topic.name, 0)) {
      if (key === job && value) last = (JSON.parse(Buffer.from(value).toString()) as { token: number }).token
    }
    this.#token = last + 1
    return claim
  }
}
