// How much a single day may differ from the whole without anything having happened. Flights of one day share its weather:
// held against a month, hardly a day passes for a sample of it, and half the columns "drift" on every other one. So what
// raises an alert is not the verdict of a column's method but a score that no day of the training came near:
//
//   bound = mean + 3 deviations of the scores of the training's days against all of the training
//
// as NannyML sets thresholds from the chunks of its reference. Scores are distances; for p values there is no bound.

import type { PreparedColumn } from './column-drift.ts'
import type { Sketch } from './sketch.ts'

export type Ordinary = {
  /** How many days had rows enough. */
  readonly days: number
  readonly mean: number
  /** Of the days that there were, not of those that there might be (divided by `days`). */
  readonly deviation: number
}

const deviations = 3
/** Columns that hardly move in the training would sound at nothing. */
const deviationMin = 0.01
const daysMin = 7

export function boundOf({ mean, deviation }: Ordinary): number {
  return mean + deviations * Math.max(deviation, deviationMin)
}

/**
 * @param days the sketch of this column on each day
 * @param rowsMin rows with a value that a day must have
 * @returns null when fewer than 7 days have rows enough, or the scores are p values
 */
export function ordinaryOf(
  reference: PreparedColumn,
  { days, resolution, rowsMin }: { days: Iterable<Sketch>; resolution: number; rowsMin: number },
): Ordinary | null {
  const scores: number[] = []
  for (const sketch of days) {
    const current = sketch.kind === 'numeric' ? sketch.distribution(resolution) : sketch.distribution()
    const { score, method } = reference.against(current, { rowsMin })
    if (method === 'ks' || method === 'chisquare' || method === 'z') return null
    if (score !== null) scores.push(score)
  }
  if (scores.length < daysMin) return null
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0)
  return { days: scores.length, mean, deviation: Math.sqrt(squares / scores.length) }
}
