// The algorithms that a search compares: what each may choose, the point it starts with (its own defaults, as near as they
// lie), and how a model is made of a training set. Whoever grows trees for `ml-random-forest` is handed in.

import type { BinnedSet } from '../binned.ts'
import {
  edgeRows,
  type Graded,
  grownModel,
  type ModelParameters,
  modelDefaults,
  trainedModel,
} from '../boosted-model.ts'
import { fitToHeldOut } from '../held-out.ts'
import { fittedLogistic, logisticModel } from '../logistic-model.ts'
import type { Model } from '../model.ts'
import { type ForestParameters, forestDefaults, type Grow, growRandomForest } from '../train.ts'
import { rowsOf, type TrainingSet } from '../training-set.ts'
import type { FamilyName } from './family-names.ts'
import { choice, logNumber, logWhole, number, type Point, type Space, wholeNumber } from './space.ts'

type Step = { readonly done: number; readonly of: number }
export type Steps = Generator<Step, Model>

export type Family = {
  readonly space: Space
  readonly start: Point
  /** Parameters by the algorithm's names. */
  readonly parametersOf: (point: Point) => TrainingSet['parameters']
  /** Of the rows before `heldOutFrom`, uncalibrated. @param binned those rows, if the algorithm wants them */
  readonly grow: (set: TrainingSet, binned: BinnedSet) => Steps
  /**
   * A whole training, fitted to the rows held out. Where trees are grown anew on all rows it yields first the model that
   * those held out may grade.
   */
  readonly train: (set: TrainingSet) => Generator<Step | Graded, Model>
}

/** Bins of a number, in all trials: rows are binned once. */
export const searchBins = 63

const boosting: Family = {
  space: [
    logWhole('numIterations', 50, 400),
    logNumber('learningRate', 0.02, 0.2),
    logWhole('numLeaves', 7, 127),
    wholeNumber('maxDepth', 3, 8),
    logWhole('minDataInLeaf', 20, 500),
    logNumber('lambdaL2', 0.1, 200),
    number('baggingFraction', 0.4, 1),
    logNumber('featureFraction', 0.05, 1),
  ],
  start: {
    numIterations: modelDefaults.numIterations,
    learningRate: modelDefaults.learningRate,
    numLeaves: modelDefaults.numLeaves,
    maxDepth: modelDefaults.maxDepth,
    minDataInLeaf: modelDefaults.minDataInLeaf,
    lambdaL2: modelDefaults.lambdaL2,
    baggingFraction: modelDefaults.baggingFraction,
    featureFraction: modelDefaults.featureFraction,
  },
  parametersOf: point => ({ ...point, baggingFreq: 1, maxBin: searchBins }),
  grow: grownOf,
  train: set => trainedModel(set),
}

const forest: Family = {
  space: [
    choice('trees', ['best-splits', 'extra-trees']),
    logWhole('numIterations', 50, 300),
    logWhole('numLeaves', 31, 255),
    wholeNumber('maxDepth', 6, 12),
    logWhole('minDataInLeaf', 5, 100),
    logNumber('featureFractionBynode', 0.05, 0.6),
    number('baggingFraction', 0.3, 0.9),
  ],
  start: {
    trees: 'best-splits',
    numIterations: 100,
    numLeaves: 127,
    maxDepth: 10,
    minDataInLeaf: 20,
    featureFractionBynode: 0.15,
    baggingFraction: 0.632,
  },
  parametersOf: ({ trees, ...point }) => ({
    ...point,
    boosting: 'rf',
    extraTrees: trees === 'extra-trees',
    lambdaL2: 0,
    featureFraction: 1,
    baggingFreq: 1,
    maxBin: searchBins,
  }),
  grow: grownOf,
  train: set => trainedModel(set),
}

const logistic: Family = {
  space: [choice('shape', ['linear', 'steps']), logNumber('lambdaL2', 0.01, 1000)],
  start: { shape: 'linear', lambdaL2: 10 },
  parametersOf: point => ({ ...point, maxBin: searchBins }),
  grow: (set, binned) => fittedLogistic(set, binned),
  train: set => logisticModel(set),
}

/** Its trees stay those of the rows before `heldOutFrom`. */
type Whole = { readonly train: (set: TrainingSet) => Steps }

/** Quadratic in the rows of a tree: it gets few of them. */
export function mlRandomForest(growTrees: Grow): Omit<Family, 'train'> & Whole {
  function* grow(set: TrainingSet): Steps {
    const { features, labels, heldOutFrom, seed, horizonsMinutes, origin, parent } = set
    const parameters = set.parameters as Partial<ForestParameters>
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
      if (done) return value
      yield { done: value, of: parameters.trees ?? forestDefaults.trees }
    }
  }
  return {
    space: [
      wholeNumber('trees', 15, 40),
      logWhole('rowsPerTree', 200, 600),
      number('columnShare', 0.05, 0.3),
      wholeNumber('maxDepth', 4, 8),
      logWhole('leafRows', 5, 40),
      logNumber('smoothingRows', 1, 100),
    ],
    start: { trees: 25, rowsPerTree: 400, columnShare: 0.2, maxDepth: 8, leafRows: 10, smoothingRows: 20 },
    parametersOf: point => ({ ...point, binsMax: 32 }),
    grow,
    *train(set) {
      const model = yield* grow(set)
      const rows = rowsOf(set, set.heldOutFrom, set.labels.length)
      return fitToHeldOut(model, { rows, labels: set.labels.subarray(set.heldOutFrom), edgeRows })
    },
  }
}

export type Families = Readonly<Record<FamilyName, Family>>

export function familiesWith(growTrees: Grow): Families {
  return { boosting, forest, logistic, 'ml-random-forest': mlRandomForest(growTrees) }
}

function grownOf(set: TrainingSet, binned: BinnedSet): Steps {
  const parameters = { ...modelDefaults, ...set.parameters } as ModelParameters
  return grownModel({ ...set, parameters, binned })
}
