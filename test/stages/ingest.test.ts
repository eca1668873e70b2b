import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { hours, minutes } from '../../src/lib/time.ts'
import type { RecordName } from '../../src/records.ts'
import {
  arrival,
  arrived,
  assigned,
  cancelled,
  departed,
  departure,
  diverted,
  m,
  rescheduled,
  scheduled,
  weather,
} from './events.ts'
import { Ingesting, withFlight } from './ingesting.ts'
import { codec } from './stage-io.ts'

const hashOf = (name: RecordName, value: unknown) =>
  hash('sha256', codec.encode(name, value).subarray(5), 'hex').slice(0, 16)

describe('the watermark', () => {
  test('is the last mark less the lateness, and is passed on', () => {
    const run = new Ingesting().mark(m(0)).mark(m(10))
    expect(run.watermarks).toEqual([m(-10), m(0)])
    expect(run.reached).toEqual([m(-10), m(0)])
  })

  test('only rises: a mark that is lower or equal is ignored', () => {
    const run = new Ingesting().mark(m(10)).mark(m(10)).mark(m(0))
    expect(run.watermarks).toEqual([m(0)])
    run.restart()
    run.mark(m(5))
    expect(run.watermarks).toEqual([m(0)])
  })

  test('an event is held until its at lies before it', () => {
    const run = new Ingesting().mark(m(0)).say('FlightScheduled', scheduled(m(0)))
    expect(run.mark(m(10)).entries).toEqual([])
    expect(run.balance()).toMatchObject({ in: 1, held: 1 })
    expect(run.mark(m(10) + 1).entries).toMatchObject([{ type: 'FlightScheduled', id: 'A', at: m(0), claimedAt: m(0) }])
    expect(run.balance()).toMatchObject({ in: 1, held: 0, timeline: 1 })
  })
})

describe('the timeline', () => {
  test('is sorted by at, then rank, then id, then content hash', () => {
    const run = new Ingesting().mark(m(0))
    run.say('WeatherObserved', weather(m(1)))
    run.say('FlightScheduled', scheduled(m(1), { flightId: 'B' }))
    run.say('FlightScheduled', scheduled(m(1), { flightId: 'A' }))
    run.say('AircraftAssigned', assigned(m(1), { flightId: 'A' }))
    run.say('FlightScheduled', scheduled(m(0), { flightId: 'C' }))
    run.mark(m(20))
    expect(run.entries.map(({ at, type, id }) => [at, type, id])).toEqual([
      [m(0), 'FlightScheduled', 'C'],
      [m(1), 'FlightScheduled', 'A'],
      [m(1), 'FlightScheduled', 'B'],
      [m(1), 'AircraftAssigned', 'A'],
      [m(1), 'WeatherObserved', 'EWR'],
    ])
  })

  test('an entry has the facts of its flight before and after, and the trace of its event', () => {
    const run = withFlight()
      .say('FlightRescheduled', rescheduled(m(30)))
      .mark(m(60))
    expect(run.entries[1]?.flight).toMatchObject({
      previousDepartureAt: departure,
      previousArrivalAt: arrival,
      departureAt: m(840),
      arrivalAt: m(1020),
      firstDepartureAt: departure,
      scheduledAt: m(0),
      wasCancelled: false,
      wasDeparted: false,
    })
    expect(run.emitted.find(({ name }) => name === 'TimelineEntry')?.headers).toEqual({ trace: 't1' })
  })
})

describe('too far ahead', () => {
  test('before the first mark every event is FUTURE', () => {
    const run = new Ingesting().say('FlightScheduled', scheduled(m(0)))
    expect(run.out('flights.rejected', 'Rejected')).toMatchObject([{ reason: 'FUTURE', field: 'at', at: 0 }])
  })

  test('60 minutes ahead of the last mark is held, a millisecond more is FUTURE', () => {
    const run = new Ingesting().mark(m(0)).say('FlightScheduled', scheduled(m(60)))
    expect(run.balance()).toMatchObject({ held: 1, rejected: 0 })
    run.say('FlightScheduled', scheduled(m(60) + 1))
    expect(run.reasons).toEqual(['FUTURE'])
  })

  test('a scheduled time may lie ahead as far as it likes', () => {
    const run = new Ingesting().mark(m(0))
    run.say('FlightScheduled', scheduled(m(0), { scheduledDepartureAt: m(500_000), scheduledArrivalAt: m(500_060) }))
    expect(run.mark(m(20)).types).toEqual(['FlightScheduled'])
  })
})

describe('too far behind', () => {
  test('a FlightScheduled 36 h after its departure is taken, a millisecond later it is EXPIRED', () => {
    const last = departure + hours(36)
    const run = new Ingesting().mark(last + minutes(10))
    run.say('FlightScheduled', scheduled(last)).mark(last + minutes(30))
    expect(run.types).toEqual(['FlightScheduled'])
    const late = new Ingesting().mark(last + minutes(10) + 1)
    late.say('FlightScheduled', scheduled(last)).mark(last + minutes(30))
    expect(late.out('flights.rejected', 'Rejected')).toMatchObject([
      { reason: 'EXPIRED', field: 'scheduledDepartureAt' },
    ])
  })

  test('weather of 36 h ago is taken, a millisecond older it is EXPIRED', () => {
    const mark = m(0) + hours(36) + minutes(10)
    const run = new Ingesting()
      .mark(mark)
      .say('WeatherObserved', weather(m(0)))
      .mark(mark + minutes(20))
    expect(run.types).toEqual(['WeatherObserved'])
    run.restart()
    const old = new Ingesting()
      .mark(mark)
      .say('WeatherObserved', weather(m(0) - 1))
      .mark(mark + minutes(20))
    expect(old.reasons).toEqual(['EXPIRED'])
  })
})

describe('late events', () => {
  test('enter at the watermark that held when they were read, and a copy goes to flights.late', () => {
    const run = withFlight().say('FlightDiverted', diverted(m(5)))
    expect(run.out('flights.late', 'TimelineEntry')).toEqual([])
    run.mark(m(40))
    const entry = { type: 'FlightDiverted', at: m(10), claimedAt: m(5) }
    expect(run.entries.at(-1)).toMatchObject(entry)
    expect(run.out('flights.late', 'TimelineEntry')).toEqual([run.entries.at(-1)])
    expect(run.balance()).toMatchObject({ timeline: 2, late: 1 })
  })

  test('at the watermark is not late', () => {
    const run = withFlight()
      .say('FlightDiverted', diverted(m(10)))
      .mark(m(40))
    expect(run.entries.at(-1)).toMatchObject({ at: m(10), claimedAt: m(10) })
    expect(run.balance()).toMatchObject({ late: 0 })
  })

  test('none is refused for being late: labels are never thrown away', () => {
    const run = withFlight().mark(departure).say('FlightDeparted', departed(departure))
    run.mark(departure + hours(20))
    expect(run.types).toEqual(['FlightScheduled', 'FlightDeparted'])
    run.say('FlightArrived', arrived(arrival)).mark(departure + hours(21))
    expect(run.entries.at(-1)).toMatchObject({
      type: 'FlightArrived',
      at: departure + hours(20) - minutes(10),
      arrivedAt: arrival,
    })
  })
})

describe('duplicates', () => {
  test('of a held event count as such, whatever lies between', () => {
    const run = new Ingesting().mark(m(0)).say('FlightScheduled', scheduled(m(0)))
    run.restart()
    run.say('FlightScheduled', scheduled(m(0)))
    expect(run.balance()).toMatchObject({ in: 2, held: 1, duplicates: 1 })
  })

  test('of a released event count as such, also after a restart', () => {
    const run = withFlight()
    run.restart()
    run.say('FlightScheduled', scheduled(m(0))).mark(m(40))
    expect(run.balance()).toMatchObject({ in: 2, timeline: 1, duplicates: 1, rejected: 0 })
  })

  test('are recognised before anything else: a second copy of an arrival is no CONFLICT', () => {
    const run = withFlight().mark(departure).say('FlightDeparted', departed(departure))
    run.mark(arrival)
    run.say('FlightArrived', arrived(arrival)).mark(arrival + minutes(20))
    run.say('FlightArrived', arrived(arrival)).mark(arrival + minutes(40))
    expect(run.balance()).toMatchObject({ duplicates: 1, rejected: 0 })
  })

  test('of weather are known for 36 h', () => {
    const run = new Ingesting()
      .mark(m(0))
      .say('WeatherObserved', weather(m(0)))
      .mark(m(20))
    run
      .mark(m(0) + hours(36) + minutes(10))
      .say('WeatherObserved', weather(m(0)))
      .mark(m(0) + hours(37))
    expect(run.balance()).toMatchObject({ timeline: 1, duplicates: 1 })
  })

  test('of weather are known for 36 h to the millisecond, whatever the station says meanwhile', () => {
    const end = m(0) + hours(36)
    const run = new Ingesting()
      .mark(m(0))
      .say('WeatherObserved', weather(m(0)))
      .mark(end + minutes(10))
    // at one instant the lower hash comes first
    const copy = hashOf('WeatherObserved', weather(m(0)))
    const winds = Array.from({ length: 50 }, (_, wind) => weather(end, { windMilesPerHour: wind }))
    const first = winds.find(each => hashOf('WeatherObserved', each) < copy) as (typeof winds)[number]
    run
      .say('WeatherObserved', weather(m(0)))
      .say('WeatherObserved', first)
      .mark(end + hours(1))
    expect(run.entries.map(({ claimedAt }) => claimedAt)).toEqual([m(0), end])
    expect(run.balance()).toMatchObject({ timeline: 2, duplicates: 1 })
  })

  test('a landed flight is remembered for 36 h, so that a copy cannot raise it again', () => {
    const end = arrival + hours(36)
    const landed = () =>
      withFlight()
        .say('FlightArrived', arrived(m(30), { arrivedAt: m(30) }))
        .mark(m(60))
    // landed long before its departure: remembered until 36 h after that
    const until = departure + hours(36)
    const copy = scheduled(m(0))
    expect(
      landed()
        .mark(until + minutes(10))
        .say('FlightScheduled', copy)
        .mark(end + hours(1))
        .balance(),
    ).toMatchObject({
      duplicates: 1,
      rejected: 0,
    })
    const after = landed()
      .mark(until + minutes(10) + 1)
      .say('FlightScheduled', copy)
      .mark(end + hours(1))
    expect(after.reasons).toEqual(['EXPIRED'])
    expect(after.rowCount('known')).toBe(0)
  })
})

describe('conflicts', () => {
  const [one, two] = [assigned(m(30), { tail: 'N1' }), assigned(m(30), { tail: 'N2' })]
  const [lower, higher] = hashOf('AircraftAssigned', one) < hashOf('AircraftAssigned', two) ? [one, two] : [two, one]

  test('among held claims of one event the lowest hash wins, in whatever order they came', () => {
    for (const order of [
      [lower, higher],
      [higher, lower],
    ]) {
      const run = withFlight()
      for (const event of order) run.say('AircraftAssigned', event)
      run.mark(m(60))
      expect(run.entries.at(-1)).toMatchObject({ type: 'AircraftAssigned', tail: lower.tail })
      expect(run.reasons).toEqual(['CONFLICT'])
      expect(codec.decode(run.out('flights.rejected', 'Rejected')[0]?.value as Uint8Array).value).toMatchObject(higher)
    }
  })

  test('a higher revision wins over any hash', () => {
    for (const winner of [lower, higher]) {
      const run = withFlight()
      for (const event of [lower, higher]) run.say('AircraftAssigned', { ...event, revision: event === winner ? 2 : 1 })
      run.mark(m(60))
      expect(run.entries.at(-1)).toMatchObject({ tail: winner.tail, revision: 2 })
      expect(run.reasons).toEqual(['CONFLICT'])
    }
  })

  test('what was released wins over any revision, also after a restart', () => {
    const run = withFlight().say('AircraftAssigned', higher).mark(m(60))
    run.restart()
    run.say('AircraftAssigned', { ...lower, revision: 9 }).mark(m(80))
    expect(run.reasons).toEqual(['CONFLICT'])
    expect(run.types).toEqual(['FlightScheduled', 'AircraftAssigned'])
  })

  test('another at is another event', () => {
    const run = withFlight()
      .say('AircraftAssigned', one)
      .say('AircraftAssigned', assigned(m(31)))
      .mark(m(60))
    expect(run.types).toEqual(['FlightScheduled', 'AircraftAssigned', 'AircraftAssigned'])
  })

  test.each([
    ['FlightScheduled', scheduled(m(1))],
    ['FlightDeparted', departed(m(32))],
    ['FlightArrived', arrived(m(42))],
    ['FlightCancelled', cancelled(m(45))],
  ] as const)('a second %s with another at', (name, second) => {
    const run = withFlight()
      .say('FlightDeparted', departed(m(31)))
      .say('FlightArrived', arrived(m(41)))
      .mark(m(60))
    run.say(name, second).mark(m(80))
    expect(run.reasons).toEqual(['CONFLICT'])
  })

  test('a second cancellation is one too', () => {
    const run = withFlight()
      .say('FlightCancelled', cancelled(m(30)))
      .say('FlightCancelled', cancelled(m(31)))
      .mark(m(60))
    expect(run.reasons).toEqual(['CONFLICT'])
    expect(run.types).toEqual(['FlightScheduled', 'FlightCancelled'])
  })
})
