import { describe, expect, it } from 'vitest'
import { days, hours, minutes } from '../../src/lib/time.ts'
import type { Leg } from '../../src/records.ts'
import { type Contents, contextOf, some, noon as t, valuesOf, viewUntil } from './world.ts'

describe('the same flight number', () => {
  const run = { carrier: 'UA', flightNumber: 100, origin: 'EWR', departureDelayMinutes: 10 }
  const landed = (at: number, arrivalDelayMinutes: number) => ({
    runs: [{ ...run, at: at - 1, flightId: `f${at}`, arrivalDelayMinutes }],
  })

  it('is averaged over the last days', () => {
    const contents: Contents = [
      [t - days(20), landed(t - days(20), 30)],
      [t - days(6), landed(t - days(6), -12)],
      [t - days(1), landed(t - days(1), 5)],
    ]
    expect(valuesOf(contextOf({ view: viewUntil(t, contents, days(21)), frameTo: t }))).toMatchObject({
      numberRuns7d: 2,
      numberRuns28d: 3,
      numberDepartureDelay7d: 100,
      // -7 / 2 = -3.5; 23 / 3 = 7.67; 1 of 3
      numberArrivalDelay7d: -35,
      numberArrivalDelay28d: 77,
      numberLateShare28d: 333,
      numberLastArrivalDelay: 5,
    })
  })

  it('that never flew has counts of 0 and nothing else', () => {
    const view = viewUntil(t, [])
    expect(valuesOf(contextOf({ view, frameTo: t }))).toMatchObject({
      numberRuns7d: 0,
      numberRuns28d: 0,
      numberArrivalDelay28d: null,
      numberLastArrivalDelay: null,
    })
  })
})

describe('the previous leg of the aircraft', () => {
  const names = [
    'legDepartureDelay',
    'legArrivalDelay',
    'legLanded',
    'legSilentMinutes',
    'slackMinutes',
    'returnSlackMinutes',
  ]
  // Planned 13:00 to 16:00 UTC, left 20 minutes late.
  const leg: Leg = {
    tail: 'N1',
    at: t - minutes(220),
    flightId: 'before',
    origin: 'ORD',
    destination: 'EWR',
    departedAt: t - minutes(220),
    departureDelayMinutes: 20,
    arrivalAt: t - hours(1),
    arrivedAt: null,
    arrivalDelayMinutes: null,
  }
  const asked = { frameTo: t, tail: 'N1', departureAt: t + hours(2) }
  const seen = (change: Partial<Leg>) => viewUntil(t, [[t - hours(3), { legs: [{ ...leg, ...change }] }]])

  it('not seen landing is expected as late as it left, but not in the past', () => {
    const expected = { legDepartureDelay: 20, legArrivalDelay: null, legLanded: 0, legSilentMinutes: 220 }
    // Expected at 16:20, which is over: 17:00 at the earliest.
    expect(some(contextOf({ ...asked, view: seen({}) }), names)).toEqual({
      ...expected,
      slackMinutes: 120,
      returnSlackMinutes: 120,
    })
    const later = seen({ arrivalAt: t + minutes(10) })
    expect(some(contextOf({ ...asked, view: later }), names)).toMatchObject({
      slackMinutes: 90,
      returnSlackMinutes: 90,
    })
  })

  it('seen landing gives its own time', () => {
    const landed = { at: t - minutes(30), arrivedAt: t - minutes(32), arrivalDelayMinutes: 28 }
    expect(some(contextOf({ ...asked, view: seen(landed) }), names)).toEqual({
      legDepartureDelay: 20,
      legArrivalDelay: 28,
      legLanded: 1,
      legSilentMinutes: 30,
      slackMinutes: 152,
      returnSlackMinutes: 152,
    })
  })

  it('that ended elsewhere needs a flight back', () => {
    const away = seen({ origin: 'EWR', destination: 'ORD', arrivalAt: t + minutes(10) })
    // Planned from 13:00 to 17:10, 250 minutes, which the way back would take as well.
    expect(some(contextOf({ ...asked, view: away }), names)).toMatchObject({
      slackMinutes: 90,
      returnSlackMinutes: 90 - 250,
    })
  })

  it('of an aircraft that is not assigned or was not seen is nothing', () => {
    const nothing = Object.fromEntries(names.map(name => [name, null]))
    expect(some(contextOf({ ...asked, view: seen({}), tail: null }), names)).toEqual(nothing)
    expect(some(contextOf({ ...asked, view: seen({}), tail: 'N2' }), names)).toEqual(nothing)
    expect(some(contextOf({ ...asked, view: seen({ flightId: 'asked' }) }), names)).toEqual(nothing)
  })
})
