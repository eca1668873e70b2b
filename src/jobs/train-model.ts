// From rows to a model that may be registered: which columns it may use, what is held out, how well it does there and
// how sure that is, and the sketches that drift is measured against. All of it a function of the rows and the request.

import { prepare } from '../drift/column-drift.ts'
import { ordinaryOf } from '../drift/ordinary.ts'
import type { Reference, ReferenceColumn } from '../drift/reference.ts'
import { type Sketch, sketchOf } from '../drift/sketch.ts'
import type { Feature } from '../features/define.ts'
import type { TrainingFeature } from '../forest/bins.ts'
import type { FeatureRow, Model } from '../forest/model.ts'
import { compile } from '../forest/score.ts'
import { missingIn, rowsOf, type TrainingColumn, type TrainingSet } from '../forest/training-set.ts'
import { days } from '../lib/time.ts'
import type { ColumnSketch } from '../records.ts'
import { metricsOf } from './model-metrics.ts'
import type { DayColumns } from './train-days.ts'
import type { LabelledRows } from './train-sample.ts'

/** Columns that move with the season: rows of less than a year say nothing of what comes next. */
const ofTheSeason: ReadonlySet<string> = new Set(['month', 'dayOfYear', 'daysFromHoliday'])
const yearDays = 365

/** Index of the first row held out: the last `share` of the rows, and no two of one departure apart. */
export function heldOutFrom({ departureAt }: LabelledRows, share: number): number {
  const first = departureAt[Math.floor(departureAt.length * (1 - share))]
  return first === undefined ? departureAt.length : departureAt.indexOf(first)
}

/** Why nothing can be learnt from the rows, as a sentence; null when it can. */
export function whyNot({ labels }: LabelledRows, from: number): string | null {
  const parts = [
    { part: labels.subarray(0, from), name: 'to train on' },
    { part: labels.subarray(from), name: 'held out' },
  ]
  for (const { part, name } of parts) {
    const late = countLate(part)
    if (late === 0) return `none of the ${part.length} flights ${name} was late`
    if (late === part.length) return `all of the ${part.length} flights ${name} were late`
  }
  return null
}

function countLate(labels: Uint8Array): number {
  return labels.reduce((sum, label) => sum + label, 0)
}

export type SetOptions = Pick<TrainingSet, 'seed' | 'parameters' | 'horizonsMinutes' | 'parent'> & {
  readonly table: readonly Feature[]
  readonly heldOutFrom: number
  readonly origin: Pick<TrainingSet['origin'], 'cut' | 'featuresHash' | 'why'>
}

/** The set that the trainer gets: columns that vary among the rows to train on, without the season's in a part of a year. */
export function trainingSetOf(rows: LabelledRows, options: SetOptions): TrainingSet {
  const { table, origin, ...same } = options
  const from = rows.departureAt[0] ?? 0
  const last = rows.departureAt.at(-1) ?? 0
  const isYear = last - from >= days(yearDays)
  const features: TrainingFeature[] = []
  const columns: TrainingColumn[] = []
  for (const [index, feature] of table.entries()) {
    if (!isYear && ofTheSeason.has(feature.name)) continue
    const column = rows.columns[index] as TrainingColumn
    if (!varies(column, options.heldOutFrom)) continue
    features.push(trainingFeature(feature))
    columns.push(column)
  }
  return { ...same, features, columns, labels: rows.labels, origin: { ...origin, from, to: last + 1 } }
}

function varies({ values }: TrainingColumn, until: number): boolean {
  return values.findIndex((value, row) => row < until && value !== values[0]) > 0
}

export function trainingFeature(feature: Feature): TrainingFeature {
  const { name } = feature
  if (feature.kind === 'categorical') return { name, kind: 'categorical' }
  return { name, kind: 'numeric', resolution: feature.resolution, unit: feature.unit }
}

export type Evaluation = {
  readonly table: readonly Feature[]
  readonly rows: LabelledRows
  readonly heldOutFrom: number
  /** What single days looked like; none: what is ordinary stays unknown. */
  readonly days: readonly DayColumns[]
  readonly seed: number
  /** Lets others have a turn. */
  readonly turn: () => Promise<void>
}

/** Of a day that tells what is ordinary. */
const dayRowsMin = 200

/** The model with its metrics on the held-out rows and, for the columns that it reads, its reference. */
export async function evaluated(model: Model, options: Evaluation): Promise<Model> {
  const { turn } = options
  const raws = await rawsOf(model, options)
  const metrics = await metricsOf(model, { ...options, raws })
  await turn()
  const { probabilityOf } = compile(model, options.table)
  const reference = await sketchesOf(model, { ...options, probabilities: Int32Array.from(raws, probabilityOf) })
  return { ...model, reference, trainedOn: { ...model.trainedOn, metrics } }
}

type Scored = Evaluation & { readonly probabilities: Int32Array }

/** Columns and labels of all rows; probabilities of those held out, since the others are no surprise to the trees. */
async function sketchesOf(
  model: Model,
  { table, rows, days: dayColumns, turn, probabilities }: Scored,
): Promise<Reference> {
  const names = new Set(model.features.map(({ name }) => name))
  const columns: ReferenceColumn[] = []
  const scratch = new Int32Array(rows.labels.length)
  // a column at a time: all of them at once would hold up everybody else
  for (const [index, feature] of table.entries()) {
    if (!names.has(feature.name)) continue
    const { name, kind } = feature
    const resolution = feature.kind === 'numeric' ? feature.resolution : 1
    const sketch = sketchOfColumn(rows.columns[index] as TrainingColumn, scratch)
    const prepared = prepare(sketchOf(kind, sketch).distribution(resolution))
    const sketches = dayColumns.map(day => day[index] as Sketch)
    const ordinary = ordinaryOf(prepared, { days: sketches, resolution, rowsMin: dayRowsMin })
    columns.push({ name, kind, resolution, sketch, ordinary })
    await turn()
  }
  const late = countLate(rows.labels)
  const prediction = sketchOfColumn({ values: probabilities, categories: null }, scratch)
  return { columns, target: { late, punctual: rows.labels.length - late }, prediction }
}

/** @param scratch room for the values: a copy for each column would pile up until the next collection */
function sketchOfColumn({ values, categories }: TrainingColumn, scratch: Int32Array): ColumnSketch {
  scratch.set(values)
  const sorted = scratch.subarray(0, values.length).sort()
  const none = missingIn(values)
  // lower than any value
  const absent = sorted.findLastIndex(value => value === none) + 1
  const present = sorted.subarray(absent)
  const keys: number[] = []
  const counts: number[] = []
  for (let row = 0; row < present.length; row++) {
    const value = present[row] as number
    if (value !== keys.at(-1)) {
      keys.push(value)
      counts.push(0)
    }
    counts[counts.length - 1] = (counts.at(-1) as number) + 1
  }
  if (categories === null) return { missing: absent, values: keys, categories: [], counts }
  const named = keys.map((code, at) => [categories[code] as string, counts[at] as number] as const)
  named.sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    missing: absent,
    values: [],
    categories: named.map(([category]) => category),
    counts: named.map(([, count]) => count),
  }
}

async function rawsOf(model: Model, { table, rows, heldOutFrom: from, turn }: Evaluation): Promise<Float64Array> {
  const { rawOf } = compile(model, table)
  const raws = new Float64Array(rows.labels.length - from)
  for (let at = 0; at < raws.length; at++) {
    const [row] = rowsOf(rows, from + at, from + at + 1) as [FeatureRow]
    raws[at] = rawOf(row)
    if (at % 500 === 499) await turn()
  }
  return raws
}
