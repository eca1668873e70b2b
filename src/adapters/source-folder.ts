// A folder of past flights, laid out like the bundle: flights, airports and, if there, weather and planes, each as
// NAME.csv or NAME.csv.gz. Read row by row; src/flights makes the stream of it.

import type { Plane } from '../flights/assignment.ts'
import { dayText, parseDay } from '../flights/calendar.ts'
import type { Item } from '../flights/event-order.ts'
import { planeColumns, planeOf } from '../flights/plane-row.ts'
import { flightColumns, flightRecordOf } from '../flights/row.ts'
import { Timetable } from '../flights/timetable.ts'
import { weatherColumns, weatherRecordOf } from '../flights/weather-row.ts'
import { Failure } from '../lib/failure.ts'
import { readAirports } from './source-airports.ts'
import { findTable, readAll, readTable, tableIn } from './source-csv.ts'

/** Days of planned departure, local, inclusive, as 2013-01-31. */
export type FolderDays = { folder: string; from: string; to: string }

/**
 * The folder's stream, in lists of any length, in order.
 * @throws Failure USAGE when the days are none or hold no flight; SOURCE_UNREADABLE with file, line and column
 */
export async function* folderItems({ folder, from, to }: FolderDays): AsyncGenerator<Item[]> {
  const fromDay = parseDay(from, 'from')
  const toDay = parseDay(to, 'to')
  if (toDay < fromDay) {
    throw new Failure('USAGE', `the days end before they start: ${from} to ${to}`, { field: 'to' })
  }
  const flightsFile = await tableIn(folder, 'flights')
  const weatherFile = await findTable(folder, 'weather')
  const airports = await readAirports(folder)
  const timetable = new Timetable({ planes: await readPlanes(folder), fromDay, toDay })

  const flights = readTable(flightsFile, flightColumns, (cells, columns) => {
    timetable.addFlight(flightRecordOf(cells, columns, airports))
  })
  const weather =
    weatherFile === undefined
      ? undefined
      : readTable(weatherFile, weatherColumns, (cells, columns) => {
          timetable.addWeather(weatherRecordOf(cells, columns, airports))
        })
  const readWeather = async (): Promise<void> => {
    while (timetable.wantsWeather) {
      if (weather === undefined || (await weather.next()).done === true) timetable.endWeather()
    }
  }
  try {
    for await (const _ of flights) {
      await readWeather()
      yield timetable.take()
      if (timetable.flightsComplete) break
    }
    timetable.endFlights()
    await readWeather()
    yield timetable.take()
  } finally {
    await weather?.return(0)
  }
  if (timetable.flightCount === 0) throw noFlights({ folder, from, to }, timetable.daysSeen)
}

async function readPlanes(folder: string): Promise<ReadonlyMap<string, Plane>> {
  const planes = new Map<string, Plane>()
  const file = await findTable(folder, 'planes')
  if (file === undefined) return planes
  const rows = readTable(file, planeColumns, (cells, columns) => {
    const plane = planeOf(cells, columns)
    planes.set(plane.tail, plane)
  })
  await readAll(rows)
  return planes
}

function noFlights({ folder, from, to }: FolderDays, seen: [number, number] | null): Failure {
  const held = seen === null ? 'It holds none.' : `Flights read were of ${dayText(seen[0])} to ${dayText(seen[1])}.`
  return new Failure('USAGE', `no flight of ${folder} is planned for ${from} to ${to}`, { field: 'from', help: held })
}
