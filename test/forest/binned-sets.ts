// Small training sets for the tests of what grows trees.

import { type BinnedSet, binnedSetOf } from '../../src/forest/binned.ts'
import type { TrainingFeature } from '../../src/forest/bins.ts'
import type { FeatureRow } from '../../src/forest/model.ts'
import { packColumn } from '../../src/forest/training-set.ts'
import { randomFrom } from '../../src/lib/random.ts'

/** Numbers n0, n1, ... and categories c0, c1, ... */
export function featuresOf(numbers: number, categories: number): TrainingFeature[] {
  const named = (letter: string, count: number) => Array.from({ length: count }, (_, at) => `${letter}${at}`)
  return [
    ...named('n', numbers).map((name): TrainingFeature => ({ name, kind: 'numeric' })),
    ...named('c', categories).map((name): TrainingFeature => ({ name, kind: 'categorical' })),
  ]
}

export function binnedRows(
  features: readonly TrainingFeature[],
  rows: readonly FeatureRow[],
  binsMax = 255,
): BinnedSet {
  const columns = features.map(({ kind }, index) =>
    packColumn(
      kind,
      rows.map(row => row[index] ?? null),
    ),
  )
  return binnedSetOf({ features, columns, binsMax })
}

/** Rows of 3 numbers (the third yes or no) and 1 category, some values missing; late more often as n0 rises and with K1. */
export function someRows(count: number, seed = 1): { rows: FeatureRow[]; labels: Uint8Array } {
  const random = randomFrom(seed)
  const labels = new Uint8Array(count)
  const rows = Array.from({ length: count }, (_, row): FeatureRow => {
    const n0 = random() < 0.1 ? null : Math.floor(random() * 400) - 200
    const n1 = Math.floor(random() * 30)
    const n2 = random() < 0.5 ? 1 : 0
    const c0 = random() < 0.1 ? null : `K${Math.floor(random() * 12)}`
    const risk = 0.15 + ((n0 ?? 100) + 200) / 900 + (c0 === 'K1' || c0 === 'K7' ? 0.25 : 0) + (n2 === 1 ? 0.1 : 0)
    labels[row] = random() < risk ? 1 : 0
    return [n0, n1, n2, c0]
  })
  return { rows, labels }
}

export const someTraining = featuresOf(3, 1)
