// Scores rows with a model: bit-equal in every process, alone or in a batch of any size, because each row's leaves are
// added one by one in the order of the trees and V8's arithmetic is IEEE 754 on every machine.
//
// Layout: a tree of at most 8 decisions becomes a perfect binary tree (node i's children are 2i and 2i + 1; a leaf above
// the bottom fills its whole subtree), so a walk is a fixed number of steps without a branch:
//   i = 2i + ((threshold - x) >>> 31)            the sign bit of the difference is 1 exactly when x > threshold
// The difference cannot overflow: values and thresholds are clamped to ±2^29, missing is ±2^30. Missing costs no branch
// either: an encoded row holds a low copy (missing reads -2^30, goes left) and a high copy (+2^30, goes right) of those
// features that some node asks for that way, and a node's column is the copy that it needs. Deeper trees are walked by
// child indices.
//
// Chosen by `npm run bench -- forest` (300 trees x depth 6 x 70 features, one thread): 64 rows at a time, trees outside,
// 4 rows together 2.9 us a row; 8 together 3.0; nodes interleaved 3.2; columns outside 3.0; row by row with 4 trees
// together 3.1 (`scoreOne`); child indices 8 and more. Arrays must be locals: through a closure the same loop takes 5.0.

import { assert } from '../lib/assert.ts'
import { rawToProbability } from './calibration.ts'
import { encodeRow, type FeatureTable, readersOf } from './encode.ts'
import { intervalLookup } from './interval.ts'
import { certain, type FeatureRow, type Model } from './model.ts'
import { batchRows, layOut, scoreBatch, scoreRow } from './walk.ts'

export type Scorer = {
  /** Integers that one encoded row takes. */
  readonly width: number
  /** Writes the row to `into[at, at + width)`. A category that training did not see counts as missing. */
  readonly encode: (row: FeatureRow, into: Int32Array, at: number) => void
  /** Raw scores (mean of the leaves, or margin) of `count` encoded rows that lie one behind the other. */
  readonly score: (rows: Int32Array, count: number, raws: Float64Array) => void
  /** Raw score of the encoded row at `rows[at, at + width)`, bit-equal to `score`. */
  readonly scoreOne: (rows: Int32Array, at: number) => number
  /** Calibrated probabilities of `count` encoded rows, in ten-thousandths. */
  readonly probabilities: (rows: Int32Array, count: number, out: Int32Array) => void
  /** Calibrated probability of a raw score: an integer 0..10000, half rounded up. */
  readonly probabilityOf: (raw: number) => number
  /** Lower end of the interval around `probabilityOf(raw)`, in ten-thousandths; the probability itself without one. */
  readonly lowOf: (raw: number) => number
  readonly highOf: (raw: number) => number
  /** Everything about one row. Allocates: for doors, not for streams. */
  readonly predict: (row: FeatureRow) => Prediction
}

/** In ten-thousandths; `low <= probability <= high`. */
export type Prediction = { raw: number; probability: number; low: number; high: number; isLate: boolean }

/**
 * A scorer of rows in the order of `table` (by default the model's own features). A model may use fewer features than
 * the table has, in another order. Throws `MODEL_MISFIT` if one is missing or means something else.
 */
export function compile(model: Model, table: FeatureTable = model.features): Scorer {
  const layout = layOut(model.trees)
  const readers = readersOf(model.features, layout.columns, table)
  const width = layout.columns.length
  const divisor = model.kind === 'random-forest' ? model.trees.roots.length : 1
  const { base } = model
  const toProbability = rawToProbability(model)
  const probabilityOf = (raw: number): number => Math.round(certain * toProbability(raw))
  const bounds = model.interval === null ? null : intervalLookup(model.interval, model.kind)
  const lowOf = (raw: number): number => Math.min(probabilityOf(raw), bounds === null ? certain : bounds.lowOf(raw))
  const highOf = (raw: number): number => Math.max(probabilityOf(raw), bounds === null ? 0 : bounds.highOf(raw))
  const scratch = new Float64Array(batchRows)
  const single = new Int32Array(width)

  const scoreOne = (rows: Int32Array, at: number): number => scoreRow(layout, rows, at, base) / divisor
  const score = (rows: Int32Array, count: number, raws: Float64Array): void => {
    assert(rows.length >= count * width && raws.length >= count, 'the arrays hold as many rows as announced')
    raws.fill(base, 0, count)
    for (let from = 0; from < count; from += batchRows)
      scoreBatch(layout, rows, raws, { from, to: Math.min(count, from + batchRows) })
    if (divisor !== 1) for (let row = 0; row < count; row++) raws[row] = (raws[row] as number) / divisor
  }
  return {
    width,
    encode: (row, into, at) => encodeRow(readers, row, into, at),
    score,
    scoreOne,
    probabilities(rows, count, out) {
      for (let from = 0; from < count; from += batchRows) {
        const taken = Math.min(batchRows, count - from)
        score(from === 0 ? rows : rows.subarray(from * width), taken, scratch)
        for (let row = 0; row < taken; row++) out[from + row] = probabilityOf(scratch[row] as number)
      }
    },
    probabilityOf,
    lowOf,
    highOf,
    predict(row) {
      encodeRow(readers, row, single, 0)
      const raw = scoreOne(single, 0)
      const probability = probabilityOf(raw)
      return { raw, probability, low: lowOf(raw), high: highOf(raw), isLate: probability >= model.threshold }
    },
  }
}
