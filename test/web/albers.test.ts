import { geoAlbersUsa } from 'd3-geo'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { project } from '../../src/web/albers.ts'

const reference = geoAlbersUsa().scale(1300).translate([487.5, 305])

test('every place lies where d3 puts it, or is on neither map', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -179, max: -60, noNaN: true }),
      fc.double({ min: 10, max: 72, noNaN: true }),
      (longitude, latitude) => {
        const expected = reference([longitude, latitude])
        const found = project(longitude, latitude)
        expect(found === null).toBe(expected === null)
        expect(found?.x ?? 0).toBeCloseTo(expected?.[0] ?? 0, 6)
        expect(found?.y ?? 0).toBeCloseTo(expected?.[1] ?? 0, 6)
      },
    ),
    { numRuns: 500 },
  )
})

test('Anchorage and Honolulu are on the map, San Juan is not', () => {
  expect(project(-149.99, 61.17)).not.toBeNull()
  expect(project(-157.92, 21.32)).not.toBeNull()
  expect(project(-66, 18.44)).toBeNull()
})
