import { describe, expect, test } from 'vitest'
import { Failure } from '../../src/lib/failure.ts'
import { knowable } from '../../src/records.ts'
import { eventNames, eventsMax, parseEvents, readEventKinds } from '../../src/server/events.ts'
import { airports } from './doors.ts'

const kinds = readEventKinds()
const at = Date.UTC(2013, 1, 8, 18)
const parse = (body: unknown) => parseEvents(body, { kinds, airports, at })

const scheduled = {
  type: 'FlightScheduled',
  flightId: 'UA-1545-EWR-IAH-2013-02-08T22:15Z',
  at: '2013-02-06T22:15:00Z',
  carrier: 'UA',
  flightNumber: 1545,
  origin: 'EWR',
  destination: 'IAH',
  scheduledDepartureAt: '2013-02-08T22:15:00Z',
  scheduledArrivalAt: Date.UTC(2013, 1, 9, 2, 20),
}

function failureOf(body: unknown): Failure {
  try {
    parse(body)
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('it passed')
}

describe('an event', () => {
  test('becomes a record with instants in milliseconds and defaults filled in', () => {
    const { type, ...rest } = scheduled
    const instants = { at: Date.UTC(2013, 1, 6, 22, 15), scheduledDepartureAt: Date.UTC(2013, 1, 8, 22, 15) }
    const value = { ...rest, ...instants, revision: 1, distanceMiles: null }
    expect(parse(scheduled)).toEqual([{ name: type, value }])
  })

  test('that leaves out `at` was known just now', () => {
    const cancelled = { type: 'FlightCancelled', flightId: 'X-1' }
    expect(parse(cancelled)).toEqual([
      { name: 'FlightCancelled', value: { flightId: 'X-1', at, revision: 1, reason: null } },
    ])
  })

  test.each([
    ['a field is missing', { carrier: undefined }, 'FIELD_MISSING', 'carrier'],
    ['a field has another type', { flightNumber: '1545' }, 'FIELD_TYPE', 'flightNumber'],
    ['a field is unknown', { gate: 'C7' }, 'FIELD_TYPE', 'gate'],
    ['an airport is unknown', { destination: 'QQQ' }, 'AIRPORT_UNKNOWN', 'destination'],
    [
      'it arrives before it departs',
      { scheduledArrivalAt: '2013-02-08T22:14:00Z' },
      'TIME_IMPOSSIBLE',
      'scheduledArrivalAt',
    ],
    [
      'a day does not exist',
      { scheduledDepartureAt: '2013-02-30T22:15:00Z' },
      'TIME_IMPOSSIBLE',
      'scheduledDepartureAt',
    ],
    ['an instant has no zone', { at: '2013-02-06T22:15:00' }, 'FIELD_TYPE', 'at'],
    ['an instant is in seconds', { at: 1_360_188_900 }, 'TIME_IMPOSSIBLE', 'at'],
    ['the type is a mark', { type: 'Mark' }, 'FIELD_TYPE', 'type'],
    ['the type is a name that objects inherit', { type: 'constructor' }, 'FIELD_TYPE', 'type'],
    ['there is no type', { type: undefined }, 'FIELD_TYPE', 'type'],
  ])('is refused when %s', (_, change, code, field) => {
    expect(failureOf({ ...scheduled, ...change })).toMatchObject({ code, field })
  })

  test.each([['text'], [7], [[]], [[null]], [[[scheduled]]]])('is an object, not %j', body => {
    expect(failureOf(body).code).toBe('FIELD_TYPE')
  })
})

describe('a batch', () => {
  test('names the event that fails', () => {
    const failure = failureOf([scheduled, { ...scheduled, origin: 'ERW' }])
    expect(failure).toMatchObject({ code: 'AIRPORT_UNKNOWN', field: '[1].origin' })
    expect(failure.help).toContain('EWR')
  })

  test('has a limit', () => {
    const many = Array.from({ length: eventsMax + 1 }, () => scheduled)
    expect(failureOf(many).code).toBe('RECORD_TOO_LARGE')
    expect(parse(many.slice(1))).toHaveLength(eventsMax)
  })
})

test('every event of the contract can be published, and no other record', () => {
  expect([...kinds.keys()].sort()).toEqual(Object.keys(knowable).sort())
  expect([...eventNames].sort()).toEqual(Object.keys(knowable).sort())
})

test('weather is taken with the values it has', () => {
  const weather = { type: 'WeatherObserved', station: 'EWR', observedAt: at - 60_000, temperatureFahrenheit: 28.5 }
  expect(parse(weather)[0]).toMatchObject({
    name: 'WeatherObserved',
    value: { station: 'EWR', at, temperatureFahrenheit: 28.5, gustMilesPerHour: null },
  })
  expect(failureOf({ ...weather, humidityPercent: 101 })).toMatchObject({
    code: 'FIELD_TYPE',
    field: 'humidityPercent',
  })
})
