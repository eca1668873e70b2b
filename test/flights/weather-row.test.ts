import { expect, test } from 'vitest'
import { columnsOf } from '../../src/flights/columns.ts'
import { type WeatherRecord, weatherColumns, weatherRecordOf } from '../../src/flights/weather-row.ts'
import { airports } from './world.ts'

const recordOf = (row: string): WeatherRecord =>
  weatherRecordOf(row.split(','), columnsOf(weatherColumns, weatherColumns), airports)

test('what was not observed is null, and nothing observed is not', () => {
  expect(recordOf('EWR,39.02,26.06,59.37,270,10.36,,0.0,,10.0,2013-01-01T06:00:00Z')).toEqual({
    station: 'EWR',
    observedAt: Date.UTC(2013, 0, 1, 6),
    reading: {
      temperatureFahrenheit: 39.02,
      dewPointFahrenheit: 26.06,
      humidityPercent: 59.37,
      windDirectionDegrees: 270,
      windMilesPerHour: 10.36,
      gustMilesPerHour: null,
      precipitationInches: 0,
      pressureMillibars: null,
      visibilityMiles: 10,
    },
  })
})

test.each([
  ['EWR,,,,,,,,,,2013-01-01 06:00', 'TIME_IMPOSSIBLE', 'time_hour'],
  ['EWR,,,,,,,,,,2013-13-01T06:00:00Z', 'TIME_IMPOSSIBLE', 'time_hour'],
  ['QQQ,,,,,,,,,,2013-01-01T06:00:00Z', 'AIRPORT_UNKNOWN', 'origin'],
  ['EWR,,,wet,,,,,,,2013-01-01T06:00:00Z', 'SOURCE_UNREADABLE', 'humid'],
])('%s is %s in %s', (row, code, field) => {
  expect(() => recordOf(row)).toThrow(expect.objectContaining({ code, field }))
})
