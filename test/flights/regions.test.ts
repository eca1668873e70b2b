import { expect, test } from 'vitest'
import type { Airports } from '../../src/flights/airports.ts'
import { areNear, regionsOf } from '../../src/flights/regions.ts'

const places: [string, number, number][] = [
  ['BOS', 42.4, -71],
  ['PVD', 41.8, -71.3],
  ['ORD', 42, -87.9],
  ['MDW', 41.8, -87.8],
  ['SFO', 37.6, -122.4],
  ['QUITO', 0.1, -78.4],
  ['ASUN', -3.9, -78.4],
]
const airports: Airports = new Map(
  places.map(([code, latitude, longitude]) => [code, { code, name: code, latitude, longitude, zone: '' }]),
)

test('airports near each other are of one region, those far apart are not, and one in no table is its own', () => {
  const regionOf = regionsOf(airports)
  expect(regionOf('PVD')).toBe(regionOf('BOS'))
  expect(regionOf('MDW')).toBe(regionOf('ORD'))
  // the equator lies inside of a region
  expect(regionOf('ASUN')).toBe(regionOf('QUITO'))
  expect(new Set(['BOS', 'ORD', 'SFO', 'QUITO', 'XYZ'].map(regionOf)).size).toBe(5)
  expect(regionOf('XYZ')).toBe('XYZ')
})

test('near is within 50 miles, wherever on the map', () => {
  const pairs = [
    ['BOS', 'PVD', true], // 46 miles
    ['ORD', 'MDW', true],
    ['BOS', 'ORD', false],
    ['QUITO', 'ASUN', false],
    ['XYZ', 'XYZ', true],
    ['XYZ', 'BOS', false],
  ] as const
  for (const [a, b, isNear] of pairs) {
    expect([a, b, areNear(airports, a, b)]).toEqual([a, b, isNear])
    expect(areNear(airports, b, a)).toBe(isNear)
  }
})
