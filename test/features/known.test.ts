import { describe, expect, test } from 'vitest'
import { AirView } from '../../src/features/air-view.ts'
import { knownOf, levelPlaceOf, placeOf } from '../../src/features/known.ts'
import { hours, minutes } from '../../src/lib/time.ts'
import { cellOf, contextOf, noon as t, viewUntil } from './world.ts'

const leg = {
  tail: 'N1',
  at: t - hours(2),
  flightId: 'before',
  origin: 'ORD',
  destination: 'EWR',
  departedAt: t - hours(5),
  departureDelayMinutes: 5,
  arrivalAt: t - hours(2),
  arrivedAt: t - hours(2),
  arrivalDelayMinutes: 0,
}

describe('what is known', () => {
  test('in an empty air space is the flight and the clocks of both ends, and nothing else', () => {
    const known = knownOf(contextOf({ view: new AirView(), frameTo: null, tail: 'N1', departureAt: t + hours(2) }))
    // 19:00 UTC in New York and, two and a half hours later, in Chicago
    expect(known.departure).toMatchObject({ hour: 14 })
    expect(known.arrival).toMatchObject({ hour: 15 })
    expect(known).toMatchObject({ leg: null, hourAll: null, number: null, originWeather: null })
    expect(known.sums.every(count => count === 0)).toBe(true)
  })

  test('is counted over spans that end with the last frame', () => {
    const view = viewUntil(t, [
      [t, { cells: [cellOf({ departed: 1 })] }],
      [t - minutes(50), { cells: [cellOf({ departed: 2 })] }],
      [t - minutes(60), { cells: [cellOf({ departed: 4 })] }],
      [t - hours(3), { cells: [cellOf({ departed: 8 })] }],
      [t - hours(24), { cells: [cellOf({ departed: 16 })] }],
    ])
    const { sums } = knownOf(contextOf({ view, frameTo: t }))
    const departed = (span: Parameters<typeof placeOf>[2]) => sums[placeOf('origin', 'departed', span)]
    // a span of an hour holds the windows that end in (t - 1 h, t]
    expect([departed('1h'), departed('3h')]).toEqual([3, 7])
  })

  test('is nothing after the last frame allowed, though the view has it', () => {
    const view = viewUntil(t + minutes(10), [[t + minutes(10), { cells: [cellOf({ departed: 5 })], legs: [leg] }]])
    const known = knownOf(contextOf({ view, frameTo: t, tail: 'N1' }))
    expect(known.sums[placeOf('all', 'departed', '1h')]).toBe(0)
    expect(known.leg).toBeNull()
    expect(knownOf(contextOf({ view, frameTo: t + minutes(10), tail: 'N1' })).leg).toEqual(leg)
  })

  test('today begins at 04:00 on the clock of the origin', () => {
    // noon in New York; 04:00 there is 09:00 UTC, which the window that ends at 09:00 lies before
    const at = t - hours(8)
    const cells = [cellOf({ departed: 1 })]
    const todayOf = (to: number) => {
      const { sums } = knownOf(contextOf({ view: viewUntil(t, [[to, { cells }]]), frameTo: t }))
      return sums[placeOf('origin', 'departed', 'Today')]
    }
    expect([todayOf(at), todayOf(at + minutes(10))]).toEqual([0, 1])
  })

  test("the flight's own departure is no leg before it", () => {
    const view = viewUntil(t, [[t, { legs: [leg] }]])
    const context = contextOf({ view, frameTo: t, tail: 'N1' })
    expect(knownOf(context).leg?.flightId).toBe('before')
    expect(knownOf({ ...context, flightId: 'before' }).leg).toBeNull()
  })
})

test('every place is of one entity, count and span; what is not counted over a span has none', () => {
  const places = (['all', 'origin', 'route'] as const).flatMap(entity => [
    placeOf(entity, 'departed', '1h'),
    placeOf(entity, 'departed', '3h'),
    placeOf(entity, 'cancelled', '24h'),
    placeOf(entity, 'departedLate', 'Today'),
    levelPlaceOf(entity, 'overdue'),
    levelPlaceOf(entity, 'overdueSlots'),
  ])
  expect(new Set(places).size).toBe(places.length)
  expect(() => placeOf('all', 'arrived', '1h')).toThrow('arrived is counted over 1h')
})
