import { expect, test } from 'vitest'
import { flightEvents, scheduleKnownAt, weatherEvent } from '../../src/flights/flight-events.ts'
import { hours } from '../../src/lib/time.ts'
import { cancelled, flightRow, nothingObserved } from './world.ts'

const namesOf = (flight: ReturnType<typeof flightRow>): string[] =>
  flightEvents(flight, null, undefined).map(({ name }) => name ?? '')

test('the plan is known 48 hours before and names no aircraft', () => {
  const flight = flightRow()
  const [scheduled] = flightEvents(flight, null, undefined)
  expect(scheduled?.deliveredAt).toBe(flight.scheduledDepartureAt - hours(48))
  expect(scheduled?.deliveredAt).toBe(scheduleKnownAt(flight))
  expect(JSON.stringify(scheduled)).not.toContain('N14228')
})

test('what became of the flight decides which events there are', () => {
  expect(namesOf(flightRow())).toEqual(['FlightScheduled', 'FlightDeparted', 'FlightArrived'])
  expect(namesOf(flightRow(cancelled))).toEqual(['FlightScheduled', 'FlightCancelled'])
  expect(namesOf(flightRow({ arr_delay: '' }))).toEqual(['FlightScheduled', 'FlightDeparted', 'FlightDiverted'])
  expect(namesOf(flightRow({ arr_delay: '', arr_time: '' }))).toEqual(['FlightScheduled', 'FlightDeparted'])
})

test('each event is known at the instant that it reports, a cancellation at the planned departure', () => {
  const flight = flightRow()
  const at = flightEvents(flight, null, undefined).map(({ deliveredAt }) => deliveredAt)
  expect(at.slice(1)).toEqual([flight.departedAt, flight.arrivedAt])
  const lost = flightRow(cancelled)
  expect(flightEvents(lost, null, undefined)[1]?.deliveredAt).toBe(lost.scheduledDepartureAt)
})

test('an assigned aircraft comes with what the registry knows of it', () => {
  const plane = { tail: 'N14228', builtYear: 1999, seats: 149 }
  const assigned = flightEvents(flightRow(), 1_356_900_000_000, plane).find(({ name }) => name === 'AircraftAssigned')
  expect(assigned?.value).toMatchObject({ at: 1_356_900_000_000, tail: 'N14228', builtYear: 1999, seats: 149 })
  const unknown = flightEvents(flightRow(), 1_356_900_000_000, undefined).find(
    ({ name }) => name === 'AircraftAssigned',
  )
  expect(unknown?.value).toMatchObject({ tail: 'N14228', builtYear: null, seats: null })
})

test('weather is known when its hour has passed', () => {
  const observedAt = Date.UTC(2013, 0, 1, 6)
  const { deliveredAt, key, name, value } = weatherEvent({ station: 'EWR', observedAt, reading: nothingObserved })
  expect([deliveredAt, key, name]).toEqual([observedAt + hours(1), 'EWR', 'WeatherObserved'])
  expect(value).toEqual({ station: 'EWR', at: observedAt + hours(1), revision: 1, observedAt, ...nothingObserved })
})
