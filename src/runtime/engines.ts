// Engines: those of a process as one. The tasks of a page are dealt out to them by partition, each engine in a thread
// of its own or all in one; they meet in the log alone.

import { Failure, failureIn } from '../lib/failure.ts'
import { Bell } from './bell.ts'
import type { TaskState } from './lifecycle.ts'
import type { Position } from './state.ts'
import { summed, type Tally } from './tally.ts'

/** What the rest of the program sees of a task. Of one in another thread it may be a moment old. */
export type TaskView = {
  readonly name: string
  readonly stage: string
  readonly partition: number
  readonly state: TaskState
  readonly why: string | null
  /** Records taken in committed units since the process started. */
  readonly takenCount: number
  /** Event time the task has reached in committed units. */
  readonly reachedAt: number | null
  /** null: it is in another process. */
  readonly tally: Tally | null
  position(): Position
  balance(): Readonly<Record<string, number>>
}

/** `commits`: how many it knew of all the while it looked; null when there were some meanwhile. */
export type Look = { readonly caughtUp: boolean; readonly commits: number | null }

/** An engine, in this thread or in another; or what is known of those in other processes (others.ts). */
export type Member = {
  readonly tasks: readonly TaskView[]
  /** @throws Failure TOPIC_MISMATCH */
  start(): Promise<void>
  /** Whether all its tasks have taken and committed what was written to their driving inputs. @throws Failure TASK_FENCED, NOT_RUNNING */
  look(): Promise<Look>
  /** Calls back whenever a task parks, stops or fails. */
  onIdle(listener: () => void): void
  /** What a stage's task knows of a key. */
  lookup(stage: string, partition: number, key: string): Promise<unknown>
  wakeAll(): void
  /** Gives back the garbage of its heap, where that is another one than this thread's. */
  collectGarbage?(): void
  /** Finishes the units in hand, then ends. @returns false when the deadline passed first */
  stop(deadlineMs: number): Promise<boolean>
}

/** Which tasks are those of one engine of several; a stage with one task only is the first one's. */
export function dealtTo(engine: number, engineCount: number): (stage: string, partition: number) => boolean {
  return (_, partition) => partition % engineCount === engine
}

export class Engines {
  readonly #members: readonly Member[]
  readonly #begun = new Set<Member>()
  readonly #idle = new Bell()
  readonly #turn: () => Promise<void>
  #stopping: Promise<boolean> | undefined

  /** @param members the first one runs in this thread. @param turn lets others have a turn, as a clock does */
  constructor(members: readonly Member[], turn: () => Promise<void>) {
    this.#members = members
    this.#turn = turn
    for (const member of members) member.onIdle(() => this.#idle.ring())
  }

  /** Each of the page once, those that another process has and nobody has heard of included. */
  get known(): readonly Pick<TaskView, 'name' | 'stage' | 'partition'>[] {
    const all = this.#members.flatMap(({ tasks }) => tasks)
    return [...new Map(all.map(task => [task.name, task])).values()]
  }

  /** Each once: what a member says of a task that it has counts before what others have heard of it. */
  get tasks(): readonly TaskView[] {
    const seen = new Map<string, TaskView>()
    for (const { tasks } of this.#members) {
      for (const task of tasks) if (task.state !== 'elsewhere' && !seen.has(task.name)) seen.set(task.name, task)
    }
    const stages = [...new Set([...seen.values()].map(({ stage }) => stage))]
    const rank = new Map(stages.map((stage, at) => [stage, at]))
    const rankOf = ({ stage }: TaskView) => rank.get(stage) ?? 0
    return [...seen.values()].sort((a, b) => rankOf(a) - rankOf(b) || a.partition - b.partition)
  }

  /** What has happened to a task in this process; null: it never was here. */
  tallyOf(name: string): Tally | null {
    const tallies = this.#members.flatMap(({ tasks }) =>
      tasks.filter(task => task.name === name).map(task => task.tally),
    )
    const own = tallies.filter(tally => tally !== null)
    return own.length === 0 ? null : summed(own)
  }

  /**
   * The first alone makes what is missing: it starts before the others. After a failure it may be called again, for
   * those that have not started.
   * @throws Failure TOPIC_MISMATCH, LOG_UNREACHABLE
   */
  async start(): Promise<void> {
    const [first, ...others] = this.#members
    if (first) await this.#begin(first)
    await Promise.all(others.map(member => this.#begin(member)))
  }

  /** Once: a second loop beside the first of a task would fence it. */
  async #begin(member: Member): Promise<void> {
    if (this.#begun.has(member)) return
    await member.start()
    this.#begun.add(member)
  }

  /** Undefined when the task knows nothing of the key, or there is no such task. */
  async lookup(stage: string, partition: number, key: string): Promise<unknown> {
    const isIt = (task: TaskView) => task.stage === stage && task.partition === partition && task.state !== 'elsewhere'
    const owner = this.#members.find(({ tasks }) => tasks.some(isIt))
    return owner?.lookup(stage, partition, key)
  }

  wakeAll(): void {
    for (const member of this.#members) member.wakeAll()
    this.#idle.ring()
  }

  collectGarbage(): void {
    for (const member of this.#members) member.collectGarbage?.()
  }

  /**
   * Resolves when every task has taken and committed all that was written to its driving inputs, seen in two rounds
   * with no commit in between: between them lies a moment at which nobody had anything to do. Broadcast topics do not
   * count: they are applied only when due.
   * @throws Failure TASK_FENCED when a task has stopped for good, NOT_RUNNING when the engines were stopped
   */
  async caughtUp(): Promise<void> {
    let before: number | 'moved' = 'moved'
    while (!this.#stopping) {
      const seen = this.#idle.count
      const found = await this.#round()
      if (found === 'busy') await this.#idle.after(seen)
      else if (found !== 'moved' && found === before) return
      else await this.#turn()
      before = found === 'busy' ? 'moved' : found
    }
    throw new Failure('NOT_RUNNING', 'the pipeline was stopped')
  }

  /** @returns all commits known of, if everybody has caught up and nobody has committed during its look */
  async #round(): Promise<number | 'busy' | 'moved'> {
    // who has a task that has stopped says why, before others are asked, which are busy for want of it
    await this.#members.find(({ tasks }) => tasks.some(({ state }) => state === 'stopped'))?.look()
    let sum = 0
    let moved = false
    for (const member of this.#members) {
      const look = await member.look().catch((error: unknown) => {
        // a log that does not answer hides what there is to do
        if (failureIn(error)?.next === 'retry') return { caughtUp: true, commits: null }
        throw error
      })
      const { caughtUp, commits } = look
      if (!caughtUp) return 'busy'
      if (commits === null) moved = true
      else sum += commits
    }
    return moved ? 'moved' : sum
  }

  stop(deadlineMs: number): Promise<boolean> {
    this.#stopping ??= Promise.all(this.#members.map(member => member.stop(deadlineMs))).then(all => {
      this.#idle.ring()
      return all.every(inTime => inTime)
    })
    this.#idle.ring()
    return this.#stopping
  }
}
