// Runs in the thread of log-sqlite-checkpoint.ts: moves what the write-ahead log holds into the file when asked to.

import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../lib/assert.ts'

const port = parentPort
assert(port !== null, 'this module runs in a thread')
const db = new DatabaseSync(String(workerData))

port.on('message', () => {
  let done: { log: number; checkpointed: number } | undefined
  try {
    const row = db.prepare('PRAGMA wal_checkpoint(PASSIVE)').get()
    done = { log: Number(row?.log), checkpointed: Number(row?.checkpointed) }
  } catch {
    // a full disk, say: the next commit will say so; a checkpoint can wait
  }
  port.postMessage(done)
})
