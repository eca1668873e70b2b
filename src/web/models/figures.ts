// A model's figures as the page writes, compares and draws them.

import { count, decimals, percent } from '../format.ts'
import type { Mark } from '../marks.ts'
import type { CalibrationBin, Interval, ModelInfo, ModelRole, Trial } from '../wire.ts'

const figureNames = ['auc', 'logLoss', 'brier', 'ece'] as const
export type FigureName = (typeof figureNames)[number]

export const figureTitles: Readonly<Record<FigureName, string>> = {
  auc: 'AUC',
  logLoss: 'log loss',
  brier: 'Brier',
  ece: 'calibration error',
}

/** On held-out rows. */
export type CardFigures = Readonly<Record<FigureName, { value: number | null; interval: Interval }>> & {
  readonly n: number | null
  /** That grew the trees which the figures are of; those in use may have been grown anew on more. */
  readonly growingRows: number | null
}

/** From a card's metrics, which are as whoever trained the model wrote them. */
export function figuresOf({ card }: Pick<ModelInfo, 'card'>): CardFigures {
  const metrics = fields(card.metrics)
  const [heldOut, intervals] = [fields(metrics['heldOut']), fields(metrics['interval95'])]
  const figure = (name: FigureName) => ({ value: numberOf(heldOut[name]), interval: intervalOf(intervals[name]) })
  return {
    n: numberOf(heldOut['n']),
    growingRows: numberOf(metrics['growingRows']),
    auc: figure('auc'),
    logLoss: figure('logLoss'),
    brier: figure('brier'),
    ece: figure('ece'),
  }
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

function intervalOf(value: unknown): Interval {
  if (!Array.isArray(value)) return null
  const [low, high] = value as unknown[]
  return typeof low === 'number' && typeof high === 'number' ? [low, high] : null
}

/** `0.7520 (0.741 to 0.763)` */
export function sureText(value: number | null, interval: Interval): string {
  if (value === null) return 'n/a'
  return interval === null ? decimals(value, 4) : `${decimals(value, 4)} (${intervalText(interval)})`
}

export function intervalText(interval: Interval): string {
  return interval === null ? 'n/a' : `${decimals(interval[0], 3)} to ${decimals(interval[1], 3)}`
}

const roles: Readonly<Record<ModelRole, Mark['shape']>> = {
  champion: 'ok',
  challenger: 'idle',
  former: 'none',
  rejected: 'warn',
  registered: 'none',
}

export function roleMark(role: ModelRole): Mark {
  return { shape: roles[role], word: role }
}

export type ParameterRow = { readonly name: string; readonly values: readonly string[]; readonly differs: boolean }

/** Parameters side by side, those that differ first. */
export function parameterRows(all: readonly unknown[]): ParameterRow[] {
  const given = all.map(fields)
  const names = [...new Set(given.flatMap(each => Object.keys(each)))].sort()
  const rows = names.map(name => {
    const values = given.map(each => valueText(each[name]))
    return { name, values, differs: new Set(values).size > 1 }
  })
  return rows.sort((a, b) => Number(b.differs) - Number(a.differs))
}

export function valueText(value: unknown): string {
  if (value === undefined) return '-'
  if (typeof value === 'number') return String(Number(value.toPrecision(5)))
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Which of the two is better: 0 or 1; null when neither is, or nobody can tell. */
export function betterOf(name: string, [first, second]: readonly [number | null, number | null]): 0 | 1 | null {
  if (first === null || second === null || first === second) return null
  const isHigherBetter = ['auc', 'f1', 'precision', 'recall', 'accuracy', 'specificity'].includes(name)
  const isLowerBetter = ['logLoss', 'brier', 'ece', 'mce'].includes(name)
  if (!isHigherBetter && !isLowerBetter) return null
  return first > second === isHigherBetter ? 0 : 1
}

export type PlotPoint = { x: number; y: number; r: number; low: number; high: number; title: string }

/** Points of a calibration plot in a square of this size, its origin below on the left; areas are as the rows. */
export function calibrationPoints(bins: readonly CalibrationBin[], size: number): PlotPoint[] {
  const most = Math.max(1, ...bins.map(({ n }) => n))
  const up = (share: number) => size * (1 - Math.min(1, Math.max(0, share)))
  return bins.map(({ said, late, n, interval95 }) => ({
    x: size * said,
    y: up(late),
    r: 3 + 7 * Math.sqrt(n / most),
    low: up(interval95?.[0] ?? late),
    high: up(interval95?.[1] ?? late),
    title: `said ${percent(said)}, late ${percent(late)}, of ${count(n)} flights`,
  }))
}

export type TrialColumn = { readonly name: string; readonly values: readonly (number | string | undefined)[] }

/** Parameters of the trials by name; only those with different values among the trials that have them, unless all are wanted. */
export function trialColumns(trials: readonly Trial[], params: 'differ' | 'all'): TrialColumn[] {
  const names = [...new Set(trials.flatMap(({ point }) => Object.keys(point)))]
  const columns = names.map(name => ({ name, values: trials.map(({ point }) => point[name]) }))
  if (params === 'all') return columns
  return columns.filter(({ values }) => new Set(values.filter(value => value !== undefined)).size > 1)
}
