// Calibration that follows the stream. A model is calibrated on rows held out of its training, weeks ago by the time its
// predictions come true, and the share of late flights moves with the season. So the log odds of what the champion says
// are corrected by a line through three knots, at 10, 30 and 60 %, flat outside, and the correction of each knot moves at
// the end of each UTC day against what the day has got wrong near it:
//
//   correction += rate (late - expected) / information     a step of 0.25 nats and a correction of 0.6 at most
//
// where `late` and `expected` add up outcomes y and probabilities p as they were made (with the correction of then), and
// `information` p (1 - p), each row with its weight at the knot: 1 on it, 0 at the next. It is a step of the logistic
// likelihood (Platt scaling that goes on: C. Gupta and A. Ramdas, "Online Platt Scaling with Calibeating", 2023), damped,
// because flights of one day share its weather: the rate is 0.2, a memory of five days. A day with little information
// counts as an ordinary one. What is left of a month's error is the change of the correction over the month, by the rate
// times its days.
//
// A step never overshoots, so the day's own log loss would not have been greater: a row's weights add up to 1, which bounds
// the curvature of all knots together by `information`; over a step of s nats it grows by e^s at most, and e^0.25 / 2 is
// below 1. And order is kept: knots are 1.25 nats apart, their corrections 1.2 at most.
//
// All of it comes from counts by probability, so it is the same for any number of partitions; what travels are whole
// ten-thousandths of a nat. `npm run bench -- accuracy` measures what is left.

import { assert } from '../lib/assert.ts'
import type { SetScores } from './prediction-set.ts'

const certain = 10_000
/** Corrections count ten-thousandths of a nat. */
export const correctionsPerNat = 10_000
/** Ten-thousandths. */
export const knots: readonly number[] = [1000, 3000, 6000]
const rate = 0.2
export const stepMax = 0.25 * correctionsPerNat
export const correctionMax = 0.6 * correctionsPerNat
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

/** Where each probability lies: from this knot on, so far to the next, 0..1. */
const places = knotPlaces()

/** The probability with its log odds corrected: in the order as before. What is certain stays so, and nothing else is. */
export function recalibrated(probability: number, correction: Correction): number {
  if (correction.length === 0 || probability <= 0 || probability >= certain) return probability
  const { knot, share } = placeOf(probability)
  const nats = ((1 - share) * (correction[knot] ?? 0) + share * (correction[knot + 1] ?? 0)) / correctionsPerNat
  // V8 computes exponential and logarithm in software (fdlibm): the same bits on every machine
  const late = probability * Math.exp(nats)
  const moved = Math.round((certain * late) / (late + certain - probability))
  return Math.min(certain - 1, Math.max(1, moved))
}

/** Of labelled rows, each with its weight at a knot: outcomes, probabilities, p (1 - p). */
type KnotSums = { late: number; expected: number; information: number }

export type DaySums = {
  readonly rows: number
  readonly late: number
  readonly expected: number
  readonly knots: readonly Readonly<KnotSums>[]
}

/** Walks the counts by ascending probability, so that floating-point sums are the same however they were gathered. */
export function daySumsOf(scores: SetScores): DaySums {
  const sums = knots.map((): KnotSums => ({ late: 0, expected: 0, information: 0 }))
  let [rows, late] = [0, 0]
  for (const kind of ['late', 'punctual'] as const) {
    const { values, counts } = scores[kind]
    const isLate = kind === 'late' ? 1 : 0
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as number
      const count = counts[at] as number
      rows += count
      late += isLate * count
      const { knot, share } = placeOf(value)
      add(sums[knot] as KnotSums, count * (1 - share), value / certain, isLate)
      if (share > 0) add(sums[knot + 1] as KnotSums, count * share, value / certain, isLate)
    }
  }
  return { rows, late, expected: sums.reduce((sum, { expected }) => sum + expected, 0), knots: sums }
}

function add(sums: KnotSums, weight: number, p: number, isLate: 0 | 1): void {
  sums.late += weight * isLate
  sums.expected += weight * p
  sums.information += weight * p * (1 - p)
}

/** Where the correction of a model stands. */
export type Recalibration = { readonly model: string; readonly correction: Correction }

/** @param week the days behind, `days` of them: what an ordinary day is */
export function nextRecalibration(
  before: Recalibration,
  day: DaySums,
  week: { readonly sums: DaySums; readonly days: number },
): Recalibration {
  if (day.rows < recalibrationRowsMin) return before
  assert(week.days > 0, 'there is a day')
  const correction = day.knots.map(({ late, expected, information }, knot) => {
    const ordinary = (week.sums.knots[knot] as KnotSums).information / week.days
    const full = (correctionsPerNat * (late - expected)) / Math.max(1, information, ordinary)
    const moved = Math.round((before.correction[knot] ?? 0) + within(stepMax, rate * full))
    return within(correctionMax, moved)
  })
  return { model: before.model, correction }
}

function within(most: number, value: number): number {
  return Math.min(most, Math.max(-most, value))
}

type Place = { readonly knot: number; readonly share: number }

function placeOf(probability: number): Place {
  return places[probability] as Place
}

function knotPlaces(): Place[] {
  const logOdds = (probability: number) => Math.log(probability / (certain - probability))
  return Array.from({ length: certain + 1 }, (_, probability) => {
    const next = knots.findIndex(knot => probability < knot)
    if (next === 0) return { knot: 0, share: 0 }
    if (next < 0) return { knot: knots.length - 1, share: 0 }
    const [from, to] = [logOdds(knots[next - 1] as number), logOdds(knots[next] as number)]
    return { knot: next - 1, share: (logOdds(probability) - from) / (to - from) }
  })
}
