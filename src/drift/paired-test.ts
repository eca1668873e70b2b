// Whether a challenger is to take the champion's place: a paired test over whole days, of the mean difference of their log
// losses on the same rows. Flights of one day share its weather, so days are the sample, not flights.
//
// It may be looked at four times, after 7, 14, 21 and 28 days, without being fooled more often for it: the bounds are
// Pocock's for four equally spaced looks (S. J. Pocock, Biometrika 64, 1977: z = 2.361, in all 2.5 % one-sided), as
// quantiles of Student's t with days - 1 degrees of freedom at the same level a look (0.00911).
//
//   promote   the statistic mean / (standard deviation / sqrt(days)) reaches the bound: it is better; or it did better, and
//             (mean + 0.004) / (standard deviation / sqrt(days)) does: it is not worse by as much as matters, and newer
//   reject    it reaches the bound on the other side; from the second look on it is not above 0; the last look has passed;
//             or 56 days have, of which too few have rows
//   wait      otherwise
//
// Of challengers that are worse by 0.004 nats or more, so at most one in forty is promoted. One as good as the champion
// often is, which costs nothing and is what trainings are for: a champion that must be beaten stays until it is old.

import { assert } from '../lib/assert.ts'
import { lossesPerNat } from './loss.ts'

/** Sums over the labelled rows of one day, losses in ten-thousandths of a nat. */
export type PairedDay = { readonly rows: number; readonly championLoss: number; readonly challengerLoss: number }

export type PairedTest = {
  readonly verdict: 'WAIT' | 'PROMOTE' | 'REJECT'
  readonly because: string
  readonly days: number
  readonly rows: number
  /** Champion's loss less the challenger's: nats a row, mean of the days' means. Above 0 the challenger is better. */
  readonly meanDifference: number | null
  readonly standardError: number | null
  /** null while all days are the same, or there are fewer than 2. */
  readonly statistic: number | null
  /** null on a day without a look. */
  readonly bound: number | null
  /** Chance that a difference of `mattersNats` reaches the bound by the last look alone, 0..1 (normal approximation). */
  readonly power: number | null
}

/** Days with fewer paired rows do not count. */
export const rowsMin = 50
/** The smallest difference that matters, nats a row. */
export const mattersNats = 0.004

const looks: readonly { readonly days: number; readonly bound: number }[] = [
  { days: 7, bound: 3.2161 },
  { days: 14, bound: 2.6991 },
  { days: 21, bound: 2.5712 },
  { days: 28, bound: 2.5135 },
]
const last = looks[looks.length - 1] as (typeof looks)[number]
/** So long it waits for days that count. */
const seenMost = 56

/**
 * @param days those that count, in their order; at most 28
 * @param seen days passed, with those that do not count
 */
export function pairedTest(days: readonly PairedDay[], seen: number = days.length): PairedTest {
  assert(
    days.every(({ rows }) => rows >= rowsMin),
    'a day that counts has rows',
  )
  assert(days.length <= last.days && days.length <= seen, 'there is no day after the last look')
  const test = testOf(days)
  if (test.verdict !== 'WAIT' || seen < seenMost) return test
  return { ...test, verdict: 'REJECT', because: `undecided: of ${seen} days ${test.days} have ${rowsMin} rows` }
}

function testOf(days: readonly PairedDay[]): PairedTest {
  const differences = days.map(({ rows, championLoss, challengerLoss }) => {
    return (championLoss - challengerLoss) / rows / lossesPerNat
  })
  const count = days.length
  const sums = { days: count, rows: days.reduce((sum, day) => sum + day.rows, 0) }
  if (count < 2) {
    const meanDifference = differences[0] ?? null
    const nothing = { standardError: null, statistic: null, bound: null, power: null }
    return { ...sums, ...nothing, meanDifference, verdict: 'WAIT', because: `${count} of ${looks[0]?.days} days` }
  }
  const meanDifference = differences.reduce((sum, each) => sum + each, 0) / count
  const squares = differences.reduce((sum, each) => sum + (each - meanDifference) ** 2, 0)
  const deviation = Math.sqrt(squares / (count - 1))
  const standardError = deviation / Math.sqrt(count)
  const statistic = standardError === 0 ? null : meanDifference / standardError
  const look = looks.find(({ days: at }) => at === count)
  const bound = look?.bound ?? null
  const power = deviation === 0 ? null : normal(mattersNats / (deviation / Math.sqrt(last.days)) - last.bound)
  const found = { count, meanDifference, standardError, statistic, bound }
  return { ...sums, meanDifference, standardError, statistic, bound, power, ...verdictOf(found) }
}

type Found = {
  readonly count: number
  readonly meanDifference: number
  readonly standardError: number
  readonly statistic: number | null
  readonly bound: number | null
}

function verdictOf({
  count,
  meanDifference,
  standardError,
  statistic,
  bound,
}: Found): Pick<PairedTest, 'verdict' | 'because'> {
  if (bound === null) {
    const next = looks.find(({ days }) => days > count) ?? last
    return { verdict: 'WAIT', because: `${count} days; the next look is after ${next.days}` }
  }
  const at = `t = ${(statistic ?? 0).toFixed(2)} over ${count} days`
  if (statistic !== null && statistic >= bound) return { verdict: 'PROMOTE', because: `better: ${at}, bound ${bound}` }
  if (statistic !== null && statistic <= -bound) return { verdict: 'REJECT', because: `worse: ${at}, bound ${-bound}` }
  if (standardError > 0 && meanDifference > 0) {
    const notWorse = (meanDifference + mattersNats) / standardError
    const against = `t = ${notWorse.toFixed(2)} against -${mattersNats} nats over ${count} days`
    if (notWorse >= bound) return { verdict: 'PROMOTE', because: `not worse, and newer: ${against}, bound ${bound}` }
  }
  if (count === last.days) return { verdict: 'REJECT', because: `not shown to be better: ${at}, bound ${bound}` }
  if (count > 7 && (statistic ?? 0) <= 0) return { verdict: 'REJECT', because: `no sign of being better: ${at}` }
  return { verdict: 'WAIT', because: `undecided: ${at}, bound ${bound}` }
}

/** Cumulative distribution of the standard normal, by Abramowitz and Stegun 26.2.17: to 1e-7. */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series
  return z >= 0 ? 1 - tail : tail
}
