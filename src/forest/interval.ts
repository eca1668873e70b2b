// The interval around a probability: an inductive Venn-Abers predictor (Vovk, Petej and Fedorova 2015, "Large-scale
// probabilistic predictors with and without guarantees of validity", algorithms 3 and 4), the conformal method for
// probabilities. For a score s, add (s, 0) to the held-out rows, calibrate isotonically and read p0 at s; add (s, 1) and
// read p1. Whatever the scores mean, if held-out and future rows are exchangeable, the one of the two that belongs to
// the flight's real label is perfectly calibrated; the interval is [p0, p1]. It is narrow where many held-out rows
// scored alike and wide where the model has seen few. (Flights drift, so exchangeability is an approximation: the
// coverage over time is what the drift monitor watches.)
//
// Scores are first rounded to the ten-thousandth of the uncalibrated probability, so that the whole predictor is a step
// function over 0..10000. `Scorer.lowOf` and `highOf` widen it where needed to contain the calibrated probability.

import { assert } from '../lib/assert.ts'
import { logistic } from './calibration.ts'
import { certain, type IntervalTable, type ModelKind } from './model.ts'

/** The score the interval is looked up by: an integer 0..10000. */
export function uncalibrated(raw: number, kind: ModelKind): number {
  const probability = kind === 'random-forest' ? raw : logistic(raw)
  return Math.min(certain, Math.max(0, Math.round(certain * probability)))
}

/** The table from held-out rows: their raw scores, and 1 for late or 0. */
export function fitInterval(kind: ModelKind, raws: Float64Array, labels: ArrayLike<number>): IntervalTable {
  assert(raws.length > 0 && raws.length === labels.length, 'there are held-out rows, each with a label')
  const rows = new Float64Array(certain + 1)
  const lates = new Float64Array(certain + 1)
  for (let row = 0; row < raws.length; row++) {
    const score = uncalibrated(raws[row] as number, kind)
    rows[score] = (rows[score] as number) + 1
    lates[score] = (lates[score] as number) + (labels[row] as number)
  }
  const before = pools(rows, lates, 'before')
  const after = pools(rows, lates, 'after')
  const table = { scores: [] as number[], lows: [] as number[], highs: [] as number[] }
  for (let score = 0; score <= certain; score++) {
    const here = { rows: (rows[score] as number) + 1, lates: lates[score] as number }
    const low = Math.round(certain * pooledAt(score, here, before, after))
    const high = Math.round(certain * pooledAt(score, { ...here, lates: here.lates + 1 }, before, after))
    if (low === table.lows.at(-1) && high === table.highs.at(-1)) continue
    table.scores.push(score)
    table.lows.push(low)
    table.highs.push(high)
  }
  return table
}

type Pool = { rows: number; lates: number }

/** By score: the pool that ends (or starts) there when only the scores before (or after) are calibrated. */
type Pools = { rows: Float64Array; lates: Float64Array; end: Int32Array }

function pools(rows: Float64Array, lates: Float64Array, side: 'before' | 'after'): Pools {
  const step = side === 'before' ? -1 : 1
  const merged: Pools = { rows: rows.slice(), lates: lates.slice(), end: new Int32Array(rows.length) }
  const first = side === 'before' ? 0 : rows.length - 1
  for (let score = first; score >= 0 && score < rows.length; score -= step) {
    const pool = { rows: rows[score] as number, lates: lates[score] as number }
    const end = swallow(pool, score + step, merged, side)
    merged.rows[score] = pool.rows
    merged.lates[score] = pool.lates
    merged.end[score] = end
  }
  return merged
}

/** Takes neighbouring pools into `pool` while they violate the order; returns the first score beyond. */
function swallow(pool: Pool, from: number, { rows, lates, end }: Pools, side: 'before' | 'after'): number {
  let at = from
  while (at >= 0 && at < rows.length) {
    const other = { rows: rows[at] as number, lates: lates[at] as number }
    // positive where the neighbour's mean is above the pool's; an empty neighbour never stands in the way
    const above = other.lates * pool.rows - pool.lates * other.rows
    if (side === 'before' ? above < 0 : above > 0) break
    pool.rows += other.rows
    pool.lates += other.lates
    at = end[at] as number
  }
  return at
}

/** Isotonic fit at `score` when `here` stands there: pools on both sides join until the order holds. */
function pooledAt(score: number, here: Pool, before: Pools, after: Pools): number {
  const pool = { ...here }
  let left = score - 1
  let right = score + 1
  for (let rows = 0; rows !== pool.rows; ) {
    rows = pool.rows
    left = swallow(pool, left, before, 'before')
    right = swallow(pool, right, after, 'after')
  }
  return pool.lates / pool.rows
}

/** Bounds in ten-thousandths at a raw score. */
export type IntervalLookup = { readonly lowOf: (raw: number) => number; readonly highOf: (raw: number) => number }

export function intervalLookup({ scores, lows, highs }: IntervalTable, kind: ModelKind): IntervalLookup {
  const low = new Int32Array(certain + 1)
  const high = new Int32Array(certain + 1)
  for (let step = 0; step < scores.length; step++) {
    const to = scores[step + 1] ?? certain + 1
    low.fill(lows[step] as number, scores[step], to)
    high.fill(highs[step] as number, scores[step], to)
  }
  return {
    lowOf: raw => low[uncalibrated(raw, kind)] as number,
    highOf: raw => high[uncalibrated(raw, kind)] as number,
  }
}
