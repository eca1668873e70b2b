// Three ways to calibrate, and the choice among them. Isotonic (calibration.ts) follows any rising curve and needs many
// rows; Platt's and the beta calibration are curves of two and three parameters.
//
//   Platt (1999, "Probabilistic outputs for support vector machines"): logistic(slope x + offset) of the raw score x, fitted
//     to targets a little inside of 0 and 1: (late + 1) / (late + 2) and 1 / (punctual + 2).
//   Beta (Kull, Silva Filho, Flach 2017, "Beta calibration"): logistic(a ln p - b ln(1 - p) + c) of the uncalibrated
//     probability p. Where the likeliest `a` or `b` is negative it is 0 and the others are fitted anew: the curve rises.
//
// A model keeps whichever it has as knots (model.ts). A curve gets so many of them that a straight line between two is
// within 1e-6 of it, a fiftieth of what probabilities are rounded to; outside of the scores it was fitted on it is flat.

import { assert } from '../lib/assert.ts'
import { type CalibrationRows, fitCalibration, interpolate, logistic } from './calibration.ts'
import { fitLogistic, softplus } from './logistic-fit.ts'
import type { Calibration, ModelKind } from './model.ts'

export type PlattCurve = { readonly slope: number; readonly offset: number }
export type BetaCurve = { readonly a: number; readonly b: number; readonly c: number }

/** The slope is not negative: higher scores never become less likely. */
export function fitPlatt({ raws, labels, weights }: CalibrationRows): PlattCurve {
  const { late, punctual } = countsOf(labels, weights)
  const [high, low] = [(late + 1) / (late + 2), 1 / (punctual + 2)]
  const targets = Float64Array.from(labels, label => (label === 1 ? high : low))
  const [slope = 0, offset = 0] = fitLogistic({ columns: [raws], targets, weights })
  if (slope >= 0) return { slope, offset }
  const [level = 0] = fitLogistic({ columns: [], targets, weights })
  return { slope: 0, offset: level }
}

export function fitBeta(kind: ModelKind, { raws, labels, weights }: CalibrationRows): BetaCurve {
  const lows = Float64Array.from(raws, raw => logsOf(kind, raw)[0])
  const highs = Float64Array.from(raws, raw => logsOf(kind, raw)[1])
  const fit = (columns: Float64Array[]): number[] => fitLogistic({ columns, targets: labels, weights })
  const [a = 0, b = 0, c = 0] = fit([lows, highs])
  if (a >= 0 && b >= 0) return { a, b, c }
  const [only = 0, offset = 0] = fit([a < 0 ? highs : lows])
  if (only < 0) return { a: 0, b: 0, c: fit([])[0] ?? 0 }
  return a < 0 ? { a: 0, b: only, c: offset } : { a: only, b: 0, c: offset }
}

/** Shares nearer to 0 or 1 than this count as this near: their logarithm would rule the fit. */
const nearest = 1e-6

/** ln p and -ln(1 - p) of the uncalibrated probability. */
function logsOf(kind: ModelKind, raw: number): [number, number] {
  if (kind === 'gradient-boosting') return [-softplus(-raw), softplus(raw)]
  const share = Math.min(1 - nearest, Math.max(nearest, raw))
  return [Math.log(share), -Math.log1p(-share)]
}

function countsOf(labels: ArrayLike<number>, weights: ArrayLike<number> | undefined) {
  const counts = { late: 0, punctual: 0 }
  for (let row = 0; row < labels.length; row++)
    counts[labels[row] === 1 ? 'late' : 'punctual'] += weights === undefined ? 1 : (weights[row] as number)
  return counts
}

export const calibrationMethods = ['platt', 'beta', 'isotonic'] as const
export type CalibrationMethod = (typeof calibrationMethods)[number]

export function calibrationBy(method: CalibrationMethod, kind: ModelKind, rows: CalibrationRows): Calibration {
  if (method === 'isotonic') return fitCalibration(rows)
  const range = rangeOf(rows.raws)
  if (method === 'platt') {
    const { slope, offset } = fitPlatt(rows)
    return knotsOf(raw => logistic(slope * raw + offset), range)
  }
  const { a, b, c } = fitBeta(kind, rows)
  const curve = (raw: number): number => {
    const [low, high] = logsOf(kind, raw)
    return logistic(a * low + b * high + c)
  }
  return knotsOf(curve, range)
}

type Range = { readonly from: number; readonly to: number }

function rangeOf(raws: ArrayLike<number>): Range {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let row = 0; row < raws.length; row++) {
    from = Math.min(from, raws[row] as number)
    to = Math.max(to, raws[row] as number)
  }
  return { from, to }
}

const error = 1e-6
const halvingsMax = 14

/** Halves each stretch of the curve until its middle and quarters lie near enough to the straight line. */
function knotsOf(curve: (raw: number) => number, { from, to }: Range): Calibration {
  const raw = [from]
  const stretch = (start: number, end: number, halvings: number): void => {
    const [low, high] = [curve(start), curve(end)]
    const isStraight = [0.25, 0.5, 0.75].every(
      share => Math.abs(curve(start + share * (end - start)) - (low + share * (high - low))) <= error,
    )
    const middle = (start + end) / 2
    // a first cut in any case: a curve can meet its chord by chance
    if ((isStraight && halvings > 3) || halvings === halvingsMax || middle <= start || middle >= end) {
      raw.push(end)
      return
    }
    stretch(start, middle, halvings + 1)
    stretch(middle, end, halvings + 1)
  }
  if (from < to) stretch(from, to, 0)
  // never falling, whatever the last bits say
  let most = 0
  return { raw, probability: raw.map(each => (most = Math.max(most, curve(each)))) }
}

export type Chosen = {
  readonly method: CalibrationMethod
  readonly calibration: Calibration
  /** Mean log loss on the later half, of each method when fitted on the earlier one. */
  readonly logLoss: Readonly<Record<CalibrationMethod, number>>
}

/** What differs less is a tie. */
const tie = 1e-4

/**
 * Fits each method on the earlier half of the rows, which are in the order of time, and takes the one with the lowest log
 * loss on the later half, fitted anew on all. Within 1e-4 of the lowest the one of fewest parameters wins: Platt, then
 * beta, then isotonic.
 */
export function chooseCalibration(kind: ModelKind, rows: CalibrationRows): Chosen {
  const { raws, labels, weights } = rows
  assert(raws.length > 1 && raws.length === labels.length, 'there are held-out rows, each with a label')
  const half = raws.length >> 1
  const part = (values: ArrayLike<number>, from: number, to: number) => Array.prototype.slice.call(values, from, to)
  const between = (from: number, to: number): CalibrationRows => ({
    ...rows,
    raws: part(raws, from, to),
    labels: part(labels, from, to),
    ...(weights === undefined ? {} : { weights: part(weights, from, to) }),
  })
  const [earlier, later] = [between(0, half), between(half, raws.length)]
  const losses = calibrationMethods.map(method => lossOf(calibrationBy(method, kind, earlier), later))
  const lowest = Math.min(...losses)
  const method = calibrationMethods[losses.findIndex(loss => loss <= lowest + tie)] as CalibrationMethod
  const [platt, beta, isotonic] = losses as [number, number, number]
  return { method, calibration: calibrationBy(method, kind, rows), logLoss: { platt, beta, isotonic } }
}

/** A probability of 0 or 1 that is wrong costs what a ten-thousandth would. */
const surest = 1e-4

function lossOf(calibration: Calibration, { raws, labels, weights }: CalibrationRows): number {
  let [loss, all] = [0, 0]
  for (let row = 0; row < raws.length; row++) {
    const weight = weights === undefined ? 1 : (weights[row] as number)
    const late = Math.min(1 - surest, Math.max(surest, interpolate(calibration, raws[row] as number)))
    loss -= weight * Math.log(labels[row] === 1 ? late : 1 - late)
    all += weight
  }
  return loss / all
}
