// Runs in a thread: boosts a model and fits it to the rows held out. Yields how far it is, and last the packed model.

import { boostedModel } from '../forest/boosted-model.ts'
import { pack } from '../forest/flat.ts'
import type { TrainingSet } from '../forest/training-set.ts'
import type { TrainingProgress } from '../runtime/trainer.ts'
import { crewOf } from './forest-crew.ts'
import { WorkersThreads } from './workers-threads.ts'

export type ForestWork = { readonly set: TrainingSet; readonly threads: number }

export async function* work({ set, threads }: ForestWork): AsyncGenerator<TrainingProgress | Uint8Array> {
  // threads of this thread: they end with it
  const boosting = boostedModel(set, crewOf(new WorkersThreads(), threads))
  for (;;) {
    const { done, value } = boosting.next()
    if (!done) {
      yield value
      continue
    }
    yield pack(value)
    return
  }
}
