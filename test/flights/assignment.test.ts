import { expect, test } from 'vitest'
import { Assignments } from '../../src/flights/assignment.ts'
import { scheduleKnownAt } from '../../src/flights/flight-events.ts'
import type { FlightRecord } from '../../src/flights/row.ts'
import { cancelled, flightRow } from './world.ts'

// 05:15 to 09:19 in New York's time, 4 h 04 there and as much back: 13:23, and 13:53 with the turn
const first = flightRow()

function told(...flights: FlightRecord[]): (number | null)[] {
  const assignments = new Assignments()
  return flights.map(flight => assignments.next(flight, scheduleKnownAt(flight)))
}

test('an aircraft is told when its previous leg takes off, if the plan leaves time to fly back and turn', () => {
  expect(told(first, flightRow({ sched_dep_time: 1353, flight: 2 }))).toEqual([null, first.departedAt])
  expect(told(first, flightRow({ sched_dep_time: 1352, flight: 2 }))).toEqual([null, null])
})

test('a leg that ended where the next one starts needs no way back', () => {
  const onward = flightRow({ origin: 'IAH', dest: 'LAX', sched_dep_time: 849, flight: 2 })
  expect(told(first, onward)).toEqual([null, first.departedAt])
})

test('an aircraft that left long ago is told when the flight itself is known', () => {
  const later = flightRow({ day: 9, flight: 2 })
  expect(told(first, later)).toEqual([null, scheduleKnownAt(later)])
})

test('a previous leg that left after the next planned departure tells nothing', () => {
  const delayed = flightRow({ dep_delay: 600, dep_time: 1515, arr_delay: 600 })
  expect(told(delayed, flightRow({ sched_dep_time: 1400, flight: 2 }))).toEqual([null, null])
})

test('a cancelled leg moves no aircraft and is passed over', () => {
  const lost = flightRow({ ...cancelled, sched_dep_time: 900, flight: 2 })
  const next = flightRow({ sched_dep_time: 1400, flight: 3 })
  expect(told(first, lost, next)).toEqual([null, null, first.departedAt])
  expect(told(lost, next)).toEqual([null, null])
})

test('flights of other aircraft or of none do not matter', () => {
  const none = flightRow({ ...cancelled, tailnum: '', flight: 4 })
  const other = flightRow({ tailnum: 'N1', flight: 5 })
  expect(told(first, none, other)).toEqual([null, null, null])
})
