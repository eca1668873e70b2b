// From rows to a model that may be registered: which columns it may use, what is held out, how well it does there and
// how sure that is, and the sketches that drift is measured against. All of it a function of the rows and the request.

import { percentileInterval, resampledPerformance } from '../drift/bootstrap.ts'
import type { PreparedColumn } from '../drift/column-drift.ts'
import { ordinaryOf } from '../drift/ordinary.ts'
import { type Performance, performance, ScoreCounts } from '../drift/performance.ts'
import { prepareReference, type Reference, type ReferenceColumn, referenceOf } from '../drift/reference.ts'
import type { Sketch } from '../drift/sketch.ts'
import type { Feature } from '../features/define.ts'
import type { TrainingFeature } from '../forest/bins.ts'
import type { FeatureRow, FeatureValue, Json, Model } from '../forest/model.ts'
import { compile } from '../forest/score.ts'
import { packColumn, type TrainingColumn, type TrainingSet } from '../forest/training-set.ts'
import { days, floorTo } from '../lib/time.ts'
import type { DayColumns } from './train-days.ts'
import type { LabelledRow } from './train-sample.ts'

/** Columns that move with the season: rows of less than a year say nothing of what comes next. */
const ofTheSeason: ReadonlySet<string> = new Set(['month', 'dayOfYear', 'daysFromHoliday'])
const yearDays = 365

/** Index of the first row held out: the last `share` of the rows, and no two of one departure apart. */
export function heldOutFrom(rows: readonly LabelledRow[], share: number): number {
  const first = rows[Math.floor(rows.length * (1 - share))]
  return first ? rows.findIndex(({ departureAt }) => departureAt === first.departureAt) : rows.length
}

/** Why nothing can be learnt from the rows, as a sentence; null when it can. */
export function whyNot(rows: readonly LabelledRow[], from: number): string | null {
  const parts = [
    { part: rows.slice(0, from), name: 'to train on' },
    { part: rows.slice(from), name: 'held out' },
  ]
  for (const { part, name } of parts) {
    const late = part.filter(({ label }) => label === 1).length
    if (late === 0) return `none of the ${part.length} flights ${name} was late`
    if (late === part.length) return `all of the ${part.length} flights ${name} were late`
  }
  return null
}

export type SetOptions = Pick<TrainingSet, 'seed' | 'parameters' | 'horizonsMinutes' | 'parent'> & {
  readonly table: readonly Feature[]
  readonly heldOutFrom: number
  readonly origin: Pick<TrainingSet['origin'], 'cut' | 'featuresHash' | 'why'>
}

/** The set that the trainer gets: columns that vary among the rows to train on, without the season's in a part of a year. */
export function trainingSetOf(rows: readonly LabelledRow[], options: SetOptions): TrainingSet {
  const { table, origin, ...same } = options
  const from = rows[0]?.departureAt ?? 0
  const last = rows.at(-1)?.departureAt ?? 0
  const isYear = last - from >= days(yearDays)
  const features: TrainingFeature[] = []
  const columns: TrainingColumn[] = []
  for (const [index, feature] of table.entries()) {
    if (!isYear && ofTheSeason.has(feature.name)) continue
    const values = rows.map(({ features: row }) => row[index] ?? null)
    if (!varies(values, options.heldOutFrom)) continue
    features.push(trainingFeature(feature))
    columns.push(packColumn(feature.kind, values))
  }
  const labels = Uint8Array.from(rows, ({ label }) => label)
  return { ...same, features, columns, labels, origin: { ...origin, from, to: last + 1 } }
}

function varies(values: readonly FeatureValue[], until: number): boolean {
  return values.findIndex((value, row) => row < until && value !== values[0]) > 0
}

export function trainingFeature(feature: Feature): TrainingFeature {
  const { name } = feature
  if (feature.kind === 'categorical') return { name, kind: 'categorical' }
  return { name, kind: 'numeric', resolution: feature.resolution, unit: feature.unit }
}

export type Evaluation = {
  readonly table: readonly Feature[]
  /** All rows in the order of time, their values in that of the feature table. */
  readonly rows: readonly LabelledRow[]
  readonly heldOutFrom: number
  /** What single days looked like; none: what is ordinary stays unknown. */
  readonly days: readonly DayColumns[]
  readonly seed: number
  /** Lets others have a turn. */
  readonly turn: () => Promise<void>
}

const resamples = 200
/** Of a day that tells what is ordinary. */
const dayRowsMin = 200
const figures = ['auc', 'logLoss', 'brier', 'ece'] as const

/** The model with its metrics on the held-out rows and, for the columns that it reads, its reference. */
export async function evaluated(model: Model, options: Evaluation): Promise<Model> {
  const { table, rows, turn } = options
  const heldOut = rows.slice(options.heldOutFrom)
  const probabilities = await probabilitiesOf(model, { table, rows: heldOut, turn })
  const metrics = await metricsOf({ heldOut, probabilities, threshold: model.threshold, ...options })
  await turn()
  const reference = await sketchesOf(model, { ...options, heldOut, probabilities })
  return { ...model, reference, trainedOn: { ...model.trainedOn, metrics } }
}

type Sketching = Pick<Evaluation, 'table' | 'rows' | 'days' | 'turn'> & Pick<Scored, 'heldOut' | 'probabilities'>

/** Columns and labels of all rows; probabilities of those held out, since the others are no surprise to the trees. */
async function sketchesOf(model: Model, options: Sketching): Promise<Reference> {
  const { table, rows, days: dayColumns, turn, heldOut, probabilities } = options
  const names = new Set(model.features.map(({ name }) => name))
  const columns: ReferenceColumn[] = []
  const labels = Uint8Array.from(rows, ({ label }) => label)
  // a column at a time: all of them at once would hold up everybody else for half a second
  for (const [index, feature] of table.entries()) {
    if (!names.has(feature.name)) continue
    const one = referenceOf({
      features: [feature],
      rows: rows.map(({ features }) => [features[index] ?? null]),
      labels,
      probabilities: new Uint16Array(rows.length),
    })
    const [column] = one.columns as [ReferenceColumn]
    const prepared = prepareReference(one).columns.get(column.name) as PreparedColumn
    const sketches = dayColumns.map(day => day[index] as Sketch)
    const { resolution } = column
    columns.push({ ...column, ordinary: ordinaryOf(prepared, { days: sketches, resolution, rowsMin: dayRowsMin }) })
    await turn()
  }
  const late = labels.reduce((sum, label) => sum + label, 0)
  const { prediction } = referenceOf({
    features: [],
    rows: heldOut.map(() => []),
    labels: heldOut.map(({ label }) => label),
    probabilities,
  })
  return { columns, target: { late, punctual: rows.length - late }, prediction }
}

async function probabilitiesOf(
  model: Model,
  { table, rows, turn }: { table: readonly Feature[]; rows: readonly LabelledRow[]; turn: () => Promise<void> },
): Promise<number[]> {
  const { rawOf, probabilityOf } = compile(model, table)
  const probabilities: number[] = []
  for (const { features } of rows) {
    probabilities.push(probabilityOf(rawOf(features as FeatureRow)))
    if (probabilities.length % 500 === 0) await turn()
  }
  return probabilities
}

type Scored = Pick<Evaluation, 'seed' | 'turn'> & {
  readonly heldOut: readonly LabelledRow[]
  readonly probabilities: readonly number[]
  readonly threshold: number
}

/** Held-out figures, with 95 % intervals from resampled UTC days of departure. */
async function metricsOf({ heldOut, probabilities, threshold, seed, turn }: Scored): Promise<Json> {
  const all = new ScoreCounts()
  const byDay = new Map<number, ScoreCounts>()
  for (const [row, { departureAt, label }] of heldOut.entries()) {
    const day = floorTo(departureAt, days(1))
    const counts = byDay.get(day) ?? new ScoreCounts()
    byDay.set(day, counts)
    counts.add(probabilities[row] as number, label)
    all.add(probabilities[row] as number, label)
  }
  const drawn: Performance[] = []
  const dayCounts = [...byDay.values()].map(counts => counts.entries())
  for (const figuresOf of resampledPerformance(dayCounts, { resamples, seed, threshold })) {
    drawn.push(figuresOf)
    await turn()
  }
  const { n, ...exact } = performance(all, { threshold })
  return {
    heldOut: { ...Object.fromEntries(figures.map(name => [name, exact[name]])), n },
    heldOutRows: n,
    heldOutDays: byDay.size,
    interval95: Object.fromEntries(figures.map(name => [name, percentileInterval(drawn.map(one => one[name]))])),
  }
}
