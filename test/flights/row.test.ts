import { describe, expect, test } from 'vitest'
import { minuteText } from '../../src/flights/calendar.ts'
import { columnsOf } from '../../src/flights/columns.ts'
import { flightEvents, scheduleKnownAt, weatherEvent } from '../../src/flights/flight-events.ts'
import { weatherColumns, weatherRecordOf } from '../../src/flights/weather-row.ts'
import { hours, minutes } from '../../src/lib/time.ts'
import { airports, cancelled, flightRow } from './world.ts'

const text = (at: number | null): string => (at === null ? 'never' : minuteText(at))

describe('instants of a row', () => {
  test('a flight that landed', () => {
    const flight = flightRow()
    expect(flight.flightId).toBe('UA-1545-EWR-IAH-2013-01-01T10:15Z')
    expect(text(flight.scheduledDepartureAt)).toBe('2013-01-01T10:15Z')
    expect(text(flight.scheduledArrivalAt)).toBe('2013-01-01T14:19Z')
    expect(text(flight.departedAt)).toBe('2013-01-01T10:17Z')
    expect(text(flight.arrivedAt)).toBe('2013-01-01T14:30Z')
    expect(flight.divertedAt).toBeNull()
  })

  test('a flight that leaves after midnight leaves on the next day', () => {
    const flight = flightRow({ sched_dep_time: 2359, dep_time: 2400, dep_delay: 1, sched_arr_time: 344, arr_delay: 0 })
    expect(text(flight.scheduledDepartureAt)).toBe('2013-01-02T04:59Z')
    expect(text(flight.departedAt)).toBe('2013-01-02T05:00Z')
    expect(text(flight.scheduledArrivalAt)).toBe('2013-01-02T09:44Z')
  })

  test('a flight more than a day late arrives by its delay, not by the clock', () => {
    const flight = flightRow({ dep_time: 641, sched_dep_time: 900, dep_delay: 1301, dest: 'HNL', arr_delay: 1272 })
    expect(flight.departedAt).toBe(flight.scheduledDepartureAt + minutes(1301))
    expect(flight.arrivedAt).toBe(flight.scheduledArrivalAt + minutes(1272))
  })

  test('an arrival with a smaller clock time than the departure is on the same day far in the west', () => {
    const flight = flightRow({ sched_dep_time: 1000, sched_arr_time: 930, dest: 'LAX' })
    expect(text(flight.scheduledArrivalAt)).toBe('2013-01-01T17:30Z')
  })

  test('an arrival by the clock of the departure is a day later, not at once', () => {
    const flight = flightRow({ sched_dep_time: 1000, sched_arr_time: 1010, origin: 'EWR', dest: 'LGA' })
    expect(text(flight.scheduledArrivalAt)).toBe('2013-01-02T15:10Z')
  })

  test('a flight over the night of spring is an hour shorter than its clock times say', () => {
    const { scheduledDepartureAt, scheduledArrivalAt } = flightRow({
      month: 3,
      day: 9,
      sched_dep_time: 2300,
      sched_arr_time: 700,
      origin: 'LAX',
      dest: 'JFK',
    })
    expect((scheduledArrivalAt - scheduledDepartureAt) / hours(1)).toBe(4)
  })

  test('a diverted flight reached its destination when the clock first showed it after the departure', () => {
    const flight = flightRow({ dep_time: 2030, sched_dep_time: 2000, dep_delay: 30, arr_time: 130, arr_delay: '' })
    expect(flight.arrivedAt).toBeNull()
    expect(text(flight.divertedAt)).toBe('2013-01-02T07:30Z')
  })

  test.each([
    ['sched_dep_time', { sched_dep_time: 2561 }, 'TIME_IMPOSSIBLE'],
    ['sched_arr_time', { sched_arr_time: 2561 }, 'TIME_IMPOSSIBLE'],
    ['arr_time', { arr_time: 2561, arr_delay: '' }, 'TIME_IMPOSSIBLE'],
    ['arr_time', { dep_time: '', dep_delay: '' }, 'TIME_IMPOSSIBLE'],
    ['day', { month: 2, day: 30 }, 'TIME_IMPOSSIBLE'],
    ['origin', { origin: 'JKF' }, 'AIRPORT_UNKNOWN'],
    ['dest', { dest: 'YAK' }, 'AIRPORT_UNKNOWN'],
    ['dep_delay', { dep_delay: '' }, 'SOURCE_UNREADABLE'],
    ['flight', { flight: 'x' }, 'SOURCE_UNREADABLE'],
    ['distance', { distance: 1.5 }, 'SOURCE_UNREADABLE'],
  ] as const)('a wrong %s is named', (field, change, code) => {
    expect(() => flightRow(change)).toThrow(expect.objectContaining({ field, code }))
  })
})

describe('events of a row', () => {
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

  test('weather is known when its hour has passed, and what was not observed is null', () => {
    const cells = ['EWR', '39.02', '26.06', '59.37', '270', '10.36', '', '0.0', '', '10.0', '2013-01-01T06:00:00Z']
    const record = weatherRecordOf(cells, columnsOf(weatherColumns, weatherColumns), airports)
    const { deliveredAt, key, value } = weatherEvent(record)
    expect([minuteText(deliveredAt), key]).toEqual(['2013-01-01T07:00Z', 'EWR'])
    expect(value).toMatchObject({
      station: 'EWR',
      observedAt: Date.UTC(2013, 0, 1, 6),
      temperatureFahrenheit: 39.02,
      windDirectionDegrees: 270,
      gustMilesPerHour: null,
      pressureMillibars: null,
      precipitationInches: 0,
    })
  })

  test('an hour of weather that is no instant is named', () => {
    const cells = ['EWR', '', '', '', '', '', '', '', '', '', '2013-01-01 06:00']
    expect(() => weatherRecordOf(cells, columnsOf(weatherColumns, weatherColumns), airports)).toThrow(
      expect.objectContaining({ code: 'TIME_IMPOSSIBLE', field: 'time_hour' }),
    )
  })
})
