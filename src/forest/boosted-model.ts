// A boosted model of a training set, from columns to calibration: bins of the rows that grow trees, trees, and calibration,
// interval and threshold fitted to the rows held out. No row is ever an object for longer than it takes to score it.

import { assert } from '../lib/assert.ts'
import { binnedSetOf } from './binned.ts'
import { type BoostParameters, type BoostStep, boostDefaults, boostSteps } from './boost.ts'
import { fitToRaws } from './held-out.ts'
import type { Model } from './model.ts'
import { compile } from './score.ts'
import { rowsOf, type TrainingSet } from './training-set.ts'

/** Numbers by LightGBM's names; those of a whole training beside those of its trees. */
export type ModelParameters = BoostParameters & {
  /** Bins of a feature beside that of missing values, 2 to 255. */
  readonly maxBin: number
  /** Share of the rows that grow trees, the last of them, which tells when to stop; 0: none, and no early end. */
  readonly validationShare: number
}

/** What does well on flights (see docs/decisions.md), in a second or two for 20,000 rows. */
export const modelDefaults: ModelParameters = {
  ...boostDefaults,
  numIterations: 150,
  learningRate: 0.06,
  numLeaves: 15,
  maxDepth: 6,
  minDataInLeaf: 40,
  lambdaL2: 5,
  baggingFraction: 0.6,
  baggingFreq: 1,
  featureFraction: 0.4,
  maxBin: 255,
  validationShare: 0,
}

/** Nothing that was seen a few dozen times is certain: a model that is sure and wrong once loses every comparison. */
const edgeRows = 0.5
const chunkRows = 2000

/** Yields after each tree. The same set gives the same model, bit by bit. */
export function* boostedModel(set: TrainingSet): Generator<BoostStep, Model> {
  const { features, columns, labels, heldOutFrom, seed, horizonsMinutes, origin, parent, weights } = set
  const parameters = { ...modelDefaults, ...withoutNulls(set.parameters) } as ModelParameters
  const { maxBin, validationShare, ...boosting } = parameters
  assert(heldOutFrom > 0 && heldOutFrom < labels.length, 'some rows grow trees, and some are held out')
  const training = columns.map(({ values, categories }) => ({ values: values.subarray(0, heldOutFrom), categories }))
  const trainUntil = Math.max(1, Math.ceil(heldOutFrom * (1 - validationShare)))
  const binned = binnedSetOf({ features, columns: training, until: trainUntil, weights, binsMax: maxBin })
  const { trees, base } = yield* boostSteps({
    binned,
    labels: labels.subarray(0, heldOutFrom),
    weights: weights?.subarray(0, heldOutFrom),
    trainUntil,
    validUntil: heldOutFrom,
    seed,
    parameters: boosting,
  })
  const model: Model = {
    kind: boosting.boosting === 'rf' ? 'random-forest' : 'gradient-boosting',
    features: binned.features.map(({ feature }) => feature),
    horizonsMinutes,
    base,
    calibration: null,
    threshold: 5000,
    interval: null,
    reference: null,
    trainedOn: { ...origin, rows: heldOutFrom, parameters: cardOf(parameters), seed, metrics: {} },
    parent,
    trees,
  }
  const raws = rawsOf(model, set, heldOutFrom, labels.length)
  return fitToRaws(model, { raws, labels: labels.subarray(heldOutFrom), edgeRows })
}

function withoutNulls(parameters: TrainingSet['parameters']): Partial<ModelParameters> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== null))
}

/** In a model's card: without what is empty. */
function cardOf({ monotoneConstraints, ...parameters }: ModelParameters): Model['trainedOn']['parameters'] {
  return monotoneConstraints.length === 0 ? parameters : { ...parameters, monotoneConstraints }
}

/** Raw scores of the rows from..to. */
// oxlint-disable-next-line max-params
export function rawsOf(
  model: Model,
  set: Pick<TrainingSet, 'columns' | 'features'>,
  from: number,
  to: number,
): Float64Array {
  const { rawOf } = compile(model, set.features)
  const raws = new Float64Array(to - from)
  for (let first = from; first < to; first += chunkRows) {
    for (const [at, row] of rowsOf(set, first, Math.min(to, first + chunkRows)).entries())
      raws[first - from + at] = rawOf(row)
  }
  return raws
}
