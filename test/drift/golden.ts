// Reads the golden files' way of naming inputs: rows of a bundled table in file order that satisfy `where`, then every
// k-th, then the first n; or the values themselves. Blank cells are null.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import {
  type Distribution,
  distributionOfCategories,
  distributionOfNumbers,
  type NumericDistribution,
} from '../../src/drift/distribution.ts'

type Cell = number | string | null

export type Address = {
  file: string
  where: Record<string, number[] | { ge: number; le: number }>
  take?: { every?: number; first?: number } | undefined
}

export type ColumnInput = { inline: Cell[] } | (Address & { column: string })

type Table = { columns: Map<string, number>; lines: string[] }

const tables = new Map<string, Table>()

function tableOf(file: string): Table {
  let table = tables.get(file)
  if (table === undefined) {
    const path = file.replace(/^bundle\//, 'data/nycflights13/')
    const [head = '', ...lines] = gunzipSync(readFileSync(path)).toString().trim().split('\n')
    table = { columns: new Map(head.split(',').map((name, at) => [name, at])), lines }
    tables.set(file, table)
  }
  return table
}

function cellOf({ columns }: Pick<Table, 'columns'>, row: string[], name: string): Cell {
  const number = (from: string): number => Number(row[columns.get(from) ?? -1])
  if (name === 'hour') return Math.floor(number('sched_dep_time') / 100)
  if (name === 'dow')
    return (new Date(Date.UTC(number('year'), number('month') - 1, number('day'))).getUTCDay() + 6) % 7
  if (name === 'late') {
    const delay = cellOf({ columns }, row, 'arr_delay')
    return delay === null ? null : Number((delay as number) >= 15)
  }
  const text = row[columns.get(name) ?? -1]
  if (text === undefined) throw new Error(`no column ${name}`)
  if (text === '') return null
  return Number.isNaN(Number(text)) ? text : Number(text)
}

type Chosen = { table: Table; rows: string[][] }

const chosen = new Map<string, Chosen>()

function rowsOf({ file, where, take }: Address): Chosen {
  const key = JSON.stringify([file, where, take])
  const known = chosen.get(key) ?? chosenRows({ file, where, take })
  chosen.set(key, known)
  return known
}

function chosenRows({ file, where, take = {} }: Address): Chosen {
  const table = tableOf(file)
  const wanted = Object.entries(where).map(([name, values]) => ({ at: table.columns.get(name) ?? -1, values }))
  // a year has many rows: only as many cells as are asked about, and no more than needed of each row
  const width = Math.max(0, ...wanted.map(({ at }) => at)) + 1
  const holds = (line: string): boolean => {
    const cells = line.split(',', width)
    return wanted.every(({ at, values }) => {
      const cell = Number(cells[at])
      return Array.isArray(values) ? values.includes(cell) : cell >= values.ge && cell <= values.le
    })
  }
  const kept = table.lines.filter(holds).filter((_, at) => at % (take.every ?? 1) === 0)
  return { table, rows: kept.slice(0, take.first).map(line => line.split(',')) }
}

export function cellsOf(input: ColumnInput): Cell[] {
  if ('inline' in input) return input.inline
  const { table, rows } = rowsOf(input)
  return rows.map(row => cellOf(table, row, input.column))
}

export function columnsOf(address: Address, names: readonly string[]): Map<string, Cell[]> {
  const { table, rows } = rowsOf(address)
  return new Map(names.map(name => [name, rows.map(row => cellOf(table, row, name))]))
}

/** `isFloat`: for values given as floats; pandas makes a column with a null one of floats itself. */
export function distributionOf(cells: readonly Cell[], type: string, isFloat = false): Distribution {
  const present = cells.filter(cell => cell !== null)
  const missing = cells.length - present.length
  return type === 'cat'
    ? distributionOfCategories(present.map(String), missing)
    : numbersOf(present as number[], missing, isFloat)
}

function numbersOf(numbers: number[], missing: number, isFloat: boolean): NumericDistribution {
  return distributionOfNumbers(numbers, {
    missing,
    isWhole: !isFloat && missing === 0 && numbers.every(Number.isInteger),
  })
}

/** |actual - expected| / |expected|; 0 when equal, infinite when one is no number. */
export function relativeDifference(actual: number | null, expected: number | string): number {
  if (actual === expected || (actual === null && expected === 'NaN')) return 0
  if (actual === null || typeof expected === 'string') return Number.POSITIVE_INFINITY
  return Math.abs(actual - expected) / Math.abs(expected)
}
