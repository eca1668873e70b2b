// slipstream drift status and show: how the stream compares with what the model in force was trained on.

import { Failure } from '../lib/failure.ts'
import type { Alert, ColumnDrift, ColumnReport, DriftReport, TrainingRequest } from '../server/loop.ts'
import { baseUrl, call, urlFlag } from './api-client.ts'
import { columnLines, count, instantText } from './columns.ts'
import { type Command, type CommandIo, type Flag, namedArgs, textFlag } from './command.ts'
import { exitCode } from './exit-code.ts'

export const spanFlag: Flag = { type: 'string', value: 'SPAN', about: 'day or week: the trailing window (default day)' }
const shownMost = 20
const barChars = 30
const right = (title: string) => ({ title, align: 'right' }) as const

type Overview = { report: DriftReport | null; alerts: Alert[]; requests: TrainingRequest[] }

export const driftStatus: Command = {
  name: 'status',
  summary: 'how the last window compares with the training of the model in force; open alerts',
  usage: 'slipstream drift status [--span day|week] [--fail-on drift] [--url URL] [--json]',
  flags: {
    span: spanFlag,
    'fail-on': { type: 'string', value: 'drift', about: 'exit with 4 while an alert is open' },
    url: urlFlag,
  },
  examples: ['slipstream drift status', 'slipstream drift status --fail-on drift --json'],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, driftStatus.usage, [])
    const failOn = textFlag(io, 'fail-on')
    if (failOn !== undefined && failOn !== 'drift') {
      throw new Failure('USAGE', `--fail-on is "${failOn}", but takes drift`, { field: 'fail-on' })
    }
    const overview = (await call(baseUrl(io), { path: `/v1/drift?span=${spanOf(io)}` })) as Overview
    print(io, overview)
    io.document(overview)
    return failOn === 'drift' && overview.alerts.length > 0 ? exitCode.checkFailed : exitCode.ok
  },
}

/** @throws Failure USAGE */
export function spanOf(io: CommandIo): string {
  const span = (textFlag(io, 'span') ?? 'day').toUpperCase()
  if (span === 'DAY' || span === 'WEEK') return span
  throw new Failure('USAGE', `--span is "${textFlag(io, 'span')}", but takes day or week`, { field: 'span' })
}

function print(io: CommandIo, { report, alerts, requests }: Overview): void {
  if (report === null) io.out('no window with a model in force has ended yet')
  else {
    const { from, to, model, rows, columnsDrifted, columnsCompared, unusualShare, unusualShareMax } = report
    io.out(`${instantText(from)} to ${instantText(to)}  model ${model ?? 'none'}  ${count(rows)} rows`)
    const unusual =
      unusualShare === null ? '' : `, ${percent(unusualShare)} unusual (alert from ${percent(unusualShareMax)})`
    io.out(`${columnsDrifted} of ${columnsCompared} columns drifted${unusual}`)
    const whole = [report.target, report.prediction].filter(each => each !== null)
    for (const line of table(io, [...whole, ...report.columns.slice(0, shownMost)])) io.out(line)
    const rest = report.columns.length - shownMost
    if (rest > 0) io.out(`... and ${rest} columns that lie less far; --json has all`)
  }
  for (const { kind, at, message, id } of alerts) {
    io.out(`${io.color('red', 'alert')} ${kind} since ${instantText(at)} (${id}): ${message}`)
  }
  if (alerts.length === 0) io.out('no alert is open')
  const open = requests.find(({ answer }) => answer === null)
  if (open) io.out(`training ${open.id} is asked for: ${open.why}`)
}

function table(io: CommandIo, columns: readonly ColumnDrift[]): string[] {
  const rows = columns.map(({ column, method, score, threshold, bound, drifted, unusual, mayAlert, missing }) => [
    column,
    drifted === null ? 'few rows' : drifted ? io.color(unusual === true ? 'red' : 'yellow', 'drifted') : 'ok',
    method,
    score?.toPrecision(4) ?? '-',
    bound?.toPrecision(4) ?? '-',
    String(threshold),
    count(missing),
    mayAlert ? '' : 'reported only',
  ])
  const heads = [
    'COLUMN',
    'STATE',
    'METHOD',
    right('SCORE'),
    right('ORDINARY'),
    right('THRESHOLD'),
    right('MISSING'),
    '',
  ]
  return columnLines(heads, rows)
}

export const driftShow: Command = {
  name: 'show',
  summary: 'one column: its score over time, reference beside current',
  usage: 'slipstream drift show COLUMN [--span day|week] [--url URL] [--json]',
  flags: { span: spanFlag, url: urlFlag },
  examples: ['slipstream drift show originHourPlanned', 'slipstream drift show label --span week --json'],
  async run(io: CommandIo): Promise<number> {
    const [name = ''] = namedArgs(io, driftShow.usage, ['COLUMN'])
    const path = `/v1/drift/columns/${encodeURIComponent(name)}?span=${spanOf(io)}`
    const report = (await call(baseUrl(io), { path })) as ColumnReport
    printColumn(io, report)
    io.document(report)
    return exitCode.ok
  },
}

function printColumn(io: CommandIo, report: ColumnReport): void {
  const { about, latest, series, histogram, histogramMissing, missing, unseen } = report
  io.out(`${io.color('bold', about.name)}  ${about.about}${about.unit === null ? '' : ` (${about.unit})`}`)
  if (latest) for (const line of table(io, [latest])) io.out(line)
  else io.out('not compared yet')
  const last = series.to.length - 1
  for (let at = Math.max(0, last - 6); at <= last; at++) {
    io.out(`  ${instantText(series.to[at] as number)}  ${series.score[at]?.toPrecision(4) ?? '-'}`)
  }
  if (histogram) for (const line of histogramLines(histogram)) io.out(line)
  else io.out(`no histogram: ${histogramMissing}`)
  if (missing)
    io.out(`missing: ${count(missing.reference)} rows of the training, ${count(missing.current)} of the window`)
  if (unseen.length > 0)
    io.out(`never seen in the training: ${unseen.map(each => `${each.category} (${each.count})`).join(', ')}`)
}

function histogramLines(histogram: NonNullable<ColumnReport['histogram']>): string[] {
  const names =
    histogram.kind === 'categorical'
      ? histogram.categories
      : histogram.reference.map((_, at) => `from ${histogram.edges[at]}`)
  const sum = (rows: readonly number[]) => rows.reduce((total, rowCount) => total + rowCount, 0)
  const [reference, current] = [histogram.reference, histogram.current].map(rows => {
    const total = Math.max(1, sum(rows))
    return rows.map(rowCount => rowCount / total)
  }) as [number[], number[]]
  const most = Math.max(...reference, ...current, 1e-9)
  const bar = (share: number) => '#'.repeat(Math.round((share / most) * barChars))
  const rows = names.map((name, at) => {
    const [a, b] = [reference[at] as number, current[at] as number]
    return [name, percent(a), bar(a), percent(b), bar(b)]
  })
  return columnLines(['', right('TRAINING'), '', right('WINDOW'), ''], rows)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
