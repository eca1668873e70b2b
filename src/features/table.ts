// The feature table: one definition drives scorer, trainer, monitor, reports, API and web form. A row has one value per
// definition in this order: an integer that counts resolutions, a category, or null for what was not observed.
// docs/features.md is printed from it.

import { createHash } from 'node:crypto'
import { airFeatures } from './air-features.ts'
import { defineFeatures, type Feature, meanOf } from './define.ts'
import { historyFeatures } from './history-features.ts'
import { type FeatureContext, type Known, knownOf } from './known.ts'
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

type Value = number | string | null

// Two columns for what is read from sums and one of functions for the rest: a row goes through them in one loop.

const notOfSums = -1
const sumPlaces = Int16Array.from(features, ({ value }) => (typeof value === 'function' ? notOfSums : value.sum))
const countPlaces = Int16Array.from(features, ({ value }) =>
  typeof value === 'function' || value.count === null ? notOfSums : value.count,
)
const perUnits = Int16Array.from(features, ({ value }) => ('perUnit' in value ? value.perUnit : 1))
const readers = features.map(({ value }) => (typeof value === 'function' ? value : readNothing))
/** Copied for each row, which so has its full length and no holes. */
const blank: readonly Value[] = features.map(() => null)

/** The features of a flight as known at its instant, in the order of the table. */
export function featureRow(context: FeatureContext): Value[] {
  const known = knownOf(context)
  const { sums } = known
  const row = blank.slice()
  for (let at = 0; at < readers.length; at++) {
    const sum = sumPlaces[at] as number
    if (sum === notOfSums) row[at] = (readers[at] as (known: Known) => Value)(known)
    else {
      const count = countPlaces[at] as number
      const total = sums[sum] as number
      row[at] = count === notOfSums ? total : meanOf(total, sums[count] as number, perUnits[at] as number)
    }
  }
  return row
}

function readNothing(): null {
  return null
}
