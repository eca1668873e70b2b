// Folds in the order of time: each trains on all rows up to an instant and is graded on those that come after it, as it
// will be in use. Between them lies a gap: when a flight is predicted, those that leave a little before it have not landed,
// so nobody knows their labels. Of the rows after the gap the first third calibrates and the others are graded: calibrated
// as in use, algorithms can be compared whose raw scores mean different things.

import { assert } from '../../lib/assert.ts'

/** Rows by number, in the order of departure. */
export type Fold = {
  /** Rows before it train. */
  readonly trainUntil: number
  /** Rows from it up to `gradeFrom` calibrate, those up to `to` are graded. */
  readonly from: number
  readonly gradeFrom: number
  readonly to: number
}

export type FoldOptions = {
  readonly count: number
  readonly gapMs: number
  /** Rows before it are dealt out. */
  readonly until: number
}

/** Share of the rows that is in no fold graded: every fold trains on them. */
const firstShare = 0.4
const calibratingShare = 1 / 3

/**
 * The earliest first, each with more rows to train on than the one before. No two rows of one departure lie in different
 * parts. Fewer folds than asked for when there are too few departures.
 * @param departureAt ascending, epoch ms
 */
export function timeOrderedFolds(departureAt: ArrayLike<number>, { count, gapMs, until }: FoldOptions): Fold[] {
  assert(count >= 1 && until <= departureAt.length, 'there are folds to make of rows that exist')
  const atRow = (row: number): number => departureAt[row] as number
  /** The first row of its departure. */
  const startOf = (row: number): number => {
    let first = Math.min(row, until)
    while (first > 0 && first < until && atRow(first - 1) === atRow(first)) first--
    return first
  }
  const edges = Array.from({ length: count + 1 }, (_, at) =>
    startOf(Math.round(until * (firstShare + ((1 - firstShare) * at) / count))),
  )
  const folds: Fold[] = []
  for (let at = 0; at < count; at++) {
    const [from, to] = [edges[at] as number, edges[at + 1] as number]
    const gradeFrom = startOf(Math.round(from + (to - from) * calibratingShare))
    let trainUntil = from
    while (trainUntil > 0 && atRow(trainUntil - 1) > atRow(from) - gapMs) trainUntil--
    if (trainUntil > 0 && from < gradeFrom && gradeFrom < to) folds.push({ trainUntil, from, gradeFrom, to })
  }
  return folds
}
