// Gate: every call of a port passes it twice, before and after. At either point the call may wait a little, fail, or be
// where its process dies: from then on no call of this process comes back and none has an effect, so nothing else of the
// process runs. Other processes on the same log and blobs live on.

import { Failure } from '../../src/lib/failure.ts'
import type { Blobs } from '../../src/runtime/blobs.ts'
import type { Claim, Log } from '../../src/runtime/log.ts'
import type { Schemas } from '../../src/runtime/schemas.ts'

/** The n-th point of the run, of all processes, from 1. */
export type Point = { readonly n: number; readonly call: string; readonly when: 'before' | 'after' }
export type Fate = 'go' | 'die' | 'fail'

/** Decides what happens at each point. */
export type Weather = {
  fateAt(point: Point): Fate
  /** How many turns of the others a call of the n-th process waits for. */
  waitAt(call: string, life: number): number
}

export class Gate {
  isDead = false
  readonly #pass: (call: string, when: Point['when']) => Fate
  readonly #wait: (call: string) => number
  readonly #onDeath: () => void
  readonly #unlisten: (() => void)[] = []

  constructor(weather: { fate: Gate['fateOf']; wait: (call: string) => number; onDeath: () => void }) {
    this.#pass = weather.fate
    this.#wait = weather.wait
    this.#onDeath = weather.onDeath
  }

  /** The process ends here. */
  die(): void {
    this.isDead = true
    for (const unlisten of this.#unlisten) unlisten()
  }

  fateOf(call: string, when: Point['when']): Fate {
    return this.#pass(call, when)
  }

  async through<T>(call: string, run: () => Promise<T>): Promise<T> {
    await this.#point(call, 'before')
    const answer = await run()
    await this.#point(call, 'after')
    return answer
  }

  log(inner: Log, onCommitted: (task: string) => void): Log {
    return {
      createTopics: specs => this.through('createTopics', () => inner.createTopics(specs)),
      topics: () => this.through('topics', () => inner.topics()),
      read: (topic, partition, from, limits) =>
        this.through(`read ${topic}/${partition}`, () => inner.read(topic, partition, from, limits)),
      bounds: (topic, partition) => this.through(`bounds ${topic}/${partition}`, () => inner.bounds(topic, partition)),
      trim: (topic, partition, before) =>
        this.through(`trim ${topic}/${partition}`, () => inner.trim(topic, partition, before)),
      claim: async task => {
        const claim = await this.through(`claim ${task}`, () => inner.claim(task))
        return this.#claim(task, claim, onCommitted)
      },
      settled: () => this.through('settled', () => inner.settled()),
      isDecided: (topic, partition) =>
        this.through(`isDecided ${topic}/${partition}`, () => inner.isDecided(topic, partition)),
      onAppend: listener => {
        const unlisten = inner.onAppend((topic, partition) => {
          if (!this.isDead) listener(topic, partition)
        })
        this.#unlisten.push(unlisten)
        return unlisten
      },
      close: async () => undefined,
    }
  }

  blobs(inner: Blobs): Blobs {
    return {
      put: (address, bytes) => this.through(`put ${folderOf(address)}`, () => inner.put(address, bytes)),
      get: address => this.through(`get ${folderOf(address)}`, () => inner.get(address)),
      list: prefix => this.through(`list ${folderOf(prefix)}`, () => inner.list(prefix)),
      delete: address => this.through(`delete ${folderOf(address)}`, () => inner.delete(address)),
    }
  }

  schemas(inner: Schemas): Schemas {
    return {
      register: (subject, schema) => this.through(`register ${subject}`, () => inner.register(subject, schema)),
      idsOf: (subject, schema) => this.through(`idsOf ${subject}`, () => inner.idsOf(subject, schema)),
      byId: id => this.through('byId', () => inner.byId(id)),
    }
  }

  #claim(task: string, inner: Claim, onCommitted: (task: string) => void): Claim {
    return {
      commit: appends =>
        this.through(`commit ${task}`, async () => {
          await inner.commit(appends)
          if (!this.isDead) onCommitted(task)
        }),
      release: () => this.through(`release ${task}`, () => inner.release()),
    }
  }

  async #point(call: string, when: Point['when']): Promise<void> {
    if (this.isDead) return never()
    const fate = this.#pass(call, when)
    if (fate === 'die') {
      this.die()
      this.#onDeath()
    }
    for (let left = this.isDead ? 0 : this.#wait(call); left > 0; left--) await Promise.resolve()
    if (this.isDead) return never()
    if (fate === 'fail' && !call.startsWith('release')) throw failureOf(call)
  }
}

function failureOf(call: string): Failure {
  if (call.startsWith('commit')) return new Failure('COMMIT_UNKNOWN', `${call} was not answered`)
  return new Failure('LOG_UNREACHABLE', `${call} failed`)
}

/** What a dead process waits for. */
function never(): Promise<never> {
  return new Promise(() => undefined)
}

function folderOf(address: string): string {
  return address.slice(0, address.lastIndexOf('/'))
}
