// How sure a figure is: intervals by resampling whole days. Flights of one day share its weather and its delays, so rows
// are no independent draws; days nearly are. A resample draws as many days as there are, with replacement, and pools all
// their rows; the interval is what the middle share of the resamples' figures spans.
//
//   block bootstrap with blocks of a day, percentile interval (Efron, Tibshirani, "An Introduction to the Bootstrap",
//   1993, chapters 8.6 and 13); quantiles by linear interpolation between order statistics (type 7 of Hyndman, Fan, 1996)

import { assert } from '../lib/assert.ts'
import { below, randomFrom } from '../lib/random.ts'
import { type Performance, performance, ScoreCounts } from './performance.ts'

/** A day's rows by probability (ten-thousandths) and label. */
export type DayCounts = ReturnType<ScoreCounts['entries']>

export type ResampleOptions = {
  readonly resamples: number
  readonly seed: number
  /** Decision threshold, ten-thousandths. */
  readonly threshold: number
}

/** The figures of each resample, one by one, so that who draws many can rest in between; the same for the same seed. */
export function* resampledPerformance(
  days: readonly DayCounts[],
  { resamples, seed, threshold }: ResampleOptions,
): Generator<Performance> {
  const random = randomFrom(seed)
  for (let resample = 0; resample < resamples; resample++) {
    const pooled = new ScoreCounts()
    for (let draw = 0; draw < days.length; draw++) {
      for (const { probability, punctual, late } of days[below(random, days.length)] as DayCounts) {
        pooled.add(probability, 0, punctual)
        pooled.add(probability, 1, late)
      }
    }
    yield performance(pooled, { threshold })
  }
}

/**
 * What the middle `share` of the values spans, as [low, high]. Values that are null (a resample of days without a late
 * flight has no AUC) are left out; null when fewer than two are left.
 */
export function percentileInterval(values: readonly (number | null)[], share = 0.95): [number, number] | null {
  assert(share > 0 && share < 1, 'a share is between 0 and 1')
  const sorted = Float64Array.from(values.filter(value => value !== null)).sort()
  if (sorted.length < 2) return null
  return [quantile(sorted, (1 - share) / 2), quantile(sorted, (1 + share) / 2)]
}

function quantile(sorted: Float64Array, at: number): number {
  const place = at * (sorted.length - 1)
  const lower = sorted[Math.floor(place)] as number
  const upper = sorted[Math.ceil(place)] as number
  return lower + (place - Math.floor(place)) * (upper - lower)
}
