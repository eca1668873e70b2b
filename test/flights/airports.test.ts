import { expect, test } from 'vitest'
import { airportAt, airportColumns, airportOf } from '../../src/flights/airports.ts'
import { columnsOf } from '../../src/flights/columns.ts'
import { airports } from './world.ts'

const columns = columnsOf(airportColumns, airportColumns)

test('an airport of the table has a place and a zone', () => {
  expect(airportOf(['JFK', 'John F Kennedy Intl', '40.64', '-73.78', 'America/New_York'], columns)).toEqual({
    code: 'JFK',
    name: 'John F Kennedy Intl',
    latitude: 40.64,
    longitude: -73.78,
    zone: 'America/New_York',
  })
})

test('a zone that does not exist is none', () => {
  expect(airportOf(['YAK', 'Yakutat', '59.3', '-139.4', '\\N'], columns).zone).toBe('')
})

test('a place that is no number names its column', () => {
  expect(() => airportOf(['YAK', 'Yakutat', 'north', '-139.4', ''], columns)).toThrow(
    expect.objectContaining({ code: 'SOURCE_UNREADABLE', field: 'lat' }),
  )
})

test.each([
  ['JKF', 'Did you mean JFK?'],
  ['lga', 'Did you mean LGA?'],
  ['LAZ', 'Did you mean LAX?'],
  ['LAA', 'Did you mean LGA or LAX?'],
  ['QQQ', 'Add it to the table of airports.'],
])('for the unknown airport %s the help is: %s', (code, help) => {
  expect(() => airportAt(code, airports, 'origin')).toThrow(
    expect.objectContaining({ code: 'AIRPORT_UNKNOWN', field: 'origin', help }),
  )
})

test('an airport without a zone is refused for what it lacks', () => {
  expect(() => airportAt('YAK', airports, 'dest')).toThrow(/time zone of the airport YAK/)
})
