import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDay } from '../../src/flights/calendar.ts'
import { compareItems, type Item } from '../../src/flights/event-order.ts'
import type { FlightRecord } from '../../src/flights/row.ts'
import { timetable } from '../../src/flights/timetable.ts'
import type { WeatherRecord } from '../../src/flights/weather-row.ts'
import { hours } from '../../src/lib/time.ts'
import { cancelled, flightRow, nothingObserved } from './world.ts'

const planes = new Map([['N0', { tail: 'N0', builtYear: 1999, seats: 149 }]])

/** Ten days of January, a flight every two hours from 05:15 on, three aircraft in turn. */
const flights: FlightRecord[] = []
for (let day = 1; day <= 10; day++) {
  for (let i = 0; i < 9; i++) {
    const origin = ['EWR', 'JFK', 'LGA'][i % 3] ?? ''
    const delay = i === 4 ? 300 : i
    const change = {
      day,
      sched_dep_time: 515 + i * 200,
      sched_arr_time: (819 + i * 200) % 2400,
      flight: 10 + i,
      origin,
    }
    const tailnum = `N${(day + i) % 3}`
    flights.push(flightRow({ ...change, dep_delay: delay, arr_delay: delay, tailnum, ...(i === 7 ? cancelled : {}) }))
  }
}

const weather: WeatherRecord[] = []
for (let hour = 0; hour < 20 * 24; hour++) {
  weather.push({
    station: 'EWR',
    observedAt: Date.UTC(2012, 11, 25) + hours(hour),
    reading: { ...nothingObserved, temperatureFahrenheit: 40 },
  })
}

function stream(rows: FlightRecord[], observations: WeatherRecord[], [from, to]: [string, string]): Item[] {
  const options = { planes, fromDay: parseDay(from, 'from'), toDay: parseDay(to, 'to') }
  return [...timetable(rows, observations, options)]
}

const all = stream(flights, weather, ['2013-01-01', '2013-01-10'])

describe('the stream', () => {
  test('is in order of delivery, rank and key', () => {
    expect([...all].sort(compareItems)).toEqual(all)
    for (const { deliveredAt, value } of all) expect((value as { at: number }).at).toBe(deliveredAt)
  })

  test('holds every flight once', () => {
    const planned = all.filter(({ name }) => name === 'FlightScheduled').map(({ key }) => key)
    expect(planned).toEqual(flights.map(({ flightId }) => flightId))
    const count = (name: string): number => all.filter(item => item.name === name).length
    expect([count('FlightDeparted'), count('FlightArrived'), count('FlightCancelled')]).toEqual([80, 80, 10])
  })

  test('tells weather from 48 hours before the first departure to 36 hours after the last', () => {
    const told = all.filter(({ name }) => name === 'WeatherObserved').map(({ deliveredAt }) => deliveredAt)
    const first = flights[0]?.scheduledDepartureAt ?? 0
    const last = flights.at(-1)?.scheduledDepartureAt ?? 0
    const expected = weather.map(({ observedAt }) => observedAt + hours(1))
    expect(told).toEqual(expected.filter(at => at >= first - hours(48) && at < last + hours(36)))
  })

  test('is the same for rows that are out of order by less than 24 hours', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(hours(23))), shifts => {
        const moved = <T>(rows: T[], at: (row: T) => number): T[] =>
          rows
            .map(row => ({ row, place: at(row) + (shifts.next().value ?? 0) }))
            .sort((a, b) => a.place - b.place)
            .map(({ row }) => row)
        const shuffled = stream(
          moved(flights, flight => flight.scheduledDepartureAt),
          moved(weather, ({ observedAt }) => observedAt),
          ['2013-01-01', '2013-01-10'],
        )
        expect(shuffled).toEqual(all)
      }),
      { numRuns: 30 },
    )
  })

  test('of some days is what the whole stream holds of their flights', () => {
    const some = stream(flights, [], ['2013-01-04', '2013-01-06'])
    const chosen = flights.filter(({ dayNumber }) => {
      const day = dayNumber - parseDay('2013-01-01', 'from') + 1
      return day >= 4 && day <= 6
    })
    const wanted = new Set(chosen.map(({ flightId }) => flightId))
    expect(some).toEqual(all.filter(({ key }) => wanted.has(key)))
  })

  test('is empty, weather too, for days without flights', () => {
    expect(stream(flights, weather, ['2014-01-01', '2014-01-31'])).toEqual([])
    expect(stream(flights, weather, ['2012-01-01', '2012-01-31'])).toEqual([])
  })

  test('stops reading flights once the days are over', () => {
    let read = 0
    const counted = function* (): Generator<FlightRecord> {
      for (const flight of flights) {
        read++
        yield flight
      }
    }
    const options = { planes, fromDay: parseDay('2013-01-01', 'from'), toDay: parseDay('2013-01-02', 'to') }
    const items = [...timetable(counted(), weather, options)]
    expect(items.filter(({ name }) => name === 'FlightScheduled').length).toBe(18)
    expect(read).toBeLessThan(50)
  })

  test('tells of an assigned aircraft what the registry knows', () => {
    const assigned = all.filter(({ name }) => name === 'AircraftAssigned').map(({ value }) => value)
    expect(assigned).toContainEqual(expect.objectContaining({ tail: 'N0', builtYear: 1999, seats: 149 }))
    expect(assigned).toContainEqual(expect.objectContaining({ tail: 'N1', builtYear: null, seats: null }))
  })
})

describe('rows more than 24 hours out of order', () => {
  test('of flights are refused by name', () => {
    const late = [...flights.slice(20, 40), ...flights.slice(0, 5)]
    expect(() => stream(late, [], ['2013-01-01', '2013-01-10'])).toThrow(
      expect.objectContaining({
        code: 'SOURCE_UNREADABLE',
        field: 'sched_dep_time',
        help: expect.stringContaining('Sort'),
      }),
    )
  })

  test('of weather are refused by name', () => {
    const late = [...weather.slice(200, 300), ...weather.slice(0, 5)]
    expect(() => stream(flights, late, ['2013-01-01', '2013-01-10'])).toThrow(
      expect.objectContaining({ code: 'SOURCE_UNREADABLE', field: 'time_hour' }),
    )
  })
})
