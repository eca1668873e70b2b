// What a model's card says of its held-out rows. Calibration has seen their labels, so each day is graded as calibrated on
// other days alone: on the days of the other half, odd or even.

import { figureNames } from '../drift/graded.ts'
import { type Grouping, type ModelReport, reportOf, rounded } from '../drift/model-report.ts'
import type { Feature } from '../features/define.ts'
import { edgeRows } from '../forest/boosted-model.ts'
import { interpolate } from '../forest/calibration.ts'
import { calibrationBy } from '../forest/calibration-choice.ts'
import { explainableRows, featureMoves } from '../forest/importance.ts'
import { certain, type FeatureRow, type Json, type Model } from '../forest/model.ts'
import { compile } from '../forest/score.ts'
import { missingIn, rowsOf, type TrainingColumn } from '../forest/training-set.ts'
import { days } from '../lib/time.ts'
import type { LabelledRows } from './train-sample.ts'

export type Grading = {
  readonly table: readonly Feature[]
  readonly rows: LabelledRows
  readonly heldOutFrom: number
  /** Of the rows held out. */
  readonly raws: Float64Array
  readonly seed: number
  /** Lets others have a turn. */
  readonly turn: () => Promise<void>
}

/** Columns of the feature table by which flights are told apart. */
const groupedBy = ['carrier', 'origin', 'destination', 'month', 'horizonMinutes']
const resamples = 200
const featuresMax = 40

/** Held-out figures with 95 % intervals from resampled UTC days of departure, and the report. */
export async function metricsOf(model: Model, grading: Grading): Promise<Json> {
  const { table, rows, heldOutFrom: from, seed, turn } = grading
  const labels = rows.labels.subarray(from)
  const dayOf = Int32Array.from(rows.departureAt.subarray(from), at => Math.floor(at / days(1)))
  const probabilities = crossCalibrated(model, { ...grading, labels, dayOf })
  const importance = await importanceOf(model, grading)
  const groupings = groupedBy.flatMap(by => groupingOf(by, table, rows, from))
  const reporting = reportOf({ probabilities, labels, days: dayOf }, { resamples, seed, groupings, importance })
  for (;;) {
    const { done, value } = reporting.next()
    await turn()
    if (!done) continue
    const { n, days: heldOutDays, interval95, ...figures } = value.figures
    return {
      heldOut: { ...Object.fromEntries(figureNames.map(name => [name, figures[name]])), n },
      // the figures are of trees that these have grown, though those in use may have been grown anew on all rows
      growingRows: model.trainedOn.rows,
      heldOutRows: n,
      heldOutDays,
      interval95: { ...interval95 },
      report: rounded(value) as unknown as Json,
    }
  }
}

type Halves = Pick<Grading, 'raws' | 'table'> & { readonly labels: Uint8Array; readonly dayOf: Int32Array }

/** Ten-thousandths. By the model itself where it has no calibration, or a half has one label only. */
function crossCalibrated(model: Model, { raws, table, labels, dayOf }: Halves): Int32Array {
  const { probabilityOf } = compile(model, table)
  const probabilities = Int32Array.from(raws, probabilityOf)
  if (model.calibration === null) return probabilities
  for (const half of [0, 1]) {
    const other = Array.from(raws.keys()).filter(row => (dayOf[row] as number) % 2 !== half)
    const own = { raws: other.map(row => raws[row] as number), labels: other.map(row => labels[row] as number) }
    if (new Set(own.labels).size < 2) return probabilities
    const calibration = calibrationBy('isotonic', model.kind, { ...own, edgeRows })
    for (const [row, raw] of raws.entries())
      if ((dayOf[row] as number) % 2 === half) probabilities[row] = Math.round(certain * interpolate(calibration, raw))
  }
  return probabilities
}

function groupingOf(by: string, table: readonly Feature[], rows: LabelledRows, from: number): Grouping[] {
  const at = table.findIndex(({ name }) => name === by)
  if (at < 0) return []
  const { values, categories } = rows.columns[at] as TrainingColumn
  const groupOf = (row: number): string | null => {
    const value = values[from + row] as number
    if (value === missingIn(values)) return null
    return categories ? (categories[value] as string) : String(value)
  }
  return [{ by, groupOf }]
}

async function importanceOf(model: Model, grading: Grading): Promise<ModelReport['importance']> {
  const { table, rows, heldOutFrom: from, turn } = grading
  const count = rows.labels.length - from
  const wanted = Math.min(count, explainableRows(model))
  const sample = Array.from({ length: wanted }, (_, at) => {
    const row = from + Math.floor((at * count) / wanted)
    return rowsOf(rows, row, row + 1)[0] as FeatureRow
  })
  const moving = featureMoves(model, table, sample)
  for (;;) {
    const { done, value } = moving.next()
    await turn()
    if (!done) continue
    if (value === null) return null
    const all = value.reduce((sum, { moves }) => sum + moves, 0)
    return { rows: wanted, features: value.slice(0, featuresMax).map(each => ({ ...each, share: each.moves / all })) }
  }
}
