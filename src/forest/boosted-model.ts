// A boosted model of a training set, from columns to calibration: bins of the rows that grow trees, trees, and calibration,
// interval and threshold fitted to the rows held out. No row is ever an object for longer than it takes to score it.
//
// The rows held out are the newest, and say most of what comes next: once they have graded and calibrated a model, its
// trees are grown anew on all rows, in the same bins.

import { assert } from '../lib/assert.ts'
import { type BinnedSet, binnedSetOf } from './binned.ts'
import { type BoostParameters, type BoostStep, boostDefaults, boostSteps } from './boost.ts'
import type { Crew } from './crew.ts'
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
  numIterations: 300,
  learningRate: 0.05,
  numLeaves: 31,
  maxDepth: 7,
  minDataInLeaf: 100,
  lambdaL2: 50,
  baggingFraction: 0.6,
  baggingFreq: 1,
  featureFraction: 0.2,
  maxBin: 63,
  validationShare: 0,
}

/** Nothing that was seen a few dozen times is certain: a model that is sure and wrong once loses every comparison. */
export const edgeRows = 0.5
const chunkRows = 2000

/** Yields after each tree. The same set gives the same model, bit by bit. @param binned the rows in bins, if they are there */
export function* boostedModel(set: TrainingSet, crew?: Crew, binned?: BinnedSet): Generator<BoostStep, Model> {
  const { labels, heldOutFrom } = set
  assert(heldOutFrom < labels.length, 'some rows are held out')
  const model = yield* grownModel({ ...set, parameters: parametersOf(set), ...(binned ? { binned } : {}) }, crew)
  const raws = rawsOf(model, set, heldOutFrom, labels.length)
  return fitToRaws(model, { raws, labels: labels.subarray(heldOutFrom), edgeRows, method: 'best' })
}

/** The boosted model, whose trees the rows held out may grade. */
export type Graded = { readonly graded: Model }

/**
 * The boosted model, and then the same with trees of all rows, which is what to use: as many more of them as there are more
 * rows. Calibration, interval and threshold stay what the rows held out said of the first.
 */
export function* trainedModel(set: TrainingSet, crew?: Crew): Generator<BoostStep | Graded, Model> {
  const { labels, features, columns, weights, heldOutFrom } = set
  const parameters = parametersOf(set)
  const { numIterations, maxBin, boosting } = parameters
  const until = growingUntil(heldOutFrom, parameters)
  const more = boosting === 'rf' ? 1 : labels.length / until
  const of = numIterations + Math.round(more * numIterations)
  const binned = binnedSetOf({ features, columns, until, weights, binsMax: maxBin })
  const graded = yield* counted(boostedModel(set, crew, binned), { before: 0, of })
  yield { graded }
  const rounds = Math.round(more * graded.trees.roots.length)
  const again = { ...parameters, numIterations: rounds, validationShare: 0, earlyStoppingRound: 0 }
  const growing = grownModel({ ...set, parameters: again, heldOutFrom: labels.length, binned }, crew)
  const { trees, base, trainedOn } = yield* counted(growing, { before: of - rounds, of })
  return { ...graded, trees, base, trainedOn: { ...graded.trainedOn, rows: trainedOn.rows } }
}

/** The steps as a part of a longer way. */
function* counted(
  steps: Generator<BoostStep, Model>,
  { before, of }: { before: number; of: number },
): Generator<BoostStep, Model> {
  try {
    for (;;) {
      const { done, value } = steps.next()
      if (done) return value
      yield { done: before + value.done, of }
    }
  } finally {
    steps.return?.(undefined as never)
  }
}

/** A training set whose labels may be of any kind, with all parameters. */
export type GrowingSet = Omit<TrainingSet, 'labels' | 'parameters'> & {
  readonly labels: Uint8Array | Float64Array
  readonly parameters: ModelParameters
  /** The rows before `heldOutFrom`, and perhaps others behind them, in bins that were made once for several trainings. */
  readonly binned?: BinnedSet
}

/** The same without calibration, interval and threshold: the rows held out, if any, are not looked at. */
export function* grownModel(set: GrowingSet, crew?: Crew): Generator<BoostStep, Model> {
  const { features, columns, labels, heldOutFrom, seed, horizonsMinutes, origin, parent, weights, parameters } = set
  const { maxBin, validationShare: _, ...boosting } = parameters
  assert(heldOutFrom > 0, 'some rows grow trees')
  const training = columns.map(({ values, categories }) => ({ values: values.subarray(0, heldOutFrom), categories }))
  const trainUntil = growingUntil(heldOutFrom, parameters)
  const binned = set.binned ?? binnedSetOf({ features, columns: training, until: trainUntil, weights, binsMax: maxBin })
  const { trees, base } = yield* boostSteps({
    binned,
    labels: labels.subarray(0, heldOutFrom),
    weights: weights?.subarray(0, heldOutFrom),
    trainUntil,
    validUntil: heldOutFrom,
    seed,
    parameters: boosting,
    crew,
  })
  return {
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
}

function growingUntil(heldOutFrom: number, { validationShare }: ModelParameters): number {
  return Math.max(1, Math.ceil(heldOutFrom * (1 - validationShare)))
}

function parametersOf({ parameters }: TrainingSet): ModelParameters {
  return { ...modelDefaults, ...withoutNulls(parameters) }
}

function withoutNulls(parameters: TrainingSet['parameters']): Partial<ModelParameters> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== null))
}

/** In a model's card: without what is empty. */
function cardOf({ monotoneConstraints, ...parameters }: ModelParameters): Model['trainedOn']['parameters'] {
  return monotoneConstraints.length === 0 ? parameters : { ...parameters, monotoneConstraints }
}

/** Raw scores of the rows from..to. */
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
