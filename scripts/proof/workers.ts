// Workers of a pipeline on a cluster as processes of their own, and what they say they have.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, start } from './children.ts'

type Told = {
  readonly event: string
  readonly worker: string
  readonly tasks: readonly { readonly name: string; readonly state: string }[]
}

export type Worker = Command & {
  /** What it calls itself; empty before its first word. */
  readonly name: () => string
  /** Tasks that it runs, by its last word. */
  readonly tasks: () => readonly string[]
  /** All tasks that it has, each with its state, by its last word. */
  readonly states: () => string
  /** How often it has told of a change. */
  readonly told: () => number
}

export function startWorker(flags: readonly string[]): Worker {
  const command = start(['worker', '--engine', 'kafka', '--json', ...flags])
  let tasks: readonly string[] = []
  let states = ''
  let told = 0
  let name = ''
  let rest = ''
  command.child.stdout?.on('data', bytes => {
    const lines = `${rest}${String(bytes)}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const said = JSON.parse(line) as Told
      if (said.event !== 'tasks') continue
      tasks = said.tasks.filter(({ state }) => state === 'running').map(({ name }) => name)
      states = said.tasks.map(task => `${task.name} ${task.state}`).join(', ')
      name = said.worker
      told++
    }
  })
  void command.ended.then(({ code, err }) => {
    if (code !== null && code !== 0) process.stderr.write(`a worker ended with ${code}: ${err}\n`)
  })
  return { ...command, name: () => name, tasks: () => tasks, states: () => states, told: () => told }
}

/**
 * Looks until it is so.
 * @param what asked again for the error, where it says what there is instead
 * @throws when it is not after so long
 */
export async function until(
  what: string | (() => string),
  isSo: () => boolean | Promise<boolean>,
  withinMs = 120_000,
): Promise<void> {
  const endAt = performance.now() + withinMs
  while (!(await isSo())) {
    if (performance.now() > endAt) {
      throw new Error(`after ${withinMs / 1000} s: not ${typeof what === 'string' ? what : what()}`)
    }
    await sleep(20)
  }
}
