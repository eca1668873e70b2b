// One column for somebody who looks at it: its score over time, and the rows of the last window beside those of the
// training of the model that the window was compared with. `label` and `probability` are columns, too: what is judged as
// drift of the target and of the predictions.

import type { Distribution } from '../drift/distribution.ts'
import { histogramOf, unseenCategories } from '../drift/histogram.ts'
import { NumericSketch } from '../drift/sketch.ts'
import type { WindowSums } from '../drift/window.ts'
import { features } from '../features/table.ts'
import { Failure } from '../lib/failure.ts'
import { seconds } from '../lib/time.ts'
import type { DriftMetrics } from '../records.ts'
import type { ColumnAbout, ColumnReport, DriftSpan } from '../server/loop.ts'
import type { PreparedReference } from '../stages/window-metrics.ts'
import type { LoopBook } from './loop-book.ts'
import type { LoopApp } from './loop-doors.ts'
import { columnDriftOf } from './loop-report.ts'
import { LoopWindows } from './loop-windows.ts'

const unseenMax = 30
const modelWithinMs = seconds(3)
const modelEveryMs = 50
const probabilityResolution = 0.0001

type Column = ColumnAbout & { resolution: number }
type Sides = { reference: Distribution; current: Distribution }

const columns = new Map<string, Column>([
  ...features.map((feature): [string, Column] => {
    const { name, kind, about, mayAlert } = feature
    const [unit, resolution] = feature.kind === 'numeric' ? [feature.unit, feature.resolution] : [null, 1]
    return [name, { name, kind, unit, about, mayAlert, resolution }]
  }),
  [
    'label',
    {
      name: 'label',
      kind: 'categorical',
      unit: null,
      about: 'Whether the flight arrived 15 minutes late or more: drift of the target.',
      mayAlert: true,
      resolution: 1,
    },
  ],
  [
    'probability',
    {
      name: 'probability',
      kind: 'numeric',
      unit: 'probability',
      about: 'What the model in force said: drift of the predictions.',
      mayAlert: true,
      resolution: probabilityResolution,
    },
  ],
])

export class ColumnReports {
  readonly #app: LoopApp
  readonly #book: LoopBook
  readonly #windows: LoopWindows

  constructor(app: LoopApp, book: LoopBook) {
    this.#app = app
    this.#book = book
    this.#windows = new LoopWindows(app)
  }

  /** @throws Failure FIELD_TYPE */
  async report(name: string, span: DriftSpan): Promise<ColumnReport> {
    const column = columns.get(name)
    if (!column) {
      const help = 'GET /v1/drift and `slipstream drift status` name the columns; label and probability are two more.'
      throw new Failure('FIELD_TYPE', `there is no column "${name}"`, { field: 'name', help })
    }
    const { resolution, ...about } = column
    const metrics = this.#book.latest(span)
    const series = this.#book.series[span]
    const past = series.column(name)
    const metric = metrics && metricOf(metrics, name)
    const sides = metrics ? await this.#sides(column, metrics) : 'no window has ended yet'
    const isShown = typeof sides !== 'string'
    const histogram = isShown ? histogramOf(sides.reference, sides.current, resolution) : null
    const why = isShown ? 'neither side has a row with a value' : sides
    return {
      span,
      about,
      latest: metric ? columnDriftOf(metric) : null,
      window: metrics && { from: metrics.from, to: metrics.to, model: metrics.model },
      series: past ? { to: series.ends(), ...past } : { to: [], score: [], drifted: [], missingShare: [] },
      histogram,
      histogramMissing: histogram === null ? why : null,
      missing: isShown ? { reference: sides.reference.missing, current: sides.current.missing } : null,
      unseen: isShown ? unseenCategories(sides.reference, sides.current, unseenMax) : [],
    }
  }

  /** Both sides, or why they cannot be shown. */
  async #sides({ name, resolution }: Column, metrics: DriftMetrics): Promise<Sides | string> {
    const { model, modelHash, from, to, span } = metrics
    if (model === null || modelHash === null) return 'no model was in force in the window'
    const prepared = await this.#referenceOf(modelHash)
    if (typeof prepared === 'string') return prepared
    const reference = referenceColumn(prepared, name)
    if (!reference) return `${model} does not read this column`
    const sums = await this.#windows.sums({ span: span === 'WEEK' ? 'WEEK' : 'DAY', from, to })
    if (!sums) return 'the hours of the window are not all in drift.partials'
    const current = currentColumn(sums, { name, model, resolution })
    return current ? { reference, current } : 'no row of the window has a value'
  }

  /** The artefact is read on first use. */
  async #referenceOf(hash: string): Promise<PreparedReference | string> {
    const { models, clock } = this.#app
    for (let waitedMs = 0; ; waitedMs += modelEveryMs) {
      const model = models.get(hash)
      if (model) return model.reference ?? 'the model carries no reference: nothing can be compared with it'
      if (waitedMs >= modelWithinMs) return 'the model is being loaded'
      await clock.sleep(modelEveryMs)
    }
  }
}

function metricOf({ columns: all, target, prediction }: DriftMetrics, name: string) {
  if (name === 'label') return target
  if (name === 'probability') return prediction
  return all.find(({ column }) => column === name) ?? null
}

function referenceColumn({ columns: prepared, target, prediction }: PreparedReference, name: string) {
  if (name === 'label') return target.reference
  if (name === 'probability') return prediction.reference
  return prepared[features.findIndex(feature => feature.name === name)]?.reference
}

function currentColumn(
  sums: WindowSums,
  { name, model, resolution }: { name: string; model: string; resolution: number },
): Distribution | undefined {
  const said = sums.said(model)
  if (name === 'label') {
    const counts = new Map([
      ['late', said?.late.total ?? 0],
      ['punctual', said?.punctual.total ?? 0],
    ])
    const total = (said?.late.total ?? 0) + (said?.punctual.total ?? 0)
    return { kind: 'categorical', counts, total, missing: said?.unlabelled.total ?? 0 }
  }
  if (name === 'probability') {
    const all = new NumericSketch()
    for (const part of said ? [said.late, said.punctual, said.unlabelled] : []) all.merge(part.content())
    return all.distribution(resolution)
  }
  return sums.columns.distribution(
    features.findIndex(feature => feature.name === name),
    resolution,
  )
}
