// Runs in a thread: grows the trees, fits calibration, interval and threshold to the rows held out. Yields how far it is,
// and last the packed model.

import { pack } from '../forest/flat.ts'
import { fitToHeldOut } from '../forest/held-out.ts'
import { type ForestParameters, forestDefaults, growRandomForest } from '../forest/train.ts'
import { rowsOf, type TrainingSet } from '../forest/training-set.ts'
import type { TrainingProgress } from '../runtime/trainer.ts'
import { growTrees } from './trainer-random-forest-grow.ts'

/** Nothing that was seen a few dozen times is certain: a model that is sure and wrong once loses every comparison. */
const edgeRows = 0.5

export async function* work(set: TrainingSet): AsyncGenerator<TrainingProgress | Uint8Array> {
  const { features, labels, heldOutFrom, seed, horizonsMinutes, origin, parent } = set
  const parameters = set.parameters as Partial<ForestParameters>
  const of = parameters.trees ?? forestDefaults.trees
  const growing = growRandomForest(growTrees, {
    ...parameters,
    features,
    rows: rowsOf(set, 0, heldOutFrom),
    labels: labels.subarray(0, heldOutFrom),
    seed,
    horizonsMinutes,
    origin,
    parent,
  })
  for (;;) {
    const { done, value } = growing.next()
    if (done) {
      const rows = rowsOf(set, heldOutFrom, labels.length)
      yield pack(fitToHeldOut(value, { rows, labels: labels.subarray(heldOutFrom), edgeRows }))
      return
    }
    yield { done: value, of }
  }
}
