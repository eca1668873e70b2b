// Isotonic calibration: the non-decreasing function of the raw score that lies closest to the labels in weighted squares,
// found by pooling adjacent violators (Ayer et al. 1955; Barlow et al. 1972). Between the knots it is linear, outside
// flat, as in scikit-learn's IsotonicRegression with out_of_bounds="clip".

import { assert } from '../lib/assert.ts'
import type { Calibration, Model } from './model.ts'

export type CalibrationRows = {
  readonly raws: ArrayLike<number>
  /** 1 for late, 0 for on time. */
  readonly labels: ArrayLike<number>
  /** How much each row counts; 1 if absent. Not negative. */
  readonly weights?: ArrayLike<number>
  /**
   * Rows of each label that are added to a pool at either end whose rows all have one label: 0 takes it at its word and
   * is certain; 0.5 (Krichevsky, Trofimov 1981) leaves 0.5 / (rows + 1). Never past the next pool. 0 if absent.
   */
  readonly edgeRows?: number
}

/** Fits on held-out rows. Each run of equal probabilities keeps its first and last score as knots. */
export function fitCalibration({ raws, labels, weights, edgeRows = 0 }: CalibrationRows): Calibration {
  assert(raws.length > 0 && raws.length === labels.length, 'there are held-out rows, each with a label')
  const order = Array.from({ length: raws.length }, (_, row) => row)
  order.sort((a, b) => (raws[a] as number) - (raws[b] as number))

  const pools: Pool[] = []
  for (const row of order) {
    const raw = raws[row] as number
    const weight = weights === undefined ? 1 : (weights[row] as number)
    const last = pools.at(-1)
    if (weight === 0) continue
    // equal scores are one point, whatever their labels
    if (last?.last === raw) {
      last.weight += weight
      last.sum += weight * (labels[row] as number)
    } else pools.push({ first: raw, last: raw, weight, sum: weight * (labels[row] as number) })
  }
  assert(pools.length > 0, 'some held-out row has a weight')

  const fitted: Pool[] = []
  for (const pool of pools) {
    let merged = pool
    for (let before = fitted.at(-1); before !== undefined && mean(before) >= mean(merged); before = fitted.at(-1)) {
      merged = {
        first: before.first,
        last: merged.last,
        weight: before.weight + merged.weight,
        sum: before.sum + merged.sum,
      }
      fitted.pop()
    }
    fitted.push(merged)
  }

  const probabilities = softened(fitted, edgeRows)
  const knots = fitted.flatMap(({ first, last }, pool) => {
    const probability = probabilities[pool] as number
    return first === last ? [{ raw: first, probability }] : [first, last].map(raw => ({ raw, probability }))
  })
  return { raw: knots.map(({ raw }) => raw), probability: knots.map(({ probability }) => probability) }
}

type Pool = { first: number; last: number; weight: number; sum: number }

function mean({ weight, sum }: Pool): number {
  return sum / weight
}

/** The pools' means, those at the ends drawn away from certainty. */
function softened(pools: readonly Pool[], edgeRows: number): number[] {
  const means = pools.map(mean)
  const [lowest, highest] = [pools[0] as Pool, pools.at(-1) as Pool]
  const left = ({ weight }: Pool) => edgeRows / (weight + 2 * edgeRows)
  if (lowest.sum === 0) means[0] = Math.min(left(lowest), means[1] ?? 1)
  if (highest.sum === highest.weight) means[means.length - 1] = Math.max(1 - left(highest), means.at(-2) ?? 0)
  return means
}

/** Probability at a raw score. */
export function interpolate({ raw: knots, probability }: Calibration, raw: number): number {
  let low = 0
  let high = knots.length - 1
  if (raw <= (knots[low] as number)) return probability[low] as number
  if (raw >= (knots[high] as number)) return probability[high] as number
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if ((knots[middle] as number) <= raw) low = middle
    else high = middle
  }
  const from = knots[low] as number
  const start = probability[low] as number
  const share = (raw - from) / ((knots[high] as number) - from)
  return start + ((probability[high] as number) - start) * share
}

/** 1 / (1 + e^-margin). V8 computes the exponential in software (fdlibm): the same bits on every machine. */
export function logistic(margin: number): number {
  return 1 / (1 + Math.exp(-margin))
}

/** From a model's raw score to its probability in 0..1. */
export function rawToProbability({ calibration, kind }: Pick<Model, 'calibration' | 'kind'>): (raw: number) => number {
  if (calibration !== null) return raw => interpolate(calibration, raw)
  if (kind === 'gradient-boosting') return logistic
  return raw => Math.min(1, Math.max(0, raw))
}
