// Others: the tasks of a page as their changelogs tell of them, whichever process has them. So a process can wait until
// all have caught up, and show where all stand, without asking anybody; an owner that has just died hides nothing.
//
// A task has caught up when its last unit ended because the stage had nothing more to do, and none of its inputs holds a
// record behind that unit's position. A changelog may tell of a unit whose other records are still to come into sight: all
// have caught up only if nothing is undecided in any topic of the page.

import { Failure } from '../lib/failure.ts'
import type { Blobs } from './blobs.ts'
import type { Clock } from './clock.ts'
import type { Look, Member, TaskView } from './engines.ts'
import type { Log } from './log.ts'
import { Standings, type Told } from './standing.ts'
import { StateReader } from './state-reader.ts'
import { changelogOf, type Pipeline, taskCount, topicSpecs } from './topology.ts'

export type OthersOptions<Settings> = {
  readonly log: Log
  readonly blobs: Blobs
  readonly clock: Clock
  readonly pipeline: Pipeline<Settings>
  readonly partitions: number
  /** How soon somebody who waits looks again. */
  readonly pollMs: number
}

type Place = { readonly topic: string; readonly partition: number }
type Other = {
  readonly name: string
  readonly stage: string
  readonly partition: number
  readonly inputs: readonly Place[]
  readonly standings: Standings
  readonly lookup: (key: string) => Promise<unknown>
}

export class Others<Settings> implements Member {
  readonly #o: OthersOptions<Settings>
  readonly #others: readonly Other[]
  /** Every partition of the page. */
  readonly #places: readonly Place[]
  readonly #onIdle: (() => void)[] = []
  readonly #stopping = new AbortController()
  #views: readonly TaskView[] = []
  #busiest: Other | undefined

  constructor(options: OthersOptions<Settings>) {
    this.#o = options
    this.#others = othersOf(options)
    this.#places = topicSpecs(options.pipeline, options.partitions).flatMap(({ name: topic, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
    )
  }

  /** As they were when last looked at. */
  get tasks(): readonly TaskView[] {
    return this.#views
  }

  async start(): Promise<void> {
    // they run whether or not we look
  }

  /** Reads where all stand. @throws Failure LOG_UNREACHABLE */
  async refresh(): Promise<void> {
    const told = await Promise.all(this.#others.map(({ standings }) => standings.look()))
    this.#views = this.#others.map((other, index) => viewOf(other, told[index] ?? null))
  }

  async look(): Promise<Look> {
    if (this.#stopping.signal.aborted) throw new Failure('NOT_RUNNING', 'the pipeline was stopped')
    // who was busy a moment ago mostly still is, and then nobody else need be looked at
    if (this.#busiest && (await this.#lookAt(this.#busiest)) === null) return this.#busy()
    const looks = await Promise.all(this.#others.map(other => this.#lookAt(other)))
    this.#busiest = this.#others[looks.indexOf(null)]
    if (this.#busiest || !(await this.#isDecided())) return this.#busy()
    // offsets only rise: the same sum is the same of each
    return { caughtUp: true, commits: looks.reduce<number>((sum, offset) => sum + (offset ?? 0), 0) }
  }

  /** @returns where in its changelog a task that has caught up told of it, null of one that has not */
  async #lookAt({ inputs, standings }: Other): Promise<number | null> {
    const told = await standings.look()
    const isBusy = told?.midway || (await this.#isPending(inputs, told))
    return isBusy ? null : (told?.offset ?? 0)
  }

  async #isDecided(): Promise<boolean> {
    const { log } = this.#o
    const found = await Promise.all(this.#places.map(({ topic, partition }) => log.isDecided(topic, partition)))
    return found.every(isDecided => isDecided)
  }

  onIdle(listener: () => void): void {
    this.#onIdle.push(listener)
  }

  /** Nobody is asked: what a task has committed can be read. @throws Failure LOG_UNREACHABLE, BLOB_MISSING, STATE_CORRUPT */
  async lookup(stage: string, partition: number, key: string): Promise<unknown> {
    return this.#others.find(other => other.stage === stage && other.partition === partition)?.lookup(key)
  }

  wakeAll(): void {
    // nothing of theirs waits for us
  }

  async stop(): Promise<boolean> {
    this.#stopping.abort()
    return true
  }

  #busy(): Look {
    const { clock, pollMs } = this.#o
    void clock.sleep(pollMs, this.#stopping.signal).then(() => {
      for (const listener of this.#onIdle) listener()
    })
    return { caughtUp: false, commits: null }
  }

  async #isPending(inputs: readonly Place[], told: Told | null): Promise<boolean> {
    for (const { topic, partition } of inputs) {
      for (let from = told?.position[`${topic}/${partition}`] ?? 0; ; ) {
        const { records, next } = await this.#o.log.read(topic, partition, from, { bytesMax: 1, recordsMax: 1 })
        if (records.length > 0) return true
        if (next === from) break
        from = next
      }
    }
    return false
  }
}

function othersOf<S>({ log, blobs, pipeline, partitions }: OthersOptions<S>): Other[] {
  const isSingle = (topic: string) => pipeline.topics.find(({ name }) => name === topic)?.partitions === 1
  return pipeline.nodes.flatMap(node => {
    const { name: stage, layout, migrate = {}, lookups } = node.stage
    const changelog = changelogOf(stage)
    return Array.from({ length: taskCount(node, pipeline.topics, partitions) }, (_, partition) => {
      const own = node.reads.map(topic => ({ topic, partition: isSingle(topic) ? 0 : partition }))
      const gathered = Array.from({ length: node.gathers ? partitions : 0 }, (__, number) => {
        return { topic: node.gathers as string, partition: number }
      })
      const standings = new Standings(log, changelog, partition)
      const name = `${stage}-${partition}`
      const common = { log, blobs, task: name, changelog, partition, layout, migrate }
      const reader = lookups && new StateReader({ ...common, table: lookups.table })
      const lookup = async (key: string) => {
        const packed = await reader?.row(key)
        return packed === undefined ? undefined : lookups?.unpack(packed as never)
      }
      return { name, stage, partition, inputs: [...own, ...gathered], standings, lookup }
    })
  })
}

function viewOf({ name, stage, partition }: Other, told: Told | null): TaskView {
  return {
    name,
    stage,
    partition,
    state: told?.midway ? 'running' : 'parked',
    why: null,
    takenCount: Object.values(told?.position ?? {}).reduce((sum, offset) => sum + offset, 0),
    reachedAt: told?.reachedAt ?? null,
    tally: null,
    position: () => told?.position ?? {},
    balance: () => told?.balance ?? {},
  }
}
