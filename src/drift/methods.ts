// The drift methods, each from counts and therefore exact, with the definitions of Evidently 0.7.23 and scipy 1.17; docs/
// drift.md has them as formulas. p values: K-S, chi-square, Z; small means drifted. Distances: the others; large means
// drifted. Every side has at least one row.

import type { Aligned } from './aligned.ts'
import type { NumericDistribution } from './distribution.ts'
import { twoSampleTail } from './kolmogorov.ts'
import { chiSquareTail, erfc } from './tails.ts'

/** p of the two-sample Kolmogorov-Smirnov test: how unlikely the largest gap between the distribution functions is. */
export function kolmogorovSmirnov(reference: NumericDistribution, current: NumericDistribution): number {
  const { values: a, counts: aRows, total: n } = reference
  const { values: b, counts: bRows, total: m } = current
  let [i, j] = [0, 0]
  let [below, belowCurrent] = [0, 0]
  let steps = 0
  // where one side has ended, the gap only closes
  while (i < a.length && j < b.length) {
    const [x, y] = [a[i] as number, b[j] as number]
    if (x <= y) below += aRows[i++] as number
    if (y <= x) belowCurrent += bRows[j++] as number
    const gap = Math.abs(below * m - belowCurrent * n)
    if (gap > steps) steps = gap
  }
  return twoSampleTail(n, m, steps)
}

/** Area between the distribution functions (scipy's wasserstein_distance), in the column's unit. */
export function wasserstein(reference: NumericDistribution, current: NumericDistribution): number {
  const { values: a, counts: aRows, total: n } = reference
  const { values: b, counts: bRows, total: m } = current
  let i = 0
  // n m times the gap between the functions, a whole number, and with it the area
  let gap = 0
  let area = 0
  let last = Math.min(a[0] as number, b[0] as number)
  for (let j = 0; j < b.length; j++) {
    const y = b[j] as number
    for (; i < a.length && (a[i] as number) <= y; i++) {
      area += Math.abs(gap) * ((a[i] as number) - last)
      gap += (aRows[i] as number) * m
      last = a[i] as number
    }
    area += Math.abs(gap) * (y - last)
    gap -= (bRows[j] as number) * n
    last = y
  }
  for (; i < a.length; i++) {
    area += Math.abs(gap) * ((a[i] as number) - last)
    gap += (aRows[i] as number) * m
    last = a[i] as number
  }
  return area / (n * m)
}

/** Standard deviation, by the number of rows (numpy's ddof = 0). */
export function deviation({ values, counts, total }: NumericDistribution): number {
  let sum = 0
  for (let at = 0; at < values.length; at++) sum += (values[at] as number) * (counts[at] as number)
  const mean = sum / total
  let squares = 0
  for (let at = 0; at < values.length; at++) squares += ((values[at] as number) - mean) ** 2 * (counts[at] as number)
  return Math.sqrt(squares / total)
}

/** p of Pearson's chi-square test of the current rows against the reference's shares; NaN with one key alone. */
export function chiSquare({ reference, current, size }: Aligned): number {
  const ratio = sumOf(current, size) / sumOf(reference, size)
  let statistic = 0
  for (let at = 0; at < size; at++) {
    const expected = (reference[at] as number) * ratio
    // a key that the reference does not have is expected never: infinite
    statistic += ((current[at] as number) - expected) ** 2 / expected
  }
  return chiSquareTail(statistic, size - 1)
}

/**
 * p of the pooled two-sided Z test that rows with another key than the first are equally frequent. It is 2 (1 - cdf), as
 * Evidently computes it: what is less than 2e-16 reads 0.
 */
export function zTest({ reference, current, size, first }: Aligned): number {
  if (size === 1) return 1
  const [n, m] = [sumOf(reference, size), sumOf(current, size)]
  const [share, shareCurrent] = [1 - (reference[first] as number) / n, 1 - (current[first] as number) / m]
  const pooled = (n - (reference[first] as number) + (m - (current[first] as number))) / (n + m)
  const z = (share - shareCurrent) / Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
  const cdf = 1 - erfc(Math.abs(z) / Math.SQRT2) / 2
  return 2 * (1 - cdf)
}

/** Square root of the Jensen-Shannon divergence in nats: 0 to sqrt(ln 2) = 0.8326. */
export function jensenShannon({ reference, current, size }: Aligned): number {
  const [n, m] = [sumOf(reference, size), sumOf(current, size)]
  let twice = 0
  for (let at = 0; at < size; at++) {
    const p = (reference[at] as number) / n
    const q = (current[at] as number) / m
    const middle = (p + q) / 2
    if (p > 0) twice += p * Math.log(p / middle)
    if (q > 0) twice += q * Math.log(q / middle)
  }
  return Math.sqrt(Math.max(0, twice) / 2)
}

/** Population stability index: sum of (r - c) ln(r / c), with small shares in place of zeros. */
export function populationStabilityIndex(aligned: Aligned): number {
  const [r, c] = [filledShares(aligned.reference, aligned.size), filledShares(aligned.current, aligned.size)]
  let index = 0
  for (let at = 0; at < aligned.size; at++) {
    const [p, q] = [r[at] as number, c[at] as number]
    index += (p - q) * Math.log(p / q)
  }
  return index
}

/** Divergence of the reference from the current in nats, with small shares in place of zeros and made to add up to 1. */
export function kullbackLeibler(aligned: Aligned): number {
  const { size } = aligned
  const [r, c] = [filledShares(aligned.reference, size), filledShares(aligned.current, size)]
  const [n, m] = [sumOf(r, size), sumOf(c, size)]
  let divergence = 0
  for (let at = 0; at < size; at++) {
    const p = (r[at] as number) / n
    divergence += p * Math.log(p / ((c[at] as number) / m))
  }
  return divergence
}

/** Hellinger distance, 0 to 1: sqrt(1 - sum of sqrt(r c)), written so that small distances keep their digits. */
export function hellinger({ reference, current, size }: Aligned): number {
  const [n, m] = [sumOf(reference, size), sumOf(current, size)]
  let squares = 0
  for (let at = 0; at < size; at++) {
    squares += (Math.sqrt((reference[at] as number) / n) - Math.sqrt((current[at] as number) / m)) ** 2
  }
  return Math.sqrt(squares / 2)
}

/** Shares; where a side has no rows 0.0001, or a millionth of its smallest share if that is not above 0.0001. */
function filledShares(rows: Float64Array, size: number): Float64Array {
  const total = sumOf(rows, size)
  const shares = new Float64Array(size)
  let least = Number.POSITIVE_INFINITY
  for (let at = 0; at < size; at++) {
    const share = (rows[at] as number) / total
    shares[at] = share
    if (share > 0 && share < least) least = share
  }
  const filling = least <= 0.0001 ? least / 1e6 : 0.0001
  for (let at = 0; at < size; at++) if (shares[at] === 0) shares[at] = filling
  return shares
}

function sumOf(rows: Float64Array, size: number): number {
  let sum = 0
  for (let at = 0; at < size; at++) sum += rows[at] as number
  return sum
}
