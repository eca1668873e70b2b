import { describe, expect, it } from 'vitest'
import { windowMs } from '../../src/features/partial.ts'
import { hours, minutes } from '../../src/lib/time.ts'
import { cellOf, contextOf, some, start, noon as t, valuesOf, viewUntil } from './world.ts'

describe('what left and landed lately', () => {
  const late = cellOf({ departed: 2, departureDelayMinutes: 41, departedLate: 1 })
  const view = viewUntil(t, [
    // In the last hour, the last 3 hours, after and before 04:00 in New York (09:00 UTC), and 20 hours ago.
    [t, { cells: [late] }],
    [t - hours(1), { cells: [{ ...late, departed: 1, departureDelayMinutes: -3, departedLate: 0 }] }],
    [
      start + hours(9) + windowMs,
      { cells: [{ ...late, carrier: 'B6', departed: 1, departureDelayMinutes: 10, departedLate: 0 }] },
    ],
    [start + hours(9), { cells: [{ ...late, origin: 'JFK' }] }],
    [t - hours(20), { cells: [cellOf({ cancelled: 3 })] }],
    [t - hours(2), { cells: [cellOf({ cancelled: 1, arrived: 3, arrivalDelayMinutes: 50, arrivedLate: 1 })] }],
  ])
  const context = contextOf({ view, frameTo: t })

  it('is counted over the last hour, 3 hours and the day since 04:00', () => {
    expect(valuesOf(context)).toMatchObject({
      allDepartures1h: 2,
      allDepartures3h: 3,
      allDeparturesToday: 4,
      originDeparturesToday: 4,
      carrierDeparturesToday: 3,
      originCarrierDepartures1h: 2,
      routeDepartures3h: 3,
      // 41 / 2 = 20.5; (41 - 3) / 3 = 12.67; 48 / 4 = 12
      allDepartureDelay1h: 205,
      allDepartureDelay3h: 127,
      allDepartureDelayToday: 120,
      carrierDepartureDelayToday: 127,
      // 1 of 2, 1 of 3, 1 of 4
      originLateShare1h: 500,
      originLateShare3h: 333,
      originLateShareToday: 250,
      // 20.5 - 12.67
      originDelayTrend: 78,
      destinationDelayTrend: 78,
    })
  })

  it('counts cancellations over 3 and 24 hours, and landings over 3', () => {
    const names = ['routeCancelled3h', 'allCancelled24h', 'carrierArrivalDelay3h', 'carrierArrivedLateShare3h']
    // 50 / 3 = 16.67; 1 of 3
    expect(some(context, names)).toEqual({
      routeCancelled3h: 1,
      allCancelled24h: 4,
      carrierArrivalDelay3h: 167,
      carrierArrivedLateShare3h: 333,
    })
  })

  it('says what was lost on the way, to the destination and to its region', () => {
    const landed = { arrived: 2, enRouteMinutes: -9 }
    const seen = viewUntil(t, [
      [t, { cells: [cellOf({ ...landed })] }],
      [t - hours(2), { cells: [cellOf({ ...landed, destination: 'SFO', enRouteMinutes: 20 })] }],
      [t - hours(20), { cells: [cellOf({ ...landed, enRouteMinutes: 31 })] }],
    ])
    // everything lies at 0 degrees here: one region
    expect(valuesOf(contextOf({ view: seen, frameTo: t }))).toMatchObject({
      // -9 / 2 = -4.5; (-9 + 31) / 4 = 5.5
      destinationEnRouteLoss3h: -45,
      destinationEnRouteLoss24h: 55,
      // (-9 + 20) / 4 = 2.75; (-9 + 20 + 31) / 6 = 7
      regionEnRouteLoss3h: 28,
      regionEnRouteLossToday: 28,
      regionEnRouteLoss24h: 70,
      allEnRouteLoss24h: 70,
    })
    expect(some(context, ['regionEnRouteLoss24h', 'allEnRouteLoss3h'])).toEqual({
      regionEnRouteLoss24h: 0,
      allEnRouteLoss3h: 0,
    })
  })

  it('of others is not mixed in', () => {
    const other = contextOf({ view, frameTo: t, origin: 'JFK', carrier: 'AA' })
    const names = ['originDepartures3h', 'carrierDeparturesToday', 'originDelayTrend', 'destinationDepartures3h']
    expect(some(other, names)).toEqual({
      originDepartures3h: 0,
      carrierDeparturesToday: 0,
      originDelayTrend: null,
      destinationDepartures3h: 3,
    })
  })

  /** Departures of the day as of `asOf`, of two that were seen in the window that ends at `to`. */
  const today = (asOf: number, to: number) => {
    const seen = viewUntil(asOf, [[to, { cells: [late] }]])
    return some(contextOf({ view: seen, frameTo: asOf }), ['allDeparturesToday']).allDeparturesToday
  }

  it('as of 03:50 still belongs to the day that began at 04:00 the day before', () => {
    // 03:50 and 04:00 in New York are 08:50 and 09:00 UTC.
    const early = start + hours(8) + minutes(50)
    const began = start - hours(15)
    expect([today(early, began + windowMs), today(early, began)]).toEqual([2, 0])
  })

  it('began at 04:00 on the day on which the clock was put forward, too', () => {
    // 10 March 2013 in New York: 04:00 is 08:00 UTC (the day before it was 09:00).
    const midday = Date.UTC(2013, 2, 10, 16)
    const began = Date.UTC(2013, 2, 10, 8)
    expect([today(midday, began + windowMs), today(midday, began)]).toEqual([2, 0])
    // As of 03:30 that night (07:30 UTC) the day had begun at 04:00 the day before, still in winter time.
    const night = Date.UTC(2013, 2, 10, 7, 30)
    const before = Date.UTC(2013, 2, 9, 9)
    expect([today(night, before + windowMs), today(night, before)]).toEqual([2, 0])
  })
})

describe('the plan', () => {
  const plan = { origin: 'EWR', destination: 'ORD', carrier: 'UA', planned: 1, open: 1 }
  const slotAt = (departureSlotAt: number, change = {}) => ({
    plans: [{ ...plan, departureSlotAt, arrivalSlotAt: departureSlotAt + hours(3), ...change }],
  })
  const departureAt = t + minutes(130)
  const view = viewUntil(t, [
    // Two in the hour of the departure (19:00 to 20:00 UTC), one of another carrier, one an hour later.
    [t - hours(9), slotAt(t + hours(2), { planned: 2, open: 2 })],
    [t - hours(8), slotAt(t + hours(2) + minutes(50), { carrier: 'B6' })],
    [t - hours(7), slotAt(t + hours(3))],
    [t - hours(6), slotAt(t + hours(2), { planned: 0, open: -1 })],
    // Overdue by 30 and 130 minutes, of two carriers.
    [t - hours(5), slotAt(t - minutes(30))],
    [t - hours(4), slotAt(t - minutes(130), { carrier: 'B6', origin: 'JFK' })],
  ])

  it('is counted in the hours of the departure and of the arrival', () => {
    expect(valuesOf(contextOf({ view, frameTo: t, departureAt, arrivalAt: t + hours(5) }))).toMatchObject({
      allHourPlanned: 3,
      originHourPlanned: 3,
      originHourClosed: 1,
      originCarrierHourPlanned: 2,
      destinationHourPlanned: 3,
    })
  })

  it('leaves overdue who should have left, with the time since', () => {
    expect(valuesOf(contextOf({ view, frameTo: t, departureAt }))).toMatchObject({
      allOverdue: 2,
      // 30 + 130 minutes in steps of 10
      allOverdueMinutes: 16,
      originOverdue: 1,
      originOverdueMinutes: 3,
      destinationOverdue: 2,
      carrierOverdue: 1,
      originCarrierOverdueMinutes: 3,
    })
  })

  it('shows whether more are overdue than three hours ago', () => {
    const names = ['allOverdueTrend', 'originOverdueTrend', 'carrierOverdueTrend']
    const trend = some(contextOf({ view, frameTo: t, departureAt }), names)
    expect(trend).toEqual({ allOverdueTrend: 2, originOverdueTrend: 1, carrierOverdueTrend: 1 })
    const later = viewUntil(t, [
      [t - hours(8), slotAt(t - hours(4))],
      [t - hours(1), slotAt(t - hours(4), { planned: 0, open: -1 })],
    ])
    expect(some(contextOf({ view: later, frameTo: t, departureAt }), names)).toMatchObject({ originOverdueTrend: -1 })
  })
})
