import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { labelsOf, lens, nextAirport, placeAirports, sheet } from '../../src/web/map-view.ts'
import { airportOf } from './samples.ts'

const ewr = airportOf('EWR', { latitude: 40.69, longitude: -74.17, flights: 100 })
const jfk = airportOf('JFK', { latitude: 40.64, longitude: -73.78, flights: 90 })
const ord = airportOf('ORD', { latitude: 41.98, longitude: -87.9, flights: 25 })
const den = airportOf('DEN', { latitude: 39.86, longitude: -104.67, flights: 9 })
const mco = airportOf('MCO', { latitude: 28.43, longitude: -81.31, flights: 16 })
const sju = airportOf('SJU', { latitude: 18.44, longitude: -66, flights: 4 })
const airports = [ewr, jfk, ord, den, mco, sju]

const whereOf = (...given: typeof airports) =>
  Object.fromEntries(placeAirports(given).map(({ airport, where }) => [airport.code, where]))

describe('airports', () => {
  test('close together are in the lens, outside the map in the row, all others on the map', () => {
    expect(whereOf(...airports)).toEqual({
      EWR: 'lens',
      JFK: 'lens',
      ORD: 'map',
      DEN: 'map',
      MCO: 'map',
      SJU: 'row',
    })
  })

  test('alone in the lens need none', () => expect(whereOf(ewr, ord)).toEqual({ EWR: 'map', ORD: 'map' }))

  test('lie inside the sheet, and those of the lens inside the lens', () => {
    for (const { x, y, where } of placeAirports(airports)) {
      expect(x > 0 && x < sheet.width && y > 0 && y < sheet.height).toBe(true)
      const isInLens = x > lens.x && x < lens.x + lens.width && y > lens.y && y < lens.y + lens.height
      expect(isInLens).toBe(where === 'lens')
    }
  })

  test('have an area that grows with their flights: a quarter of the flights, half the radius over the least', () => {
    const radius = Object.fromEntries(placeAirports(airports).map(({ airport, radius: r }) => [airport.code, r]))
    expect(((radius.ORD ?? 0) - 3) / ((radius.EWR ?? 0) - 3)).toBeCloseTo(0.5, 9)
  })

  test('none is dropped, wherever it lies', () => {
    const anywhere = fc.record({
      latitude: fc.double({ min: -90, max: 90, noNaN: true }),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
      flights: fc.nat(300),
    })
    fc.assert(
      fc.property(fc.array(anywhere, { maxLength: 40 }), places => {
        const given = places.map((place, index) => airportOf(`A${index}`, place))
        const placed = placeAirports(given)
        expect(placed).toHaveLength(given.length)
        expect(placed.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true)
      }),
    )
  })
})

test('labels on the map do not lie on each other', () => {
  const crowd = Array.from({ length: 30 }, (_, index) =>
    airportOf(`C${String(index).padStart(2, '0')}`, { latitude: 38 + (index % 6), longitude: -95 + index / 6 }),
  )
  const labels = labelsOf(placeAirports(crowd), 12)
  expect(labels.length).toBeGreaterThan(0)
  for (const [index, a] of labels.entries()) {
    for (const b of labels.slice(index + 1)) {
      const isApart = Math.abs(a.y - b.y) > 11 || Math.abs(a.x - b.x) > 20
      expect(isApart, `${a.code} on ${b.code}`).toBe(true)
    }
  }
})

describe('arrow keys', () => {
  const placed = placeAirports([ord, den, mco])
  const moves: [from: string | null, key: string, to: string][] = [
    [null, 'ArrowRight', 'ORD'],
    ['ORD', 'ArrowLeft', 'DEN'],
    ['DEN', 'ArrowRight', 'ORD'],
    ['ORD', 'ArrowDown', 'MCO'],
    ['MCO', 'ArrowUp', 'ORD'],
    ['DEN', 'ArrowLeft', 'DEN'],
    ['gone', 'ArrowLeft', 'ORD'],
  ]
  test.each(moves)('from %s by %s to %s', (from, key, to) => expect(nextAirport(placed, from, key)).toBe(to))
})
