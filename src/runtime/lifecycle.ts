// The life of a task, drawn and as data.
//
//   created ──▶ restoring ──▶ running ◀──▶ parked
//                   ▲            │            │
//                   └── failed ◀─┴────────────┘      any state ──▶ stopped
//
// failed: thrown away after an error; comes back through restoring after a wait. parked: waits for an input, a view or
// an artefact, with no unit open. Where processes share the tasks, any of these but restoring may also become
// elsewhere: another process has the task; it comes back through restoring.

import { assert } from '../lib/assert.ts'

const next = {
  created: ['restoring', 'elsewhere', 'stopped'],
  restoring: ['running', 'failed', 'stopped'],
  running: ['running', 'parked', 'failed', 'elsewhere', 'stopped'],
  parked: ['running', 'parked', 'failed', 'elsewhere', 'stopped'],
  failed: ['restoring', 'elsewhere', 'stopped'],
  elsewhere: ['restoring', 'stopped'],
  stopped: ['stopped'],
} as const

export type TaskState = keyof typeof next

export function move(from: TaskState, to: TaskState): TaskState {
  const allowed: readonly TaskState[] = next[from]
  assert(allowed.includes(to), `a task moves from ${from} to ${to}`)
  return to
}
