// Runs in a thread: boosts a model and fits it to the rows held out. Yields how far it is, and last the packed model.

import { boostedModel } from '../forest/boosted-model.ts'
import { pack } from '../forest/flat.ts'
import type { TrainingSet } from '../forest/training-set.ts'
import type { TrainingProgress } from '../runtime/trainer.ts'

export async function* work(set: TrainingSet): AsyncGenerator<TrainingProgress | Uint8Array> {
  const boosting = boostedModel(set)
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
