// Logistic regression on binned rows, as a model of the one flat format: a sum over features of what each one's bin adds
// to the margin, so one tree a feature that finds the bin. Scoring, TreeSHAP, export and the registry need know nothing
// of it. A number counts by its bin's mean, standardised, times one weight (`linear`), or each of its bins has a weight
// (`steps`); what is missing has a weight of its own, and so has each category. L2 on all weights but the intercept.

import { type BinnedSet, binnedSetOf, byteAt } from './binned.ts'
import { edgeRows, rawsOf } from './boosted-model.ts'
import { logistic } from './calibration.ts'
import { type FeatureBins, missingBin } from './feature-bins.ts'
import type { Grown, GrownLeaf, GrownNode } from './grow.ts'
import { ForestBuilder } from './grown-forest.ts'
import { fitToRaws } from './held-out.ts'
import { groupColumns } from './histogram-code.ts'
import { minimised } from './lbfgs.ts'
import { softplus } from './logistic-fit.ts'
import type { Model } from './model.ts'
import type { Split } from './split.ts'
import { missingIn, type TrainingColumn, type TrainingSet } from './training-set.ts'

export type LogisticParameters = {
  /** Half of it times the squared weights is added to the sum of the rows' losses. */
  readonly lambdaL2: number
  readonly shape: 'linear' | 'steps'
  /** Bins of a feature beside that of missing values; up to 127, trees have at most 8 decisions. */
  readonly maxBin: number
}

export const logisticDefaults: LogisticParameters = { lambdaL2: 10, shape: 'linear', maxBin: 63 }

const stepsMax = 200

/** The same set gives the same model, bit by bit. Yields after each step of the fit. */
export function* logisticModel(set: TrainingSet): Generator<Step, Model> {
  const { labels, heldOutFrom } = set
  const model = yield* fittedLogistic(set)
  const raws = rawsOf(model, set, heldOutFrom, labels.length)
  return fitToRaws(model, { raws, labels: labels.subarray(heldOutFrom), edgeRows })
}

type Step = { readonly done: number; readonly of: number }

/** The same without calibration, interval and threshold. @param binned the rows before `heldOutFrom`, if they are there */
export function* fittedLogistic(set: TrainingSet, binned: BinnedSet = binnedOf(set)): Generator<Step, Model> {
  const { labels, heldOutFrom, seed, horizonsMinutes, origin, parent } = set
  const parameters = parametersOf(set)
  const design = designOf(binned, set.columns, parameters.shape)
  const fitting = minimised(
    { valueAt: lossOf(design, labels.subarray(0, heldOutFrom), parameters.lambdaL2) },
    new Float64Array(design.width + 1),
    { stepsMax, gradientMax: 1e-5 * heldOutFrom },
  )
  for (;;) {
    const { done, value } = fitting.next()
    if (!done) {
      yield { done: value, of: stepsMax }
      continue
    }
    return {
      kind: 'gradient-boosting',
      features: binned.features.map(({ feature }) => feature),
      horizonsMinutes,
      base: value[design.width] as number,
      calibration: null,
      threshold: 5000,
      interval: null,
      reference: null,
      trainedOn: {
        ...origin,
        rows: heldOutFrom,
        parameters: { algorithm: 'logistic', ...parameters },
        seed,
        metrics: {},
      },
      parent,
      trees: treesOf(binned.features, design, value),
    }
  }
}

function parametersOf({ parameters }: TrainingSet): LogisticParameters {
  const { lambdaL2, shape, maxBin } = { ...logisticDefaults, ...parameters } as LogisticParameters
  return { lambdaL2, shape, maxBin }
}

function binnedOf(set: TrainingSet): BinnedSet {
  const { features, heldOutFrom } = set
  const columns = set.columns.map(({ values, categories }) => ({ values: values.subarray(0, heldOutFrom), categories }))
  return binnedSetOf({ features, columns, binsMax: parametersOf(set).maxBin })
}

/** What one feature's bins add: a weight times a value, by bin. Bin 0 is missing. */
type Part = {
  readonly feature: number
  readonly bins: Uint8Array
  readonly rowsOfBin: Float64Array
  /** Which weight, and what it is multiplied by. */
  readonly weightOf: Int32Array
  readonly valueOf: Float64Array
}

type Design = { readonly parts: readonly Part[]; readonly width: number; readonly rows: number }

/** A feature that has a single value has no part. */
function designOf(binned: BinnedSet, columns: readonly TrainingColumn[], shape: LogisticParameters['shape']): Design {
  const parts: Part[] = []
  let width = 0
  for (const [feature, bins] of binned.features.entries()) {
    if (binned.places[feature] === null) continue
    const own = binsOf(binned, feature)
    const rowsOfBin = new Float64Array(bins.binCount)
    for (const bin of own) rowsOfBin[bin] = (rowsOfBin[bin] as number) + 1
    const isLine = shape === 'linear' && bins.feature.kind === 'numeric'
    const valueOf = isLine ? standardised(columns[feature] as TrainingColumn, own, rowsOfBin) : rowsOfBin.map(() => 1)
    const first = width
    const weightOf = Int32Array.from(rowsOfBin, (_, bin) => first + (isLine ? Math.min(bin, 1) : bin))
    width += isLine ? 2 : bins.binCount
    parts.push({ feature, bins: own, rowsOfBin, weightOf, valueOf })
  }
  return { parts, width, rows: binned.rows }
}

function binsOf({ places, features, bytes, rows }: BinnedSet, feature: number): Uint8Array {
  const { column, stride } = places[feature] as { column: number; stride: number }
  const { binCount } = features[feature] as FeatureBins
  const first = byteAt(column, rows)
  return Uint8Array.from({ length: rows }, (_, row) => {
    return Math.floor((bytes[first + row * groupColumns] as number) / stride) % binCount
  })
}

/** By bin the mean of its values, less the mean of all, in standard deviations; 1 for missing. */
function standardised({ values }: TrainingColumn, bins: Uint8Array, rowsOfBin: Float64Array): Float64Array {
  const means = new Float64Array(rowsOfBin.length)
  for (const [row, bin] of bins.entries()) {
    const value = values[row] as number
    if (value !== missingIn(values)) means[bin] = (means[bin] as number) + value / (rowsOfBin[bin] as number)
  }
  let [rows, mean, square] = [0, 0, 0]
  for (let bin = 1; bin < means.length; bin++) rows += rowsOfBin[bin] as number
  for (let bin = 1; bin < means.length; bin++) mean += ((rowsOfBin[bin] as number) * (means[bin] as number)) / rows
  for (let bin = 1; bin < means.length; bin++)
    square += ((rowsOfBin[bin] as number) * ((means[bin] as number) - mean) ** 2) / rows
  return means.map((value, bin) => (bin === missingBin ? 1 : square > 0 ? (value - mean) / Math.sqrt(square) : 0))
}

/** The rows' log losses and the penalty. The last weight is the intercept. */
function lossOf({ parts, width, rows }: Design, labels: Uint8Array, lambdaL2: number) {
  const margins = new Float64Array(rows)
  return (weights: Float64Array, gradient: Float64Array): number => {
    margins.fill(weights[width] as number)
    for (const part of parts) {
      const { bins } = part
      const table = tableOf(part, weights)
      for (let row = 0; row < rows; row++)
        margins[row] = (margins[row] as number) + (table[bins[row] as number] as number)
    }
    gradient.fill(0)
    let loss = 0
    let total = 0
    for (let row = 0; row < rows; row++) {
      const margin = margins[row] as number
      const label = labels[row] as number
      loss += softplus(margin) - label * margin
      const residual = logistic(margin) - label
      margins[row] = residual
      total += residual
    }
    gradient[width] = total
    for (const { bins, weightOf, valueOf } of parts) {
      const sums = new Float64Array(valueOf.length)
      for (let row = 0; row < rows; row++) {
        const bin = bins[row] as number
        sums[bin] = (sums[bin] as number) + (margins[row] as number)
      }
      for (const [bin, weight] of weightOf.entries())
        gradient[weight] = (gradient[weight] as number) + (sums[bin] as number) * (valueOf[bin] as number)
    }
    for (let at = 0; at < width; at++) {
      const weight = weights[at] as number
      loss += (lambdaL2 / 2) * weight * weight
      gradient[at] = (gradient[at] as number) + lambdaL2 * weight
    }
    return loss
  }
}

function tableOf({ weightOf, valueOf }: Part, weights: Float64Array): Float64Array {
  return valueOf.map((value, bin) => value * (weights[weightOf[bin] as number] as number))
}

function treesOf(features: readonly FeatureBins[], { parts }: Design, weights: Float64Array): Model['trees'] {
  const builder = new ForestBuilder(features)
  for (const part of parts) {
    const grown = treeOf(part, features[part.feature] as FeatureBins)
    const table = tableOf(part, weights)
    builder.add(
      { nodes: grown.nodes, leaves: grown.leaves },
      grown.bins.map(bin => table[bin] as number),
    )
  }
  return builder.trees()
}

/** First whether there is a value, then halves of the bins; each leaf is a bin. */
function treeOf({ feature, rowsOfBin }: Part, { binOfCode }: FeatureBins): Grown & { bins: number[] } {
  const nodes: GrownNode[] = []
  const leaves: GrownLeaf[] = []
  const bins: number[] = []
  const count = rowsOfBin.length
  const leafOf = (bin: number): number => {
    bins.push(bin)
    return ~(leaves.push({ from: 0, to: rowsOfBin[bin] as number, output: 0 }) - 1)
  }
  const splitAt = (from: number, last: number): Split => {
    const leftBins = binOfCode && Uint8Array.from(rowsOfBin, (_, bin) => (bin >= from && bin <= last ? 1 : 0))
    const bin = leftBins === null ? last : 0
    return { gain: 0, feature, bin, leftBins, missingRight: true, leftGradient: 0, leftHessian: 0 }
  }
  const place = (from: number, to: number): number => {
    if (to - from === 1) return leafOf(from)
    const middle = (from + to) >> 1
    const node: GrownNode = { split: splitAt(from, middle - 1), left: 0, right: 0 }
    const at = nodes.push(node) - 1
    node.left = place(from, middle)
    node.right = place(middle, to)
    return at
  }
  const root: GrownNode = { split: splitAt(1, count - 1), left: 0, right: 0 }
  nodes.push(root)
  root.left = place(1, count)
  root.right = leafOf(missingBin)
  return { nodes, leaves, bins }
}
