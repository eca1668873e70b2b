// What a model's training rows looked like: the sketch of each feature, the labels, and the calibrated probabilities. It
// lies in the model file (its field `reference`), so that nobody reads training data again to say whether a column has
// drifted since. A model without one has null there.

import { Failure } from '../lib/failure.ts'
import type { ColumnSketch } from '../records.ts'
import { type PreparedColumn, prepare } from './column-drift.ts'
import { boundOf, type Ordinary } from './ordinary.ts'
import { CategoricalSketch, type SketchKind, sketchOf } from './sketch.ts'

export type ReferenceColumn = {
  readonly name: string
  readonly kind: SketchKind
  /** What an integer step of a numeric column is worth; 1 for categories. */
  readonly resolution: number
  readonly sketch: ColumnSketch
  /** How much single days of the training differ from all of it; null: not known. */
  readonly ordinary: Ordinary | null
}

/** Plain data: as it is, it is the JSON that a model file holds. */
export type Reference = {
  readonly columns: readonly ReferenceColumn[]
  /** Rows by label. */
  readonly target: { readonly late: number; readonly punctual: number }
  /** Calibrated probabilities in ten-thousandths. */
  readonly prediction: ColumnSketch
}

/** A reference ready to be compared with; the columns by name. */
export type PreparedReference = {
  readonly columns: ReadonlyMap<string, PreparedColumn>
  /** Of each column, the score up to which a day is ordinary; null: not known. */
  readonly bounds: ReadonlyMap<string, number | null>
  /** Categories `late` and `punctual`. */
  readonly target: PreparedColumn
  /** Probabilities, 0..1. */
  readonly prediction: PreparedColumn
}

export const probabilityResolution = 0.0001

export function prepareReference({ columns, target, prediction }: Reference): PreparedReference {
  const prepared = columns.map(({ name, kind, resolution, sketch }) => {
    return [name, prepare(sketchOf(kind, sketch).distribution(resolution))] as const
  })
  return {
    columns: new Map(prepared),
    bounds: new Map(columns.map(({ name, ordinary }) => [name, ordinary && boundOf(ordinary)])),
    target: prepare(targetSketch(target).distribution()),
    prediction: prepare(sketchOf('numeric', prediction).distribution(probabilityResolution)),
  }
}

/** Labels as a column of categories; `missing` rows have none yet. */
export function targetSketch({ late, punctual }: Reference['target'], missing = 0): CategoricalSketch {
  const sketch = new CategoricalSketch()
  if (late > 0) sketch.add('late', late)
  if (punctual > 0) sketch.add('punctual', punctual)
  sketch.add(null, missing)
  return sketch
}

/** From a model file; null if the model has none. @throws Failure MODEL_CORRUPT that names the first wrong field */
export function readReference(json: unknown): Reference | null {
  if (json === null) return null
  const fields = fieldsOf(json, 'reference')
  const columns = listOf(fields['columns'], 'reference.columns').map((column, at) => {
    return columnOf(column, `reference.columns[${at}]`)
  })
  if (new Set(columns.map(({ name }) => name)).size !== columns.length)
    throw corrupt('two columns share a name', 'reference.columns')
  const target = fieldsOf(fields['target'], 'reference.target')
  return {
    columns,
    target: {
      late: countOf(target['late'], 'reference.target.late', 0),
      punctual: countOf(target['punctual'], 'reference.target.punctual', 0),
    },
    prediction: predictionOf(fields['prediction'], 'reference.prediction'),
  }
}

type Fields = Readonly<Record<string, unknown>>

function columnOf(json: unknown, at: string): ReferenceColumn {
  const fields = fieldsOf(json, at)
  const name = textOf(fields['name'], `${at}.name`)
  const kind = fields['kind']
  if (kind !== 'numeric' && kind !== 'categorical') throw corrupt(`unknown kind ${show(kind)}`, `${at}.kind`)
  const resolution = fields['resolution']
  if (typeof resolution !== 'number' || !(resolution > 0))
    throw corrupt(`must be a number above 0, not ${show(resolution)}`, `${at}.resolution`)
  const ordinary = fields['ordinary'] === null ? null : ordinaryOf(fields['ordinary'], `${at}.ordinary`)
  return { name, kind, resolution, sketch: contentOf(fields['sketch'], kind, `${at}.sketch`), ordinary }
}

function ordinaryOf(json: unknown, at: string): Ordinary {
  const fields = fieldsOf(json, at)
  const days = countOf(fields['days'], `${at}.days`, 1)
  const numberOf = (name: 'mean' | 'deviation'): number => {
    const value = fields[name]
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
    throw corrupt(`must be a number from 0 on, not ${show(value)}`, `${at}.${name}`)
  }
  return { days, mean: numberOf('mean'), deviation: numberOf('deviation') }
}

function contentOf(json: unknown, kind: SketchKind, at: string): ColumnSketch {
  const fields = fieldsOf(json, at)
  const missing = countOf(fields['missing'], `${at}.missing`, 0)
  const values = listOf(fields['values'], `${at}.values`).map((value, n) => integerOf(value, `${at}.values[${n}]`))
  const categories = listOf(fields['categories'], `${at}.categories`).map((category, n) => {
    return textOf(category, `${at}.categories[${n}]`)
  })
  const counts = listOf(fields['counts'], `${at}.counts`).map((count, n) => countOf(count, `${at}.counts[${n}]`, 1))
  const [keys, others, name, otherName] =
    kind === 'numeric'
      ? ([values, categories, 'values', 'categories'] as const)
      : ([categories, values, 'categories', 'values'] as const)
  if (others.length > 0) throw corrupt(`a ${kind} column has none`, `${at}.${otherName}`)
  if (keys.some((key, n) => n > 0 && !((keys[n - 1] as number) < (key as number))))
    throw corrupt('does not ascend', `${at}.${name}`)
  if (counts.length !== keys.length) throw corrupt(`does not pair up with the ${name}`, `${at}.counts`)
  return { missing, values, categories, counts }
}

function predictionOf(json: unknown, at: string): ColumnSketch {
  const content = contentOf(json, 'numeric', at)
  const wrong = content.values.findIndex(value => value < 0 || value > 10_000)
  if (wrong >= 0) throw corrupt(`must be in 0..10000, not ${content.values[wrong]}`, `${at}.values[${wrong}]`)
  return content
}

function fieldsOf(json: unknown, at: string): Fields {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Fields
  throw corrupt(`must be an object, not ${show(json)}`, at)
}

function listOf(json: unknown, at: string): readonly unknown[] {
  if (Array.isArray(json)) return json as readonly unknown[]
  throw corrupt(`must be a list, not ${show(json)}`, at)
}

function textOf(json: unknown, at: string): string {
  if (typeof json === 'string') return json
  throw corrupt(`must be text, not ${show(json)}`, at)
}

function integerOf(json: unknown, at: string): number {
  if (typeof json === 'number' && (json | 0) === json) return json
  throw corrupt(`must be a 32-bit integer, not ${show(json)}`, at)
}

function countOf(json: unknown, at: string, min: number): number {
  if (typeof json === 'number' && Number.isSafeInteger(json) && json >= min) return json
  throw corrupt(`must be a whole number from ${min} on, not ${show(json)}`, at)
}

function show(json: unknown): string {
  return JSON.stringify(json)?.slice(0, 40) ?? 'nothing'
}

function corrupt(problem: string, field: string): Failure {
  const help = 'Fetch the file again from where models are stored, or promote another version.'
  return new Failure('MODEL_CORRUPT', `model file: ${field}: ${problem}`, { field, help })
}
