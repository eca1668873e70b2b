// How good probabilities were, once the labels are known. Probabilities on record are integers (ten-thousandths), so a
// window's state is a count for each (probability, label), and every figure here follows from those counts exactly,
// whatever order, partition or window the rows came in. The same figures come from float scores, for comparison with
// other tools.
//
// Definitions (P late, N punctual rows, p probability, y label 0 or 1):
//   AUC       share of (late, punctual) pairs in which the late one has the higher p, ties count half (Mann-Whitney)
//   log loss  mean of -ln p for late and -ln(1 - p) for punctual rows, both clipped to [eps, 1 - eps], eps = 2^-52
//             (2.2e-16), as scikit-learn and Evidently do; a certain and wrong prediction costs about 36
//   Brier     mean of (p - y)^2
//   ECE       over bins [i/n, (i+1)/n), the last closed: sum of rows/all * |mean p - mean y|; MCE is the largest gap
//   precision TP / (TP + FP), recall TP / P, specificity TN / N, F1 = 2 TP / (2 TP + FP + FN); late is p >= threshold
// A figure that has nothing to divide by is null: "not enough rows" is an answer.

import { assert } from '../lib/assert.ts'

const certain = 10_000
const logLossClip = Number.EPSILON

/** Rows of each score that has some. The arrays may be longer than `size`. */
export type RowsByScore = {
  readonly size: number
  /** 0..1, ascending and distinct. */
  readonly scores: Float64Array
  readonly punctual: Float64Array
  readonly late: Float64Array
}

/** Rows per probability 0..10000 and label. Integers, so that merging is exact. */
export class ScoreCounts {
  readonly punctual = new Float64Array(certain + 1)
  readonly late = new Float64Array(certain + 1)

  /** One row: its probability in ten-thousandths, and 1 if the flight was late, else 0. */
  add(probability: number, label: number, rows = 1): void {
    assert(Number.isInteger(probability) && probability >= 0 && probability <= certain, 'probability is 0..10000')
    assert(label === 0 || label === 1, 'a label is 0 or 1')
    const counts = label === 1 ? this.late : this.punctual
    counts[probability] = (counts[probability] as number) + rows
  }

  merge(other: ScoreCounts): void {
    for (let probability = 0; probability <= certain; probability++) {
      this.punctual[probability] = (this.punctual[probability] as number) + (other.punctual[probability] as number)
      this.late[probability] = (this.late[probability] as number) + (other.late[probability] as number)
    }
  }

  /** What is counted, by ascending probability: the form in which it travels. */
  entries(): { probability: number; punctual: number; late: number }[] {
    const entries: { probability: number; punctual: number; late: number }[] = []
    for (let probability = 0; probability <= certain; probability++) {
      const punctual = this.punctual[probability] as number
      const late = this.late[probability] as number
      if (punctual + late > 0) entries.push({ probability, punctual, late })
    }
    return entries
  }

  byScore(): RowsByScore {
    const entries = this.entries()
    return {
      size: entries.length,
      scores: Float64Array.from(entries, ({ probability }) => probability / certain),
      punctual: Float64Array.from(entries, ({ punctual }) => punctual),
      late: Float64Array.from(entries, ({ late }) => late),
    }
  }

  static from(entries: Iterable<{ probability: number; punctual: number; late: number }>): ScoreCounts {
    const counts = new ScoreCounts()
    for (const { probability, punctual, late } of entries) {
      counts.add(probability, 0, punctual)
      counts.add(probability, 1, late)
    }
    return counts
  }
}

export type Confusion = {
  truePositives: number
  falsePositives: number
  falseNegatives: number
  trueNegatives: number
}

export type Performance = {
  /** Rows. */
  n: number
  /** Late rows. */
  positives: number
  confusion: Confusion
  accuracy: number | null
  precision: number | null
  recall: number | null
  specificity: number | null
  f1: number | null
  auc: number | null
  logLoss: number | null
  brier: number | null
  ece: number | null
  mce: number | null
}

/** `threshold` is in ten-thousandths. */
export function performance(
  counts: Pick<ScoreCounts, 'byScore'>,
  { threshold = certain / 2, bins = 10 } = {},
): Performance {
  return performanceOf(counts.byScore(), { threshold: threshold / certain, bins })
}

export type ScoredRows = {
  /** 0 or 1. */
  readonly labels: ArrayLike<number>
  /** 0..1 */
  readonly scores: ArrayLike<number>
}

/** The same for scores that are not on the grid; `threshold` is in 0..1. */
export function performanceOfScores({ labels, scores }: ScoredRows, { threshold = 0.5, bins = 10 } = {}): Performance {
  assert(labels.length === scores.length, 'each score has a label')
  const rowsOf = new Map<number, { punctual: number; late: number }>()
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] as number
    assert(score >= 0 && score <= 1, 'a score is in 0..1')
    const rows = rowsOf.get(score) ?? { punctual: 0, late: 0 }
    if (labels[row] === 1) rows.late++
    else rows.punctual++
    rowsOf.set(score, rows)
  }
  const sorted = [...rowsOf].sort(([a], [b]) => a - b)
  const byScore = {
    size: sorted.length,
    scores: Float64Array.from(sorted, ([score]) => score),
    punctual: Float64Array.from(sorted, ([, { punctual }]) => punctual),
    late: Float64Array.from(sorted, ([, { late }]) => late),
  }
  return performanceOf(byScore, { threshold, bins })
}

function performanceOf(rows: RowsByScore, { threshold, bins }: { threshold: number; bins: number }): Performance {
  const confusion = confusionOf(rows, threshold)
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = confusion
  const positives = truePositives + falseNegatives
  const negatives = falsePositives + trueNegatives
  const n = positives + negatives
  return {
    n,
    positives,
    confusion,
    accuracy: ratio(truePositives + trueNegatives, n),
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, positives),
    specificity: ratio(trueNegatives, negatives),
    f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
    auc: aucOf(rows, positives, negatives),
    ...lossesOf(rows, n),
    ...calibrationErrorsOf(rows, n, bins),
  }
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}

function confusionOf({ size, scores, punctual, late }: RowsByScore, threshold: number): Confusion {
  const confusion = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 }
  for (let at = 0; at < size; at++) {
    if ((scores[at] as number) >= threshold) {
      confusion.truePositives += late[at] as number
      confusion.falsePositives += punctual[at] as number
    } else {
      confusion.falseNegatives += late[at] as number
      confusion.trueNegatives += punctual[at] as number
    }
  }
  return confusion
}

function aucOf({ size, punctual, late }: RowsByScore, positives: number, negatives: number): number | null {
  // twice the pairs won, so that ties stay integers
  let wonTwice = 0
  let below = 0
  for (let at = 0; at < size; at++) {
    const tied = punctual[at] as number
    wonTwice += (late[at] as number) * (2 * below + tied)
    below += tied
  }
  return ratio(wonTwice, 2 * positives * negatives)
}

function lossesOf(rows: RowsByScore, n: number): { logLoss: number | null; brier: number | null } {
  let logLoss = 0
  let brier = 0
  for (let at = 0; at < rows.size; at++) {
    const score = rows.scores[at] as number
    const punctual = rows.punctual[at] as number
    const late = rows.late[at] as number
    // most scores have rows of one kind alone, and a logarithm is dear
    const ofLate = late === 0 ? 0 : late * Math.log(clipped(score))
    const ofPunctual = punctual === 0 ? 0 : punctual * Math.log(clipped(1 - score))
    logLoss -= ofLate + ofPunctual
    brier += late * (1 - score) ** 2 + punctual * score ** 2
  }
  return { logLoss: ratio(logLoss, n), brier: ratio(brier, n) }
}

function clipped(probability: number): number {
  return Math.min(1 - logLossClip, Math.max(logLossClip, probability))
}

function calibrationErrorsOf(
  { size, scores, punctual, late }: RowsByScore,
  n: number,
  bins: number,
): { ece: number | null; mce: number | null } {
  const said = new Float64Array(bins)
  const lates = new Float64Array(bins)
  const rows = new Float64Array(bins)
  for (let at = 0; at < size; at++) {
    const score = scores[at] as number
    const all = (punctual[at] as number) + (late[at] as number)
    const bin = Math.min(bins - 1, Math.floor(score * bins))
    said[bin] = (said[bin] as number) + score * all
    lates[bin] = (lates[bin] as number) + (late[at] as number)
    rows[bin] = (rows[bin] as number) + all
  }
  let total = 0
  let largest = 0
  for (let bin = 0; bin < bins; bin++) {
    if (rows[bin] === 0) continue
    const gap = Math.abs((said[bin] as number) - (lates[bin] as number))
    total += gap
    largest = Math.max(largest, gap / (rows[bin] as number))
  }
  return { ece: ratio(total, n), mce: n === 0 ? null : largest }
}
