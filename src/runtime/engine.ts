// Engine: runs tasks of a pipeline in this thread, each in a loop of its own: a unit of work, then a turn for the
// others; parked until something it reads has moved; after a failure thrown away, a wait, and opened again. Several
// engines may share the tasks of a process (engines.ts).

import { Failure, failureIn } from '../lib/failure.ts'
import { Bell } from './bell.ts'
import { Chunks } from './chunks.ts'
import type { Clock } from './clock.ts'
import type { Look, Member } from './engines.ts'
import type { TaskState } from './lifecycle.ts'
import type { Log } from './log.ts'
import type { Ownership } from './ownership.ts'
import type { Codec } from './schemas.ts'
import { type Fold, SharedView } from './shared-view.ts'
import { Task, type TaskOptions } from './task.ts'
import { type Pipeline, taskCount, topicSpecs } from './topology.ts'

export type EngineOptions<Settings> = Omit<
  TaskOptions<Settings>,
  'node' | 'partition' | 'topics' | 'deadLetters' | 'shared' | 'chunks' | 'tells'
> & {
  readonly pipeline: Pipeline<Settings>
  readonly folds: readonly Fold<unknown>[]
  readonly clock: Clock
  readonly codec: Codec
  readonly log: Log
  /** Hears of every failure of a task; the engine goes on by itself. */
  readonly onTrouble: (task: string, error: unknown) => void
  readonly backoffMs: { readonly first: number; readonly max: number }
  /** Which tasks are this engine's; all unless given. */
  readonly runs?: (stage: string, partition: number) => boolean
  /** Which of those it runs now, where processes share them; without it, always all. */
  readonly ownership?: Ownership
  /** Whether others than tasks ask its views, so that they are fed though no task is here. */
  readonly isAsked?: boolean
}

export class Engine<Settings> implements Member {
  readonly tasks: readonly Task<Settings>[]
  readonly views: ReadonlyMap<string, SharedView<unknown>>
  readonly #o: EngineOptions<Settings>
  readonly #bells = new Map<string, Bell>()
  readonly #onIdle: (() => void)[] = []
  readonly #viewBell = new Bell()
  readonly #chunks: Chunks
  readonly #stopping = new AbortController()
  #commits = 0
  #loops: Promise<void>[] = []
  #unlisten: (() => void) | undefined
  #unlistenOwnership: (() => void) | undefined

  constructor(options: EngineOptions<Settings>) {
    this.#o = options
    const { pipeline, partitions } = options
    const { runs = () => true } = options
    const own = pipeline.nodes
      .flatMap(node =>
        Array.from({ length: taskCount(node, pipeline.topics, partitions) }, (_, partition) => ({ node, partition })),
      )
      .filter(({ node, partition }) => runs(node.stage.name, partition))
    const views = new Map<string, SharedView<unknown>>()
    for (const fold of options.folds) {
      const askers = own.filter(({ node }) => node.shares === fold.topic)
      const count = options.ownership ? null : askers.length
      views.set(fold.topic, new SharedView(fold, options.log, options.codec, count))
    }
    this.views = views
    const reads = pipeline.nodes.flatMap(node => node.reads)
    this.#chunks = new Chunks(new Map(reads.map(topic => [topic, reads.filter(each => each === topic).length])))
    this.tasks = own.map(({ node, partition }) => this.#task(node, partition))
    for (const task of this.tasks) this.#bells.set(task.name, new Bell())
  }

  /** Creates the topics that are missing and starts every task. @throws Failure TOPIC_MISMATCH */
  async start(): Promise<void> {
    const { log, pipeline, partitions } = this.#o
    await log.createTopics(topicSpecs(pipeline, partitions))
    const readers = this.#readers()
    this.#unlisten = log.onAppend((topic, partition) => {
      this.#commits++
      for (const name of readers.get(`${topic}/${partition}`) ?? []) this.#bells.get(name)?.ring()
      if (this.views.has(topic)) this.#viewBell.ring()
    })
    this.#unlistenOwnership = this.#o.ownership?.onChange(() => this.wakeAll())
    this.#loops = [
      ...this.tasks.map(task => this.#live(task)),
      ...[...this.views.values()].map(view => this.#feed(view)),
    ]
  }

  /** Finishes the units in hand, then ends. @returns false when the deadline passed first */
  async stop(deadlineMs: number): Promise<boolean> {
    this.#stopping.abort()
    this.wakeAll()
    const late = new AbortController()
    const ended = Promise.all(this.#loops).then(() => true)
    const inTime = await Promise.race([ended, this.#o.clock.sleep(deadlineMs, late.signal).then(() => false)])
    late.abort()
    this.#unlisten?.()
    this.#unlistenOwnership?.()
    if (inTime) for (const task of this.tasks) await task.stop()
    return inTime
  }

  /** Something outside the log has moved (an artefact came): everybody looks again. */
  wakeAll(): void {
    for (const bell of this.#bells.values()) bell.ring()
    this.#viewBell.ring()
    this.#idle()
  }

  /** @throws Failure TASK_FENCED when a task has stopped for good, NOT_RUNNING */
  async look(): Promise<Look> {
    if (this.#stopping.signal.aborted) throw new Failure('NOT_RUNNING', 'the pipeline was stopped')
    await this.#o.log.settled()
    const commits = this.#commits
    const caughtUp = await this.#allCaughtUp()
    return { caughtUp, commits: this.#commits === commits ? commits : null }
  }

  onIdle(listener: () => void): void {
    this.#onIdle.push(listener)
  }

  async lookup(stage: string, partition: number, key: string): Promise<unknown> {
    return this.tasks.find(task => task.stage === stage && task.partition === partition)?.lookup(key)
  }

  async #allCaughtUp(): Promise<boolean> {
    const stopped = this.tasks.find(({ state }) => state === 'stopped')
    if (stopped) throw new Failure('TASK_FENCED', `${stopped.name} has another owner`)
    for (const task of this.tasks) if (task.state !== 'elsewhere' && !(await task.caughtUp())) return false
    return true
  }

  #idle(): void {
    for (const listener of this.#onIdle) listener()
  }

  async #live(task: Task<Settings>): Promise<void> {
    const { clock, backoffMs, onTrouble } = this.#o
    const bell = this.#bells.get(task.name) as Bell
    const asksView = this.#o.pipeline.nodes.some(({ stage, shares }) => stage.name === task.stage && shares)
    let failures = 0
    while (!this.#stopping.signal.aborted && task.state !== 'stopped') {
      const seen = bell.count
      try {
        if (!(await this.#isOurs(task))) {
          this.#idle()
          await bell.after(seen)
          continue
        }
        if (isClosed(task.state)) {
          this.#follow(task)
          const begun = clock.now()
          await task.open()
          task.tally = { ...task.tally, restoreSeconds: (clock.now() - begun) / 1000 }
        }
        const did = await task.unit()
        failures = 0
        // a view is fed as far as its tasks have come, and a task that opens or parks has come somewhere
        if (asksView) this.#viewBell.ring()
        if (did) {
          await clock.turn()
          continue
        }
      } catch (error) {
        onTrouble(task.name, error)
        await task.fail(error)
        if (failureIn(error)?.code === 'TASK_FENCED' && !(await this.#isStillOurs(task))) continue
        const waitMs = Math.min(backoffMs.max, backoffMs.first * 2 ** failures++)
        await clock.sleep(waitMs, this.#stopping.signal)
        continue
      }
      this.#idle()
      await bell.after(seen)
    }
    this.#idle()
  }

  /** Lets go of a task that another process has. */
  async #isOurs(task: Task<Settings>): Promise<boolean> {
    const { ownership } = this.#o
    if (!ownership) return true
    const owns = ownership.owns(task.name)
    if (owns !== false) return owns ?? false
    if (task.state !== 'elsewhere') {
      await task.letGo()
      for (const view of this.views.values()) view.leave(task.name)
      this.#follow(null)
    }
    ownership.hasLetGo(task.name)
    return false
  }

  /** A view that nobody keeps back goes to the end of its topic, for those who ask it. @param coming opens next */
  #follow(coming: Task<Settings> | null): void {
    if (!this.#o.isAsked) return
    for (const view of this.views.values()) {
      const names = this.#o.pipeline.nodes.filter(node => node.shares === view.topic).map(node => node.stage.name)
      const askers = this.tasks.filter(({ stage }) => names.includes(stage))
      view.follows = askers.every(task => task !== coming && task.state === 'elsewhere')
    }
    this.#viewBell.ring()
  }

  /** After another one has claimed it: two owners must not fence each other in turn. One that is alone stops for good. */
  async #isStillOurs(task: Task<Settings>): Promise<boolean> {
    const { ownership } = this.#o
    if (ownership) return ownership.confirm(task.name)
    await task.stop()
    return false
  }

  async #feed(view: SharedView<unknown>): Promise<void> {
    const names = this.#o.pipeline.nodes.filter(node => node.shares === view.topic).map(node => node.stage.name)
    const askers = this.tasks.filter(task => names.includes(task.stage)).map(task => this.#bells.get(task.name))
    const wake = () => {
      for (const bell of askers) bell?.ring()
    }
    let failures = 0
    while (!this.#stopping.signal.aborted) {
      const seen = this.#viewBell.count
      const upTo = view.upTo
      try {
        const applied = await view.feed()
        failures = 0
        if (view.upTo !== upTo) wake()
        if (!applied) await this.#viewBell.after(seen)
        else await this.#o.clock.turn()
      } catch (error) {
        // it may have gone some way before it failed
        if (view.upTo !== upTo) wake()
        this.#o.onTrouble(`view of ${view.topic}`, error)
        const { first, max } = this.#o.backoffMs
        await this.#o.clock.sleep(Math.min(max, first * 2 ** failures++), this.#stopping.signal)
      }
    }
  }

  #task(node: TaskOptions<Settings>['node'], partition: number): Task<Settings> {
    const { pipeline } = this.#o
    return new Task({
      ...this.#o,
      tells: this.#o.ownership !== undefined,
      node,
      partition,
      topics: pipeline.topics,
      chunks: this.#chunks,
      deadLetters: pipeline.deadLetters,
      shared: topic => {
        const view = this.views.get(topic)
        if (!view) throw new Failure('STATE_CORRUPT', `no view of ${topic} was given to the engine`)
        return { shared: view, reached: at => view.reached(`${node.stage.name}-${partition}`, at) }
      },
    })
  }

  /** Which tasks read a partition as a driving or gathered input. */
  #readers(): Map<string, string[]> {
    const { pipeline, partitions } = this.#o
    const readers = new Map<string, string[]>()
    const add = (topic: string, partition: number, task: string) => {
      const key = `${topic}/${partition}`
      readers.set(key, [...(readers.get(key) ?? []), task])
    }
    for (const task of this.tasks) {
      const node = pipeline.nodes.find(candidate => candidate.stage.name === task.stage)
      for (const topic of node?.reads ?? []) {
        const single = pipeline.topics.find(candidate => candidate.name === topic)?.partitions === 1
        add(topic, single ? 0 : task.partition, task.name)
      }
      if (node?.gathers) for (let p = 0; p < partitions; p++) add(node.gathers, p, task.name)
    }
    return readers
  }
}

function isClosed(state: TaskState): boolean {
  return state === 'created' || state === 'failed' || state === 'elsewhere'
}
