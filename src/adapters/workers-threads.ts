// workers-threads: a module in a thread of its own, through node:worker_threads.

import { Worker } from 'node:worker_threads'
import type { Workers, WorkModule, WorkOptions } from '../runtime/workers.ts'
import { type Job, type Told, unpackError } from './workers-threads-protocol.ts'

const aheadDefault = 2

export class WorkersThreads implements Workers {
  readonly #threads = new Set<Thread<unknown>>()

  run<T>(module: WorkModule, input: unknown, options: WorkOptions = {}): AsyncIterable<T> {
    const thread = new Thread<T>(module, input, options, () => this.#threads.delete(thread as Thread<unknown>))
    this.#threads.add(thread as Thread<unknown>)
    return thread
  }

  /** Ends every thread; who still iterates over one sees its end as an error. */
  async close(): Promise<void> {
    await Promise.all([...this.#threads].map(thread => thread.end(new Error('the workers were closed'))))
  }
}

/** One run: an iterable for one reader, once. */
class Thread<T> implements AsyncIterableIterator<T> {
  readonly #worker: Worker
  readonly #onEnd: () => void
  #items: T[] = []
  #error: Error | undefined
  #isOver = false
  #wake: (() => void) | undefined

  constructor(
    module: WorkModule,
    input: unknown,
    { ahead = aheadDefault, heapMegabytes }: WorkOptions,
    onEnd: () => void,
  ) {
    this.#onEnd = onEnd
    const job: Job = { module, input, ahead }
    // the young generation in the proportion that V8 itself would take
    const resourceLimits = heapMegabytes && {
      maxOldGenerationSizeMb: heapMegabytes,
      maxYoungGenerationSizeMb: heapMegabytes / 8,
    }
    this.#worker = new Worker(new URL('./workers-threads-worker.ts', import.meta.url), {
      workerData: job,
      ...(resourceLimits ? { resourceLimits } : {}),
    })
    this.#worker.on('message', (told: Told) => this.#hear(told))
    this.#worker.on('error', error => this.#finish(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', code => this.#finish(new Error(`the thread of ${job.module} ended with ${code}`)))
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<T>> {
    while (this.#items.length === 0 && !this.#isOver) await new Promise<void>(resolve => void (this.#wake = resolve))
    if (this.#items.length > 0) {
      const value = this.#items.shift() as T
      this.#worker.postMessage('credit')
      return { done: false, value }
    }
    const error = this.#error
    this.#error = undefined
    if (error !== undefined) throw error
    return { done: true, value: undefined }
  }

  async return(): Promise<IteratorResult<T>> {
    this.#items = []
    await this.end()
    return { done: true, value: undefined }
  }

  async end(error?: Error): Promise<void> {
    this.#finish(error)
    await this.#worker.terminate()
  }

  #hear(told: Told): void {
    if (told.kind === 'end') return this.#finish(undefined)
    if (told.kind === 'error') return this.#finish(unpackError(told.error))
    this.#items.push(told.item as T)
    this.#wake?.()
  }

  /** The first end counts: what comes after it (the exit of the thread) is its echo. */
  #finish(error: Error | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#error = error
    this.#onEnd()
    this.#wake?.()
  }
}
