// A CSV file as columns, for commands that look at whole columns: plain or gzipped, the names in its first line.

import { Failure } from '../lib/failure.ts'
import { csvRows } from './csv.ts'

export type CsvTable = {
  readonly file: string
  /** Cells by column, one a row. A row that ends early has blank cells at its end. */
  readonly columns: ReadonlyMap<string, readonly string[]>
  /** The number of each row's line. */
  readonly lines: readonly number[]
}

/** @throws Failure SOURCE_UNREADABLE */
export async function csvTable(file: string): Promise<CsvTable> {
  let cellsOf: string[][] = []
  let names: readonly string[] | undefined
  const lines: number[] = []
  for await (const { line, cells } of csvRows(file)) {
    if (names === undefined) {
      names = cells
      cellsOf = names.map(() => [])
      continue
    }
    if (cells.length > names.length) {
      throw unusable(file, `line ${line} has ${cells.length} cells, but the first line names ${names.length} columns`)
    }
    for (const [column, into] of cellsOf.entries()) into.push(cells[column] ?? '')
    lines.push(line)
  }
  if (names === undefined) throw unusable(file, 'it is empty')
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw unusable(file, `it names the column "${twice}" twice`)
  return { file, columns: new Map(names.map((name, at) => [name, cellsOf[at] as string[]])), lines }
}

function unusable(file: string, why: string): Failure {
  return new Failure('SOURCE_UNREADABLE', `${file} cannot be read as a table: ${why}`, {
    field: 'FILE',
    help: 'The first line names the columns; each other line is a row.',
  })
}

/** What programs write for a value that is not there, as pandas reads them. */
const missingTexts = new Set([
  '',
  'NA',
  'N/A',
  'n/a',
  '#N/A',
  '<NA>',
  'NaN',
  'nan',
  '-NaN',
  '-nan',
  'NULL',
  'null',
  'None',
])

export function isMissing(cell: string): boolean {
  return missingTexts.has(cell) || missingTexts.has(cell.trim())
}

const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const infinityPattern = /^([+-]?)inf(inity)?$/i

/** undefined: not a number. */
export function numberIn(cell: string): number | undefined {
  const text = cell.trim()
  if (numberPattern.test(text)) return Number(text)
  const infinite = infinityPattern.exec(text)
  if (infinite === null) return undefined
  return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

/** @throws Failure FIELD_TYPE with the column as `field` and the line in the message */
export function wrongCell({ file, lines }: CsvTable, { column, row }: { column: string; row: number }, is: string) {
  return new Failure('FIELD_TYPE', `${file}, line ${lines[row]}: ${column} is ${is}`, { field: column })
}
