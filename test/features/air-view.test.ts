import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AirView,
  airViewFold,
  behindMaxMs,
  legAgeMaxMs,
  sumsLookBackMs,
  weatherAgeMaxMs,
} from '../../src/features/air-view.ts'
import { everything, nobody } from '../../src/features/entities.ts'
import { allColumns, countPlace, levelPlace, sumsFor } from '../../src/features/ledger.ts'
import { windowMs } from '../../src/features/partial.ts'
import { featureRow } from '../../src/features/table.ts'
import type { Flight } from '../../src/flights/life.ts'
import { days, floorTo, hours, minutes } from '../../src/lib/time.ts'
import type { AirspaceFrame, Cell, Leg, NumberRun, StationWeather } from '../../src/records.ts'
import {
  airports,
  askedOf,
  cellOf,
  Dice,
  frameOf,
  framesOf,
  reading,
  start,
  tell,
  timelineOf,
  viewOf,
} from './world.ts'

const cell = cellOf({ departed: 1, departureDelayMinutes: 20, departedLate: 1 })

const leg: Leg = {
  tail: 'N1',
  at: start,
  flightId: 'A',
  origin: 'EWR',
  destination: 'ORD',
  departedAt: start,
  departureDelayMinutes: 0,
  arrivalAt: start + hours(2),
  arrivedAt: null,
  arrivalDelayMinutes: null,
}

const run: NumberRun = {
  carrier: 'UA',
  flightNumber: 1545,
  origin: 'EWR',
  at: start,
  flightId: 'A',
  departureDelayMinutes: 3,
  arrivalDelayMinutes: 20,
}

/** `count` frames from `start` on; `contents` by number of window, from 0. */
function viewWith(contents: Record<number, Partial<AirspaceFrame>>, count: number): AirView {
  return viewOf(Array.from({ length: count }, (_, at) => frameOf(start + (at + 1) * windowMs, contents[at])))
}

/** Flights seen leaving over a span that ends at `t`. */
function departedSince(view: AirView, { t, backMs, entity }: { t: number; backMs: number; entity: number }): number {
  const shape = { spans: 2, entities: 2 }
  const into = sumsFor(shape)
  view.readSums({ t, entities: [nobody, entity], backMs: [0, backMs], wanted: [allColumns, allColumns] }, into)
  expect(into[countPlace('departed', { span: 0, entity: 1, shape })]).toBe(0)
  return into[countPlace('departed', { span: 1, entity: 1, shape })] as number
}

/** Overdue flights, and the sum of their ages in slots. */
function overdueAt(view: AirView, t: number, entity: number): number[] {
  const shape = { spans: 1, entities: 2 }
  const into = sumsFor(shape)
  view.readSums({ t, entities: [nobody, entity], backMs: [0], wanted: [allColumns] }, into)
  return (['overdue', 'overdueSlots'] as const).map(level => into[levelPlace(level, 1, shape)] as number)
}

describe('frames', () => {
  it('come one after the other, one window each', () => {
    const view = viewWith({}, 3)
    expect([view.oldest, view.newest]).toEqual([start + windowMs, start + 3 * windowMs])
    expect(() => view.apply(frameOf(start + 3 * windowMs))).toThrow('one after the other')
    expect(() => view.apply(frameOf(start + 5 * windowMs))).toThrow('one after the other')
    expect(() => view.apply({ ...frameOf(start + 4 * windowMs), from: start })).toThrow('one window')
  })

  it('answer for their ends, from the first to the newest', () => {
    const view = viewWith({}, 3)
    const t = start + 2 * windowMs
    expect([view.has(t), view.has(t + 1), view.has(start), view.has(t + 2 * windowMs)]).toEqual([
      true,
      false,
      false,
      false,
    ])
    expect(() => view.modelsAt(start)).toThrow('a frame that is kept')
  })

  it('name the models in force, as of each', () => {
    const view = viewWith({ 1: { champion: null, pipeline: 'p2' } }, 3)
    expect(view.modelsAt(start + windowMs).champion?.version).toBe(`v${start + windowMs}`)
    expect(view.modelsAt(start + 2 * windowMs)).toEqual({ champion: null, challengers: [], pipeline: 'p2' })
  })

  it('are forgotten when nobody will ask any more, and 12 hours behind the newest in any case', () => {
    const frames = behindMaxMs / windowMs
    const view = viewWith({}, frames + 10)
    expect(view.oldest).toBe(start + 10 * windowMs)
    view.forget(start + 20 * windowMs - 1)
    expect(view.oldest).toBe(start + 20 * windowMs)
    view.forget(start)
    expect(view.oldest).toBe(start + 20 * windowMs)
  })
})

describe('sums', () => {
  const other: Cell = { ...cell, origin: 'JFK', carrier: 'B6', departed: 2 }
  const view = viewWith({ 0: { cells: [cell] }, 5: { cells: [cell, other] } }, 12)
  const ids = view.find('EWR', 'ORD', 'UA')

  it('count what happened after one frame and up to another', () => {
    const t = start + 6 * windowMs
    const since = (backMs: number, entity: number) => departedSince(view, { t, backMs, entity })
    expect(since(windowMs, everything)).toBe(3)
    expect(since(hours(1), everything)).toBe(4)
    expect(since(hours(1) - windowMs, ids.originCarrier)).toBe(1)
    expect(since(sumsLookBackMs, ids.originCarrier)).toBe(2)
    expect([ids.origin, ids.destination, ids.carrier, ids.route].map(entity => since(hours(1), entity))).toEqual([
      2, 4, 2, 2,
    ])
  })

  it('are as of any frame, whatever came later', () => {
    expect(departedSince(view, { t: start + 5 * windowMs, backMs: hours(1), entity: everything })).toBe(1)
  })

  it('of what was never seen are zero', () => {
    const { route, originCarrier, carrier } = view.find('JFK', 'EWR', 'ZZ')
    expect([route, originCarrier, carrier]).toEqual([nobody, nobody, nobody])
    expect(departedSince(view, { t: start + 6 * windowMs, backMs: hours(1), entity: nobody })).toBe(0)
  })

  it('survive many entities and the wrap of the ring', () => {
    const many = (at: number): Cell[] => [{ ...cell, origin: `X${at % 300}`, destination: `Y${at % 7}` }]
    const count = 700
    const grown = viewOf(
      Array.from({ length: count }, (_, at) => frameOf(start + (at + 1) * windowMs, { cells: many(at) })),
    )
    const t = start + count * windowMs
    expect(departedSince(grown, { t, backMs: hours(24), entity: everything })).toBe(144)
    // Window 699 is of X99; windows 399 and 99 lie further back than 28 hours.
    const { origin } = grown.find('X99', 'Y0', 'UA')
    expect(departedSince(grown, { t, backMs: hours(28), entity: origin })).toBe(1)
    expect(departedSince(grown, { t: t - windowMs, backMs: hours(28), entity: origin })).toBe(0)
  })
})

describe('plans', () => {
  const slot = start + hours(5)
  const plan = {
    origin: 'EWR',
    destination: 'ORD',
    carrier: 'UA',
    departureSlotAt: slot,
    arrivalSlotAt: slot + hours(2),
  }
  // Two flights planned in the first window; one of them leaves in the window that starts 30 minutes after the slot.
  const leftIn = (slot + minutes(30) - start) / windowMs
  const view = viewWith(
    { 0: { plans: [{ ...plan, planned: 2, open: 2 }] }, [leftIn]: { plans: [{ ...plan, planned: 0, open: -1 }] } },
    leftIn + 10,
  )
  const { origin, destination, originCarrier } = view.find('EWR', 'ORD', 'UA')
  const overdue = (t: number, entity: number) => overdueAt(view, t, entity)

  it('are known by the hour at both ends, as of each frame, until the hour is over', () => {
    const early = start + windowMs
    expect(view.hourPlan(early, origin, slot + minutes(59))).toEqual({ planned: 2, open: 2 })
    expect(view.hourPlan(early, originCarrier, slot + minutes(60))).toEqual({ planned: 0, open: 0 })
    expect(view.hourPlan(early, destination, slot + hours(2))).toEqual({ planned: 2, open: 2 })
    expect(view.hourPlan(slot + minutes(30), origin, slot)).toEqual({ planned: 2, open: 2 })
    expect(view.hourPlan(slot + minutes(40), origin, slot)).toEqual({ planned: 2, open: 1 })
    expect(view.hourPlan(slot + hours(1), origin, slot)).toBeNull()
  })

  it('make a flight overdue once its slot has ended, until it is seen leaving', () => {
    expect(overdue(slot, everything)).toEqual([0, 0])
    expect(overdue(slot + minutes(10), everything)).toEqual([2, 2])
    expect(overdue(slot + minutes(30), origin)).toEqual([2, 6])
    // The window in which one left: one flight, 40 minutes.
    expect(overdue(slot + minutes(40), destination)).toEqual([1, 4])
    expect(overdue(slot + hours(2), originCarrier)).toEqual([1, 12])
  })

  it('of flights that never leave fade after 36 hours', () => {
    const lasting = viewWith({ 0: { plans: [{ ...plan, planned: 1, open: 1 }] } }, hours(45) / windowMs)
    const at = (t: number) => overdueAt(lasting, t, everything)
    expect(at(slot + hours(36) - windowMs)).toEqual([1, 215])
    expect(at(slot + hours(36))).toEqual([0, 0])
  })

  it('overdue flights are those that the timeline leaves waiting', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(behindMaxMs / windowMs - 1), (seed, back) => {
        const told = tell({ seed, from: start, lengthMs: days(4), flights: 60 })
        const end = start + days(4)
        const { entries } = timelineOf(told)
        const full = viewOf(framesOf(entries, { from: start, to: end }))
        const t = end - back * windowMs
        const { flights } = timelineOf(told.filter(({ at }) => at < t))
        const waiting = [...flights.values()].filter(flight => isWaiting(flight, t))
        const age = (flight: Flight) => (t - floorTo(flight.departureAt, windowMs)) / windowMs
        expect(overdueAt(full, t, everything)).toEqual([
          waiting.length,
          waiting.reduce((sum, flight) => sum + age(flight), 0),
        ])
      }),
      { numRuns: 20 },
    )
  })
})

function isWaiting(flight: Flight, t: number): boolean {
  const { cancelledAt, departedKnownAt, landedKnownAt, departureAt, arrivalAt, scheduledAt } = flight
  const slot = floorTo(departureAt, windowMs)
  const isOpen = cancelledAt === null && departedKnownAt === null && landedKnownAt === null
  const isKept = Math.max(departureAt, arrivalAt) - scheduledAt <= days(26)
  return isOpen && isKept && slot + windowMs <= t && slot > t - hours(36)
}

describe('legs', () => {
  it('are the latest by claimed time, as of each frame, for three days', () => {
    const early = { ...leg, flightId: 'B', at: start - hours(1) }
    const late = { ...leg, flightId: 'C', at: start + hours(1) }
    const view = viewWith({ 0: { legs: [leg] }, 1: { legs: [early] }, 8: { legs: [late] } }, 20)
    const at = (window: number) => view.legAt(start + window * windowMs, 'N1')?.flightId
    expect([at(1), at(2), at(8), at(9), at(20)]).toEqual(['A', 'A', 'A', 'C', 'C'])
    expect(view.legAt(start + windowMs, 'N2')).toBeNull()
  })

  it('fade by claimed time', () => {
    const view = viewWith({ 1: { legs: [{ ...leg, at: start + windowMs }] } }, legAgeMaxMs / windowMs + 5)
    const fades = start + windowMs + legAgeMaxMs
    expect([view.legAt(fades - windowMs, 'N1')?.flightId, view.legAt(fades, 'N1')]).toEqual(['A', null])
  })
})

describe('weather', () => {
  const seen = (at: number): StationWeather => ({ station: 'EWR', at, reading: reading(new Dice(1), at) })

  it('is the last observed, as it was known now or up to three hours ago', () => {
    const view = viewWith({ 0: { weather: [seen(start)] }, 9: { weather: [seen(start + 9 * windowMs)] } }, 30)
    const at = (window: number, backMs = 0) => view.weatherAt(start + window * windowMs, backMs, 'EWR')?.at
    expect([at(9), at(10), at(10, windowMs), at(28, hours(3)), at(27, hours(3))]).toEqual([
      start,
      start + 9 * windowMs,
      start,
      start + 9 * windowMs,
      start,
    ])
    expect(at(10, hours(3))).toBeUndefined()
    expect(view.weatherAt(start + windowMs, 0, 'ORD')).toBeNull()
  })

  it('fades after 36 hours', () => {
    const view = viewWith({ 0: { weather: [seen(start)] } }, weatherAgeMaxMs / windowMs + 5)
    expect(view.weatherAt(start + weatherAgeMaxMs - windowMs, 0, 'EWR')?.at).toBe(start)
    expect(view.weatherAt(start + weatherAgeMaxMs, 0, 'EWR')).toBeNull()
  })
})

describe('flight numbers', () => {
  it('sum their runs of 7 and 28 days by claimed landing, as of each frame', () => {
    const day = days(1) / windowMs
    const runs = (at: number, arrivalDelayMinutes: number) => ({ runs: [{ ...run, at, arrivalDelayMinutes }] })
    const contents = {
      0: runs(start, 20),
      [22 * day]: runs(start + days(22), -4),
      [27 * day]: runs(start + days(27), 15),
    }
    const view = viewWith(contents, 28 * day + 30)
    const { originCarrier } = view.find('EWR', 'ORD', 'UA')
    const at = (t: number) => view.numberAt(t, originCarrier, 1545)
    expect(at(start + days(28) - windowMs)).toEqual({
      runs7: 2,
      runs28: 3,
      departureDelayMinutes7: 6,
      arrivalDelayMinutes7: 11,
      arrivalDelayMinutes28: 31,
      arrivedLate28: 2,
      lastArrivalDelayMinutes: 15,
    })
    expect(at(start + days(28))).toMatchObject({ runs28: 2, arrivalDelayMinutes28: 11 })
    expect(view.numberAt(start + days(28), originCarrier, 7)).toBeNull()
    expect(view.numberAt(start + days(28), nobody, 1545)).toBeNull()
  })
})

describe('a view built for questions from an instant on', () => {
  const end = start + days(8)

  it('answers them as one that took in all of every frame', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(behindMaxMs / windowMs - 1), (seed, back) => {
        const told = tell({ seed, from: start, lengthMs: days(8), flights: 150 })
        const frames = framesOf(timelineOf(told).entries, { from: start, to: end })
        const from = end - back * windowMs
        const whole = viewOf(frames)
        const late = new AirView(airports)
        late.forget(from)
        for (const frame of frames) late.apply(frame)
        for (const t of [from, from + floorTo((end - from) / 2, windowMs), end]) {
          const dice = [new Dice(seed), new Dice(seed)] as const
          for (let n = 0; n < 20; n++) {
            const [asked, same] = [askedOf(dice[0], whole, t), askedOf(dice[1], late, t)]
            expect(featureRow(same)).toEqual(featureRow(asked))
          }
          expect(overdueAt(late, t, everything)).toEqual(overdueAt(whole, t, everything))
        }
      }),
      { numRuns: 10 },
    )
  })

  it('has nothing to say before the first of them', () => {
    const view = new AirView()
    view.forget(start + 3 * windowMs)
    const newest = [1, 2, 3, 4].map(at => {
      view.apply(frameOf(start + at * windowMs))
      return view.newest
    })
    expect(newest).toEqual([null, null, start + 3 * windowMs, start + 4 * windowMs])
  })
})

describe('the fold of a process', () => {
  it('reaches the end of each frame and keeps what a prediction due from there on asks', () => {
    const fold = airViewFold()
    const view = fold.open()
    for (let at = 1; at <= 5; at++) expect(fold.apply(view, frameOf(start + at * windowMs))).toBe(start + at * windowMs)
    expect(fold.timeOf(frameOf(start))).toBe(start)
    // Due at 00:47, a prediction asks as of 00:30.
    fold.forget(view, start + minutes(47))
    expect(view.oldest).toBe(start + minutes(30))
  })
})
