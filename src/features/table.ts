// The feature table: one definition drives scorer, trainer, monitor, reports, API and web form. A row has one value per
// definition in this order: an integer that counts resolutions, a category, or null for what was not observed.
// docs/features.md is printed from it.

import { createHash } from 'node:crypto'
import { airFeatures } from './air-features.ts'
import { defineFeatures, type Feature } from './define.ts'
import { historyFeatures } from './history-features.ts'
import { type FeatureContext, knownOf } from './known.ts'
import { scheduleFeatures } from './schedule-features.ts'
import { weatherFeatures } from './weather-features.ts'

export const features: readonly Feature[] = defineFeatures([
  ...scheduleFeatures,
  ...airFeatures,
  ...historyFeatures,
  ...weatherFeatures,
])

/** SHA-256, hexadecimal, over name, kind, resolution and unit of a table's features, in their order. */
export function featureSetHashOf(table: readonly Feature[]): string {
  // Keys in alphabetical order and no spaces: canonical JSON.
  const columns = table.map(({ kind, name, ...rest }) =>
    'unit' in rest ? { kind, name, resolution: rest.resolution, unit: rest.unit } : { kind, name },
  )
  return createHash('sha256').update(JSON.stringify(columns)).digest('hex')
}

/** Identifies the present table: rows of another one cannot be scored by its models. */
export const featureSetHash: string = featureSetHashOf(features)

const readers = features.map(({ value }) => value)

/** The features of a flight as known at its instant, in the order of the table. */
export function featureRow(context: FeatureContext): (number | string | null)[] {
  const known = knownOf(context)
  return readers.map(read => read(known))
}
