import { describe, expect, test } from 'vitest'
import { featureSetHash } from '../../src/features/table.ts'
import { type Flight, fold, replan, schedule } from '../../src/flights/life.ts'
import { outcomeOf, packRow, unpackRow } from '../../src/stages/outcome.ts'
import { arrived, departed, m, rescheduled, scheduled } from './events.ts'

/** Planned from 720 to 900. */
const open = () => schedule(scheduled(m(0)), m(0))
const closed = (flight: Flight) => outcomeOf({ id: 'A', flight, at: m(1000), rows: [], number: 3 })

describe('an outcome', () => {
  test.each([
    [914, 14, false],
    [915, 15, true],
    [890, -10, false],
  ])('of an arrival at minute %d has a delay of %d and the label %s', (at, arrivalDelayMinutes, label) => {
    const flight = open()
    fold(flight, 'FlightArrived', arrived(m(at)), m(at))
    expect(closed(flight)).toMatchObject({ kind: 'LANDED', arrivedAt: m(at), arrivalDelayMinutes, label })
  })

  test('is measured against the plan that held last, and names the first one too', () => {
    const flight = open()
    replan(flight, rescheduled(m(10)), m(10))
    fold(flight, 'FlightArrived', arrived(m(1020)), m(1020))
    expect(closed(flight)).toMatchObject({
      scheduledDepartureAt: m(720),
      departureAt: m(840),
      arrivalAt: m(1020),
      arrivalDelayMinutes: 0,
      label: false,
    })
  })

  test('without an arrival has no label: cancelled, or given up', () => {
    const flight = open()
    fold(flight, 'FlightDeparted', departed(m(725)), m(725))
    expect(closed(flight)).toMatchObject({ kind: 'GIVEN_UP', departedAt: m(725), arrivedAt: null, label: null })
    const other = open()
    fold(other, 'FlightCancelled', {}, m(700))
    expect(closed(other)).toMatchObject({ kind: 'CANCELLED', arrivalDelayMinutes: null, label: null })
  })

  test('says which feature table its rows are of', () => {
    expect(closed(open())).toMatchObject({
      flightId: 'A',
      number: 3,
      at: m(1000),
      featureSet: featureSetHash,
      rows: [],
    })
  })
})

describe('a logged row', () => {
  const row = { horizonMinutes: 120, dueAt: m(600), frameTo: m(590), skipped: null, features: [1, 'UA', null, -3] }

  test.each([
    [
      'of a champion and its challengers',
      {
        outputs: [
          { model: 'v1', hash: 'h1', probability: 4000 },
          { model: 'v2', hash: 'h2', probability: 10 },
        ],
      },
    ],
    ['without a model', { outputs: [], skipped: 'NO_MODEL', frameTo: null }],
  ])('%s is the same after a restart', (_, change) => {
    const logged = { ...row, ...change }
    expect(unpackRow(JSON.parse(JSON.stringify(packRow(logged))))).toEqual(logged)
  })
})
