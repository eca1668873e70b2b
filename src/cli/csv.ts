// Rows of a CSV file, plain or gzipped, with the number of the line each one ends on.

import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { parse } from 'csv-parse'
import { type Airport, type Airports, airportColumns, airportOf } from '../flights/airports.ts'
import { columnsOf } from '../flights/columns.ts'
import { Failure } from '../lib/failure.ts'
import { unreadable } from './file-lines.ts'

export type CsvRow = { readonly line: number; readonly cells: readonly string[] }

/** The header is the first row. @throws Failure SOURCE_UNREADABLE */
export async function* csvRows(file: string): AsyncGenerator<CsvRow> {
  const bytes = createReadStream(file)
  const rows = parse({ info: true, bom: true, relax_column_count: true, skip_empty_lines: true })
  // an error of any part ends the reading of the others
  if (file.endsWith('.gz')) pipeline(bytes, createGunzip(), rows, () => {})
  else pipeline(bytes, rows, () => {})
  try {
    for await (const { info, record } of rows) yield { line: info.lines, cells: record }
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** @throws Failure SOURCE_UNREADABLE */
export async function airportsIn(folder: string): Promise<Airports> {
  const file = await tableIn(folder, 'airports')
  const airports = new Map<string, Airport>()
  let columns: ReturnType<typeof columnsOf<(typeof airportColumns)[number]>> | undefined
  for await (const { cells } of csvRows(file)) {
    if (columns === undefined) {
      columns = columnsOf(cells, airportColumns)
      continue
    }
    const airport = airportOf(cells, columns)
    airports.set(airport.code, airport)
  }
  return airports
}

/** The file of a table in a folder laid out like the bundle. @throws Failure SOURCE_UNREADABLE */
export async function tableIn(folder: string, name: string): Promise<string> {
  for (const file of [join(folder, `${name}.csv`), join(folder, `${name}.csv.gz`)]) {
    const isThere = await access(file).then(
      () => true,
      () => false,
    )
    if (isThere) return file
  }
  throw new Failure('SOURCE_UNREADABLE', `${folder} holds neither ${name}.csv nor ${name}.csv.gz`, {
    field: 'source',
    help: 'A source is a folder laid out like data/nycflights13: give it with --source.',
  })
}
