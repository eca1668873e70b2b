// A small world for tests: airports, and rows as flights.csv has them.

import { type Airport, type Airports } from '../../src/flights/airports.ts'
import { columnsOf } from '../../src/flights/columns.ts'
import { type FlightRecord, flightColumns, flightRecordOf } from '../../src/flights/row.ts'

const places: Airport[] = [
  { code: 'JFK', name: 'John F Kennedy Intl', latitude: 40.6398, longitude: -73.7789, zone: 'America/New_York' },
  { code: 'LGA', name: 'La Guardia', latitude: 40.7772, longitude: -73.8726, zone: 'America/New_York' },
  { code: 'EWR', name: 'Newark Liberty Intl', latitude: 40.6925, longitude: -74.1687, zone: 'America/New_York' },
  {
    code: 'IAH',
    name: 'George Bush Intercontinental',
    latitude: 29.9844,
    longitude: -95.3414,
    zone: 'America/Chicago',
  },
  { code: 'LAX', name: 'Los Angeles Intl', latitude: 33.9425, longitude: -118.4081, zone: 'America/Los_Angeles' },
  { code: 'HNL', name: 'Honolulu Intl', latitude: 21.3187, longitude: -157.9225, zone: 'Pacific/Honolulu' },
  { code: 'YAK', name: 'Yakutat', latitude: 59.3012, longitude: -139.3937, zone: '' },
]

export const airports: Airports = new Map(places.map(airport => [airport.code, airport]))

export type RowCells = Record<(typeof flightColumns)[number], string | number>

/** UA 1545 on 1 January: 05:15 to 08:19, two minutes late away, eleven late in. */
const landed: RowCells = {
  year: 2013,
  month: 1,
  day: 1,
  dep_time: 517,
  sched_dep_time: 515,
  dep_delay: 2,
  arr_time: 830,
  sched_arr_time: 819,
  arr_delay: 11,
  carrier: 'UA',
  flight: 1545,
  tailnum: 'N14228',
  origin: 'EWR',
  dest: 'IAH',
  distance: 1400,
}

export function flightRow(change: Partial<RowCells> = {}): FlightRecord {
  const row = { ...landed, ...change }
  const cells = flightColumns.map(column => String(row[column]))
  return flightRecordOf(cells, columnsOf(flightColumns, flightColumns), airports)
}

export const cancelled: Partial<RowCells> = { dep_time: '', dep_delay: '', arr_time: '', arr_delay: '' }

/** A reading of a station with no instrument that works. */
export const nothingObserved = {
  temperatureFahrenheit: null,
  dewPointFahrenheit: null,
  humidityPercent: null,
  windDirectionDegrees: null,
  windMilesPerHour: null,
  gustMilesPerHour: null,
  precipitationInches: null,
  pressureMillibars: null,
  visibilityMiles: null,
}
