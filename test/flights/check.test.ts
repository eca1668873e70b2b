import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkEvent } from '../../src/flights/check.ts'
import { eventTypes } from '../../src/flights/event-order.ts'
import { flightEvents } from '../../src/flights/flight-events.ts'
import { airports, cancelled, flightRow } from './world.ts'

const departure = Date.UTC(2013, 0, 1, 10, 15)
const hour = 3_600_000
const head = { flightId: 'UA-1545-EWR-IAH-2013-01-01T10:15Z', at: departure, revision: 1 }

const good: Record<(typeof eventTypes)[number], Record<string, unknown>> = {
  FlightScheduled: {
    ...head,
    at: departure - 48 * hour,
    carrier: 'UA',
    flightNumber: 1545,
    origin: 'EWR',
    destination: 'IAH',
    scheduledDepartureAt: departure,
    scheduledArrivalAt: departure + 4 * hour,
    distanceMiles: 1400,
  },
  FlightRescheduled: { ...head, scheduledDepartureAt: departure + hour, scheduledArrivalAt: departure + 5 * hour },
  AircraftAssigned: { ...head, tail: 'N14228', builtYear: 1999, seats: 149 },
  FlightCancelled: { ...head, reason: 'weather' },
  FlightDeparted: { ...head, departedAt: departure, tail: 'N14228' },
  FlightDiverted: { ...head, divertedTo: 'LAX' },
  FlightArrived: { ...head, arrivedAt: departure },
  WeatherObserved: {
    station: 'EWR',
    at: departure,
    revision: 1,
    observedAt: departure - hour,
    temperatureFahrenheit: 39.02,
    dewPointFahrenheit: 26.06,
    humidityPercent: 59.37,
    windDirectionDegrees: 270,
    windMilesPerHour: 10.36,
    gustMilesPerHour: null,
    precipitationInches: 0,
    pressureMillibars: 1012,
    visibilityMiles: 10,
  },
}

type Schema = { fields: { name: string; default?: unknown }[] }

const schemaOf = (name: string): Schema =>
  JSON.parse(readFileSync(new URL(`../../schemas/${name}.avsc`, import.meta.url), 'utf8')) as Schema

type Case = [name: keyof typeof good, change: Record<string, unknown>, code: string, field: string]

describe('a good event', () => {
  test.each(eventTypes)('%s is accepted', name => expect(checkEvent(name, good[name], airports)).toBeNull())

  test('what the folder source makes of a row is accepted', () => {
    const items = [flightRow(), flightRow(cancelled), flightRow({ arr_delay: '' })].flatMap(flight =>
      flightEvents(flight, flight.scheduledDepartureAt - hour, undefined),
    )
    expect(items.map(({ name, value }) => checkEvent(name ?? '', value, airports))).toEqual(items.map(() => null))
  })

  test('what the schema gives a default may be left out', () => {
    const { revision: _r, divertedTo: _d, ...diverted } = good.FlightDiverted
    expect(checkEvent('FlightDiverted', diverted, airports)).toBeNull()
    const { station, at, observedAt } = good.WeatherObserved
    expect(checkEvent('WeatherObserved', { station, at, observedAt }, airports)).toBeNull()
  })
})

describe('a bad event', () => {
  const cases: Case[] = [
    ['FlightScheduled', { flightId: '' }, 'FIELD_MISSING', 'flightId'],
    ['FlightScheduled', { flightId: undefined }, 'FIELD_MISSING', 'flightId'],
    ['FlightScheduled', { flightId: 'x'.repeat(201) }, 'FIELD_TYPE', 'flightId'],
    ['FlightScheduled', { carrier: 'ua' }, 'FIELD_TYPE', 'carrier'],
    ['FlightScheduled', { carrier: '' }, 'FIELD_MISSING', 'carrier'],
    ['FlightScheduled', { carrier: 'UNITED' }, 'FIELD_TYPE', 'carrier'],
    ['FlightScheduled', { flightNumber: 0 }, 'FIELD_TYPE', 'flightNumber'],
    ['FlightScheduled', { flightNumber: 10_000 }, 'FIELD_TYPE', 'flightNumber'],
    ['FlightScheduled', { flightNumber: 1.5 }, 'FIELD_TYPE', 'flightNumber'],
    ['FlightScheduled', { flightNumber: '1545' }, 'FIELD_TYPE', 'flightNumber'],
    ['FlightScheduled', { origin: 'QQQ' }, 'AIRPORT_UNKNOWN', 'origin'],
    ['FlightScheduled', { origin: 7 }, 'FIELD_TYPE', 'origin'],
    ['FlightScheduled', { destination: 'YAK' }, 'AIRPORT_UNKNOWN', 'destination'],
    ['FlightScheduled', { destination: 'EWR' }, 'FIELD_TYPE', 'destination'],
    ['FlightScheduled', { destination: undefined }, 'FIELD_MISSING', 'destination'],
    ['FlightScheduled', { scheduledArrivalAt: departure - 1 }, 'TIME_IMPOSSIBLE', 'scheduledArrivalAt'],
    ['FlightScheduled', { scheduledArrivalAt: departure }, 'TIME_IMPOSSIBLE', 'scheduledArrivalAt'],
    ['FlightScheduled', { scheduledArrivalAt: departure + 24 * hour + 1 }, 'TIME_IMPOSSIBLE', 'scheduledArrivalAt'],
    ['FlightScheduled', { at: Date.UTC(1979, 11, 31) }, 'TIME_IMPOSSIBLE', 'at'],
    ['FlightScheduled', { at: Date.UTC(2100, 0, 1) }, 'TIME_IMPOSSIBLE', 'at'],
    ['FlightScheduled', { at: Number.NaN }, 'TIME_IMPOSSIBLE', 'at'],
    ['FlightScheduled', { at: Number.POSITIVE_INFINITY }, 'TIME_IMPOSSIBLE', 'at'],
    ['FlightScheduled', { at: '2013-01-01' }, 'FIELD_TYPE', 'at'],
    ['FlightScheduled', { at: null }, 'FIELD_MISSING', 'at'],
    ['FlightScheduled', { revision: -1 }, 'FIELD_TYPE', 'revision'],
    ['FlightScheduled', { distanceMiles: 0 }, 'FIELD_TYPE', 'distanceMiles'],
    ['FlightRescheduled', { scheduledArrivalAt: departure }, 'TIME_IMPOSSIBLE', 'scheduledArrivalAt'],
    ['AircraftAssigned', { tail: '' }, 'FIELD_MISSING', 'tail'],
    ['AircraftAssigned', { seats: 'many' }, 'FIELD_TYPE', 'seats'],
    ['AircraftAssigned', { builtYear: 1899 }, 'FIELD_TYPE', 'builtYear'],
    ['FlightCancelled', { reason: 7 }, 'FIELD_TYPE', 'reason'],
    ['FlightDeparted', { departedAt: departure + 1 }, 'TIME_IMPOSSIBLE', 'departedAt'],
    ['FlightDeparted', { tail: '' }, 'FIELD_MISSING', 'tail'],
    ['FlightDiverted', { divertedTo: 'QQQ' }, 'AIRPORT_UNKNOWN', 'divertedTo'],
    ['FlightArrived', { arrivedAt: undefined }, 'FIELD_MISSING', 'arrivedAt'],
    ['WeatherObserved', { station: 'QQQ' }, 'AIRPORT_UNKNOWN', 'station'],
    ['WeatherObserved', { observedAt: departure + 1 }, 'TIME_IMPOSSIBLE', 'observedAt'],
    ['WeatherObserved', { windMilesPerHour: 1048.36 }, 'FIELD_TYPE', 'windMilesPerHour'],
    ['WeatherObserved', { humidityPercent: -1 }, 'FIELD_TYPE', 'humidityPercent'],
    ['WeatherObserved', { pressureMillibars: Number.NaN }, 'FIELD_TYPE', 'pressureMillibars'],
    ['WeatherObserved', { visibilityMiles: '10' }, 'FIELD_TYPE', 'visibilityMiles'],
  ]

  test.each(cases)('%s with %o is %s in %s', (name, change, code, field) => {
    const failure = checkEvent(name, { ...good[name], ...change }, airports)
    expect(failure).toMatchObject({ code, field, next: 'reject' })
    expect(failure?.message).toContain(field)
  })

  test('an unknown airport comes with the codes it may have meant', () => {
    const failure = checkEvent('FlightScheduled', { ...good.FlightScheduled, origin: 'JKF' }, airports)
    expect(failure?.help).toBe('Did you mean JFK?')
  })

  test.each([null, undefined, 7, 'text', []])('%o is no event', value => {
    expect(checkEvent('FlightArrived', value, airports)).toMatchObject({ code: 'FLIGHT_MALFORMED' })
  })

  test.each(['Mark', 'Prediction', 'toString', ''])('a record named %o is no event', name => {
    expect(checkEvent(name, head, airports)).toMatchObject({ code: 'SCHEMA_UNKNOWN' })
  })

  test('whatever comes is accepted or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.constantFrom(...eventTypes), fc.anything(), fc.object(), (name, value, change) => {
        const answers = [
          checkEvent(name, value, airports),
          checkEvent(name, { ...good[name], ...change }, airports),
          ...Object.keys(good[name]).map(field => checkEvent(name, { ...good[name], [field]: value }, airports)),
        ]
        for (const answer of answers) expect(answer === null || answer.next === 'reject').toBe(true)
      }),
    )
  })

  test('every field that the schema does not give a default is missed', () => {
    for (const name of eventTypes) {
      const needed = Object.keys(good[name]).filter(
        field => checkEvent(name, { ...good[name], [field]: undefined }, airports) !== null,
      )
      const { fields } = schemaOf(name)
      expect([name, needed]).toEqual([name, fields.filter(field => !('default' in field)).map(field => field.name)])
    }
  })
})
