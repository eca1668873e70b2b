// Metrics of a window as the doors tell them.

import { days, hours } from '../lib/time.ts'
import type { ColumnMetric, DriftMetrics } from '../records.ts'
import type { ColumnDrift, DriftNow, DriftReport, ModelFigures } from '../server/loop.ts'
import type { LoopSettings } from '../stages/settings.ts'
import type { LoopSeries } from './loop-series.ts'

const pMethods: readonly string[] = ['ks', 'chisquare', 'z']
const pMin = 1e-300
/** A column that never moved in the training has a bound of 0. */
const boundMin = 1e-9

/** How far beyond its bound, or else its threshold, 1 on it: of a p value the threshold over it, else the reverse. */
function severityOf({ method, score, threshold, bound }: ColumnMetric): number | null {
  if (score === null) return null
  if (bound !== null) return score / Math.max(bound, boundMin)
  return pMethods.includes(method) ? threshold / Math.max(score, pMin) : score / threshold
}

export function columnDriftOf(metric: ColumnMetric): ColumnDrift {
  return { ...metric, severity: severityOf(metric) }
}

/** The furthest first; those without a score last. */
function bySeverity(a: ColumnDrift, b: ColumnDrift): number {
  return (b.severity ?? -1) - (a.severity ?? -1) || (a.column < b.column ? -1 : 1)
}

export function driftNowOf(metrics: DriftMetrics): DriftNow {
  const { from, to, model, rows, labelled, late, columnsCompared, columnsDrifted } = metrics
  const { driftedShare, datasetDrift, unusualShare } = metrics
  const columns = metrics.columns
    .map(columnDriftOf)
    .sort(bySeverity)
    .map(({ column, score, severity, drifted, unusual }) => ({ column, score, severity, drifted, unusual }))
  const shares = { columnsCompared, columnsDrifted, driftedShare, datasetDrift, unusualShare }
  return { from, to, model, rows, labelled, late, ...shares, columns }
}

const recentCount = 28

export function driftReportOf(metrics: DriftMetrics, series: LoopSeries, bounds: LoopSettings): DriftReport {
  const { span, to, columns, target, prediction, performance, ...rest } = metrics
  const stepMs = span === 'WEEK' ? days(1) : hours(6)
  return {
    ...rest,
    span: span === 'WEEK' ? 'WEEK' : 'DAY',
    to,
    driftedShareMax: bounds.driftedShare,
    unusualShareMax: bounds.unusualShare,
    rowsMin: bounds.rowsMin,
    columns: columns
      .map(columnDriftOf)
      .sort(bySeverity)
      .map(column => ({
        ...column,
        driftedSince: series.driftedSince(column.column, to),
        recent: series.scores(column.column, { to, stepMs, count: recentCount }),
      })),
    target: target && columnDriftOf(target),
    prediction: prediction && columnDriftOf(prediction),
    performance: modelFiguresOf(metrics.model, performance),
  }
}

/** The champion first, then by version. */
function modelFiguresOf(champion: string | null, performance: DriftMetrics['performance']): ModelFigures[] {
  const models = new Map<string, ModelFigures>()
  for (const { model, name, value, count } of performance) {
    const known = models.get(model) ?? { model, isChampion: model === champion, rows: count, figures: {} }
    known.figures[name] = value
    models.set(model, known)
  }
  const rank = ({ isChampion, model }: ModelFigures) => (isChampion ? '' : ` ${model}`)
  return [...models.values()].sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
}
