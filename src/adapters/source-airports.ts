// The airports of a folder of past flights (source-folder.ts): all that a pipeline needs of it which replays nothing anew.

import { type Airport, type Airports, airportColumns, airportOf } from '../flights/airports.ts'
import { readAll, readTable, tableIn } from './source-csv.ts'

/** @throws Failure SOURCE_UNREADABLE with file, line and column */
export async function readAirports(folder: string): Promise<Airports> {
  const airports = new Map<string, Airport>()
  const rows = readTable(await tableIn(folder, 'airports'), airportColumns, (cells, columns) => {
    const airport = airportOf(cells, columns)
    airports.set(airport.code, airport)
  })
  await readAll(rows)
  return airports
}
