// trainer-random-forest: the trainer port with ml-random-forest, in a thread of the workers port.

import type { Model } from '../forest/model.ts'
import type { TrainingSet } from '../forest/training-set.ts'
import type { Trainer, TrainerOptions } from '../runtime/trainer.ts'
import type { Workers } from '../runtime/workers.ts'
import { trainInThread } from './thread-training.ts'

const workModule = new URL('./trainer-random-forest-worker.ts', import.meta.url).href

export class TrainerRandomForest implements Trainer<TrainingSet, Model> {
  readonly #workers: Workers

  constructor(workers: Workers) {
    this.#workers = workers
  }

  train(set: TrainingSet, options: TrainerOptions<Model> = {}): Promise<Model> {
    return trainInThread(this.#workers, { module: workModule, input: set, heapMegabytes: 192 }, options)
  }
}
