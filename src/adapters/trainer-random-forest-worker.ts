// Runs in a thread: grows the trees, fits calibration, interval and threshold to the rows held out. Yields how far it is,
// and last the packed model.

import { pack } from '../forest/flat.ts'
import { mlRandomForest } from '../forest/search/families.ts'
import type { TrainingSet } from '../forest/training-set.ts'
import type { TrainingItem } from './thread-training.ts'
import { growTrees } from './trainer-random-forest-grow.ts'

export async function* work(set: TrainingSet): AsyncGenerator<TrainingItem> {
  const training = mlRandomForest(growTrees).train(set)
  for (;;) {
    const { done, value } = training.next()
    if (done) {
      yield pack(value)
      return
    }
    yield value
  }
}
