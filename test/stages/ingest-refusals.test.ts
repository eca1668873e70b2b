import { describe, expect, test } from 'vitest'
import { hours, minutes } from '../../src/lib/time.ts'
import type { RecordName, Records } from '../../src/records.ts'
import { partitionOf } from '../../src/runtime/partition.ts'
import { eventBytesMax } from '../../src/stages/ingest.ts'
import { arrival, arrived, cancelled, departed, departure, diverted, m, rescheduled, scheduled } from './events.ts'
import { expectEven, Ingesting, withFlight } from './ingesting.ts'
import { codec } from './stage-io.ts'

describe('the life of a flight', () => {
  test.each([
    ['FlightRescheduled', rescheduled(m(32))],
    ['FlightDeparted', departed(m(32))],
    ['FlightArrived', arrived(m(32))],
  ] as const)('a %s reinstates a cancelled flight', (name, event) => {
    const run = withFlight()
      .say('FlightCancelled', cancelled(m(30)))
      .say(name, event)
      .mark(m(60))
    expect(run.entries.at(-1)).toMatchObject({ type: name, flight: { wasCancelled: true } })
    run.say('FlightDiverted', diverted(m(55))).mark(m(80))
    expect(run.entries.at(-1)).toMatchObject({ type: 'FlightDiverted', flight: { wasCancelled: false } })
  })

  test('a flight reinstated by a new plan may be cancelled again', () => {
    const run = withFlight()
      .say('FlightCancelled', cancelled(m(30)))
      .say('FlightRescheduled', rescheduled(m(31)))
    run.say('FlightCancelled', cancelled(m(32))).mark(m(60))
    expect(run.reasons).toEqual([])
  })

  test('an event of a flight that was never scheduled is UNKNOWN_FLIGHT', () => {
    const run = new Ingesting()
      .mark(m(0))
      .say('FlightDeparted', departed(m(0)))
      .mark(m(20))
    expect(run.out('flights.rejected', 'Rejected')).toMatchObject([{ reason: 'UNKNOWN_FLIGHT', field: 'flightId' }])
  })

  test('an event at the very end is taken; after it the flight is forgotten', () => {
    const end = arrival + hours(36)
    const run = withFlight()
      .say('FlightCancelled', cancelled(m(30)))
      .mark(end)
    run
      .say('FlightDiverted', diverted(end))
      .say('FlightDiverted', diverted(end + 1))
      .mark(end + minutes(20))
    expect(run.types).toEqual(['FlightScheduled', 'FlightCancelled', 'FlightDiverted'])
    expect(run.reasons).toEqual(['UNKNOWN_FLIGHT'])
    expect(run.mark(end + hours(3)).rowCount('known')).toBe(0)
  })

  test('a flight that was known before a restart is forgotten as well', () => {
    const run = withFlight()
    run.restart()
    expect(run.mark(arrival + hours(38)).rowCount('known')).toBe(0)
  })

  test('a flight that is moved is remembered for longer', () => {
    const run = withFlight().say(
      'FlightRescheduled',
      rescheduled(m(30), { scheduledDepartureAt: m(2880), scheduledArrivalAt: m(3060) }),
    )
    run.mark(arrival + hours(40))
    expect(run.rowCount('known')).toBe(1)
    expect(run.mark(m(3060) + hours(38)).rowCount('known')).toBe(0)
  })

  test.each([
    ['arrives before it departs', [departed(m(40)), arrived(m(39))], 'arrivedAt'],
    ['arrives when it departs', [departed(m(40)), arrived(m(41), { arrivedAt: m(40) })], 'arrivedAt'],
    ['departs after it arrived', [arrived(m(40)), departed(m(41))], 'departedAt'],
  ])('a flight that %s is TIME_IMPOSSIBLE', (_, [first, second], field) => {
    const run = withFlight()
    for (const event of [first, second].map(each => each as object)) {
      if ('departedAt' in event) run.say('FlightDeparted', event as Records['FlightDeparted'])
      else run.say('FlightArrived', event as Records['FlightArrived'])
      run.mark((run.watermarks.at(-1) as number) + minutes(60))
    }
    expect(run.out('flights.rejected', 'Rejected')).toMatchObject([{ reason: 'TIME_IMPOSSIBLE', field }])
  })
})

describe('what is refused on its own', () => {
  const refused = (bytes: Uint8Array) => {
    const run = new Ingesting().mark(m(0))
    run.putBytes('flights.events', bytes)
    run.drain()
    expectEven(run)
    return run.out('flights.rejected', 'Rejected')[0]
  }
  const encoded = <N extends RecordName>(name: N, value: Records[N]) => Buffer.from(codec.encode(name, value))

  test('garbage is FLIGHT_MALFORMED, and its bytes are kept', () => {
    const garbage = Buffer.from('not avro at all')
    expect(refused(garbage)).toMatchObject({
      reason: 'FLIGHT_MALFORMED',
      topic: 'flights.events',
      value: garbage,
      at: m(-10),
    })
  })

  test('a body that breaks off is FLIGHT_MALFORMED', () => {
    expect(refused(encoded('FlightScheduled', scheduled(m(0))).subarray(0, 30))).toMatchObject({
      reason: 'FLIGHT_MALFORMED',
    })
  })

  test('a record that is no event is FLIGHT_MALFORMED', () => {
    expect(refused(encoded('StepEnded', { at: m(0) }))).toMatchObject({ reason: 'FLIGHT_MALFORMED' })
  })

  test('a schema id that nobody knows is SCHEMA_UNKNOWN', () => {
    const bytes = encoded('FlightScheduled', scheduled(m(0)))
    bytes.writeUInt32BE(999_999, 1)
    expect(refused(bytes)).toMatchObject({ reason: 'SCHEMA_UNKNOWN' })
  })

  test.each([
    ['AIRPORT_UNKNOWN', 'origin', scheduled(m(0), { origin: 'QQQ' })],
    ['TIME_IMPOSSIBLE', 'scheduledArrivalAt', scheduled(m(0), { scheduledArrivalAt: departure })],
    ['FIELD_MISSING', 'flightId', scheduled(m(0), { flightId: '' })],
    ['FIELD_TYPE', 'flightNumber', scheduled(m(0), { flightNumber: 0 })],
  ])('%s names the field %s', (reason, field, event) => {
    expect(refused(encoded('FlightScheduled', event))).toMatchObject({ reason, field })
  })

  test('a record is RECORD_TOO_LARGE by one byte, and the letter has its beginning', () => {
    const letter = refused(Buffer.alloc(eventBytesMax + 1, 7))
    expect(letter).toMatchObject({ reason: 'RECORD_TOO_LARGE' })
    expect(letter?.value.length).toBe(eventBytesMax)
    expect(refused(Buffer.alloc(eventBytesMax, 7))).toMatchObject({ reason: 'FLIGHT_MALFORMED' })
  })

  test('a flight in a partition that is not its own is WRONG_PARTITION', () => {
    const right = partitionOf('A', 4)
    for (let partition = 0; partition < 4; partition++) {
      const run = withFlight({ partition, partitions: 4 })
      expect(run.reasons).toEqual(partition === right ? [] : ['WRONG_PARTITION'])
    }
  })

  test('a dead letter says where it came from', () => {
    const run = new Ingesting()
      .mark(m(0))
      .say('FlightDeparted', departed(m(0)))
      .mark(m(20))
    expect(run.emitted.find(({ name }) => name === 'Rejected')?.headers).toEqual({
      origin: 'flights.events/0@1',
      trace: 't1',
    })
  })

  test('a record that the runtime buried counts as refused', () => {
    const run = withFlight()
    run.poisoned()
    expect(run.balance()).toMatchObject({ in: 2, rejected: 1 })
    expectEven(run)
  })
})
