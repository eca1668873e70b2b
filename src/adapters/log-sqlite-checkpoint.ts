// Checkpoints: what commits append to the write-ahead log must be moved into the file now and then, with two fsyncs:
// 100 to 200 ms for 32 MB. Left to SQLite, some commit pays for it all. So a thread does it, while commits go on.
//
// The write-ahead log starts again from its beginning only when a checkpoint has caught up with it, and at full speed
// the thread never does. So it tries again while it is behind, and once the write-ahead log is large the owner's own
// thread moves what is left.

import type { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'

const bytesBetween = 16 * 1024 * 1024
/** Above this the owner moves the rest itself; a restart after a kill has to read as much. */
const walBytesMax = 96 * 1024 * 1024

export class Checkpoints {
  readonly #db: DatabaseSync
  readonly #file: string
  readonly #pageBytes: number
  #thread: Worker | undefined
  #isBusy = false
  #bytes = 0

  constructor(db: DatabaseSync, file: string, pageBytes: number) {
    this.#db = db
    this.#file = file
    this.#pageBytes = pageBytes
  }

  /** After a commit of so many bytes. */
  committed(byteCount: number): void {
    this.#bytes += byteCount
    if (this.#bytes >= bytesBetween && !this.#isBusy) this.#ask()
  }

  async close(): Promise<void> {
    await this.#thread?.terminate()
  }

  #ask(): void {
    this.#isBusy = true
    this.#bytes = 0
    if (!this.#thread) {
      this.#thread = new Worker(new URL('./log-sqlite-checkpoint-worker.ts', import.meta.url), {
        workerData: this.#file,
      })
      this.#thread.unref()
      this.#thread.on('message', done => this.#answered(done))
      // without the thread the owner's checkpoints remain
      this.#thread.on('error', () => this.#answered(undefined))
    }
    this.#thread.postMessage('checkpoint')
  }

  #answered(done: { log: number; checkpointed: number } | undefined): void {
    this.#isBusy = false
    if (!done || done.checkpointed === done.log) return
    if (done.log * this.#pageBytes < walBytesMax) return this.#ask()
    try {
      this.#db.exec('PRAGMA wal_checkpoint(RESTART)')
    } catch {
      // a reader is in the way, or the disk is full: another time
    }
  }
}
