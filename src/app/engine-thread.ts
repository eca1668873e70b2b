// EngineThread: an engine in a thread of its own, seen from here. Should the thread end, its tasks are taken up by a new
// one: they go on from what they committed, as after a kill.

import { Worker } from 'node:worker_threads'
import { unpackError } from '../adapters/workers-threads-protocol.ts'
import { Failure } from '../lib/failure.ts'
import type { Clock } from '../runtime/clock.ts'
import { dealtTo, type Look, type Member, type TaskView } from '../runtime/engines.ts'
import { emptyTally } from '../runtime/tally.ts'
import { type Pipeline, taskCount } from '../runtime/topology.ts'
import type { StageSettings } from '../stages/settings.ts'
import {
  type Answers,
  type FromThread,
  type Request,
  type TaskNow,
  type ThreadInput,
  type ToThread,
  viewOf,
} from './engine-thread-protocol.ts'
import { portsOf } from './log.ts'

export type EngineThreadOptions = {
  /** Made anew for each thread. */
  readonly input: () => ThreadInput
  readonly pipeline: Pipeline<StageSettings>
  readonly clock: Clock
  readonly onTrouble: (where: string, error: unknown) => void
}

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void }

const againMs = 1000

export class EngineThread implements Member {
  tasks: readonly TaskView[]
  readonly #o: EngineThreadOptions
  readonly #name: string
  readonly #onIdle: (() => void)[] = []
  readonly #waiting = new Map<number, Waiting>()
  readonly #stopping = new AbortController()
  #lastId = 0
  /** undefined between the end of one and the beginning of the next. */
  #worker: Worker | undefined

  constructor(options: EngineThreadOptions) {
    this.#o = options
    const input = options.input()
    this.#name = `engine ${input.index}`
    this.tasks = tasksOf(options.pipeline, input).map(viewOf)
    this.#open(input)
  }

  async start(): Promise<void> {
    await this.#ask({ kind: 'start' })
  }

  /** Between two threads nobody has caught up. */
  async look(): Promise<Look> {
    if (this.#stopping.signal.aborted) throw new Failure('NOT_RUNNING', 'the pipeline was stopped')
    return (await this.#ask({ kind: 'look' })) ?? { caughtUp: false, commits: null }
  }

  onIdle(listener: () => void): void {
    this.#onIdle.push(listener)
  }

  lookup(stage: string, partition: number, key: string): Promise<unknown> {
    return this.#ask({ kind: 'lookup', stage, partition, key })
  }

  wakeAll(): void {
    this.#worker?.postMessage({ kind: 'wake' } satisfies ToThread)
  }

  collectGarbage(): void {
    this.#worker?.postMessage({ kind: 'collect' } satisfies ToThread)
  }

  async stop(deadlineMs: number): Promise<boolean> {
    this.#stopping.abort()
    const worker = this.#worker
    if (!worker) return true
    const late = new AbortController()
    const inTime = await Promise.race([
      this.#ask({ kind: 'stop', deadlineMs }),
      this.#o.clock.sleep(deadlineMs + 500, late.signal).then(() => false),
    ])
    late.abort()
    await worker.terminate()
    return inTime ?? false
  }

  /** @returns undefined when the thread ends before it has answered */
  async #ask<K extends Request['kind']>(request: Request & { kind: K }): Promise<Answers[K] | undefined> {
    const worker = this.#worker
    if (!worker) return undefined
    const id = ++this.#lastId
    const answered = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    worker.postMessage({ kind: 'ask', id, request } satisfies ToThread)
    return (await answered) as Answers[K] | undefined
  }

  #open(input: ThreadInput): void {
    const worker = new Worker(new URL('./engine-thread-worker.ts', import.meta.url), {
      workerData: input,
      transferList: portsOf(input.log),
    })
    this.#worker = worker
    worker.on('message', (told: FromThread) => this.#hear(told))
    worker.on('error', error => this.#o.onTrouble(this.#name, error))
    worker.on('exit', () => this.#ended())
  }

  #hear(told: FromThread): void {
    if (told.kind === 'trouble') return this.#o.onTrouble(told.where, unpackError(told.error))
    if (told.kind === 'tasks') return this.#take(told.tasks)
    if (told.kind === 'idle') {
      this.#take(told.tasks)
      return this.#idle()
    }
    const waiting = this.#waiting.get(told.id)
    this.#waiting.delete(told.id)
    if (told.kind === 'refused') return waiting?.reject(unpackError(told.error))
    this.#take(told.tasks)
    waiting?.resolve(told.value)
  }

  #take(tasks: readonly TaskNow[]): void {
    this.tasks = tasks.map(viewOf)
  }

  #ended(): void {
    this.#worker = undefined
    for (const { resolve } of this.#waiting.values()) resolve(undefined)
    this.#waiting.clear()
    if (this.#stopping.signal.aborted) return
    void this.#again()
  }

  async #again(): Promise<void> {
    const { clock, input, onTrouble } = this.#o
    await clock.sleep(againMs, this.#stopping.signal)
    if (this.#stopping.signal.aborted) return
    this.#open(input())
    try {
      await this.start()
    } catch (error) {
      // one that has not started runs nothing: the next one may, as when brokers are back
      onTrouble(this.#name, error)
      await this.#worker?.terminate()
    }
    this.#idle()
  }

  #idle(): void {
    for (const listener of this.#onIdle) listener()
  }
}

/** The tasks that will be the thread's, before it has begun. */
function tasksOf(pipeline: Pipeline<StageSettings>, { partitions, index, count, group }: ThreadInput): TaskNow[] {
  // the others of the group may have them all
  if (group) return []
  const isOurs = dealtTo(index, count)
  const fresh = {
    state: 'created',
    why: null,
    takenCount: 0,
    reachedAt: null,
    tally: emptyTally,
    position: {},
    balance: {},
  } as const
  return pipeline.nodes.flatMap(node =>
    Array.from({ length: taskCount(node, pipeline.topics, partitions) }, (_, partition) => partition)
      .filter(partition => isOurs(node.stage.name, partition))
      .map(partition => ({ name: `${node.stage.name}-${partition}`, stage: node.stage.name, partition, ...fresh })),
  )
}
