// A model's report on its held-out rows, for people.

import type { Figures, Interval } from '../drift/graded.ts'
import type { ModelReport } from '../drift/model-report.ts'
import { columnLines, count } from './columns.ts'

const right = (title: string) => ({ title, align: 'right' }) as const
const percent = (share: number) => `${(100 * share).toFixed(1)} %`
const barChars = 24
const featuresShown = 15

export function reportLines({ figures, calibration, groups, weakest, importance }: ModelReport): string[] {
  const heads = [right('ROWS'), right('LATE'), right('SAID'), 'AUC', 'LOG LOSS', 'BRIER', 'ECE']
  const cells = (of: Figures) => [
    count(of.n),
    percent(of.late),
    percent(of.said),
    sure(of.auc, of.interval95.auc),
    sure(of.logLoss, of.interval95.logLoss),
    sure(of.brier, of.interval95.brier),
    sure(of.ece, of.interval95.ece),
  ]
  const tables = groups.map(({ by, groups: own, rest }) => [
    '',
    ...columnLines(
      [`BY ${by.toUpperCase()}`, ...heads],
      own.map(({ group, figures: of }) => [group, ...cells(of)]),
    ),
    ...(rest > 0 ? [`${count(rest)} rows are of other groups or of none`] : []),
  ])
  return [
    `On ${count(figures.n)} rows held out, ${figures.days} days; 95 % intervals by resampling days`,
    ...columnLines(heads, [cells(figures)]),
    '',
    ...columnLines(
      [right('SAID'), right('LATE'), right('95 %'), right('ROWS'), ''],
      calibration.map(({ said, late, interval95, n }) => [
        percent(said),
        percent(late),
        interval95 === null ? '-' : `${percent(interval95[0])} to ${percent(interval95[1])}`,
        count(n),
        plot(said, late),
      ]),
    ),
    '  each line from 0 to 100 %: | said, o late, * both',
    ...tables.flat(),
    '',
    weakest.length === 0 ? 'No group is large enough to be called weak.' : 'Where it is weak:',
    ...weakest.map(({ by, group, because }) => `  ${by} ${group}: ${because}`),
    '',
    ...importanceLines(importance),
  ]
}

function importanceLines(importance: ModelReport['importance']): string[] {
  if (importance === null)
    return ['Which features move it is not known: it does not tell how many rows reached its leaves.']
  const shown = importance.features.slice(0, featuresShown)
  const most = shown[0]?.moves ?? 1
  return columnLines(
    ['FEATURE', right('MOVES'), right('SHARE'), ''],
    shown.map(({ feature, moves, share }) => [
      feature,
      moves.toFixed(4),
      percent(share),
      '#'.repeat(Math.max(1, Math.round((barChars * moves) / most))),
    ]),
  ).concat(`  mean |SHAP| of ${count(importance.rows)} rows, raw score`)
}

function sure(value: number | null, interval: Interval): string {
  if (value === null) return '-'
  return interval === null
    ? value.toFixed(4)
    : `${value.toFixed(4)} (${interval[0].toFixed(3)}..${interval[1].toFixed(3)})`
}

function plot(said: number, late: number): string {
  const places = 40
  const at = (share: number) => Math.min(places - 1, Math.floor(share * places))
  const line = Array.from({ length: places }, () => '.')
  line[at(said)] = '|'
  line[at(late)] = at(said) === at(late) ? '*' : 'o'
  return line.join('')
}
