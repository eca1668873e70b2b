import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { bakeGeometry, bakeZones } from '../../scripts/bake-map.ts'

const committed = (name: string) => fs.readFileSync(path.join(import.meta.dirname, '../../src/web', name), 'utf8')

test('the committed outlines are what scripts/bake-map.ts makes', () => {
  expect(committed('map-geometry.json')).toBe(bakeGeometry())
})

test('the committed time zones are what scripts/bake-map.ts makes', () => {
  expect(committed('airport-zones.json')).toBe(bakeZones())
})

test('every path is one that SVG draws: moves, lines, whole numbers', () => {
  const { land, borders, lens } = JSON.parse(bakeGeometry())
  for (const line of [land, borders, lens.land, lens.borders]) expect(line).toMatch(/^(M-?\d+,-?\d+l[-\d, ]+)+$/)
})
