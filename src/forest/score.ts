// Scores rows with a model: bit-equal in every process, alone or in a batch of any size, because each row's leaves are
// added one by one in the order of the trees, and the arithmetic is IEEE 754 on every machine.
//
// A tree of at most 8 decisions is walked in a fixed number of steps without a branch: who is at a leaf stays there. It
// takes no more memory than its nodes and leaves, for a walk waits for memory more than for anything else. Missing costs
// no branch either: an encoded row holds a low copy (missing reads -2^30, goes left) and a high copy (+2^30, goes right)
// of those features that some node asks for that way, and a node reads the copy that it needs. Values are clamped to
// +-2^29.
//
// Chosen by `npm run bench -- forest`, us a row for 300 trees x depth 6 x 70 features, one thread: WebAssembly, row by
// row, 8 trees side by side 2.2 (4: 2.8, 1: 4.1); JavaScript, 64 rows at a time and trees outside 3.1, but up to twice
// that as the compiler happens to see the arrays; child indices 21. A batch gains nothing here, so there is one way.

import { assert } from '../lib/assert.ts'
import { rawToProbability } from './calibration.ts'
import { encodeRow, type FeatureTable, readersOf } from './encode.ts'
import { intervalLookup } from './interval.ts'
import { certain, type FeatureRow, type Model } from './model.ts'
import { layOut, walkerOf } from './walk.ts'

export type Scorer = {
  /** Integers that one encoded row takes. */
  readonly width: number
  /** Writes the row to `into[at, at + width)`. A category that training did not see counts as missing. */
  readonly encode: (row: FeatureRow, into: Int32Array, at: number) => void
  /** Raw scores (mean of the leaves, or margin) of `count` encoded rows that lie one behind the other. */
  readonly score: (rows: Int32Array, count: number, raws: Float64Array) => void
  /** Raw score of the encoded row at `rows[at, at + width)`, bit-equal to `score`. */
  readonly scoreOne: (rows: Int32Array, at: number) => number
  /** Raw score of a feature row, without an array between. */
  readonly rawOf: (row: FeatureRow) => number
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

/** Wider rows are copied faster by the call that copies memory. */
const copyMin = 256

/** In ten-thousandths; `low <= probability <= high`. */
type Prediction = { raw: number; probability: number; low: number; high: number; isLate: boolean }

/**
 * A scorer of rows in the order of `table` (by default the model's own features). A model may use fewer features than
 * the table has, in another order. Throws `MODEL_MISFIT` if one is missing or means something else.
 */
export function compile(model: Model, table: FeatureTable = model.features): Scorer {
  const layout = layOut(model.trees)
  const readers = readersOf(model.features, layout.columns, table)
  const width = layout.columns.length
  const { row, walk } = walkerOf(layout)
  const divisor = model.kind === 'random-forest' ? model.trees.roots.length : 1
  const { base } = model
  const toProbability = rawToProbability(model)
  const probabilityOf = (raw: number): number => Math.round(certain * toProbability(raw))
  const bounds = model.interval === null ? null : intervalLookup(model.interval, model.kind)
  const lowOf = (raw: number): number => Math.min(probabilityOf(raw), bounds === null ? certain : bounds.lowOf(raw))
  const highOf = (raw: number): number => Math.max(probabilityOf(raw), bounds === null ? 0 : bounds.highOf(raw))
  const scoreOne = (rows: Int32Array, at: number): number => {
    if (width > copyMin) row.set(rows.subarray(at, at + width))
    else for (let column = 0; column < width; column++) row[column] = rows[at + column] as number
    return walk(base) / divisor
  }
  const rawOf = (values: FeatureRow): number => {
    encodeRow(readers, values, row, 0)
    return walk(base) / divisor
  }
  const score = (rows: Int32Array, count: number, raws: Float64Array): void => {
    assert(rows.length >= count * width && raws.length >= count, 'the arrays hold as many rows as announced')
    for (let index = 0; index < count; index++) raws[index] = scoreOne(rows, index * width)
  }
  return {
    width,
    encode: (values, into, at) => encodeRow(readers, values, into, at),
    score,
    scoreOne,
    rawOf,
    probabilities(rows, count, out) {
      for (let index = 0; index < count; index++) out[index] = probabilityOf(scoreOne(rows, index * width))
    },
    probabilityOf,
    lowOf,
    highOf,
    predict(values) {
      const raw = rawOf(values)
      const probability = probabilityOf(raw)
      return { raw, probability, low: lowOf(raw), high: highOf(raw), isLate: probability >= model.threshold }
    },
  }
}
