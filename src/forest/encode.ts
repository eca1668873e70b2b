// A feature row as the integers that trees compare (see score.ts for the low and the high copy of a missing value). For a
// categorical feature whose sets some node asks for, each category has its answers to all of these sets ready in a table:
// they are copied to the row, and the walk compares them with 0 as it compares numbers with thresholds.

import { assert } from '../lib/assert.ts'
import { Failure } from '../lib/failure.ts'
import { type CategoricalFeature, type FeatureRow, type ModelFeature, missingMagnitude, valueMax } from './model.ts'
import { holdsCode } from './trees.ts'
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
  readonly sets: SetReader | null
}

/** The answers of each category to the sets that are asked of a feature. */
type SetReader = {
  /** Place of the first answer in an encoded row. */
  readonly at: number
  readonly answers: ReadonlyMap<string, Int32Array>
  readonly missing: Int32Array
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
      columns.findIndex(column => column.feature === feature && column.fill === fill && !column.set)
    const wanted = features[feature] as ModelFeature
    const position = positionOf(wanted, table)
    const ordinals =
      wanted.kind === 'numeric'
        ? null
        : new Map(wanted.categories.map((category, code) => [category, wanted.remap?.[code] ?? code]))
    const sets = wanted.kind === 'numeric' ? null : setReaderOf(wanted, feature, columns)
    const { name } = wanted
    return { name, position, ordinals, lowAt: place(-missingMagnitude), highAt: place(missingMagnitude), sets }
  })
}

function setReaderOf(
  { categories }: CategoricalFeature,
  feature: number,
  columns: readonly Column[],
): SetReader | null {
  // the sets of a feature stand side by side
  const at = columns.findIndex(column => column.feature === feature && column.set !== undefined)
  if (at < 0) return null
  const asked = columns.filter(column => column.feature === feature && column.set !== undefined)
  const answers = categories.map((category, code): [string, Int32Array] => [
    category,
    Int32Array.from(asked, ({ set }) => (holdsCode(set as Int32Array, code) ? 0 : 1)),
  ])
  return { at, answers: new Map(answers), missing: Int32Array.from(asked, ({ fill }) => fill) }
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
    const { ordinals, lowAt, highAt, sets } = reader
    const value = row[reader.position]
    let low = -missingMagnitude
    let high = missingMagnitude
    if (value !== null) {
      const found = ordinals === null ? clamp(value, reader.name) : ordinalOf(value, ordinals, reader.name)
      if (found !== undefined) low = high = found
    }
    if (lowAt >= 0) into[at + lowAt] = low
    if (highAt >= 0) into[at + highAt] = high
    if (sets !== null) into.set(sets.answers.get(value as string) ?? sets.missing, at + sets.at)
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
