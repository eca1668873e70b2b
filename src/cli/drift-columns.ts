// The columns of two CSV files as distributions that can be compared: which there are, of which kind, and their cells.

import { readFileSync } from 'node:fs'
import {
  type Distribution,
  distributionOfCategories,
  distributionOfNumbers,
  type NumericDistribution,
} from '../drift/distribution.ts'
import { Failure } from '../lib/failure.ts'
import { type CsvTable, isMissing, numberIn, wrongCell } from './csv-table.ts'

export type Kind = Distribution['kind']

/** Columns to compare, by name. */
export type Kinds = ReadonlyMap<string, Kind>

/** From `{"column": "numeric" | "categorical"}`. @throws Failure SOURCE_UNREADABLE or USAGE */
export function kindsIn(file: string): Kinds {
  const help = 'Write {"distance": "numeric", "carrier": "categorical"}, one entry for each column to compare.'
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Failure('SOURCE_UNREADABLE', `${file} cannot be read: ${why}`, { cause, field: 'columns', help })
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Failure('USAGE', `${file} holds no object of columns`, { field: 'columns', help })
  const entries = Object.entries(json as Record<string, unknown>).map(([column, kind]) => {
    if (kind === 'numeric' || kind === 'categorical') return [column, kind] as const
    const problem = `${file} says of ${column} that it is ${JSON.stringify(kind)}, which is no kind`
    throw new Failure('USAGE', problem, { field: 'columns', help })
  })
  return new Map(entries)
}

export type Sides = { readonly reference: CsvTable; readonly current: CsvTable }

/** Each column that both files have: numeric if all its cells in both are numbers or missing, else categorical. */
export function kindsOf({ reference, current }: Sides): Kinds {
  const isNumeric = (name: string): boolean =>
    [reference, current].every(({ columns }) =>
      (columns.get(name) ?? []).every(cell => isMissing(cell) || numberIn(cell) !== undefined),
    )
  const shared = [...reference.columns.keys()].filter(name => current.columns.has(name))
  return new Map(shared.map(name => [name, isNumeric(name) ? 'numeric' : 'categorical']))
}

/** Both sides of a column. @throws Failure FIELD_MISSING or FIELD_TYPE */
export function distributionsOf(sides: Sides, column: string, kind: Kind): [Distribution, Distribution] {
  const cells = [sides.reference, sides.current].map(table => cellsOf(table, column))
  if (kind === 'numeric') {
    return [numbersOf(sides.reference, column), numbersOf(sides.current, column)]
  }
  // categories written as numbers are the same however they are written: 1 and 1.0
  const isNumber = cells.flat().every(cell => isMissing(cell) || numberIn(cell) !== undefined)
  const [reference, current] = cells.map(side => {
    const present = side.filter(cell => !isMissing(cell))
    const categories = isNumber ? present.map(cell => String(numberIn(cell))) : present
    return distributionOfCategories(categories, side.length - present.length)
  })
  return [reference as Distribution, current as Distribution]
}

function cellsOf({ file, columns }: CsvTable, column: string): readonly string[] {
  const cells = columns.get(column)
  if (cells !== undefined) return cells
  throw new Failure('FIELD_MISSING', `${file} has no column ${column}`, {
    field: column,
    help: `It has ${[...columns.keys()].join(', ')}.`,
  })
}

/** Infinite values of a column with missing ones count as missing too, as in Evidently. */
function numbersOf(table: CsvTable, column: string): NumericDistribution {
  const cells = cellsOf(table, column)
  const numbers: number[] = []
  let isWhole = true
  for (const [row, cell] of cells.entries()) {
    if (isMissing(cell)) continue
    const number = numberIn(cell)
    if (number === undefined) throw wrongCell(table, { column, row }, `"${cell}", which is no number`)
    numbers.push(number)
    isWhole &&= /^\s*[+-]?\d+\s*$/.test(cell)
  }
  if (numbers.length === cells.length) return distributionOfNumbers(numbers, { isWhole })
  const finite = numbers.filter(Number.isFinite)
  return distributionOfNumbers(finite, { missing: cells.length - finite.length })
}
