// Ends whoever has a data folder, as Ctrl-C does, and waits until it has let go.

import { setTimeout as sleep } from 'node:timers/promises'
import { ownerOfFolder } from '../adapters/log-sqlite-lock.ts'
import { Failure } from '../lib/failure.ts'

const lookMs = 50

/** @returns which process it was. @throws Failure NOT_RUNNING, or DATA_DIR_LOCKED when it has not ended in time */
export async function endOwner(folder: string, { withinMs }: { withinMs: number }): Promise<{ pid: number }> {
  const owner = ownerOfFolder(folder)
  if (owner === null) {
    throw new Failure('NOT_RUNNING', `nobody has the data folder ${folder}`, {
      help: 'Name the folder that is in use with --data-dir.',
    })
  }
  process.kill(owner.pid, 'SIGTERM')
  for (const until = performance.now() + withinMs; performance.now() < until; await sleep(lookMs)) {
    if (ownerOfFolder(folder) === null) return owner
  }
  throw new Failure('DATA_DIR_LOCKED', `process ${owner.pid} has not ended within ${withinMs / 1000} s`, {
    help: `It may be at a long commit: ask again. \`kill -9 ${owner.pid}\` ends it at once, and loses nothing either.`,
  })
}
