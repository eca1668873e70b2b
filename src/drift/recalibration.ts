// Calibration that follows the stream. A model is calibrated on rows held out of its training, weeks ago by the time its
// predictions come true, and the share of late flights moves with the season. So the log odds of what the champion says
// are corrected by a line between two knots, at 10 and at 50 %, flat outside, and the correction of each knot moves at the
// end of each UTC day against what the day has got wrong near it:
//
//   correction += rate (late - expected) / information        a step of 0.25 nats and a correction of 1 nat at most
//
// where `late` and `expected` add up outcomes y and probabilities p as they were made (with the correction of then), and
// `information` p (1 - p), each row with its weight at the knot: 1 on it, 0 at the other. It is a step of the logistic
// likelihood (Platt scaling that goes on, as in C. Gupta and A. Ramdas, "Online Platt Scaling with Calibeating", 2023),
// damped: flights of one day share its weather, and a step must not run after it. A day with little information counts
// as an ordinary one. What is left of a month's error is the change of the correction over it, by `rate` times its days.
//
// A step never overshoots, so the day's own log loss would not have been greater: a row's weights add up to 1, which bounds
// the curvature of both knots together by `information`; over a step of s nats it grows by e^s at most, and rate e^0.25 is
// below 1. And order is kept: knots are 2.2 nats apart, their corrections 2 at most.
//
// All of it comes from counts by probability, so it is the same for any number of partitions; what travels are whole
// ten-thousandths of a nat.

import { assert } from '../lib/assert.ts'
import type { SetScores } from './prediction-set.ts'

const certain = 10_000
/** Corrections count ten-thousandths of a nat. */
export const correctionsPerNat = 10_000
const knots = [1000, 5000] as const
const rate = 0.15
const stepMax = 0.25 * correctionsPerNat
export const correctionMax = correctionsPerNat
/** A day with fewer labelled rows corrects nothing. */
export const recalibrationRowsMin = 50

/** At each knot, in ten-thousandths of a nat; empty: none. */
export type Correction = readonly number[]

export const noCorrection: Correction = []

/** Whether somebody may order it. */
export function isCorrection(correction: Correction): boolean {
  const isOne = (each: number) => Number.isInteger(each) && Math.abs(each) <= correctionMax
  return correction.length === knots.length && correction.every(isOne)
}

/** None and one of zeros mean the same. */
export function isSame(one: Correction, other: Correction): boolean {
  return knots.every((_, knot) => (one[knot] ?? 0) === (other[knot] ?? 0))
}

/** How far each probability lies from the first knot to the second, 0..1. */
const upper = upperWeights()

/** The probability with its log odds corrected: in the order as before. What is certain stays so, and nothing else is. */
export function recalibrated(probability: number, [low, high]: Correction): number {
  if (low === undefined || high === undefined || probability <= 0 || probability >= certain) return probability
  const correction = low + (high - low) * (upper[probability] as number)
  // V8 computes exponential and logarithm in software (fdlibm): the same bits on every machine
  const late = probability * Math.exp(correction / correctionsPerNat)
  const moved = Math.round((certain * late) / (late + certain - probability))
  return Math.min(certain - 1, Math.max(1, moved))
}

/** Of the labelled rows of some days, each with its weight at a knot: outcomes, probabilities, p (1 - p). */
export type KnotSums = { readonly late: number; readonly expected: number; readonly information: number }

export type DaySums = {
  readonly rows: number
  readonly late: number
  readonly expected: number
  readonly knots: KnotSums[]
}

/** Walks the counts by ascending probability, so that floating-point sums are the same however they were gathered. */
export function daySumsOf(scores: SetScores): DaySums {
  const sums = knots.map(() => ({ late: 0, expected: 0, information: 0 }))
  let [rows, late] = [0, 0]
  for (const kind of ['late', 'punctual'] as const) {
    const { values, counts } = scores[kind]
    for (const [at, value] of values.entries()) {
      const count = counts[at] as number
      const [p, above] = [value / certain, upper[value] as number]
      rows += count
      if (kind === 'late') late += count
      for (const [knot, sum] of sums.entries()) {
        const weighed = count * (knot === 0 ? 1 - above : above)
        if (kind === 'late') sum.late += weighed
        sum.expected += weighed * p
        sum.information += weighed * p * (1 - p)
      }
    }
  }
  return { rows, late, expected: sums.reduce((sum, { expected }) => sum + expected, 0), knots: sums }
}

/**
 * @param before the correction that the next one builds on
 * @param week the days behind, `days` of them: what an ordinary day is
 */
export function nextCorrection(before: Correction, day: DaySums, week: { sums: DaySums; days: number }): Correction {
  if (day.rows < recalibrationRowsMin) return before
  assert(week.days > 0, 'there is a day')
  return day.knots.map(({ late, expected, information }, knot) => {
    const ordinary = (week.sums.knots[knot] as KnotSums).information / week.days
    const full = (correctionsPerNat * (late - expected)) / Math.max(1, information, ordinary)
    const moved = Math.round((before[knot] ?? 0) + within(stepMax, rate * full))
    return within(correctionMax, moved)
  })
}

function within(most: number, value: number): number {
  return Math.min(most, Math.max(-most, value))
}

function upperWeights(): Float64Array {
  const logOdds = (probability: number) => Math.log(probability / (certain - probability))
  const [from, to] = knots.map(logOdds) as [number, number]
  return Float64Array.from({ length: certain + 1 }, (_, probability) => {
    if (probability <= knots[0]) return 0
    return probability >= knots[1] ? 1 : (logOdds(probability) - from) / (to - from)
  })
}
