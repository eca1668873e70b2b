// Only what was known: for every feature, no event that enters the timeline at or after the end of the last frame allowed
// can change it, whether it moves, goes missing or is made up; and each can be changed by what came before.

import fc from 'fast-check'
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import type { AirView } from '../../src/features/air-view.ts'
import { type FeatureContext, type KnownFlight, knownOf } from '../../src/features/known.ts'
import { windowMs } from '../../src/features/partial.ts'
import { featureRow, features } from '../../src/features/table.ts'
import { days, hours, minutes } from '../../src/lib/time.ts'
import { askedOf, Dice, framesOf, start, type Told, tell, timelineOf, viewOf } from './world.ts'

const end = start + days(3)
const names = features.map(({ name }) => name)
type Row = ReturnType<typeof featureRow>

/** The view up to `to` of what is told. */
function viewTo(told: readonly Told[], to: number): AirView {
  return viewOf(framesOf(timelineOf(told.filter(({ at }) => at < to)).entries, { from: start, to }))
}

/** What is told at or after `t` in another way: dropped, moved or changed, and made up. */
function futuresOf(told: readonly Told[], t: number, dice: Dice): Told[][] {
  const past = told.filter(({ at }) => at < t)
  const future = told.filter(({ at }) => at >= t)
  const moved = future.map(event => {
    const { said } = event
    const departedAt = said.departedAt === null ? null : said.departedAt + minutes(dice.below(300))
    const arrivedAt = said.arrivedAt === null ? null : said.arrivedAt + minutes(dice.below(300))
    return { ...event, at: t + minutes(dice.below(400)), said: { ...said, departedAt, arrivedAt } }
  })
  // Flights with ids and aircraft of the world, told in the future of things that happened at any time.
  const other = tell({ seed: dice.below(1e9), from: start, lengthMs: days(3), flights: 60, mark: 'x' })
  const invented = other.map(event => ({
    ...event,
    at: Math.max(t, event.at),
    claimedAt: Math.min(event.claimedAt, t),
  }))
  return [past, [...past, ...moved], [...told, ...invented]]
}

describe('what comes after the last frame allowed', () => {
  const changed = new Map<string, string>()
  let compared = 0

  beforeAll(() => {
    for (let seed = 1; seed <= 12; seed++) {
      const dice = new Dice(seed)
      const told = tell({ seed, from: start, lengthMs: days(3), flights: 80 })
      const t = start + days(2) + windowMs * dice.below(100)
      const now = viewTo(told, t)
      const later = futuresOf(told, t, dice).map(future => viewTo(future, t + windowMs * (1 + dice.below(36))))
      for (let n = 0; n < 8; n++) {
        const asked = askedOf(dice, now, t)
        const row = featureRow(asked)
        for (const view of later) {
          compare(row, featureRow({ ...asked, view }))
          compared++
        }
      }
    }
  })

  function compare(row: Row, other: Row): void {
    names.forEach((name, at) => {
      const [a, b] = [JSON.stringify(row[at]), JSON.stringify(other[at])]
      if (a !== b) changed.set(name, `${a} became ${b}`)
    })
  }

  it.each(names)('cannot change %s', name => {
    expect(compared).toBe(12 * 8 * 3)
    expect(changed.get(name)).toBeUndefined()
  })

  it('would change a feature that looks at the newest frame', () => {
    const peek = (asked: FeatureContext) => featureRow({ ...asked, frameTo: asked.view.newest })
    const told = tell({ seed: 1, from: start, lengthMs: days(3), flights: 80 })
    const t = start + days(2)
    const asked = askedOf(new Dice(1), viewTo(told, t), t)
    expect(peek({ ...asked, view: viewTo(told, t + windowMs) })).not.toEqual(peek(asked))
  })

  it('is not in the type that features read', () => {
    expectTypeOf<KnownFlight>().not.toHaveProperty('departedAt')
    expectTypeOf<KnownFlight>().toHaveProperty('departureAt')
  })
})

describe('what came before', () => {
  const seen = new Map(names.map(name => [name, false]))

  beforeAll(() => {
    const t = start + days(2) + hours(18)
    const views = [1, 2, 3, 4, 5, 6].map(seed =>
      viewTo(tell({ seed, from: start, lengthMs: days(3), flights: 300 }), t),
    )
    const dice = new Dice(7)
    for (let n = 0; n < 60; n++) {
      const asked = askedOf(dice, views[0] as AirView, t)
      const rows = views.map(view => featureRow({ ...asked, view }))
      const other = askedOf(dice, views[0] as AirView, t)
      const { departureAt, firstDepartureAt } = other.flight
      const flight = {
        ...other.flight,
        departureAt: departureAt + days(33),
        firstDepartureAt: firstDepartureAt + days(33),
      }
      const otherwise = [rows[0], featureRow({ ...other, flight, horizonMinutes: 30 })]
      features.forEach(({ name, source }, at) => {
        const values = (source === 'frames' ? rows : otherwise).map(row => row?.[at])
        if (new Set(values).size > 1) seen.set(name, true)
      })
    }
  })

  it.each(features)('can change $name: $source', ({ name }) => {
    expect(seen.get(name)).toBe(true)
  })
})

describe('a row', () => {
  it('depends on the frames of the last 28 days alone', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(36), (seed, ahead) => {
        const dice = new Dice(seed)
        const last = start + days(34)
        const told = tell({ seed, from: start, lengthMs: days(34), flights: 250 })
        const frames = framesOf(timelineOf(told).entries, { from: start, to: last })
        const t = last - ahead * windowMs
        const full = viewOf(frames)
        const young = viewOf(frames.filter(({ to }) => to > t - days(28)))
        for (let n = 0; n < 12; n++) {
          const asked = askedOf(dice, full, t)
          expect(featureRow({ ...asked, view: young })).toEqual(featureRow(asked))
        }
      }),
      { numRuns: 8 },
    )
  })

  it('is the same whatever has been forgotten from before it', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(36), (seed, ahead) => {
        const dice = new Dice(seed)
        const told = tell({ seed, from: start, lengthMs: days(6), flights: 150 })
        const frames = framesOf(timelineOf(told).entries, { from: start, to: start + days(6) })
        const t = start + days(6) - ahead * windowMs
        const [all, few] = [viewOf(frames), viewOf([])]
        for (const frame of frames) {
          few.apply(frame)
          few.forget(Math.min(frame.to, t))
        }
        for (let n = 0; n < 12; n++) {
          const asked = askedOf(dice, all, t)
          expect(featureRow({ ...asked, view: few })).toEqual(featureRow(asked))
        }
      }),
      { numRuns: 12 },
    )
  })

  it('holds integers within the range, strings and nulls, each in its column', () => {
    fc.assert(
      fc.property(fc.integer(), fc.option(fc.nat(30)), (seed, window) => {
        const dice = new Dice(seed)
        const t = window === null ? null : end - window * windowMs
        const view = viewTo(tell({ seed, from: start, lengthMs: days(3), flights: 80 }), end)
        featureRow(askedOf(dice, view, t)).forEach((value, at) => {
          const isRight = features[at]?.kind === 'categorical' ? typeof value === 'string' : isWhole(value)
          expect({ name: names[at], value, isRight }).toMatchObject({ isRight: true })
        })
      }),
      { numRuns: 30 },
    )
  })

  it('does not change when asked again, in any order', () => {
    const view = viewTo(tell({ seed: 3, from: start, lengthMs: days(3), flights: 80 }), end)
    const dice = new Dice(3)
    const asked = Array.from({ length: 20 }, () => askedOf(dice, view, end - windowMs * dice.below(30)))
    const rows = asked.map(featureRow)
    expect(asked.toReversed().map(featureRow).toReversed()).toEqual(rows)
  })

  it('never takes the own departure of its flight for a leg before it', () => {
    const told = tell({ seed: 5, from: start, lengthMs: days(3), flights: 80 })
    const view = viewTo(told, end)
    const flown = told.filter(({ type, said }) => type === 'FlightDeparted' && said.tail !== null)
    const dice = new Dice(5)
    const legs = flown.map(({ id, said }) => {
      const asked = askedOf(dice, view, end)
      const flight = { ...asked.flight, tail: said.tail }
      return { own: knownOf({ ...asked, flight, flightId: id }).leg, other: knownOf({ ...asked, flight }).leg }
    })
    expect(legs.some(({ own, other }) => own === null && other !== null)).toBe(true)
    expect(legs.every(({ own, other }) => own === null || own === other)).toBe(true)
  })
})

function isWhole(value: unknown): boolean {
  return (
    value === null ||
    (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2 ** 29 && !Object.is(value, -0))
  )
}
