// One process owns a data folder. The lock is a write lock of SQLite on an empty file of its own, held open for as long
// as the process lives: the kernel lets go of it at the very moment the process dies, however it dies, so there is no
// stale lock to recognise and none to steal. `slipstream.pid` beside it only tells a human who has it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Failure } from '../lib/failure.ts'

/** @returns let go. @throws Failure DATA_DIR_LOCKED */
export function lockFolder(folder: string): () => void {
  const pidFile = path.join(folder, 'slipstream.pid')
  const lock = new DatabaseSync(path.join(folder, 'slipstream.lock'), { timeout: 0 })
  try {
    lock.exec('BEGIN IMMEDIATE')
  } catch (error) {
    lock.close()
    throw new Failure('DATA_DIR_LOCKED', `${folder} is in use by ${ownerOf(pidFile)}`, {
      help: 'Stop that process, or give another folder with --data-dir.',
      cause: error,
    })
  }
  writeFileSync(pidFile, `${process.pid}\n`)
  return () => lock.close()
}

/** The process that has a data folder; null when none has. */
export function ownerOfFolder(folder: string): { readonly pid: number } | null {
  const file = path.join(folder, 'slipstream.lock')
  if (!existsSync(file)) return null
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    lock.exec('BEGIN IMMEDIATE')
    return null
  } catch {
    return { pid: Number(readFileSync(path.join(folder, 'slipstream.pid'), 'utf8')) }
  } finally {
    lock.close()
  }
}

function ownerOf(pidFile: string): string {
  try {
    return `process ${readFileSync(pidFile, 'utf8').trim()}`
  } catch {
    return 'a process that is just starting'
  }
}
