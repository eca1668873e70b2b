// trainer-forest: the trainer port with the histogram trees of src/forest, in a thread of the workers port.

import type { Model } from '../forest/model.ts'
import type { TrainingSet } from '../forest/training-set.ts'
import type { Trainer, TrainerOptions } from '../runtime/trainer.ts'
import type { Workers } from '../runtime/workers.ts'
import { trainInThread } from './thread-training.ts'
import type { ForestWork } from './trainer-forest-worker.ts'

const workModule = new URL('./trainer-forest-worker.ts', import.meta.url).href

export class TrainerForest implements Trainer<TrainingSet, Model> {
  readonly #workers: Workers
  readonly #threads: number

  /** @param threads that grow the trees together; they change the time, not the model */
  constructor(workers: Workers, threads = 1) {
    this.#workers = workers
    this.#threads = threads
  }

  train(set: TrainingSet, options: TrainerOptions<Model> = {}): Promise<Model> {
    return trainInThread(
      this.#workers,
      { module: workModule, input: { set, threads: this.#threads } satisfies ForestWork, heapMegabytes: 128 },
      options,
    )
  }
}
