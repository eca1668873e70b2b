import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AirportNow, createLiveHub, type LiveHubOptions, type RiskPoint } from '../../src/server/live-hub.ts'
import type { Status } from '../../src/server/program.ts'
import { airports } from './doors.ts'
import { createFakeProgram } from './fake-program.ts'
import { cancelled, hourMs, landed, minuteMs, noLoop, noon, prediction, skipped } from './live-samples.ts'

const base = createFakeProgram().status()
const statusAt = (eventTime: number | null): Status => ({ ...base, eventTime })

const newHub = (options: Partial<LiveHubOptions> = {}) =>
  createLiveHub({ airports, status: statusAt(null), loop: () => noLoop, ...options })

const byCode = (list: readonly AirportNow[]) => Object.fromEntries(list.map(airport => [airport.code, airport]))

describe('an airport', () => {
  test('counts the flights predicted from it and to it over the last 6 event hours', () => {
    const hub = newHub()
    hub.predicted(prediction({ flightId: 'old', at: noon - 6 * hourMs, probability: 1 }))
    hub.predicted(prediction({ flightId: 'a', at: noon - 6 * hourMs + 1, probability: 0.2 }))
    hub.predicted(prediction({ flightId: 'b', destination: 'SJU', probability: 0.5 }))
    const { EWR, ORD, SJU } = byCode(hub.flush(statusAt(noon)).airports)
    // (0.2 + 0.5) / 2
    expect(EWR).toMatchObject({ name: 'Newark Liberty Intl', flights: 2, risk: 0.35, lateShare: null, cancelled: 0 })
    expect(ORD).toMatchObject({ flights: 1, risk: 0.2 })
    expect(SJU).toMatchObject({ flights: 1, risk: 0.5 })
  })

  test('counts a flight once, at its last horizon', () => {
    const hub = newHub()
    hub.predicted(prediction({ probability: 0.2, horizonMinutes: 360 }))
    hub.predicted(prediction({ probability: 0.6, horizonMinutes: 120 }))
    expect(byCode(hub.flush(statusAt(noon)).airports)['EWR']).toMatchObject({ flights: 1, risk: 0.6 })
  })

  test('shares out how the flights that landed ended', () => {
    const hub = newHub()
    for (const flightId of ['a', 'b', 'c', 'd', 'e']) hub.predicted(prediction({ flightId }))
    hub.graded(landed('a', 15))
    hub.graded(landed('b', 14))
    hub.graded(landed('c', -8))
    hub.graded(cancelled('d'))
    // Of a, b and c only a is late; d never landed, e is in the air.
    expect(byCode(hub.flush(statusAt(noon)).airports)['EWR']).toMatchObject({ lateShare: 0.3333, cancelled: 1 })
  })

  test('knows a flight as cancelled from the skip or the grade, whichever comes first, and for 6 hours', () => {
    const hub = newHub()
    hub.predicted(prediction({ flightId: 'a', at: noon - hourMs, ...skipped }))
    hub.predicted(prediction({ flightId: 'b', at: noon - hourMs }))
    hub.graded(cancelled('b', noon))
    expect(byCode(hub.flush(statusAt(noon)).airports)['EWR']).toMatchObject({ flights: 1, cancelled: 2 })
    expect(byCode(hub.flush(statusAt(noon + 5 * hourMs)).airports)['EWR']).toMatchObject({ flights: 0, cancelled: 1 })
    hub.graded(cancelled('a', noon + 30 * hourMs))
    hub.flush(statusAt(noon + 30 * hourMs))
    expect(byCode(hub.snapshot({}, 9).airports)['EWR']).toBeUndefined()
  })

  test('gets a last word of nothing when its flights are over', () => {
    const hub = newHub()
    hub.predicted(prediction())
    hub.flush(statusAt(noon))
    expect(byCode(hub.flush(statusAt(noon + 6 * hourMs)).airports)['EWR']).toMatchObject({ flights: 0, risk: 0 })
    expect(hub.flush(statusAt(noon + 7 * hourMs)).airports).toEqual([])
    expect(hub.snapshot({}, 9).airports).toEqual([])
  })

  test('that is in no table is left out; its predictions are not', () => {
    const hub = newHub()
    hub.predicted(prediction({ destination: 'QQQ' }))
    const { airports: now, predictions } = hub.flush(statusAt(noon))
    expect(now.map(airport => airport.code)).toEqual(['EWR'])
    expect(predictions).toHaveLength(1)
  })
})

describe('an hour of departures', () => {
  test('holds mean risk, and as flights end the shares of late and cancelled', () => {
    const hub = newHub()
    const departing = { scheduledDepartureAt: noon + 2 * hourMs + 59 * minuteMs }
    hub.predicted(prediction({ flightId: 'a', probability: 0.4, ...departing }))
    hub.predicted(prediction({ flightId: 'b', probability: 0.7, ...departing }))
    hub.predicted(prediction({ flightId: 'c', ...departing, ...skipped }))
    hub.predicted(prediction({ flightId: 'd', scheduledDepartureAt: noon + 3 * hourMs }))
    expect(hub.flush(statusAt(noon)).risk).toEqual([
      { at: noon + 2 * hourMs, flights: 3, meanProbability: 0.55, lateShare: null, cancelledShare: 0.3333 },
      { at: noon + 3 * hourMs, flights: 1, meanProbability: 0.25, lateShare: null, cancelledShare: 0 },
    ])
    hub.graded(landed('a', 20))
    expect(hub.flush(statusAt(noon)).risk).toEqual([
      { at: noon + 2 * hourMs, flights: 3, meanProbability: 0.55, lateShare: 1, cancelledShare: 0.3333 },
    ])
  })

  test('leaves after 72 event hours', () => {
    const hub = newHub()
    hub.predicted(prediction({ scheduledDepartureAt: noon }))
    hub.flush(statusAt(noon + 72 * hourMs))
    expect(hub.snapshot({}, 9).risk).toHaveLength(1)
    hub.flush(statusAt(noon + 73 * hourMs))
    expect(hub.snapshot({}, 9).risk).toHaveLength(0)
  })
})

describe('predictions', () => {
  test('come newest first, filtered, and carry the grade that came later', () => {
    const hub = newHub()
    hub.predicted(prediction({ flightId: 'a' }))
    hub.predicted(prediction({ flightId: 'b', carrier: 'DL' }))
    hub.predicted(prediction({ flightId: 'c' }))
    hub.graded(landed('a', 40))
    const ids = (list: readonly { flightId: string }[]) => list.map(one => one.flightId)
    expect(ids(hub.flush(statusAt(noon)).predictions)).toEqual(['c', 'b', 'a'])
    expect(ids(hub.snapshot({ carrier: 'UA' }, 9).predictions)).toEqual(['c', 'a'])
    expect(ids(hub.snapshot({ origin: 'EWR', flightId: 'b' }, 9).predictions)).toEqual(['b'])
    expect(hub.snapshot({}, 2).predictions).toHaveLength(2)
    expect(hub.snapshot({ flightId: 'a' }, 9).predictions[0]?.grade).toEqual(landed('a', 40))
  })

  test("are the hub's own: a grade does not change what the program holds", () => {
    const hub = newHub()
    const given = prediction({ flightId: 'a' })
    hub.predicted(given)
    hub.graded(landed('a', 40))
    expect(given.grade).toBeNull()
  })

  test('beyond what may wait for a flush are dropped, oldest first, and counted', () => {
    const hub = newHub({ waitingMax: 3, recentMax: 2 })
    for (let i = 0; i < 10; i++) hub.predicted(prediction({ flightId: `f${i}` }))
    const { predictions, overflow } = hub.flush(statusAt(noon))
    expect(predictions.map(one => one.flightId)).toEqual(['f9', 'f8', 'f7'])
    expect(overflow).toBe(7)
    expect(hub.snapshot({}, 9).predictions.map(one => one.flightId)).toEqual(['f9', 'f8'])
    expect(hub.flush(statusAt(noon)).overflow).toBe(0)
  })

  test('of more flights than are kept still flow', () => {
    const hub = newHub({ flightsMax: 5 })
    for (let i = 0; i < 20; i++) hub.predicted(prediction({ flightId: `f${i}` }))
    const { predictions, risk } = hub.flush(statusAt(noon))
    expect(predictions).toHaveLength(20)
    expect(risk[0]?.flights).toBe(5)
  })
})

test('a snapshot and all later deltas make the next snapshot', () => {
  const steps = fc.array(
    fc.record({
      flight: fc.integer({ min: 0, max: 12 }),
      kind: fc.constantFrom('predict', 'skip', 'land', 'cancel', 'flush'),
      destination: fc.constantFrom('ORD', 'SJU', 'ATL'),
      hours: fc.integer({ min: 0, max: 9 }),
    }),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(steps, list => {
      const hub = newHub()
      let at = noon
      const airportsSeen = new Map<string, AirportNow>()
      const riskSeen = new Map<number, RiskPoint>()
      const flush = () => {
        const flushed = hub.flush(statusAt(at))
        for (const airport of flushed.airports) airportsSeen.set(airport.code, airport)
        for (const point of flushed.risk) riskSeen.set(point.at, point)
      }
      for (const { flight, kind, destination, hours } of list) {
        const flightId = `f${flight}`
        at += hours * hourMs
        if (kind === 'predict') hub.predicted(prediction({ flightId, destination, at }))
        if (kind === 'skip') hub.predicted(prediction({ flightId, destination, at, ...skipped }))
        if (kind === 'land') hub.graded(landed(flightId, flight * 5, at))
        if (kind === 'cancel') hub.graded(cancelled(flightId, at))
        if (kind === 'flush') flush()
      }
      flush()
      const { airports: now, risk } = hub.snapshot({}, 60)
      const open = [...airportsSeen.values()].filter(airport => airport.flights > 0 || airport.cancelled > 0)
      expect(byCode(open)).toEqual(byCode(now.filter(airport => airport.flights > 0 || airport.cancelled > 0)))
      for (const point of risk) expect(riskSeen.get(point.at)).toEqual(point)
    }),
  )
})
