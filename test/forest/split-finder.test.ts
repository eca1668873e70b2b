import { describe, expect, test } from 'vitest'
import type { Place } from '../../src/forest/binned.ts'
import { unbounded } from '../../src/forest/gain.ts'
import { growDefaults } from '../../src/forest/grow-parameters.ts'
import { kernelOf } from '../../src/forest/kernel.ts'
import { sidesOf, splitFinderOf, sumsOf } from '../../src/forest/split-finder.ts'
import { randomFrom } from '../../src/lib/random.ts'
import { binnedRows, someRows, someTraining } from './binned-sets.ts'

const { rows, labels } = someRows(600)
const binned = binnedRows(someTraining, rows)
const kernel = kernelOf(binned, { slots: 2 })
kernel.rows.set(Int32Array.from(rows.keys()))
for (const [row, label] of labels.entries()) kernel.gradients.set([400 - 1000 * label, 1000], 2 * row)
kernel.accumulate(0, 0, rows.length)
const gradient = labels.reduce((sum, label) => sum + 400 - 1000 * label, 0)
const leaf = { gradient, hessian: 1000 * rows.length, rows: rows.length, bounds: unbounded }

function finder(changes: Partial<typeof growDefaults> = {}, seed = 1) {
  return splitFinderOf(kernel, {
    parameters: { ...growDefaults, minDataPerGroup: 20, ...changes },
    scale: 1000,
    random: randomFrom(seed),
  })
}

describe('the sums of a feature that shares its column', () => {
  test('are those over its rows', () => {
    const { places, features } = binned
    const place = places[2] as Place
    expect(place.size).toBeGreaterThan(features[2]?.binCount ?? 0)
    const { sums, at } = sumsOf(
      { sums: kernel.histogram(0), at: kernel.sumsAt(place.column), binCount: 3 },
      place,
      new Float64Array(512),
    )
    const expected = [0, 0, 0, 0, 0, 0]
    for (const [row, values] of rows.entries()) {
      const bin = 1 + Number(values[2])
      expected[2 * bin] = (expected[2 * bin] as number) + 400 - 1000 * (labels[row] as number)
      expected[2 * bin + 1] = (expected[2 * bin + 1] as number) + 1000
    }
    expect([...sums.subarray(at, at + 6)]).toEqual(expected)
  })
})

describe('the best split', () => {
  test('is of the features that may be used, and sends rows where it says', () => {
    for (const feature of [0, 2, 3]) {
      const split = finder().best(kernel.histogram(0), leaf, [feature])
      if (split === null) throw new Error(`feature ${feature} tells something`)
      expect(split.feature).toBe(feature)
      sidesOf(binned, split, kernel.sides)
      const copy = kernelOf(binned, { slots: 2 })
      copy.rows.set(Int32Array.from(rows.keys()))
      copy.sides.set(kernel.sides)
      const middle = copy.partition((binned.places[feature] as Place).column, 0, rows.length)
      const leftLate = copy.rows.slice(0, middle).reduce((sum, row) => sum + (labels[row] as number), 0)
      expect([split.leftGradient, split.leftHessian]).toEqual([400 * middle - 1000 * leftLate, 1000 * middle])
    }
    expect(finder().best(kernel.histogram(0), leaf, [])).toBeNull()
  })

  test('is no better with a random threshold', () => {
    const best = finder().best(kernel.histogram(0), leaf, [0])
    const gains = [1, 2, 3, 4].map(
      seed => finder({ extraTrees: true }, seed).best(kernel.histogram(0), leaf, [0])?.gain,
    )
    expect(new Set(gains).size).toBeGreaterThan(1)
    for (const gain of gains) expect(gain ?? 0).toBeLessThanOrEqual(best?.gain ?? 0)
  })

  test('does not exist where a leaf must gain more', () => {
    expect(finder({ minGainToSplit: 1e6 }).best(kernel.histogram(0), leaf, [0, 1, 2, 3])).toBeNull()
  })
})
