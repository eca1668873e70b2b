// slipstream drift performance: how good probabilities were, from a file that has them beside the labels.

import { type Performance, performanceOfScores } from '../drift/performance.ts'
import { Failure } from '../lib/failure.ts'
import { columnLines, count } from './columns.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { type CsvTable, csvTable, isMissing, numberIn, wrongCell } from './csv-table.ts'
import { numberFlag } from './drift-compare.ts'
import { exitCode } from './exit-code.ts'

export const driftPerformance: Command = {
  name: 'performance',
  summary: 'how good probabilities were, from a CSV file with labels and scores',
  usage: 'slipstream drift performance FILE [--threshold T]',
  flags: {
    threshold: { type: 'string', value: 'T', about: 'late is a score of at least this (default 0.5)' },
  },
  examples: ['slipstream drift performance scores.csv', 'slipstream drift performance scores.csv.gz --json'],
  run,
}

async function run(io: CommandIo): Promise<number> {
  const [file = ''] = namedArgs(io, driftPerformance.usage, ['FILE'])
  const threshold = numberFlag(io, 'threshold', 1) ?? 0.5
  const table = await csvTable(file)
  const { labels, scores, missing } = scoredRows(table)
  const performance = performanceOfScores({ labels, scores }, { threshold })
  print(io, performance)
  if (missing > 0) io.err(`${count(missing)} rows without label or score were left out`)
  io.document({ file, threshold, missing, ...performance })
  return exitCode.ok
}

/** Rows that have both. @throws Failure FIELD_MISSING or FIELD_TYPE */
function scoredRows(table: CsvTable): { labels: number[]; scores: number[]; missing: number } {
  const [y, score] = [cellsOf(table, 'y'), cellsOf(table, 'score')]
  const labels: number[] = []
  const scores: number[] = []
  for (let row = 0; row < y.length; row++) {
    const [labelCell, scoreCell] = [y[row] as string, score[row] as string]
    if (isMissing(labelCell) || isMissing(scoreCell)) continue
    const [label, probability] = [numberIn(labelCell), numberIn(scoreCell)]
    if (label !== 0 && label !== 1) throw wrongCell(table, { column: 'y', row }, `"${labelCell}", neither 0 nor 1`)
    if (probability === undefined || probability < 0 || probability > 1)
      throw wrongCell(table, { column: 'score', row }, `"${scoreCell}", not a number from 0 to 1`)
    labels.push(label)
    scores.push(probability)
  }
  return { labels, scores, missing: y.length - labels.length }
}

function cellsOf({ file, columns }: CsvTable, name: string): readonly string[] {
  const cells = columns.get(name)
  if (cells !== undefined) return cells
  throw new Failure('FIELD_MISSING', `${file} has no column ${name}`, {
    field: name,
    help: 'y is the label, 1 for late and 0 for punctual; score is the probability of 1.',
  })
}

function print(io: CommandIo, { n, positives, confusion, ...figures }: Performance): void {
  io.out(`${count(n)} rows, ${count(positives)} of them late`)
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = confusion
  const right = (title: string) => ({ title, align: 'right' }) as const
  const rows = [
    ['late', count(truePositives), count(falseNegatives)],
    ['punctual', count(falsePositives), count(trueNegatives)],
  ]
  for (const line of columnLines(['', right('CALLED LATE'), right('CALLED PUNCTUAL')], rows)) io.out(line)
  const texts = Object.entries(figures).map(([name, value]) => [name, value === null ? '-' : value.toPrecision(6)])
  for (const line of columnLines(['FIGURE', right('VALUE')], texts)) io.out(line)
}
