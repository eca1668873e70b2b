// Runs in a thread: boosts a model, fits it to the rows held out, and grows it anew on all. Yields how far it is, once the
// model that the rows held out may grade, and last the packed model.

import { trainedModel } from '../forest/boosted-model.ts'
import { pack } from '../forest/flat.ts'
import type { TrainingSet } from '../forest/training-set.ts'
import { crewOf } from './forest-crew.ts'
import type { TrainingItem } from './thread-training.ts'
import { WorkersThreads } from './workers-threads.ts'

export type ForestWork = { readonly set: TrainingSet; readonly threads: number }

export async function* work({ set, threads }: ForestWork): AsyncGenerator<TrainingItem> {
  // threads of this thread: they end with it
  const boosting = trainedModel(set, crewOf(new WorkersThreads(), threads))
  for (;;) {
    const { done, value } = boosting.next()
    if (done) {
      yield pack(value)
      return
    }
    yield 'graded' in value ? { graded: pack(value.graded) } : value
  }
}
