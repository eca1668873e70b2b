// Whether a column has drifted: the method, its score, and the verdict against its threshold. The method is chosen as
// Evidently 0.7 chooses it unless one is given. All that depends on the reference alone is computed once, by `prepare`;
// `against` then walks what was prepared beside the current window.
//
// "Not enough rows" is an answer: score and verdict are null, and the outcome says which side is short.

import { assert } from '../lib/assert.ts'
import {
  type Aligned,
  alignedBins,
  alignedCategories,
  alignedValues,
  type Cumulated,
  categoryIndex,
  cumulated,
  distinctValues,
} from './aligned.ts'
import type { CategoricalDistribution, Distribution, NumericDistribution } from './distribution.ts'
import {
  chiSquare,
  deviation,
  hellinger,
  jensenShannon,
  kolmogorovSmirnov,
  kullbackLeibler,
  populationStabilityIndex,
  wasserstein,
  zTest,
} from './methods.ts'

/** Threshold of each method. Of a p value it is the most that counts as drift, of a distance the least. */
const thresholds = {
  ks: 0.05,
  chisquare: 0.05,
  z: 0.05,
  wasserstein: 0.1,
  jensenshannon: 0.1,
  psi: 0.1,
  kl_div: 0.1,
  hellinger: 0.1,
} as const

export type DriftMethod = keyof typeof thresholds

export const driftMethods: readonly DriftMethod[] = Object.keys(thresholds) as DriftMethod[]

/** Whether columns of a kind have what the method needs: K-S and Wasserstein need an order. */
export function suits(method: DriftMethod, kind: Distribution['kind']): boolean {
  return kind === 'numeric' || (method !== 'ks' && method !== 'wasserstein')
}

/**
 * `compared`: there is a score. `reference-empty`, `current-empty`: no row with a value. `too-few-rows`: fewer than asked
 * for. `one-value`: chi-square has nothing to test where all rows of both sides are equal. `infinite`: the method has no
 * figure for columns with infinite values.
 */
export type DriftOutcome = 'compared' | 'reference-empty' | 'current-empty' | 'too-few-rows' | 'one-value' | 'infinite'

export type ColumnDrift = {
  readonly method: DriftMethod
  /** A p value or a distance, see the method; null unless compared. */
  readonly score: number | null
  /** null: not enough rows, or no figure. */
  readonly drifted: boolean | null
  readonly threshold: number
  /** Rows with a value. */
  readonly referenceCount: number
  readonly currentCount: number
  /** Current rows without a value. */
  readonly missing: number
  /** Current rows of a category that the reference does not have; 0 for numbers. */
  readonly unseen: number
  readonly outcome: DriftOutcome
}

export type DriftOptions = {
  /** Instead of the default choice. */
  readonly method?: DriftMethod | undefined
  /** Instead of the method's own. */
  readonly threshold?: number | undefined
  /** Rows with a value that each side must have, 1 or more. */
  readonly rowsMin?: number | undefined
}

export interface PreparedColumn<D extends Distribution = Distribution> {
  readonly kind: D['kind']
  readonly reference: D
  against(current: D, options?: DriftOptions): ColumnDrift
}

export function prepare(reference: NumericDistribution): PreparedColumn<NumericDistribution>
export function prepare(reference: CategoricalDistribution): PreparedColumn<CategoricalDistribution>
export function prepare(reference: Distribution): PreparedColumn
export function prepare(reference: Distribution): PreparedColumn {
  const sidesWith = reference.kind === 'numeric' ? numericSides(reference) : categoricalSides(reference)
  return {
    kind: reference.kind,
    reference,
    against(current, options = {}) {
      assert(current.kind === reference.kind, 'both sides of a column are of one kind')
      return driftOf(sidesWith(current as never), options)
    },
  }
}

/** The same for two sides that are compared once. @throws if they are of different kinds */
export function columnDrift(reference: Distribution, current: Distribution, options?: DriftOptions): ColumnDrift {
  return prepare(reference).against(current, options)
}

/** Below it, the Wasserstein distance is divided by this. */
const deviationMin = 0.001
/** With so few different numbers a column is compared by value, not by distance. */
const fewValues = 5
/** With up to so many different numbers in the reference, shares are by value, not by bin. */
const unbinnedMost = 20
/** References of more rows are compared by distance, for which more rows do not mean more drift. */
const testedRowsMost = 1000

/** What the choice of a method and its score need to know. */
type Sides = {
  readonly reference: Distribution
  readonly current: Distribution
  /** Distinct values of both sides together, exact up to 6. */
  readonly distinct: number
  readonly unseen: number
  readonly isInfinite: boolean
  score(method: DriftMethod): number
}

function numericSides(reference: NumericDistribution): (current: NumericDistribution) => Sides {
  const numbers = cumulated(reference)
  const norm = Math.max(deviation(reference), deviationMin)
  const isReferenceFinite = isFinite(numbers)
  return current => {
    const isInfinite = !(isReferenceFinite && isFinite(current))
    return {
      reference,
      current,
      distinct: distinctValues(numbers, current, fewValues + 1),
      unseen: 0,
      isInfinite,
      score(method) {
        if (isInfinite && needsFinite(method, numbers)) return Number.NaN
        if (method === 'wasserstein') return wasserstein(numbers, current) / norm
        if (method === 'ks') return kolmogorovSmirnov(numbers, current)
        return scoreOfShares(method, alignedNumbers(method, numbers, current))
      },
    }
  }
}

/** By value for tests and for few values; else by bins, whose number Hellinger derives from the distinct values. */
function alignedNumbers(method: DriftMethod, numbers: Cumulated, current: NumericDistribution): Aligned {
  if (method === 'hellinger') {
    return alignedBins(numbers, current, distinctValues(numbers, current, Number.POSITIVE_INFINITY))
  }
  const isByValue = method === 'chisquare' || method === 'z' || numbers.values.length <= unbinnedMost
  if (isByValue) return alignedValues(numbers, current)
  return alignedBins(numbers, current, numbers.total + current.total)
}

function isFinite({ values }: NumericDistribution): boolean {
  return values.length === 0 || Number.isFinite((values[0] as number) - (values[values.length - 1] as number))
}

function needsFinite(method: DriftMethod, reference: NumericDistribution): boolean {
  if (method === 'ks' || method === 'chisquare' || method === 'z') return false
  return method === 'wasserstein' || method === 'hellinger' || reference.values.length > unbinnedMost
}

function categoricalSides(reference: CategoricalDistribution): (current: CategoricalDistribution) => Sides {
  const index = categoryIndex(reference)
  return current => {
    const aligned = alignedCategories(index, current)
    return {
      reference,
      current,
      distinct: aligned.size,
      unseen: aligned.unseen,
      isInfinite: false,
      score: method => scoreOfShares(method, aligned),
    }
  }
}

const methodsOfShares: Partial<Record<DriftMethod, (aligned: Aligned) => number>> = {
  chisquare: chiSquare,
  z: zTest,
  jensenshannon: jensenShannon,
  psi: populationStabilityIndex,
  kl_div: kullbackLeibler,
  hellinger,
}

function scoreOfShares(method: DriftMethod, aligned: Aligned): number {
  const score = methodsOfShares[method]
  assert(score !== undefined, `${method} does not compare categories`)
  return score(aligned)
}

function driftOf(sides: Sides, { method = defaultMethod(sides), threshold, rowsMin = 1 }: DriftOptions): ColumnDrift {
  const { reference, current, unseen, isInfinite } = sides
  const limit = threshold ?? thresholds[method]
  const short = shortOf(reference.total, current.total, rowsMin)
  const score = short === undefined ? sides.score(method) : Number.NaN
  const isCompared = !Number.isNaN(score)
  // nothing differs where there is one value; an infinite value leaves the question open
  const without = isInfinite ? 'infinite' : 'one-value'
  const undecided = short !== undefined || isInfinite ? null : false
  return {
    method,
    score: isCompared ? score : null,
    drifted: isCompared ? isDrifted(method, score, limit) : undecided,
    threshold: limit,
    referenceCount: reference.total,
    currentCount: current.total,
    missing: current.missing,
    unseen,
    outcome: isCompared ? 'compared' : (short ?? without),
  }
}

function shortOf(reference: number, current: number, rowsMin: number): DriftOutcome | undefined {
  if (reference === 0) return 'reference-empty'
  if (current === 0) return 'current-empty'
  return Math.min(reference, current) < rowsMin ? 'too-few-rows' : undefined
}

/** Evidently's choice, which looks at the size of the reference alone. */
function defaultMethod({ reference, distinct }: Sides): DriftMethod {
  const isOrdered = reference.kind === 'numeric' && distinct > fewValues
  if (reference.total > testedRowsMost) return isOrdered ? 'wasserstein' : 'jensenshannon'
  if (isOrdered) return 'ks'
  return distinct > 2 ? 'chisquare' : 'z'
}

function isDrifted(method: DriftMethod, score: number, threshold: number): boolean {
  if (method === 'ks') return score <= threshold
  if (method === 'chisquare' || method === 'z') return score < threshold
  return score >= threshold
}
