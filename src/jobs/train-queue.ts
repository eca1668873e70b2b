// Requests for trainings and their answers, as they stand in the topics: what is waiting, what was said.

import { Failure } from '../lib/failure.ts'
import type { ModelCommand, RetrainRequest } from '../records.ts'
import { Bell } from '../runtime/bell.ts'
import { readAll } from '../runtime/digest.ts'
import type { Log } from '../runtime/log.ts'
import type { Codec } from '../runtime/schemas.ts'

const readBytes = 500_000

/** The id of the command that answers a request. */
export function answerIdOf(request: string): string {
  return `train ${request}`
}

/** Whether an answer says that the training crashed again and again: then it is a fact, and no function of the rows. */
export function isGivenUp({ by, verb, evidence }: Pick<ModelCommand, 'by' | 'verb' | 'evidence'>): boolean {
  return by === 'TRAINER' && verb === 'DECLINE' && evidence?.includes('"TRAINING_FAILED"') === true
}

export class TrainQueue {
  readonly #log: Log
  readonly #codec: Codec
  readonly #waiting = new Map<string, RetrainRequest>()
  readonly #known = new Set<string>()
  readonly #answered = new Set<string>()
  readonly #next = new Map<string, number>()
  readonly #bell = new Bell()
  readonly #counted = new Set<string>()
  #decisionsRead = false
  #looking: Promise<void> = Promise.resolve()
  #ended: Error | undefined
  /** The newest request, answered or not. */
  last: RetrainRequest | null = null
  trained = 0
  declined = 0

  constructor({ log, codec }: { readonly log: Log; readonly codec: Codec }) {
    this.#log = log
    this.#codec = codec
  }

  /** Requests without an answer, in their order. */
  get waiting(): readonly RetrainRequest[] {
    return [...this.#waiting.values()]
  }

  knows(request: string): boolean {
    return this.#known.has(request)
  }

  /** Reads on to the present ends of the topics: all that was in sight before the call counts afterwards. */
  look(): Promise<void> {
    const looked = this.#looking.catch(() => undefined).then(() => this.#readOn())
    this.#looking = looked
    return looked
  }

  /** Resolves once nothing is waiting. @throws what the queue was ended with */
  async empty(): Promise<void> {
    while (this.#waiting.size > 0) {
      if (this.#ended !== undefined) throw this.#ended
      await this.#bell.after(this.#bell.count)
    }
  }

  /** Nobody answers any more. */
  end(reason: Error = new Failure('NOT_RUNNING', 'the training job was stopped')): void {
    this.#ended ??= reason
    this.#bell.ring()
  }

  /** Decisions outlive the commands that they answer. */
  async #readDecisions(): Promise<void> {
    if (this.#decisionsRead) return
    for await (const { key } of readAll(this.#log, 'models.registry', 0)) {
      if (key.startsWith('decision/')) this.#answered.add(key.slice('decision/'.length))
    }
    this.#decisionsRead = true
  }

  /** Requests first: an answer that is seen has its request before it. */
  async #readOn(): Promise<void> {
    await this.#readDecisions()
    await this.#each('retrain.requests', value => {
      const request = value as RetrainRequest
      if (this.#known.has(request.id)) return
      this.#known.add(request.id)
      this.last = request
      if (!this.#answered.has(answerIdOf(request.id))) this.#waiting.set(request.id, request)
    })
    await this.#each('models.commands', (value, name) => {
      if (name !== 'ModelCommand') return
      const { id, by, verb, version } = value as ModelCommand
      if (by !== 'TRAINER' || id !== answerIdOf(version)) return
      if (!this.#counted.has(id)) {
        this.#counted.add(id)
        if (verb === 'DECLINE') this.declined++
        else this.trained++
      }
      this.#answered.add(id)
      this.#waiting.delete(version)
    })
    this.#bell.ring()
  }

  async #each(topic: string, meet: (value: unknown, name: string) => void): Promise<void> {
    for (;;) {
      const at = this.#next.get(topic) ?? 0
      const { records, next } = await this.#log.read(topic, 0, at, { bytesMax: readBytes })
      for (const { value } of records) {
        if (!value) continue
        const decoded = this.#codec.decode(value)
        meet(decoded.value, decoded.name)
      }
      this.#next.set(topic, next)
      if (records.length === 0 && next === at) return
    }
  }
}
