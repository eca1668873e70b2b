// Asking for a training by hand: a request up to the outcomes that are there now. One turn of the loop at a time: while a
// request is open, or a challenger is in shadow, there is no other.

import { Failure } from '../lib/failure.ts'
import { ceilTo } from '../lib/time.ts'
import type { ModelDecision, RetrainRequest } from '../records.ts'
import { readAll } from '../runtime/digest.ts'
import type { Claim, Log } from '../runtime/log.ts'
import type { Codec } from '../runtime/schemas.ts'
import { outcomesSoFar } from './outcomes-cut.ts'
import { TrainQueue } from './train-queue.ts'

export type TrainingDeskOptions = {
  readonly log: Log
  readonly codec: Codec
  readonly latenessMs: number
  /** A promotion takes effect at a multiple of this. */
  readonly stepMs: number
}

export type TrainingWish = {
  /** Event time reached. */
  readonly at: number
  /** As a sentence. */
  readonly why: string
}

export class TrainingDesk {
  readonly #o: TrainingDeskOptions
  readonly #queue: TrainQueue
  #claim: Claim | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: TrainingDeskOptions) {
    this.#o = options
    this.#queue = new TrainQueue(options)
  }

  /**
   * Appends a request, if none is open. Several at once are taken one after the other, so that one wins.
   * @throws Failure TRAINING_OPEN, LOG_UNREACHABLE, COMMIT_UNKNOWN
   */
  ask(wish: TrainingWish): Promise<RetrainRequest> {
    const asked = this.#turn.catch(() => undefined).then(() => this.#ask(wish))
    this.#turn = asked
    return asked
  }

  async close(): Promise<void> {
    await this.#turn.catch(() => undefined)
    await this.#claim?.release()
  }

  async #ask({ at, why }: TrainingWish): Promise<RetrainRequest> {
    const { log, codec, latenessMs, stepMs } = this.#o
    const claim = this.#claim ?? (await log.claim('ask for trainings'))
    this.#claim = undefined
    const decision = await this.#lastDecision()
    await this.#refuseIfOpen(at, decision)
    const request: RetrainRequest = {
      id: this.#idAt(at),
      at,
      effectiveFrom: ceilTo(at + latenessMs, stepMs),
      by: 'OPERATOR',
      why,
      alert: null,
      champion: decision?.champion?.version ?? null,
      cut: (await outcomesSoFar({ log, codec })).cut,
    }
    const value = codec.encode('RetrainRequest', request)
    await claim.commit([{ topic: 'retrain.requests', partition: 0, key: request.id, value }])
    this.#claim = claim
    await log.settled()
    return request
  }

  async #refuseIfOpen(at: number, decision: ModelDecision | null): Promise<void> {
    await this.#queue.look()
    const { last, waiting } = this.#queue
    const help = 'Ask again when it is decided; `slipstream status` shows how far it is.'
    if (last && (waiting.length > 0 || at < last.effectiveFrom)) {
      throw new Failure('TRAINING_OPEN', `the training ${last.id} is open: ${last.why}`, { help })
    }
    const [challenger] = decision?.challengers ?? []
    if (challenger) {
      throw new Failure('TRAINING_OPEN', `the challenger ${challenger.version} is in shadow`, { help })
    }
  }

  /** Requests of one instant are told apart by a number: event time may stand still. */
  #idAt(at: number): string {
    const id = `o-${new Date(at).toISOString().slice(0, 16)}`
    let free = id
    for (let n = 2; this.#queue.knows(free); n++) free = `${id}-${n}`
    return free
  }

  async #lastDecision(): Promise<ModelDecision | null> {
    const { log, codec } = this.#o
    let last: ModelDecision | null = null
    for await (const { key, value } of readAll(log, 'models.registry', 0)) {
      if (value && key.startsWith('decision/')) last = codec.decode(value).value as ModelDecision
    }
    return last
  }
}
