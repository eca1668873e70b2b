// trainer-forest: the trainer port with the histogram trees of src/forest, in a thread of the workers port.

import { unpack } from '../forest/flat.ts'
import type { Model } from '../forest/model.ts'
import type { TrainingSet } from '../forest/training-set.ts'
import type { Trainer, TrainerOptions, TrainingProgress } from '../runtime/trainer.ts'
import type { Workers } from '../runtime/workers.ts'
import type { ForestWork } from './trainer-forest-worker.ts'

const workModule = new URL('./trainer-forest-worker.ts', import.meta.url).href

/** A thread without a limit takes what it can get before it collects. */
const heapMegabytes = 128
/** Told of before anybody listens; more than a busy event loop leaves untaken for long. */
const ahead = 16

export class TrainerForest implements Trainer<TrainingSet, Model> {
  readonly #workers: Workers
  readonly #threads: number

  /** @param threads that grow the trees together; they change the time, not the model */
  constructor(workers: Workers, threads = 1) {
    this.#workers = workers
    this.#threads = threads
  }

  async train(set: TrainingSet, { signal, onProgress }: TrainerOptions = {}): Promise<Model> {
    signal?.throwIfAborted()
    const input: ForestWork = { set, threads: this.#threads }
    const work = this.#workers.run<TrainingProgress | Uint8Array>(workModule, input, { ahead, heapMegabytes })
    const items = work[Symbol.asyncIterator]()
    // ends the thread in the middle of a tree; the `next` that waits for it then finds the end
    const stop = () => void items.return?.()
    signal?.addEventListener('abort', stop)
    try {
      for (;;) {
        const { done, value } = await items.next()
        signal?.throwIfAborted()
        if (done) throw new Error('the trainer ended without a model')
        if (value instanceof Uint8Array) return unpack(value)
        onProgress?.(value)
      }
    } finally {
      signal?.removeEventListener('abort', stop)
      await items.return?.()
    }
  }
}
