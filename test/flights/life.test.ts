import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  arrivalDelayMinutes,
  closesAs,
  closesAt,
  type Flight,
  factsOf,
  fold,
  forgottenAfter,
  packFlight,
  replan,
  type Said,
  schedule,
  unpackFlight,
} from '../../src/flights/life.ts'
import { hours, minutes } from '../../src/lib/time.ts'
import type { EventType } from '../../src/records.ts'

const plan = {
  carrier: 'UA',
  flightNumber: 1545,
  origin: 'EWR',
  destination: 'IAH',
  distanceMiles: 1400,
  scheduledDepartureAt: hours(12),
  scheduledArrivalAt: hours(15),
}

type Told = [type: EventType, at: number, said?: Said]

/** A flight planned from 12:00 to 15:00, known at 0:00, that lives through this; `moves` sets departure and arrival. */
function lived(...told: (Told | [type: 'moves', at: number, departureAt: number, arrivalAt: number])[]): Flight {
  const flight = schedule(plan, 0)
  for (const one of told) {
    if (one[0] === 'moves') replan(flight, { scheduledDepartureAt: one[2], scheduledArrivalAt: one[3] }, one[1])
    else fold(flight, one[0], one[2] ?? {}, one[1])
  }
  return flight
}

const h = hours

describe('closing', () => {
  test.each([
    ['nothing is heard', lived(), 'GIVEN_UP', h(51), h(51)],
    ['cancelled', lived(['FlightCancelled', h(11)]), 'CANCELLED', h(51), h(51)],
    ['departed', lived(['FlightDeparted', h(12)]), 'GIVEN_UP', h(51), h(51)],
    ['diverted', lived(['FlightDiverted', h(14)]), 'GIVEN_UP', h(51), h(51)],
    ['moved back', lived(['moves', h(1), h(20), h(23)]), 'GIVEN_UP', h(59), h(59)],
    // the first departure still counts: 12 + 36
    ['moved forward', lived(['moves', h(1), h(2), h(5)]), 'GIVEN_UP', h(48), h(48)],
    ['landed', lived(['FlightArrived', h(15)]), 'LANDED', h(15), h(51)],
    // remembered until 36 h after every departure that it ever had
    ['landed long before its departure', lived(['FlightArrived', h(5)]), 'LANDED', h(5), h(48)],
    [
      'moved back and landed early',
      lived(['moves', h(1), h(20), h(23)], ['FlightArrived', h(5)]),
      'LANDED',
      h(5),
      h(56),
    ],
    ['landed days late', lived(['FlightArrived', h(50)]), 'LANDED', h(50), h(86)],
    ['cancelled, then departed', lived(['FlightCancelled', h(1)], ['FlightDeparted', h(12)]), 'GIVEN_UP', h(51), h(51)],
    ['cancelled, then landed', lived(['FlightCancelled', h(1)], ['FlightArrived', h(15)]), 'LANDED', h(15), h(51)],
    [
      'cancelled, then moved',
      lived(['FlightCancelled', h(1)], ['moves', h(2), h(12), h(15)]),
      'GIVEN_UP',
      h(51),
      h(51),
    ],
  ] as const)('of a flight that was %s', (_, flight, ...expected) => {
    expect([closesAs(flight), closesAt(flight), forgottenAfter(flight)]).toEqual(expected)
  })
})

describe('a new plan', () => {
  test('moves the flight and is counted; the first departure stays', () => {
    const flight = lived(['moves', h(1), h(13), h(16)], ['moves', h(2), h(14), h(17)])
    expect(flight).toMatchObject({ firstDepartureAt: h(12), departureAt: h(14), arrivalAt: h(17), moves: 2 })
    expect(flight).toMatchObject({ scheduledAt: 0, plannedAt: h(2) })
  })

  test.each(['FlightDeparted', 'FlightArrived'] as const)('moves nothing after a %s', type => {
    const before = lived([type, h(12)])
    expect(lived([type, h(12)], ['moves', h(13), h(20), h(23)])).toEqual(before)
  })
})

describe('what is told', () => {
  test('of the aircraft: the one that flew replaces the one assigned, unless nobody says which flew', () => {
    const assigned: Told = ['AircraftAssigned', h(1), { tail: 'N1', builtYear: 1999, seats: 100 }]
    expect(lived(assigned)).toMatchObject({ tail: 'N1', builtYear: 1999, seats: 100 })
    expect(lived(assigned, ['FlightDeparted', h(12), { tail: 'N2' }]).tail).toBe('N2')
    expect(lived(assigned, ['FlightDeparted', h(12), { tail: null }]).tail).toBe('N1')
    expect(lived(assigned, ['AircraftAssigned', h(2), { tail: 'N3' }])).toMatchObject({ tail: 'N3', seats: null })
  })

  test.each([
    [h(15) + minutes(14), 14],
    [h(15) - 1, -1],
    [h(15) + 59_999, 0],
  ])('an arrival at %d is %d whole minutes behind the plan', (arrivedAt, expected) => {
    expect(arrivalDelayMinutes(lived(['FlightArrived', h(16), { arrivedAt }]))).toBe(expected)
  })

  test('no arrival is no delay', () => {
    expect(arrivalDelayMinutes(lived(['FlightDeparted', h(12)]))).toBeNull()
  })

  test('the facts of an entry hold what was so before it', () => {
    const flight = lived(['FlightCancelled', h(1)])
    const before = { ...flight }
    replan(flight, { scheduledDepartureAt: h(13), scheduledArrivalAt: h(16) }, h(2))
    expect(factsOf(flight, before)).toMatchObject({
      previousDepartureAt: h(12),
      previousArrivalAt: h(15),
      departureAt: h(13),
      wasCancelled: true,
      wasDeparted: false,
    })
  })

  test('a flight that has landed had departed, seen or not', () => {
    const landed = lived(['FlightArrived', h(15)])
    const before = { ...landed }
    fold(landed, 'FlightDeparted', { departedAt: h(12) }, h(16))
    expect(factsOf(landed, before).wasDeparted).toBe(true)
  })
})

test('a flight comes back from its list as it was, through JSON', () => {
  const instant = fc.option(fc.nat())
  const any: fc.Arbitrary<Flight> = fc.record({
    carrier: fc.string(),
    flightNumber: fc.nat(),
    origin: fc.string(),
    destination: fc.string(),
    distanceMiles: fc.option(fc.nat()),
    scheduledAt: fc.nat(),
    plannedAt: fc.nat(),
    firstDepartureAt: fc.nat(),
    departureAt: fc.nat(),
    arrivalAt: fc.nat(),
    moves: fc.nat(),
    tail: fc.option(fc.string()),
    builtYear: fc.option(fc.nat()),
    seats: fc.option(fc.nat()),
    cancelledAt: instant,
    departedKnownAt: instant,
    landedKnownAt: instant,
    departedAt: instant,
    arrivedAt: instant,
  })
  fc.assert(
    fc.property(any, flight => {
      expect(unpackFlight(JSON.parse(JSON.stringify(packFlight(flight))))).toEqual(flight)
    }),
  )
})

test('the list ends with the last that is so, instants as time passed since the first departure', () => {
  expect(packFlight(lived()).slice(5)).toEqual([h(12), -h(12), h(3)])
  expect(packFlight(lived(['FlightDeparted', h(12) + 1, { departedAt: h(12) }])).slice(11)).toEqual([1, 0])
})
