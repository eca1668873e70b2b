// What boosting makes small. Gradient and hessian are derivatives by the raw score (the margin); they are multiplied by a
// power of two and rounded to whole numbers, so that their sums are exact in doubles whatever the order.

import { assert } from '../lib/assert.ts'
import { logistic } from './calibration.ts'

/** `binary`: log loss of labels 0 and 1. `regression`: squares. `quantile`: the pinball loss at `alpha`. */
export type Objective = 'binary' | 'regression' | 'quantile'

export type LossRows = {
  readonly labels: ArrayLike<number>
  /** 1 if absent. */
  readonly weights?: ArrayLike<number> | undefined
}

export type Loss = {
  /** The best score that is the same for all of these rows. */
  readonly base: (rows: Int32Array) => number
  /**
   * Writes gradient and hessian of each of the rows, times the scale that it returns, to `into`.
   * @param scores by row
   */
  readonly write: (rows: Int32Array, scores: Float64Array, into: Int32Array) => number
  /** What replaces the output of a leaf with these rows; null keeps it. */
  readonly output: ((rows: Int32Array, scores: Float64Array) => number) | null
  /** Mean over the rows: log loss, square, or pinball loss. */
  readonly mean: (rows: Int32Array, scores: Float64Array) => number
}

/** Of gradients times scale; so many rows' sums stay below 2^53. */
const boundBits = 29
const rowsMax = 2 ** (52 - boundBits)

export function lossOf(objective: Objective, rows: LossRows, alpha = 0.5): Loss {
  assert(rows.labels.length <= rowsMax, `sums of ${rowsMax} rows are exact`)
  if (objective === 'binary') return logLoss(rows)
  return objective === 'regression' ? squares(rows) : pinball(rows, alpha)
}

/** The power of two that brings numbers up to `largest` within the bound. */
function scaleFor(largest: number): number {
  return largest > 0 ? 2 ** (boundBits - Math.ceil(Math.log2(largest))) : 1
}

function weightsOf({ labels, weights }: LossRows): Float64Array | null {
  if (weights === undefined) return null
  assert(weights.length === labels.length, 'each row has a weight')
  return Float64Array.from(weights)
}

function largestOf(weights: Float64Array | null): number {
  return weights === null ? 1 : weights.reduce((most, weight) => Math.max(most, weight), 0)
}

function meanOf(rows: Int32Array, weights: Float64Array | null, valueOf: (row: number) => number): number {
  let sum = 0
  let total = 0
  for (const row of rows) {
    const weight = weights === null ? 1 : (weights[row] as number)
    sum += weight * valueOf(row)
    total += weight
  }
  return total > 0 ? sum / total : 0
}

function logLoss(given: LossRows): Loss {
  const labels = Float64Array.from(given.labels)
  const weights = weightsOf(given)
  const scale = scaleFor(largestOf(weights))
  return {
    base(rows) {
      const share = meanOf(rows, weights, row => labels[row] as number)
      // one class alone: as if one row more had been of the other
      const edge = 1 / (rows.length + 2)
      const held = Math.min(1 - edge, Math.max(edge, share))
      return Math.log(held / (1 - held))
    },
    write(rows, scores, into) {
      for (let at = 0; at < rows.length; at++) {
        const row = rows[at] as number
        const probability = 1 / (1 + Math.exp(-(scores[row] as number)))
        const weight = weights === null ? scale : scale * (weights[row] as number)
        into[2 * at] = Math.floor((probability - (labels[row] as number)) * weight + 0.5)
        into[2 * at + 1] = Math.floor(probability * (1 - probability) * weight + 0.5)
      }
      return scale
    },
    output: null,
    mean: (rows, scores) =>
      meanOf(rows, weights, row => {
        const probability = logistic(scores[row] as number)
        return -Math.log(Math.max(1e-15, labels[row] === 1 ? probability : 1 - probability))
      }),
  }
}

function squares(given: LossRows): Loss {
  const labels = Float64Array.from(given.labels)
  const weights = weightsOf(given)
  const largestWeight = largestOf(weights)
  return {
    base: rows => meanOf(rows, weights, row => labels[row] as number),
    write(rows, scores, into) {
      let largest = 1
      for (const row of rows) largest = Math.max(largest, Math.abs((scores[row] as number) - (labels[row] as number)))
      const scale = scaleFor(largest * largestWeight)
      for (let at = 0; at < rows.length; at++) {
        const row = rows[at] as number
        const weight = weights === null ? scale : scale * (weights[row] as number)
        into[2 * at] = Math.floor(((scores[row] as number) - (labels[row] as number)) * weight + 0.5)
        into[2 * at + 1] = Math.floor(weight + 0.5)
      }
      return scale
    },
    output: null,
    mean: (rows, scores) => meanOf(rows, weights, row => ((scores[row] as number) - (labels[row] as number)) ** 2),
  }
}

/** Trees are grown by the loss's slope alone; a leaf then takes the quantile of what its rows lack (as LightGBM does). */
function pinball(given: LossRows, alpha: number): Loss {
  const labels = Float64Array.from(given.labels)
  const weights = weightsOf(given)
  const scale = scaleFor(largestOf(weights))
  return {
    base: rows => quantileOf(rows, row => labels[row] as number, weights, alpha),
    write(rows, scores, into) {
      for (let at = 0; at < rows.length; at++) {
        const row = rows[at] as number
        const weight = weights === null ? scale : scale * (weights[row] as number)
        const slope = (scores[row] as number) < (labels[row] as number) ? -alpha : 1 - alpha
        into[2 * at] = Math.floor(slope * weight + 0.5)
        into[2 * at + 1] = Math.floor(weight + 0.5)
      }
      return scale
    },
    output: (rows, scores) =>
      quantileOf(rows, row => (labels[row] as number) - (scores[row] as number), weights, alpha),
    mean: (rows, scores) =>
      meanOf(rows, weights, row => {
        const lack = (labels[row] as number) - (scores[row] as number)
        return Math.max(alpha * lack, (alpha - 1) * lack)
      }),
  }
}

/** The lowest value up to which `alpha` of the weight lies. */
function quantileOf(
  rows: Int32Array,
  valueOf: (row: number) => number,
  weights: Float64Array | null,
  alpha: number,
): number {
  const values = Array.from(rows, row => ({ value: valueOf(row), weight: weights === null ? 1 : Number(weights[row]) }))
  values.sort((a, b) => a.value - b.value)
  const total = values.reduce((sum, { weight }) => sum + weight, 0)
  let sum = 0
  for (const { value, weight } of values) {
    sum += weight
    if (sum >= alpha * total) return value
  }
  return values.at(-1)?.value ?? 0
}
