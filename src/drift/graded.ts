// How good probabilities were, and how sure that is: the figures of performance.ts for rows that are known one by one,
// with 95 % intervals from resampled days (bootstrap.ts says why days). Rows are sorted once; a resample is then one pass
// over them with the number of times that each day was drawn as weights, so that many groups of rows cost little.
//
// The interval of the calibration error may lie above the error itself: an error has no sign, and a resample adds noise to
// each bin.

import { assert } from '../lib/assert.ts'
import { below, randomFrom } from '../lib/random.ts'
import { percentileInterval } from './bootstrap.ts'

export type GradedRows = {
  /** Ten-thousandths. */
  readonly probabilities: ArrayLike<number>
  /** 1 for late, 0 for on time. */
  readonly labels: ArrayLike<number>
  /** Any number that tells days apart. */
  readonly days: ArrayLike<number>
}

export const figureNames = ['auc', 'logLoss', 'brier', 'ece'] as const
type FigureName = (typeof figureNames)[number]

/** Low and high; null: too few days, or nothing to divide by. */
export type Interval = readonly [number, number] | null

export type Figures = Readonly<Record<FigureName, number | null>> & {
  readonly n: number
  readonly days: number
  /** Shares of n, 0..1: that were late, and that were said to be. */
  readonly late: number
  readonly said: number
  readonly interval95: Readonly<Record<FigureName, Interval>>
}

export type CalibrationBin = {
  /** Probabilities from it up to the next tenth, 0..1. */
  readonly from: number
  readonly n: number
  /** Mean probability, and the share that was late. */
  readonly said: number
  readonly late: number
  readonly interval95: Interval
}

export type Graded = { readonly figures: Figures; readonly calibration: readonly CalibrationBin[] }

const certain = 10_000
const bins = 10
/** As in performance.ts. */
const clip = Number.EPSILON

export type GradingOptions = { readonly resamples: number; readonly seed: number }

/** @param numbers which of the rows; all if absent */
export function graded(rows: GradedRows, { resamples, seed }: GradingOptions, numbers?: ArrayLike<number>): Graded {
  const order = Int32Array.from(numbers ?? { length: rows.labels.length }, (number, at) => number ?? at)
  assert(order.length > 0, 'there are rows to grade')
  order.sort((a, b) => (rows.probabilities[a] as number) - (rows.probabilities[b] as number) || a - b)
  const pass = new Pass(rows, order)
  const whole = pass.with(null)
  const random = randomFrom(seed)
  const drawn: Sums[] = []
  for (let resample = 0; resample < resamples; resample++) {
    const times = new Float64Array(pass.days)
    for (let draw = 0; draw < pass.days; draw++) {
      const day = below(random, pass.days)
      times[day] = (times[day] as number) + 1
    }
    drawn.push(pass.with(times))
  }
  const interval = (of: (sums: Sums) => number | null): Interval =>
    pass.days < 2 ? null : percentileInterval(drawn.map(of))
  const interval95 = Object.fromEntries(figureNames.map(name => [name, interval(sums => sums.figures[name])]))
  return {
    figures: {
      n: whole.n,
      days: pass.days,
      late: whole.late / whole.n,
      said: whole.said / whole.n,
      ...whole.figures,
      interval95: interval95 as Figures['interval95'],
    },
    calibration: whole.bins.flatMap(({ n, late, said }, bin) => {
      if (n === 0) return []
      const shareOf = ({ bins: own }: Sums) => ratio((own[bin] as Bin).late, (own[bin] as Bin).n)
      return [{ from: bin / bins, n, said: said / n, late: late / n, interval95: interval(shareOf) }]
    }),
  }
}

type Bin = { n: number; late: number; said: number }
type Sums = Bin & { readonly figures: Readonly<Record<FigureName, number | null>>; readonly bins: readonly Bin[] }

class Pass {
  readonly days: number
  readonly #probabilities: Int32Array
  readonly #labels: Uint8Array
  readonly #dayOf: Int32Array
  readonly #losses: Float64Array

  constructor({ probabilities, labels, days }: GradedRows, order: Int32Array) {
    const places = new Map<number, number>()
    for (const row of order.toSorted())
      if (!places.has(days[row] as number)) places.set(days[row] as number, places.size)
    this.days = places.size
    this.#probabilities = order.map(row => probabilities[row] as number)
    this.#labels = Uint8Array.from(order, row => labels[row] as number)
    this.#dayOf = order.map(row => places.get(days[row] as number) as number)
    this.#losses = Float64Array.from(this.#probabilities, (probability, at) => {
      const late = Math.min(1 - clip, Math.max(clip, probability / certain))
      const punctual = Math.min(1 - clip, Math.max(clip, 1 - probability / certain))
      return -Math.log(this.#labels[at] === 1 ? late : punctual)
    })
  }

  /** @param times that each day counts; once if null */
  with(times: Float64Array | null): Sums {
    const own: Bin[] = Array.from({ length: bins }, () => ({ n: 0, late: 0, said: 0 }))
    let [logLoss, brier, won, punctualBelow] = [0, 0, 0, 0]
    let [tiedLate, tiedPunctual, before] = [0, 0, -1]
    for (let at = 0; at < this.#labels.length; at++) {
      const weight = times === null ? 1 : (times[this.#dayOf[at] as number] as number)
      if (weight === 0) continue
      const probability = this.#probabilities[at] as number
      const label = this.#labels[at] as number
      if (probability !== before) {
        won += tiedLate * (punctualBelow + tiedPunctual / 2)
        punctualBelow += tiedPunctual
        tiedLate = 0
        tiedPunctual = 0
        before = probability
      }
      if (label === 1) tiedLate += weight
      else tiedPunctual += weight
      logLoss += weight * (this.#losses[at] as number)
      brier += weight * (probability / certain - label) ** 2
      const bin = own[Math.min(bins - 1, Math.floor((probability * bins) / certain))] as Bin
      bin.n += weight
      bin.late += weight * label
      bin.said += (weight * probability) / certain
    }
    won += tiedLate * (punctualBelow + tiedPunctual / 2)
    const total = (of: keyof Bin) => own.reduce((sum, bin) => sum + bin[of], 0)
    const [n, late, said] = [total('n'), total('late'), total('said')]
    const gaps = own.reduce((sum, bin) => sum + Math.abs(bin.said - bin.late), 0)
    return {
      n,
      late,
      said,
      bins: own,
      figures: {
        auc: ratio(won, late * (n - late)),
        logLoss: ratio(logLoss, n),
        brier: ratio(brier, n),
        ece: ratio(gaps, n),
      },
    }
  }
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
