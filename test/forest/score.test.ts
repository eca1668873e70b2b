import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dummyForest } from '../../bench/inputs/dummy-forest.ts'
import { pack, unpack } from '../../src/forest/flat.ts'
import type { FeatureRow, Model, ModelFeature } from '../../src/forest/model.ts'
import { compile, type Scorer } from '../../src/forest/score.ts'
import { anySetSketch, anySketch, categorical, modelOf, type Sketch, walk } from './models.ts'

const numeric = (names: string): ModelFeature[] => names.split('').map(name => ({ name, kind: 'numeric' }))
const anyValue = fc.oneof(fc.constant(null), fc.integer({ min: -60, max: 60 }))

function rawOf(scorer: Scorer, row: FeatureRow): number {
  const into = new Int32Array(scorer.width)
  scorer.encode(row, into, 0)
  return scorer.scoreOne(into, 0)
}

function rawsOf(scorer: Scorer, rows: readonly FeatureRow[]): Float64Array {
  const into = new Int32Array(rows.length * scorer.width)
  for (const [index, row] of rows.entries()) scorer.encode(row, into, index * scorer.width)
  const raws = new Float64Array(rows.length)
  scorer.score(into, rows.length, raws)
  return raws
}

/** A chain of `depth` decisions, deeper than what is laid out perfectly. */
function chain(depth: number): Sketch {
  let sketch: Sketch = -depth
  for (let level = depth; level > 0; level--) sketch = [level % 3, 40 - 3 * level, level % 2 === 0, sketch, level / 7]
  return sketch
}

describe('a score', () => {
  test('is the mean of the leaves that the row reaches in a random forest', () => {
    const scorer = compile(modelOf([[0, 123, true, 0.25, 0.5], [2, 17, false, 1, 0.125], 0.75]))
    expect(rawOf(scorer, [123, 'UA', 17])).toBe((0.25 + 1 + 0.75) / 3)
    expect(rawOf(scorer, [124, 'UA', 18])).toBe((0.5 + 0.125 + 0.75) / 3)
    expect(rawOf(scorer, [null, 'UA', null])).toBe((0.5 + 1 + 0.75) / 3)
  })

  test('is the base plus the leaves in gradient boosting', () => {
    const changes = { kind: 'gradient-boosting', base: -2, calibration: null, interval: null } as const
    const scorer = compile(modelOf([[0, 0, true, 0.25, 0.5], 1], changes))
    expect(rawOf(scorer, [0, 'UA', 0])).toBe(-0.75)
    // 1 / (1 + e^0.75) = 0.32082
    expect(scorer.predict([0, 'UA', 0]).probability).toBe(3208)
  })

  test('follows the definition in any forest of any depth, missing values included', () => {
    const sketches = fc.array(fc.oneof(anySketch(3, 4), fc.integer({ min: 7, max: 12 }).map(chain)), {
      minLength: 1,
      maxLength: 9,
    })
    const rows = fc.array(fc.tuple(anyValue, anyValue, anyValue), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(sketches, rows, (forest, data) => {
        const scorer = compile(modelOf(forest, { features: numeric('abc') }))
        const expected = data.map(row => forest.reduce<number>((sum, tree) => sum + walk(tree, row), 0) / forest.length)
        expect([...rawsOf(scorer, data)]).toEqual(expected)
        expect(data.map(row => rawOf(scorer, row))).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })

  test('follows the definition where nodes ask for sets of categories, unseen ones included', () => {
    const code = fc.oneof(fc.constant(null), fc.nat(75))
    const rows = fc.array(fc.tuple(code, code), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(fc.array(anySetSketch(2, 70, 4), { minLength: 1, maxLength: 9 }), rows, (forest, data) => {
        const scorer = compile(modelOf(forest, { features: categorical(2, 70) }))
        const known = data.map(row => row.map(value => (value !== null && value < 70 ? value : null)))
        const expected = known.map(
          row => forest.reduce<number>((sum, tree) => sum + walk(tree, row), 0) / forest.length,
        )
        const named = data.map(row => row.map(value => (value === null ? null : `${value}`)))
        expect([...rawsOf(scorer, named)]).toEqual(expected)
        expect(named.map(row => rawOf(scorer, row))).toEqual(expected)
      }),
      { numRuns: 100 },
    )
  })

  test('treats values and thresholds at the ends of their range as any others', () => {
    const max = 2 ** 29
    const scorer = compile(
      modelOf(
        [
          [0, max, true, 0, 1],
          [0, -max, false, 0, 2],
          [0, max - 1, true, 0, 4],
        ],
        {
          kind: 'gradient-boosting',
          features: numeric('a'),
        },
      ),
    )
    expect(rawOf(scorer, [max])).toBe(6)
    expect(rawOf(scorer, [2 ** 31])).toBe(6)
    expect(rawOf(scorer, [-max])).toBe(0)
    expect(rawOf(scorer, [-Number.MAX_SAFE_INTEGER])).toBe(0)
    expect(rawOf(scorer, [max - 1])).toBe(2)
    expect(rawOf(scorer, [null])).toBe(5)
  })
})

describe('bits', () => {
  const features: ModelFeature[] = [
    ...numeric('abcdefghij'),
    { name: 'carrier', kind: 'categorical', categories: ['UA', 'B6', 'AA', 'DL'] },
  ]
  const model = dummyForest(features, { trees: 37, depth: 5, seed: 3 })
  const rows = Array.from({ length: 203 }, (_, row): FeatureRow => {
    const value = (column: number): number | null =>
      (row * 31 + column * 17) % 11 === 0 ? null : row * 7 - column * 90
    return [...Array.from({ length: 10 }, (_, column) => value(column)), ['UA', 'AA', 'XX', null][row % 4] ?? null]
  })

  test('are the same alone and in a batch of any size', () => {
    const scorer = compile(model)
    const alone = rows.map(row => rawOf(scorer, row))
    expect(new Set(alone).size).toBeGreaterThan(150)
    for (const size of [1, 2, 3, 5, 63, 64, 65, 128, 203]) {
      const raws: number[] = []
      for (let at = 0; at < rows.length; at += size) raws.push(...rawsOf(scorer, rows.slice(at, at + size)))
      expect(raws).toEqual(alone)
    }
  })

  test('are the same after packing and unpacking', () => {
    expect(rawsOf(compile(unpack(pack(model))), rows)).toEqual(rawsOf(compile(model), rows))
  })

  test('are these, on every machine', () => {
    const sum = rawsOf(compile(model), rows).reduce((total, raw) => total + raw, 0)
    expect(sum).toBe(52.88583882361956)
  })

  test('of calibrated probabilities agree in a batch and alone', () => {
    const calibrated: Model = { ...model, calibration: { raw: [0.2, 0.25, 0.3], probability: [0.01, 0.3, 0.99] } }
    const scorer = compile(calibrated)
    const into = new Int32Array(rows.length * scorer.width)
    for (const [index, row] of rows.entries()) scorer.encode(row, into, index * scorer.width)
    const probabilities = new Int32Array(rows.length)
    scorer.probabilities(into, rows.length, probabilities)
    expect([...probabilities]).toEqual(rows.map(row => scorer.predict(row).probability))
  })
})

describe('a probability', () => {
  const scorer = compile(modelOf([0.25], { calibration: { raw: [0, 1], probability: [0, 0.5] }, interval: null }))

  test('is interpolated between knots and flat outside, in ten-thousandths with half rounded up', () => {
    expect(scorer.probabilityOf(0.5)).toBe(2500)
    expect(scorer.probabilityOf(-3)).toBe(0)
    expect(scorer.probabilityOf(7)).toBe(5000)
    // 10000 * 0.5 / 16 = 312.5
    expect(scorer.probabilityOf(1 / 16)).toBe(313)
  })

  test('is called late from the threshold on', () => {
    const at = (threshold: number) => compile(modelOf([0.25], { calibration: null, threshold })).predict([0, 'UA', 0])
    expect(at(2500).isLate).toBe(true)
    expect(at(2501).isLate).toBe(false)
  })

  test('lies within its interval, which is the probability itself if the model has none', () => {
    expect(scorer.predict([0, 'UA', 0])).toMatchObject({ probability: 1250, low: 1250, high: 1250 })
    const wide = compile(modelOf([0.6], { calibration: null }))
    expect(wide.predict([0, 'UA', 0])).toMatchObject({ probability: 6000, low: 2000, high: 10_000 })
    // the table says 0..4000 below 5000
    const outside = compile(modelOf([0.45], { calibration: null }))
    expect(outside.predict([0, 'UA', 0])).toMatchObject({ probability: 4500, low: 0, high: 4500 })
  })
})
