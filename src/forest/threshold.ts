import { assert } from '../lib/assert.ts'
import { certain } from './model.ts'

/**
 * `f1`: the harmonic mean of precision and recall of the late flights, 2 TP / (2 TP + FP + FN).
 * `balanced`: the mean of the shares of late and of punctual flights called rightly, (TP / P + TN / N) / 2.
 */
export type ThresholdGoal = 'f1' | 'balanced'

/**
 * The decision threshold (ten-thousandths; late means `probability >= threshold`) that does best on held-out rows.
 * Among equals the highest wins: fewer flights are called late. Without both labels it is 5000. Exact below some
 * ten million rows (counts are multiplied, and must stay below 2^53).
 */
export function chooseThreshold(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  goal: ThresholdGoal = 'f1',
): number {
  assert(probabilities.length === labels.length, 'each probability has a label')
  const lates = new Float64Array(certain + 1)
  const punctuals = new Float64Array(certain + 1)
  for (let row = 0; row < probabilities.length; row++) {
    const counts = labels[row] === 1 ? lates : punctuals
    counts[probabilities[row] as number] = (counts[probabilities[row] as number] as number) + 1
  }
  const late = lates.reduce((sum, count) => sum + count, 0)
  const punctual = punctuals.reduce((sum, count) => sum + count, 0)
  if (late === 0 || punctual === 0) return certain / 2

  // the goals as fractions of counts, compared by cross multiplication: no rounding tells equals apart
  let best = certain
  let bestValue = -1
  let bestOf = 1
  let truePositives = 0
  let falsePositives = 0
  for (let threshold = certain; threshold >= 0; threshold--) {
    truePositives += lates[threshold] as number
    falsePositives += punctuals[threshold] as number
    const value = goal === 'f1' ? 2 * truePositives : truePositives * punctual + (punctual - falsePositives) * late
    const of = goal === 'f1' ? late + truePositives + falsePositives : 1
    if (value * bestOf > bestValue * of) {
      best = threshold
      bestValue = value
      bestOf = of
    }
  }
  return best
}
