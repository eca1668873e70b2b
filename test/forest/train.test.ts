import { describe, expect, test } from 'vitest'
import { pack } from '../../src/forest/flat.ts'
import type { FeatureRow, FeatureValue } from '../../src/forest/model.ts'
import { type Grow, growRandomForest, type TrainingOptions, trainRandomForest } from '../../src/forest/train.ts'

const numeric = { name: 'delay', kind: 'numeric', resolution: 0.1 } as const
const category = { name: 'carrier', kind: 'categorical' } as const

const rows: FeatureRow[] = Array.from({ length: 40 }, (_, row): FeatureValue[] => [row, row % 4 === 0 ? null : 'UA'])
const labels = rows.map((_, row) => (row >= 30 ? 1 : 0))
/** One split of the first column in the middle; leaves that the sample does not support. */
const stump: Grow = ({ trees }) => Array.from({ length: trees }, () => ({ column: 0, below: 2, left: 0.4, right: 0.6 }))
const options: TrainingOptions = {
  features: [numeric, category],
  rows,
  labels,
  seed: 3,
  trees: 4,
  binsMax: 4,
  horizonsMinutes: [120],
  origin: { from: 0, to: 1, cut: 1, featuresHash: 'f', why: 'A test.' },
}

describe('a trained forest', () => {
  test('has leaves from all rows, drawn towards the overall share', () => {
    const { trees } = trainRandomForest(stump, { ...options, smoothingRows: 4 })
    // overall 10 of 40; left 0 of 20, right 10 of 20, and 4 rows of 1/4 more on either side
    expect(trees.leaves.slice(0, 2)).toEqual(Float64Array.of(1 / 24, 11 / 24))
    const sampled = trainRandomForest(stump, { ...options, smoothingRows: null }).trees
    expect(sampled.leaves.slice(0, 2)).toEqual(Float64Array.of(0.4, 0.6))
  })

  test('grows on samples without repeats, as many as it takes', () => {
    const samples: { rows: number; trees: number; seed: number }[] = []
    const grow: Grow = sample => {
      expect(new Set(sample.rows.map(row => row.join())).size).toBeGreaterThan(1)
      samples.push({ rows: sample.rows.length, trees: sample.trees, seed: sample.seed })
      return stump(sample)
    }
    const { trees } = trainRandomForest(grow, { ...options, trees: 5, treesPerSample: 2, rowsPerTree: 12 })
    expect(trees.roots.length).toBe(5)
    expect(samples.map(sample => [sample.rows, sample.trees])).toEqual([
      [12, 2],
      [12, 2],
      [12, 1],
    ])
    expect(new Set(samples.map(({ seed }) => seed)).size).toBe(3)
  })

  test('can be grown sample by sample, telling how many trees there are', () => {
    const growing = growRandomForest(stump, { ...options, trees: 5, treesPerSample: 2 })
    const told: number[] = []
    let step = growing.next()
    for (; !step.done; step = growing.next()) told.push(step.value)
    expect(told).toEqual([2, 4, 5])
    expect(step.value).toEqual(trainRandomForest(stump, { ...options, trees: 5, treesPerSample: 2 }))
  })

  test('says where it came from and can be packed', () => {
    const model = trainRandomForest(stump, options)
    expect(model.trainedOn).toMatchObject({
      rows: 40,
      seed: 3,
      why: 'A test.',
      parameters: { trees: 4, binsMax: 4, maxDepth: 8 },
    })
    expect(pack(model).length).toBeGreaterThan(100)
  })
})
