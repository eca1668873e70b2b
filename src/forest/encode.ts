// A feature row as the integers that trees compare (see score.ts for the low and the high copy of a missing value).

import { assert } from '../lib/assert.ts'
import { Failure } from '../lib/failure.ts'
import { type FeatureRow, type ModelFeature, missingMagnitude, valueMax } from './model.ts'
import type { Column } from './walk.ts'

/** What rows hold, in order. */
export type FeatureTable = readonly {
  readonly name: string
  readonly kind: 'numeric' | 'categorical'
  readonly resolution?: number | undefined
}[]

/** How one feature of the model is read from a row. */
export type Reader = {
  readonly name: string
  /** Where the value stands in a row. */
  readonly position: number
  /** Ordinals of the categories, or null for a number. */
  readonly ordinals: ReadonlyMap<string, number> | null
  /** Place of the low copy in an encoded row, -1 if no node reads it. */
  readonly lowAt: number
  readonly highAt: number
}

/** Readers of the features that the columns need. Throws `MODEL_MISFIT` if the table lacks one or means another thing. */
export function readersOf(
  features: readonly ModelFeature[],
  columns: readonly Column[],
  table: FeatureTable,
): Reader[] {
  const used = [...new Set(columns.map(({ feature }) => feature))]
  return used.map(feature => {
    const place = (fill: number): number =>
      columns.findIndex(column => column.feature === feature && column.fill === fill)
    const wanted = features[feature] as ModelFeature
    const position = positionOf(wanted, table)
    const ordinals =
      wanted.kind === 'numeric'
        ? null
        : new Map(wanted.categories.map((category, code) => [category, wanted.remap?.[code] ?? code]))
    return { name: wanted.name, position, ordinals, lowAt: place(-missingMagnitude), highAt: place(missingMagnitude) }
  })
}

function positionOf(wanted: ModelFeature, table: FeatureTable): number {
  const { name } = wanted
  const position = table.findIndex(column => column.name === name)
  const found = table[position]
  if (found === undefined) throw misfit(`the model needs the feature ${name}, which these rows do not have`, name)
  if (found.kind !== wanted.kind) throw misfit(`${name} is ${found.kind} here and ${wanted.kind} in the model`, name)
  if (wanted.kind === 'numeric') {
    const here = found.resolution ?? 1
    const there = wanted.resolution ?? 1
    if (here !== there) throw misfit(`${name} counts steps of ${here} here and of ${there} in the model`, name)
  }
  return position
}

function misfit(problem: string, field: string): Failure {
  return new Failure('MODEL_MISFIT', problem, { field, help: 'Promote a model trained on the present features.' })
}

/** Writes the row to `into` from `at` on. A category without an ordinal counts as missing. */
export function encodeRow(readers: readonly Reader[], row: FeatureRow, into: Int32Array, at: number): void {
  for (const reader of readers) {
    const { ordinals, lowAt, highAt } = reader
    const value = row[reader.position]
    let low = -missingMagnitude
    let high = missingMagnitude
    if (value !== null) {
      const found = ordinals === null ? clamp(value, reader.name) : ordinalOf(value, ordinals, reader.name)
      if (found !== undefined) low = high = found
    }
    if (lowAt >= 0) into[at + lowAt] = low
    if (highAt >= 0) into[at + highAt] = high
  }
}

function clamp(value: number | string | undefined, name: string): number {
  if (typeof value !== 'number' || (value !== (value | 0) && !Number.isInteger(value))) {
    assert(false, `${name} is an integer or null`)
  }
  return value > valueMax ? valueMax : value < -valueMax ? -valueMax : value
}

function ordinalOf(
  value: number | string | undefined,
  ordinals: ReadonlyMap<string, number>,
  name: string,
): number | undefined {
  if (typeof value !== 'string') assert(false, `${name} is a category or null`)
  return ordinals.get(value)
}
