import { expect, test } from 'vitest'
import { minuteText } from '../../src/flights/calendar.ts'
import { hours, minutes } from '../../src/lib/time.ts'
import { flightRow } from './world.ts'

const text = (at: number | null): string => (at === null ? 'never' : minuteText(at))

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
