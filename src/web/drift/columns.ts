// Columns of a drift report in words: which are shown, in which order, and how each stands.

import type { DriftView } from '../drift-view.ts'
import { count } from '../format.ts'
import type { Mark } from '../marks.ts'
import type { ColumnDrift, ColumnOverview, DriftReport, DriftSpan } from '../wire.ts'

const hourMs = 3_600_000

/** Of a p value less is further away; of a distance more is. */
const pValues = new Set(['ks', 'chisquare', 'z'])

const methodNames: Record<string, string> = {
  ks: 'K-S p',
  chisquare: 'chi\u00b2 p',
  z: 'Z p',
  wasserstein: 'Wasserstein',
  jensenshannon: 'Jensen-Shannon',
  psi: 'PSI',
  kl_div: 'KL divergence',
  hellinger: 'Hellinger',
}

export const methodName = (method: string): string => methodNames[method] ?? method

export const isPValue = (method: string): boolean => pValues.has(method)

/** `0.312`, `<0.001`, `12.4`: three figures of it. */
export function scoreText(score: number | null): string {
  if (score === null) return 'n/a'
  if (score !== 0 && Math.abs(score) < 0.001) return '<0.001'
  return Math.abs(score) >= 10 ? score.toFixed(1) : score.toFixed(3)
}

/** At most three decimals, and none that say nothing: `0.1`, `0.317`. */
export const thresholdText = (threshold: number): string => String(Number(threshold.toFixed(3)))

/** `0.312 ≥ 0.1`: the score beside its threshold, with the sign that holds. */
export function againstThreshold({ method, score, threshold, drifted }: ColumnDrift): string {
  const isLess = isPValue(method) === (drifted === true)
  return `${scoreText(score)} ${isLess ? '<' : '\u2265'} ${thresholdText(threshold)}`
}

/** How a column stands. "Not enough rows" is an answer, with the numbers. */
export function columnMark(drift: ColumnDrift, rowsMin: number): Mark {
  const { drifted, unusual, currentCount, referenceCount } = drift
  if (drifted === null) {
    const n = Math.min(currentCount, referenceCount)
    if (n >= rowsMin) return { shape: 'none', word: 'no figure' }
    return { shape: 'none', word: `not enough rows (n=${count(n)} < ${count(rowsMin)})` }
  }
  // Beyond the ordinary days of the training is what alerts go by: it weighs more than the method's own threshold.
  if (unusual) return drifted ? { shape: 'bad', word: 'drift, unusual' } : { shape: 'warn', word: 'unusual' }
  return drifted ? { shape: 'warn', word: 'drift' } : { shape: 'ok', word: 'ok' }
}

/** The target or the prediction as one word for the head of the page. */
export function verdictMark(drift: ColumnDrift | null, rowsMin: number): Mark {
  if (drift === null) return { shape: 'none', word: 'not compared' }
  return drift.drifted === null
    ? columnMark(drift, rowsMin)
    : drift.drifted
      ? { shape: 'warn', word: 'yes' }
      : { shape: 'ok', word: 'no' }
}

/** Windows of an unbroken run that began with the one that ended at `since`. */
export function windowsSince(since: number, to: number, span: DriftSpan): number {
  return Math.round((to - since) / (span === 'DAY' ? hourMs : 24 * hourMs)) + 1
}

type Choice = Pick<DriftView, 'sort' | 'show' | 'find'>

/** Drifted ones first unless sorted by name, before all those that may alert; columns without an answer come last. */
export function shownColumns(columns: readonly ColumnOverview[], { sort, show, find }: Choice): ColumnOverview[] {
  const wanted = find.toLowerCase()
  const shown = columns.filter(
    ({ column, drifted, unusual }) =>
      (show === 'all' || drifted === true || unusual === true) && column.toLowerCase().includes(wanted),
  )
  return shown.sort((a, b) => (sort === 'severity' ? bySeverity(a, b) : 0) || byName(a, b))
}

function bySeverity(a: ColumnOverview, b: ColumnOverview): number {
  return rankOf(a) - rankOf(b) || (b.severity ?? -1) - (a.severity ?? -1)
}

function rankOf({ drifted, unusual, mayAlert }: ColumnOverview): number {
  if (drifted === null) return 3
  if (!drifted && !unusual) return 2
  return mayAlert ? 0 : 1
}

const byName = (a: ColumnOverview, b: ColumnOverview) => (a.column < b.column ? -1 : a.column > b.column ? 1 : 0)

/** What the head says of the labels: how many of the rows have one, and how far the windows are behind event time. */
export function labelsOf(
  { rows, labelled, to }: Pick<DriftReport, 'rows' | 'labelled' | 'to'>,
  eventTime: number | null,
) {
  return {
    share: rows === 0 ? null : labelled / rows,
    behindMs: eventTime === null ? null : Math.max(0, eventTime - to),
  }
}
