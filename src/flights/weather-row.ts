// One row of weather.csv: what a station observed in an hour.

import { Failure } from '../lib/failure.ts'
import type { WeatherObserved } from '../records.ts'
import { type Airports, airportAt } from './airports.ts'
import { type Columns, numberOrNull, text } from './columns.ts'

export const weatherColumns = [
  'origin',
  'temp',
  'dewp',
  'humid',
  'wind_dir',
  'wind_speed',
  'wind_gust',
  'precip',
  'pressure',
  'visib',
  'time_hour',
] as const

/** Values as the file has them, unjudged; null: not observed. */
export type WeatherRecord = {
  station: string
  /** Start of the hour. */
  observedAt: number
  reading: Omit<WeatherObserved, 'station' | 'at' | 'revision' | 'observedAt'>
}

/** @throws Failure SOURCE_UNREADABLE, AIRPORT_UNKNOWN or TIME_IMPOSSIBLE with the column as `field` */
export function weatherRecordOf(
  cells: readonly string[],
  columns: Columns<(typeof weatherColumns)[number]>,
  airports: Airports,
): WeatherRecord {
  const station = text(cells, columns, 'origin')
  airportAt(station, airports, 'origin')
  return {
    station,
    observedAt: hourOf(text(cells, columns, 'time_hour')),
    reading: {
      temperatureFahrenheit: numberOrNull(cells, columns, 'temp'),
      dewPointFahrenheit: numberOrNull(cells, columns, 'dewp'),
      humidityPercent: numberOrNull(cells, columns, 'humid'),
      windDirectionDegrees: numberOrNull(cells, columns, 'wind_dir'),
      windMilesPerHour: numberOrNull(cells, columns, 'wind_speed'),
      gustMilesPerHour: numberOrNull(cells, columns, 'wind_gust'),
      precipitationInches: numberOrNull(cells, columns, 'precip'),
      pressureMillibars: numberOrNull(cells, columns, 'pressure'),
      visibilityMiles: numberOrNull(cells, columns, 'visib'),
    },
  }
}

/** `2013-01-01T06:00:00Z` */
function hourOf(cell: string): number {
  const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(cell) ? Date.parse(cell) : Number.NaN
  if (Number.isFinite(at)) return at
  throw new Failure('TIME_IMPOSSIBLE', `time_hour is not an instant: ${JSON.stringify(cell.slice(0, 40))}`, {
    field: 'time_hour',
    help: 'Write it in UTC, as 2013-01-01T06:00:00Z.',
  })
}
