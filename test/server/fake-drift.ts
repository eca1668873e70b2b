// Drift of the fake program: scores of every column of the feature table that rise with the blizzard, as smooth functions
// of event time.

import type { Histogram } from '../../src/drift/histogram.ts'
import { type Feature } from '../../src/features/define.ts'
import { features } from '../../src/features/table.ts'
import type { ColumnDrift, ColumnOverview, DriftNow, DriftReport, DriftSpan } from '../../src/server/loop.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const stormAt = Date.UTC(2013, 1, 9, 12)

/** How far back it goes. */
export const pastDays = 28

/** 0 on a quiet day, 1 in the middle of the blizzard. */
export function severityNow(at: number): number {
  const days = (at - stormAt) / dayMs
  return Math.exp(-(days * days) / (days < 0 ? 0.8 : 3))
}

/** The furthest beyond its threshold first. */
export function columnsOf(to: number): ColumnDrift[] {
  return features.map((feature, index) => columnAt(feature, index, to)).sort((a, b) => rankOf(b) - rankOf(a))
}

const rankOf = ({ severity }: ColumnDrift) => severity ?? -1

function columnAt({ name, kind, mayAlert }: Feature, index: number, to: number): ColumnDrift {
  const quiet = 0.03 + 0.05 * Math.abs(Math.sin(index * 7.3)) + 0.01 * Math.sin(to / (9 * hourMs) + index)
  const isCalendar = !mayAlert
  const score = isCalendar
    ? 0.4 + 0.1 * Math.sin(index)
    : quiet + severityNow(to) * 0.3 * Math.abs(Math.cos(index * 3.1))
  const hasRows = index % 23 !== 22
  const missing = Math.round(20 * Math.abs(Math.sin(index)) * (1 + 3 * severityNow(to)))
  return {
    column: name,
    method: kind === 'numeric' ? 'wasserstein' : 'jensenshannon',
    score: hasRows ? score : null,
    threshold: 0.1,
    drifted: hasRows ? score >= 0.1 : null,
    bound: mayAlert && hasRows ? 0.15 : null,
    unusual: mayAlert && hasRows ? score > 0.15 : null,
    mayAlert,
    severity: hasRows ? score / (mayAlert ? 0.15 : 0.1) : null,
    referenceCount: 20_000,
    currentCount: hasRows ? 842 - missing : 120,
    missing: hasRows ? missing : 722,
    unseen: kind === 'categorical' ? index % 3 : 0,
  }
}

type Window = { to: number; span: DriftSpan; champion: string }

/** What a window counts, without its columns. */
export function totalsAt({ to, span, champion }: Window, columns = columnsOf(to)) {
  const lengthMs = span === 'DAY' ? dayMs : 7 * dayMs
  const judged = columns.filter(({ mayAlert, drifted }) => mayAlert && drifted !== null)
  const columnsDrifted = judged.filter(({ drifted }) => drifted).length
  const driftedShare = columnsDrifted / judged.length
  const rows = span === 'DAY' ? 842 : 5_894
  const labelled = Math.round(rows * (1 - 0.5 * severityNow(to)))
  return {
    from: to - lengthMs,
    to,
    model: champion,
    rows,
    labelled,
    late: Math.round(labelled * (0.22 + 0.35 * severityNow(to))),
    columnsCompared: judged.length,
    columnsDrifted,
    driftedShare,
    datasetDrift: driftedShare >= 0.5,
    unusualShare: span === 'DAY' ? judged.filter(({ unusual }) => unusual).length / judged.length : null,
  }
}

export function driftNowAt(window: Window): DriftNow {
  const columns = columnsOf(window.to)
  return {
    ...totalsAt(window, columns),
    columns: columns.map(({ column, score, severity, drifted, unusual }) => ({
      column,
      score,
      severity,
      drifted,
      unusual,
    })),
  }
}

export function reportAt(window: Window): DriftReport {
  const { to, span, champion } = window
  const columns = columnsOf(to)
  const totals = totalsAt(window, columns)
  return {
    ...totals,
    span,
    modelHash: 'ab'.repeat(32),
    driftedShareMax: 0.5,
    unusualShareMax: 0.25,
    rowsMin: 200,
    columns: columns.map((column): ColumnOverview => overviewOf(column, to)),
    target: { ...(columns[0] as ColumnDrift), column: 'label', method: 'jensenshannon' },
    prediction: { ...(columns[1] as ColumnDrift), column: 'probability', method: 'wasserstein' },
    performance: [
      {
        model: champion,
        isChampion: true,
        rows: totals.labelled,
        figures: { auc: 0.71 - 0.08 * severityNow(to), logLoss: 0.47 + 0.2 * severityNow(to), brier: 0.15, ece: 0.03 },
      },
    ],
  }
}

function overviewOf(column: ColumnDrift, to: number): ColumnOverview {
  const index = features.findIndex(({ name }) => name === column.column)
  const feature = features[index] as Feature
  const past = Array.from({ length: 28 }, (_, at) => columnAt(feature, index, to - (27 - at) * 6 * hourMs))
  const firstOfRun = past.findLastIndex(({ drifted }) => drifted !== true) + 1
  return {
    ...column,
    driftedSince: column.drifted === true ? to - (27 - firstOfRun) * 6 * hourMs : null,
    recent: past.map(({ score }) => score),
  }
}

export function histogramOf(feature: Feature, to: number): Histogram {
  const bell = (at: number, middle: number, rows: number) => Math.round(rows * Math.exp(-((at - middle) ** 2) / 60))
  if (feature.kind === 'categorical') {
    const categories = ['EWR', 'JFK', 'LGA', 'DCA', 'BOS', 'ORD', 'ATL', 'MCO']
    return {
      kind: 'categorical',
      categories,
      reference: categories.map((_, at) => bell(at, 0, 5_000)),
      current: categories.map((_, at) => bell(at, 4 * severityNow(to), 240)),
      other: { categories: 61, reference: 900, current: 41 },
    }
  }
  const bins = Array.from({ length: 40 }, (_, at) => at)
  return {
    kind: 'numeric',
    edges: [...bins, 40].map(at => at * feature.resolution),
    reference: bins.map(at => bell(at, 18, 1_500)),
    current: bins.map(at => bell(at, 18 + 12 * severityNow(to), 64)),
  }
}
