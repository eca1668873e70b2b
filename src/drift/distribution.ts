// What the drift methods compare: how often each value of a column occurs. Missing values are counted beside it and take
// no part. A numeric column is ascending distinct values with their counts, so that two of them are compared by walking
// both at once; a categorical one is counts by category.

import { assert } from '../lib/assert.ts'

export type NumericDistribution = {
  readonly kind: 'numeric'
  /** Ascending and distinct. */
  readonly values: Float64Array
  /** Rows of each value, 1 or more. */
  readonly counts: Float64Array
  /** Rows with a value. */
  readonly total: number
  readonly missing: number
  /** Whether it is a column of whole numbers without a gap, for which numpy bins no finer than 1. */
  readonly isWhole: boolean
}

export type CategoricalDistribution = {
  readonly kind: 'categorical'
  /** Rows of each category, 1 or more. */
  readonly counts: ReadonlyMap<string, number>
  /** Rows with a category. */
  readonly total: number
  readonly missing: number
}

export type Distribution = NumericDistribution | CategoricalDistribution

export type Gaps = { readonly missing?: number; readonly isWhole?: boolean }

/** Counts numbers, in any order; they may be infinite. `isWhole` is for the caller to say: a column's type shows in its text alone. */
export function distributionOfNumbers(
  numbers: ArrayLike<number>,
  { missing = 0, isWhole = false }: Gaps = {},
): NumericDistribution {
  const sorted = new Float64Array(numbers).sort()
  const total = sorted.length
  const counts = new Float64Array(total)
  let size = 0
  for (let row = 0; row < total; row++) {
    const value = sorted[row] as number
    assert(!Number.isNaN(value), 'a value is a number')
    if (size === 0 || value !== sorted[size - 1]) {
      // minus zero is the same value as zero
      sorted[size] = value + 0
      size++
    }
    counts[size - 1] = (counts[size - 1] as number) + 1
  }
  return { kind: 'numeric', values: sorted.slice(0, size), counts: counts.slice(0, size), total, missing, isWhole }
}

/** Counts categories, in any order. */
export function distributionOfCategories(categories: Iterable<string>, missing = 0): CategoricalDistribution {
  const counts = new Map<string, number>()
  let total = 0
  for (const category of categories) {
    counts.set(category, (counts.get(category) ?? 0) + 1)
    total++
  }
  return { kind: 'categorical', counts, total, missing }
}

/**
 * A count of resolutions times `factor` by `divisor` is the number that it stands for. A resolution of 1/k divides by k, so
 * that 123 tenths are 12.3 and not 12.3 + 2e-15: the double nearest to the decimal, which a file of such numbers holds.
 */
export function scaleOf(resolution: number): { divisor: number; factor: number } {
  const perUnit = Math.round(1 / resolution)
  return 1 / perUnit === resolution ? { divisor: perUnit, factor: 1 } : { divisor: 1, factor: resolution }
}
