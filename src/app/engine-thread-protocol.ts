// What passes between the program and an engine in another thread of it.

import type { PackedError } from '../adapters/workers-threads-protocol.ts'
import type { Look, TaskView } from '../runtime/engines.ts'
import type { StageSettings } from '../stages/settings.ts'
import type { WorkSizes } from './engine.ts'
import type { ThreadLog } from './log.ts'
import type { Places } from './places.ts'
import type { GroupInput } from './sharing.ts'

/** What the thread is begun with. */
export type ThreadInput = {
  readonly places: Places
  readonly log: ThreadLog
  readonly settings: StageSettings
  readonly partitions: number
  readonly sizes: WorkSizes
  readonly index: number
  readonly count: number
  /** How it learns which tasks are its; without it, its share of the partitions. */
  readonly group?: GroupInput
  /** The part of page one that is run, by name. */
  readonly stages: readonly string[]
}

export type Request =
  | { readonly kind: 'start' }
  | { readonly kind: 'look' }
  | { readonly kind: 'lookup'; readonly stage: string; readonly partition: number; readonly key: string }
  | { readonly kind: 'stop'; readonly deadlineMs: number }

/** Requests are answered in any order. */
export type ToThread =
  | { readonly kind: 'wake' }
  | { readonly kind: 'collect' }
  | { readonly kind: 'ask'; readonly id: number; readonly request: Request }

export type Answers = { start: undefined; look: Look; lookup: unknown; stop: boolean }

export type FromThread =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown; readonly tasks: readonly TaskNow[] }
  | { readonly kind: 'refused'; readonly id: number; readonly error: PackedError }
  | { readonly kind: 'idle'; readonly tasks: readonly TaskNow[] }
  | { readonly kind: 'tasks'; readonly tasks: readonly TaskNow[] }
  | { readonly kind: 'trouble'; readonly where: string; readonly error: PackedError }

/** A task as data. */
export type TaskNow = Omit<TaskView, 'position' | 'balance'> & {
  readonly position: ReturnType<TaskView['position']>
  readonly balance: ReturnType<TaskView['balance']>
}

export function taskNow(task: TaskView): TaskNow {
  const { name, stage, partition, state, why, takenCount, reachedAt, tally } = task
  return {
    name,
    stage,
    partition,
    state,
    why,
    takenCount,
    reachedAt,
    tally,
    position: task.position(),
    balance: task.balance(),
  }
}

export function viewOf(now: TaskNow): TaskView {
  return { ...now, position: () => now.position, balance: () => now.balance }
}
