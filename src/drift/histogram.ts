// Both sides of a column as rows by bin, for somebody to look at. Statistics never go through it: those are exact, from
// the counts of every value.
//
// Numbers: at most 40 bins of equal width, a whole multiple of the column's resolution so that every bin covers equally
// many values, from the smaller 0.5 % quantile of both sides to the larger 99.5 % quantile; the first and the last bin
// also hold what lies beyond, so that one far value does not press all others into one bar.

import type { CategoricalDistribution, Distribution, NumericDistribution } from './distribution.ts'

const binsMax = 40
const categoriesMax = 30
const tailShare = 0.005

export type Histogram =
  | {
      kind: 'numeric'
      /** One more than bins, ascending. */
      edges: number[]
      reference: number[]
      current: number[]
    }
  | {
      kind: 'categorical'
      categories: string[]
      reference: number[]
      current: number[]
      /** Rows of all other categories, and how many those are. */
      other: { categories: number; reference: number; current: number }
    }

/** @param resolution what numeric values are multiples of. null when neither side has a row, or their kinds differ */
export function histogramOf(reference: Distribution, current: Distribution, resolution: number): Histogram | null {
  if (reference.total + current.total === 0) return null
  if (reference.kind === 'numeric' && current.kind === 'numeric') return numeric(reference, current, resolution)
  if (reference.kind === 'categorical' && current.kind === 'categorical') return categorical(reference, current)
  return null
}

/** Categories of `current` that the reference does not have, the most frequent first. */
export function unseenCategories(
  reference: Distribution,
  current: Distribution,
  most: number,
): { category: string; count: number }[] {
  if (reference.kind !== 'categorical' || current.kind !== 'categorical') return []
  return [...current.counts]
    .filter(([category]) => !reference.counts.has(category))
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([category, count]) => ({ category, count }))
}

function numeric(reference: NumericDistribution, current: NumericDistribution, resolution: number): Histogram {
  const sides = [reference, current].filter(({ total }) => total > 0)
  const low = Math.min(...sides.map(side => quantile(side, tailShare)))
  const high = Math.max(...sides.map(side => quantile(side, 1 - tailShare)))
  // in whole resolutions, both ends included
  const steps = Math.round((high - low) / resolution) + 1
  const stepsPerBin = Math.ceil(steps / binsMax)
  const bins = Math.ceil(steps / stepsPerBin)
  const width = stepsPerBin * resolution
  const countsOf = ({ values, counts }: NumericDistribution) => {
    const rows = Array.from({ length: bins }, () => 0)
    for (let at = 0; at < values.length; at++) {
      const step = Math.round(((values[at] as number) - low) / resolution)
      const bin = Math.min(bins - 1, Math.max(0, Math.floor(step / stepsPerBin)))
      rows[bin] = (rows[bin] as number) + (counts[at] as number)
    }
    return rows
  }
  const edges = Array.from({ length: bins + 1 }, (_, at) => rounded(low + at * width, resolution))
  return { kind: 'numeric', edges, reference: countsOf(reference), current: countsOf(current) }
}

/** The smallest value at or below which lies this share of the rows. */
function quantile({ values, counts, total }: NumericDistribution, share: number): number {
  let below = 0
  for (let at = 0; at < values.length; at++) {
    below += counts[at] as number
    if (below >= share * total) return values[at] as number
  }
  return values.at(-1) ?? 0
}

/** 0.30000000000000004 as 0.3: to a thousandth of the resolution. */
function rounded(value: number, resolution: number): number {
  const digits = Math.max(0, Math.ceil(-Math.log10(resolution))) + 3
  return Number(value.toFixed(Math.min(digits, 20)))
}

function categorical(reference: CategoricalDistribution, current: CategoricalDistribution): Histogram {
  const all = [...new Set([...reference.counts.keys(), ...current.counts.keys()])]
  const shareOf = ({ counts, total }: CategoricalDistribution, category: string) =>
    total === 0 ? 0 : (counts.get(category) ?? 0) / total
  const weightOf = (category: string) => Math.max(shareOf(reference, category), shareOf(current, category))
  const weights = new Map(all.map(category => [category, weightOf(category)]))
  all.sort((a, b) => (weights.get(b) as number) - (weights.get(a) as number) || (a < b ? -1 : 1))
  const categories = all.slice(0, categoriesMax)
  const countsOf = ({ counts }: CategoricalDistribution) => categories.map(category => counts.get(category) ?? 0)
  const [ofReference, ofCurrent] = [countsOf(reference), countsOf(current)]
  const sum = (rows: readonly number[]) => rows.reduce((total, count) => total + count, 0)
  return {
    kind: 'categorical',
    categories,
    reference: ofReference,
    current: ofCurrent,
    other: {
      categories: all.length - categories.length,
      reference: reference.total - sum(ofReference),
      current: current.total - sum(ofCurrent),
    },
  }
}
