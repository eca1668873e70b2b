import { expect, test } from 'vitest'
import { byteAt } from '../../src/forest/binned.ts'
import { binOfNumber } from '../../src/forest/feature-bins.ts'
import { binnedRows, featuresOf, someRows, someTraining } from './binned-sets.ts'

test('bins come back out of the bytes, also of features that share one', () => {
  const { rows } = someRows(300)
  const binned = binnedRows(someTraining, rows)
  expect(binned.places.map(place => place?.column)).toEqual([1, 2, 0, 0].map(() => expect.any(Number)))
  for (const [index, place] of binned.places.entries()) {
    if (place === null) throw new Error('every feature varies')
    const bins = binned.features[index]
    if (bins === undefined) throw new Error('every feature has bins')
    for (const [row, values] of rows.entries()) {
      const byte = binned.bytes[byteAt(place.column, binned.rows) + 8 * row] as number
      const bin = Math.floor(byte / place.stride) % bins.binCount
      const value = values[index] ?? null
      const expected =
        value === null
          ? 0
          : bins.feature.kind === 'numeric'
            ? binOfNumber(bins, value as number)
            : bins.feature.categories.indexOf(value as string) + 1
      expect(bin).toBe(expected)
    }
  }
})

test('features with few bins share a column while their bytes suffice', () => {
  // 3, 3, 3, 3 and 3 bins fit a byte (243), a sixth does not
  const binned = binnedRows(
    featuresOf(6, 0),
    Array.from({ length: 64 }, (_, row) => [0, 1, 2, 3, 4, 5].map(bit => (row >> bit) & 1)),
  )
  expect(binned.columnCount).toBe(2)
  expect(binned.places.map(place => place?.stride)).toEqual([1, 3, 9, 27, 81, 1])
  expect(binned.places.map(place => place?.size)).toEqual([243, 243, 243, 243, 243, 3])
})

test('a feature with one value has no place, one that is sometimes missing has', () => {
  const binned = binnedRows(featuresOf(3, 0), [
    [1, null, 5],
    [1, null, null],
  ])
  expect(binned.places.map(place => place !== null)).toEqual([false, false, true])
})
