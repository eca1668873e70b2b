import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AirspaceContent,
  emptySums,
  isLaterLeg,
  isLaterWeather,
  merge,
  partialOf,
  planAheadMaxMs,
  see,
  sumsOf,
  windowMs,
} from '../../src/features/partial.ts'
import type { Flight } from '../../src/flights/life.ts'
import { days, floorTo, hours, minutes } from '../../src/lib/time.ts'
import type { Leg, StationWeather, TimelineEntry } from '../../src/records.ts'
import { contentsOf, Dice, reading, start, tell, timelineOf } from './world.ts'

/** A flight from EWR to ORD planned for 12:00 to 14:30 on 1 March, first known at 00:00. */
const noon = start + hours(12)
const flight: NonNullable<TimelineEntry['flight']> = {
  carrier: 'UA',
  flightNumber: 1545,
  origin: 'EWR',
  destination: 'ORD',
  distanceMiles: 719,
  scheduledAt: start,
  firstDepartureAt: noon,
  departureAt: noon,
  arrivalAt: noon + minutes(150),
  previousDepartureAt: noon,
  previousArrivalAt: noon + minutes(150),
  wasCancelled: false,
  wasDeparted: false,
  departedAt: null,
  tail: null,
}

type Said = Partial<Omit<TimelineEntry, 'flight'>> & { flight?: Partial<TimelineEntry['flight']> }

function entryOf({ flight: facts = {}, ...rest }: Said): TimelineEntry {
  const heard = { departedAt: null, arrivedAt: null, tail: null, builtYear: null, seats: null, reason: null }
  const at = rest.at ?? start
  return {
    at,
    claimedAt: at,
    type: 'FlightScheduled',
    id: 'A',
    revision: 0,
    hash: '',
    ...heard,
    divertedTo: null,
    weather: null,
    flight: { ...flight, ...facts },
    ...rest,
  }
}

function seen(...said: Said[]): AirspaceContent {
  const sums = emptySums()
  for (const one of said) see(sums, entryOf(one))
  return partialOf(sums)
}

const route = { origin: 'EWR', destination: 'ORD', carrier: 'UA' }
const slots = { ...route, departureSlotAt: noon, arrivalSlotAt: noon + minutes(150) }

describe('what an entry adds', () => {
  it('a scheduled flight is planned and open in the slots of its plan', () => {
    const { cells, plans } = seen({ flight: { departureAt: noon + minutes(9) } })
    expect(cells).toMatchObject([{ ...route, scheduled: 1, departed: 0 }])
    expect(plans).toEqual([{ ...slots, planned: 1, open: 1 }])
  })

  it('a plan that moves leaves its old slots and enters the new ones', () => {
    const departureAt = noon + minutes(40)
    const { plans } = seen({ type: 'FlightRescheduled', flight: { departureAt } })
    expect(plans).toEqual([
      { ...slots, planned: -1, open: -1 },
      { ...slots, departureSlotAt: departureAt, planned: 1, open: 1 },
    ])
  })

  it('a plan that moves within its slots changes nothing', () => {
    expect(seen({ type: 'FlightRescheduled', flight: { departureAt: noon + minutes(9) } }).plans).toEqual([])
  })

  it('a reschedule reinstates a cancelled flight', () => {
    const { plans } = seen({ type: 'FlightRescheduled', flight: { wasCancelled: true } })
    expect(plans).toEqual([{ ...slots, planned: 0, open: 1 }])
  })

  it('a cancelled flight stays planned and is no longer open; twice cancelled counts once', () => {
    const { cells, plans } = seen(
      { type: 'FlightCancelled' },
      { type: 'FlightCancelled', id: 'B', flight: { wasCancelled: true } },
    )
    expect(cells).toMatchObject([{ cancelled: 1 }])
    expect(plans).toEqual([{ ...slots, planned: 0, open: -1 }])
  })

  it('delays are whole minutes rounded down, early ones negative, 15 is late', () => {
    const { cells } = seen(
      { type: 'FlightDeparted', departedAt: noon - 1 },
      { type: 'FlightDeparted', id: 'B', departedAt: noon + minutes(15) },
      { type: 'FlightDeparted', id: 'C', departedAt: noon + minutes(15) - 1 },
    )
    // -1 + 15 + 14
    expect(cells).toMatchObject([{ departed: 3, departureDelayMinutes: 28, departedLate: 1 }])
  })

  it('the departure of a cancelled flight leaves what is open as it is', () => {
    expect(seen({ type: 'FlightDeparted', departedAt: noon, flight: { wasCancelled: true } }).plans).toEqual([])
  })

  it('a landing brings a run and the whole leg, delays against the plan', () => {
    const at = noon + minutes(170)
    const facts = { wasDeparted: true, departedAt: noon + minutes(5), tail: 'N1' }
    const { cells, runs, legs } = seen({ type: 'FlightArrived', at, arrivedAt: at, flight: facts })
    expect(cells).toMatchObject([{ arrived: 1, arrivalDelayMinutes: 20, arrivedLate: 1 }])
    const delays = { departureDelayMinutes: 5, arrivalDelayMinutes: 20 }
    expect(runs).toEqual([{ carrier: 'UA', flightNumber: 1545, origin: 'EWR', at, flightId: 'A', ...delays }])
    const { origin, destination } = route
    const leg = { tail: 'N1', at, flightId: 'A', origin, destination, departedAt: noon + minutes(5) }
    expect(legs).toEqual([{ ...leg, ...delays, arrivalAt: noon + minutes(150), arrivedAt: at }])
  })

  it('a landing whose departure was never seen is counted, and says nothing of a run or a leg', () => {
    const { cells, runs, legs, plans } = seen({ type: 'FlightArrived', arrivedAt: noon, flight: { tail: 'N1' } })
    expect(cells).toMatchObject([{ arrived: 1 }])
    expect([runs, legs]).toEqual([[], []])
    expect(plans).toEqual([{ ...slots, planned: 0, open: -1 }])
  })

  it('of an aircraft the latest leg is kept by claimed time, not by the order in which it was told', () => {
    const departed = (id: string, claimedAt: number) => ({ type: 'FlightDeparted', id, claimedAt, departedAt: noon })
    const of = (id: string, at: number) => ({ ...departed(id, at), flight: { tail: 'N1' } }) as Said
    expect(seen(of('A', noon), of('B', noon - 1)).legs).toMatchObject([{ flightId: 'A' }])
    expect(seen(of('A', noon), of('B', noon)).legs).toMatchObject([{ flightId: 'B' }])
  })

  it('late weather does not replace newer', () => {
    const dice = new Dice(1)
    const observed = (claimedAt: number, observedAt: number) =>
      ({ type: 'WeatherObserved', id: 'EWR', claimedAt, flight: null, weather: reading(dice, observedAt) }) as Said
    const sums = emptySums()
    for (const said of [observed(noon, 2), observed(noon - 1, 1)]) see(sums, { ...entryOf(said), flight: null })
    expect(partialOf(sums).weather).toMatchObject([{ station: 'EWR', at: noon, reading: { observedAt: 2 } }])
  })

  it('a plan more than 26 days ahead of its first notice is left out, in all entries alike', () => {
    const departureAt = start + planAheadMaxMs - minutes(150)
    const far = { departureAt, arrivalAt: departureAt + minutes(150) }
    expect(seen({ flight: far }).plans).toHaveLength(1)
    const further = { departureAt: departureAt + 1, arrivalAt: departureAt + minutes(150) + 1 }
    expect(seen({ flight: further }, { type: 'FlightCancelled', flight: further }).plans).toEqual([])
    const moved = { previousDepartureAt: further.departureAt, previousArrivalAt: further.arrivalAt }
    expect(seen({ type: 'FlightRescheduled', flight: moved }).plans).toEqual([{ ...slots, planned: 1, open: 1 }])
  })
})

const world = fc.integer().map(seed => {
  const { entries, flights } = timelineOf(tell({ seed, from: start, lengthMs: days(3), flights: 40 }))
  return { entries, flights }
})

describe('laws', () => {
  it('what is planned and open adds up to the plans and states of the flights', () => {
    fc.assert(
      fc.property(world, ({ entries, flights }) => {
        const { plans } = merge(contentsOf(entries, { from: start, to: start + days(40) }))
        expect(tallyOf(plans)).toEqual(tallyOf([...flights.values()].flatMap(planOf)))
      }),
      { numRuns: 30 },
    )
  })

  it('merging is associative and commutative, and leaves one alone as it is', () => {
    fc.assert(
      fc.property(world, fc.integer(), ({ entries }, seed) => {
        const dice = new Dice(seed)
        const bags = Array.from({ length: 4 }, () => emptySums())
        for (const entry of entries) see(dice.pick(bags), entry)
        const [a, b, c, d] = bags.map(partialOf) as [AirspaceContent, AirspaceContent, AirspaceContent, AirspaceContent]
        const all = merge([a, b, c, d])
        expect(merge([merge([a, b]), merge([c, d])])).toEqual(all)
        expect(merge([d, merge([b, merge([a])]), c])).toEqual(all)
        expect(merge([all])).toEqual(all)
        expect(merge([a, merge([])])).toEqual(a)
      }),
      { numRuns: 30 },
    )
  })

  it('frames do not depend on the number of partitions', () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 2, max: 7 }), ({ entries }, partitions) => {
        const range = { from: start, to: start + days(3) }
        expect(contentsOf(entries, { ...range, partitions })).toEqual(contentsOf(entries, range))
      }),
      { numRuns: 10 },
    )
  })

  it('sums that were put away half way go on to the same partial, and what was given out stays', () => {
    fc.assert(
      fc.property(world, fc.nat(100), ({ entries }, percent) => {
        const half = Math.floor((entries.length * percent) / 100)
        const whole = emptySums()
        for (const entry of entries.slice(0, half)) see(whole, entry)
        const put = partialOf(whole)
        const before = structuredClone(put)
        const resumed = sumsOf(put)
        for (const entry of entries.slice(half)) for (const sums of [whole, resumed]) see(sums, entry)
        expect(partialOf(resumed)).toEqual(partialOf(whole))
        expect(put).toEqual(before)
      }),
      { numRuns: 20 },
    )
  })

  it('of two different legs or observations exactly one is later', () => {
    const nullable = fc.option(fc.integer({ min: 0, max: 1 }))
    const few = fc.integer({ min: 0, max: 1 })
    const word = fc.constantFrom('a', 'b')
    const leg: fc.Arbitrary<Leg> = fc.record({
      tail: fc.constant('N1'),
      at: few,
      flightId: word,
      origin: word,
      destination: word,
      departedAt: few,
      departureDelayMinutes: few,
      arrivalAt: few,
      arrivedAt: nullable,
      arrivalDelayMinutes: nullable,
    })
    const weather: fc.Arbitrary<StationWeather> = fc
      .record({ at: few, seed: fc.integer({ min: 0, max: 3 }), observedAt: few })
      .map(({ at, seed, observedAt }) => ({ station: 'EWR', at, reading: reading(new Dice(seed), observedAt) }))
    const differ = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b)
    fc.assert(
      fc.property(leg, leg, weather, weather, (a, b, x, y) => {
        expect(isLaterLeg(a, b) !== isLaterLeg(b, a)).toBe(differ(a, b))
        expect(isLaterWeather(x, y) !== isLaterWeather(y, x)).toBe(differ(x, y))
      }),
    )
  })
})

type Slots = AirspaceContent['plans'][number]

/** What a flight stands for in the plan, from its last state alone. */
function planOf(of: Flight): Slots[] {
  if (Math.max(of.departureAt, of.arrivalAt) - of.scheduledAt > planAheadMaxMs) return []
  const isOpen = of.cancelledAt === null && of.departedKnownAt === null && of.landedKnownAt === null
  return [
    {
      origin: of.origin,
      destination: of.destination,
      carrier: of.carrier,
      departureSlotAt: floorTo(of.departureAt, windowMs),
      arrivalSlotAt: floorTo(of.arrivalAt, windowMs),
      planned: 1,
      open: isOpen ? 1 : 0,
    },
  ]
}

function tallyOf(plans: readonly Slots[]): Record<string, [number, number]> {
  const tally: Record<string, [number, number]> = {}
  for (const { planned, open, ...where } of plans) {
    const key = JSON.stringify(Object.values(where))
    const [a, b] = tally[key] ?? [0, 0]
    tally[key] = [a + planned, b + open]
  }
  return Object.fromEntries(Object.entries(tally).filter(([, [a, b]]) => a !== 0 || b !== 0))
}
