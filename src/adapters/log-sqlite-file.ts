// The file of log-sqlite: opened, checked, made when it is not there; and what SQLite's errors mean here.
//
//   batches_N   partition number N: one row per commit, large ones in several: the offset of the first record, how many,
//               a CRC-32 and the records (see log-sqlite-batch.ts)
//   topics      name, number of its first partition, partitions, cleanup
//   claims      task and epoch: how often it was claimed
//
// Write-ahead log with synchronous=NORMAL: a killed process loses nothing that was committed; a machine that loses power
// may lose the last commits, whole and in order.

import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Failure } from '../lib/failure.ts'
import { Checkpoints } from './log-sqlite-checkpoint.ts'
import { lockFolder } from './log-sqlite-lock.ts'

export const logFileName = 'slipstream.db'

/** 'SLIP'. */
const applicationId = 0x534c4950
const layout = 1
const pageBytes = 4096
/** What SQLite itself would checkpoint at: only should the thread for it be gone. */
const checkpointBytes = 256 * 1024 * 1024

const tables = `
  CREATE TABLE topics (
    name TEXT PRIMARY KEY, first INTEGER NOT NULL, partitions INTEGER NOT NULL, cleanup TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE claims (task TEXT PRIMARY KEY, epoch INTEGER NOT NULL) WITHOUT ROWID;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${layout};
`

export type Synchronous = 'normal' | 'full'

export type LogFile = {
  readonly db: DatabaseSync
  /** After a commit of so many bytes. */
  committed(byteCount: number): void
  close(): Promise<void>
}

/** The owner's way in. @throws Failure DATA_DIR_LOCKED, STATE_CORRUPT, LOG_UNREACHABLE */
export function openFile(folder: string, synchronous: Synchronous): LogFile {
  const file = path.join(folder, logFileName)
  return translating(`cannot open ${file}`, () => {
    mkdirSync(folder, { recursive: true })
    const unlock = lockFolder(folder)
    let db: DatabaseSync | undefined
    try {
      db = new DatabaseSync(file, { timeout: 5000 })
      db.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = WAL;`)
      setUp(db, synchronous)
      if (isEmpty(db)) db.exec(`BEGIN IMMEDIATE; ${tables} COMMIT;`)
      assertOurs(db, file)
      return opened(db, file, unlock)
    } catch (error) {
      db?.close()
      unlock()
      throw error
    }
  })
}

/** For another thread of the owner, which tells it what was committed. @throws Failure STATE_CORRUPT, LOG_UNREACHABLE */
export function openFileAgain(folder: string, synchronous: Synchronous): LogFile {
  const file = path.join(folder, logFileName)
  return translating(`cannot open ${file}`, () => {
    const db = new DatabaseSync(file, { timeout: 5000 })
    setUp(db, synchronous)
    return { db, committed: () => undefined, close: async () => db.close() }
  })
}

function setUp(db: DatabaseSync, synchronous: Synchronous): void {
  db.exec(`PRAGMA synchronous = ${synchronous}; PRAGMA journal_size_limit = ${checkpointBytes};`)
  db.exec(`PRAGMA wal_autocheckpoint = ${checkpointBytes / pageBytes}`)
}

/** For tools, while the owner runs or not. @throws Failure SOURCE_UNREADABLE when there is no log, STATE_CORRUPT */
export function openFileReadOnly(folder: string): LogFile {
  const file = path.join(folder, logFileName)
  return translating(`cannot open ${file}`, () => {
    let db: DatabaseSync
    try {
      db = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
    } catch (error) {
      throw new Failure('SOURCE_UNREADABLE', `there is no log in ${folder}`, {
        help: 'Give the data folder that Slipstream runs in with --data-dir.',
        cause: error,
      })
    }
    try {
      assertOurs(db, file)
    } catch (error) {
      db.close()
      throw error
    }
    return { db, committed: () => undefined, close: async () => db.close() }
  })
}

/** What SQLite throws, as a failure; other failures as they are. */
export function translated(error: unknown, what: string, otherwise: 'LOG_UNREACHABLE' | 'COMMIT_UNKNOWN'): unknown {
  const kind = sqliteCode(error)
  if (kind === undefined) return error
  const message = `${what}: ${(error as Error).message}`
  if (kind === codes.error || kind === codes.corrupt || kind === codes.notADatabase) return corrupt(message, error)
  return new Failure(otherwise, message, {
    help: 'Check that the disk has room and that the folder may be written.',
    cause: error,
  })
}

export function corrupt(message: string, cause?: unknown): Failure {
  return new Failure('STATE_CORRUPT', message, {
    help: 'Move the data folder aside, keep it for the report, and replay the events into a new one.',
    cause,
  })
}

/** SQLite's own: `error` is what a table that is not there gives. */
const codes = { error: 1, corrupt: 11, notADatabase: 26 } as const

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff // the rest says more of the same kind
}

function translating<T>(what: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw translated(error, what, 'LOG_UNREACHABLE')
  }
}

function isEmpty(db: DatabaseSync): boolean {
  return pragma(db, 'application_id') === 0 && pragma(db, 'user_version') === 0 && tableCount(db) === 0
}

function assertOurs(db: DatabaseSync, file: string): void {
  if (pragma(db, 'application_id') !== applicationId) throw corrupt(`${file} is not a log of Slipstream`)
  const found = pragma(db, 'user_version')
  if (found !== layout) throw corrupt(`${file} has layout ${found}; this version knows ${layout}`)
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name])
}

function tableCount(db: DatabaseSync): number {
  return Number(db.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.count)
}

function opened(db: DatabaseSync, file: string, unlock: () => void): LogFile {
  const checkpoints = new Checkpoints(db, file, pageBytes)
  return {
    db,
    committed: byteCount => checkpoints.committed(byteCount),
    close: async () => {
      await checkpoints.close()
      try {
        db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      } finally {
        db.close()
        unlock()
      }
    },
  }
}
