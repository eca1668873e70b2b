// slipstream drift thresholds: from where on a column counts as drifted, and from where on its day as unusual. They are a part
// of the pipeline's version, so they are not set while it runs: that would make the same events give other alerts.

import { Failure } from '../lib/failure.ts'
import type { DriftReport } from '../server/loop.ts'
import { baseUrl, call, urlFlag } from './api-client.ts'
import { columnLines } from './columns.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { spanFlag, spanOf } from './drift-status.ts'
import { exitCode } from './exit-code.ts'
import { didYouMean } from './suggest.ts'

const right = (title: string) => ({ title, align: 'right' }) as const
const percent = (share: number) => `${(share * 100).toFixed(1)} %`

export const driftThresholds: Command = {
  name: 'thresholds',
  summary: 'from where on a column counts as drifted or unusual, and how near it is',
  usage: 'slipstream drift thresholds [COLUMN] [--span day|week] [--url URL] [--json]',
  flags: { span: spanFlag, url: urlFlag },
  examples: ['slipstream drift thresholds', 'slipstream drift thresholds originWind --json'],
  async run(io: CommandIo): Promise<number> {
    const names = io.args.length === 0 ? [] : namedArgs(io, driftThresholds.usage, ['COLUMN'])
    const path = `/v1/drift?span=${spanOf(io)}`
    const { report } = (await call(baseUrl(io), { path })) as { report: DriftReport | null }
    if (report === null) {
      io.out('no window with a model in force has ended yet')
      io.document({ rules: null, columns: [] })
      return exitCode.ok
    }
    const { driftedShareMax, unusualShareMax, rowsMin, model } = report
    const all = [report.target, report.prediction, ...report.columns].filter(each => each !== null)
    for (const name of names)
      throwUnlessKnown(
        name,
        all.map(({ column }) => column),
      )
    const columns = all
      .filter(({ column }) => names.length === 0 || names.includes(column))
      .map(({ column, method, threshold, bound, score, severity, mayAlert }) => {
        return { column, method, threshold, bound, score, severity, mayAlert }
      })
    const number = (value: number | null) => value?.toPrecision(4) ?? '-'
    const rows = columns.map(({ column, method, threshold, bound, score, severity, mayAlert }) => [
      column,
      method,
      String(threshold),
      number(bound),
      number(score),
      number(severity),
      mayAlert ? '' : 'reported only',
    ])
    const heads = ['COLUMN', 'METHOD', right('DRIFTED FROM'), right('UNUSUAL FROM'), right('NOW'), right('TIMES'), '']
    for (const line of columnLines(heads, rows)) io.out(line)
    io.out(`drift of the dataset from ${percent(driftedShareMax)} of the columns drifted`)
    io.out(`a shifted day from ${percent(unusualShareMax)} of the columns unusual (setting unusualPercent)`)
    io.out(
      `no verdict on fewer than ${rowsMin} rows; what is unusual was learnt by ${model ?? 'no model'} in its training`,
    )
    io.document({ rules: { driftedShareMax, unusualShareMax, rowsMin, model }, columns })
    return exitCode.ok
  },
}

/** @throws Failure FIELD_TYPE */
function throwUnlessKnown(name: string, known: readonly string[]): void {
  if (known.includes(name)) return
  const help = didYouMean(name, known, '`slipstream drift thresholds` lists all.')
  throw new Failure('FIELD_TYPE', `there is no column "${name}"`, { field: 'COLUMN', help })
}
