// What the judge says of a window: how each column, the labels and the predictions compare with the reference of the model
// in force, and how well the models did. A pure function of the window's counts and the model.

import type { ColumnDrift, PreparedColumn } from '../drift/column-drift.ts'
import type { CategoricalDistribution, NumericDistribution } from '../drift/distribution.ts'
import { performance, type RowsByScore } from '../drift/performance.ts'
import { prepareReference, type Reference, readReference } from '../drift/reference.ts'
import { distributionOfAll, type NumericSketch } from '../drift/sketch.ts'
import type { Scores, WindowSums } from '../drift/window.ts'
import type { Feature } from '../features/define.ts'
import { features } from '../features/table.ts'
import type { Json } from '../forest/model.ts'
import { Failure } from '../lib/failure.ts'
import type { ColumnMetric, DriftMetrics, DriftSpan, NamedMetric } from '../records.ts'

/** A model's reference, made ready; a column that the model does not read is null. */
export type PreparedReference = {
  /** In the order of the feature table. */
  readonly columns: readonly (PreparedColumn | null)[]
  /** In the same order: the score up to which a day is ordinary. */
  readonly bounds: readonly (number | null)[]
  readonly target: PreparedColumn<CategoricalDistribution>
  /** Probabilities in 0..1. */
  readonly prediction: PreparedColumn<NumericDistribution>
  /** On the rows held out of the training; null if it had only one class. */
  readonly heldOutAuc: number | null
}

/**
 * The reference in a model file, null if it has none. It is checked when the model is read: the judge could only wait.
 * @throws Failure MODEL_CORRUPT, or MODEL_MISFIT when a column means something else than the feature of its name
 */
export function fittingReference(json: Json): Reference | null {
  const reference = readReference(json)
  for (const { name, kind, resolution } of reference?.columns ?? []) {
    const feature = features.find(each => each.name === name)
    const isSame = feature?.kind === kind && (feature.kind === 'categorical' || feature.resolution === resolution)
    if (isSame) continue
    throw new Failure('MODEL_MISFIT', `the reference has a column ${name} that is no such feature of this pipeline`, {
      field: `reference.columns.${name}`,
      help: 'Promote a model trained on the present features.',
    })
  }
  return reference
}

/** @param metrics of the training; `heldOut.auc` is read, if it is there */
export function preparedReference(reference: Reference | null, metrics: Json): PreparedReference | null {
  if (reference === null) return null
  const { columns, bounds, target, prediction } = prepareReference(reference)
  const { heldOut } = (metrics ?? {}) as { heldOut?: { auc?: number | null } }
  return {
    columns: features.map(({ name }) => columns.get(name) ?? null),
    bounds: features.map(({ name }) => bounds.get(name) ?? null),
    target: target as PreparedReference['target'],
    prediction: prediction as PreparedReference['prediction'],
    heldOutAuc: heldOut?.auc ?? null,
  }
}

/** The model in force in a window. */
export type InForce = {
  readonly version: string
  readonly hash: string
  /** Ten-thousandths. */
  readonly threshold: number
  readonly reference: PreparedReference | null
}

export type Window = { readonly from: number; readonly to: number; readonly span: DriftSpan; readonly sums: WindowSums }
export type Bounds = { readonly rowsMin: number; readonly driftedShare: number }

const certain = 10_000
const probabilityResolution = 1 / certain

export function windowMetrics(window: Window, inForce: InForce | null, bounds: Bounds): DriftMetrics {
  const { from, to, span, sums } = window
  const reference = span === 'HOUR' ? null : (inForce?.reference ?? null)
  const columns = reference ? columnMetrics(window, reference, bounds.rowsMin) : []
  const judged = columns.filter(({ mayAlert, drifted }) => mayAlert && drifted !== null)
  const columnsDrifted = judged.filter(({ drifted }) => drifted).length
  const driftedShare = judged.length === 0 ? null : columnsDrifted / judged.length
  const bounded = columns.filter(({ mayAlert, unusual }) => mayAlert && unusual !== null)
  const unusualShare = bounded.length === 0 ? null : bounded.filter(({ unusual }) => unusual).length / bounded.length
  const said = inForce ? sums.said(inForce.version) : undefined
  return {
    from,
    to,
    span,
    model: inForce?.version ?? null,
    modelHash: inForce?.hash ?? null,
    rows: sums.rows,
    labelled: sums.labelled,
    late: sums.late,
    columns,
    columnsCompared: judged.length,
    columnsDrifted,
    driftedShare,
    datasetDrift: driftedShare === null ? null : driftedShare >= bounds.driftedShare,
    unusualShare,
    target: reference && said ? targetMetric(said, reference, bounds.rowsMin) : null,
    prediction: reference && said ? predictionMetric(said, reference, bounds.rowsMin) : null,
    performance: performanceOf(window, inForce, said),
  }
}

function columnMetrics(
  { sums, span }: Window,
  { columns, bounds }: PreparedReference,
  rowsMin: number,
): ColumnMetric[] {
  const metrics: ColumnMetric[] = []
  for (let index = 0; index < features.length; index++) {
    const feature = features[index] as Feature
    const prepared = columns[index]
    if (!prepared) continue
    const current = sums.columns.distribution(index, feature.kind === 'numeric' ? feature.resolution : 1)
    if (!current) continue
    const bound = span === 'DAY' ? (bounds[index] ?? null) : null
    metrics.push(metricOf(feature.name, prepared.against(current, { rowsMin }), { mayAlert: feature.mayAlert, bound }))
  }
  return metrics
}

function targetMetric({ late, punctual }: Scores, { target }: PreparedReference, rowsMin: number): ColumnMetric {
  const counts = new Map<string, number>()
  if (late.total > 0) counts.set('late', late.total)
  if (punctual.total > 0) counts.set('punctual', punctual.total)
  const current: CategoricalDistribution = {
    kind: 'categorical',
    counts,
    total: late.total + punctual.total,
    missing: 0,
  }
  return metricOf('label', target.against(current, { rowsMin }), whole)
}

function predictionMetric(said: Scores, { prediction }: PreparedReference, rowsMin: number): ColumnMetric {
  const current = distributionOfAll([said.late, said.punctual, said.unlabelled], probabilityResolution)
  return metricOf('probability', prediction.against(current, { rowsMin }), whole)
}

type Alerting = { readonly mayAlert: boolean; readonly bound: number | null }

const whole: Alerting = { mayAlert: true, bound: null }

function metricOf(column: string, drift: ColumnDrift, { mayAlert, bound }: Alerting): ColumnMetric {
  const { method, score, threshold, drifted, referenceCount, currentCount, missing, unseen } = drift
  const unusual = bound === null || score === null ? null : score > bound
  return {
    column,
    method,
    score,
    threshold,
    drifted,
    bound,
    unusual,
    mayAlert,
    referenceCount,
    currentCount,
    missing,
    unseen,
  }
}

/** The champion's figures; in longer windows those of challengers that need no threshold, too. */
function performanceOf({ span, sums }: Window, inForce: InForce | null, champion: Scores | undefined): NamedMetric[] {
  const metrics: NamedMetric[] = []
  for (const model of [...sums.scores.keys()].sort()) {
    const isChampion = model === inForce?.version
    if (!isChampion && span === 'HOUR') continue
    const { late, punctual } = (isChampion ? champion : sums.said(model)) as Scores
    const { n, confusion, auc, logLoss, brier, ece, accuracy, precision, recall, f1 } = performance(
      { byScore: () => byScoreOf(late, punctual) },
      inForce ? { threshold: inForce.threshold } : {},
    )
    const figures = isChampion
      ? { auc, logLoss, brier, ece, accuracy, precision, recall, f1, ...confusion }
      : { auc, logLoss, brier, ece }
    for (const [name, value] of Object.entries(figures)) metrics.push({ model, name, value, count: n })
  }
  return metrics
}

/** What `byScoreOf` answers with, made anew by each call. */
const rows = { scores: new Float64Array(0), late: new Float64Array(0), punctual: new Float64Array(0) }

/** Both sketches walked at once, by ascending probability. To be used before the next call. */
function byScoreOf(lateRows: NumericSketch, punctualRows: NumericSketch): RowsByScore {
  const [a, b] = [lateRows.counted, punctualRows.counted]
  const most = a.size + b.size
  if (rows.scores.length < most) {
    for (const column of ['scores', 'late', 'punctual'] as const) rows[column] = new Float64Array(2 * most)
  }
  const { scores, late, punctual } = rows
  let size = 0
  for (let i = 0, j = 0; i < a.size || j < b.size; size++) {
    const mine = i < a.size ? (a.values[i] as number) : certain + 1
    const theirs = j < b.size ? (b.values[j] as number) : certain + 1
    scores[size] = Math.min(mine, theirs) / certain
    late[size] = mine <= theirs ? (a.counts[i++] as number) : 0
    punctual[size] = theirs <= mine ? (b.counts[j++] as number) : 0
  }
  return { size, scores, punctual, late }
}
