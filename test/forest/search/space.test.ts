import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  choice,
  coordinatesOf,
  logNumber,
  logWhole,
  number,
  pointAt,
  uniformCoordinates,
  wholeNumber,
} from '../../../src/forest/search/space.ts'
import { randomFrom } from '../../../src/lib/random.ts'

const space = [
  number('share', 0.1, 1),
  logNumber('rate', 0.01, 1),
  wholeNumber('depth', 3, 8),
  logWhole('leaves', 4, 256),
  choice('kind', ['a', 'b', 'c']),
]

test('points are where their coordinates say: middles in ratios where the scale is one of ratios', () => {
  expect(pointAt(space, [0.5, 0.5, 0.5, 0.5, 1])).toEqual({ share: 0.55, rate: 0.1, depth: 6, leaves: 32, kind: 'b' })
  expect(pointAt(space, [0, 0, 0, 0, 0])).toEqual({ share: 0.1, rate: 0.01, depth: 3, leaves: 4, kind: 'a' })
  expect(pointAt(space, [1, 1, 1, 1, 2])).toEqual({ share: 1, rate: 1, depth: 8, leaves: 256, kind: 'c' })
})

test('a point leads back to itself, and none lies outside', () => {
  fc.assert(
    fc.property(fc.nat(), seed => {
      const point = pointAt(space, uniformCoordinates(space, randomFrom(seed)))
      expect(pointAt(space, coordinatesOf(space, point))).toEqual(point)
      const lies = space.every(dimension => {
        const value = point[dimension.name] as number
        if (dimension.kind === 'choice') return dimension.of.includes(String(value))
        return value >= dimension.low && value <= dimension.high && (!dimension.whole || Number.isInteger(value))
      })
      expect(lies).toBe(true)
    }),
  )
})
