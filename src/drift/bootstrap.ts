// How sure a figure is: intervals by resampling whole days. Flights of one day share its weather and its delays, so rows
// are no independent draws; days nearly are. A resample draws as many days as there are, with replacement, and pools all
// their rows (graded.ts); the interval is what the middle share of the resamples' figures spans.
//
//   block bootstrap with blocks of a day, percentile interval (Efron, Tibshirani, "An Introduction to the Bootstrap",
//   1993, chapters 8.6 and 13); quantiles by linear interpolation between order statistics (type 7 of Hyndman, Fan, 1996)

import { assert } from '../lib/assert.ts'

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
