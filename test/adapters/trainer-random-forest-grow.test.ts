import { describe, expect, test } from 'vitest'
import { growForest, growTrees } from '../../src/adapters/trainer-random-forest-grow.ts'
import { binRow, columnsOf, fitBins, type TrainingFeature } from '../../src/forest/bins.ts'
import { hashOf, pack } from '../../src/forest/flat.ts'
import type { FeatureRow } from '../../src/forest/model.ts'
import { compile } from '../../src/forest/score.ts'
import { type ForestParameters, trainRandomForest } from '../../src/forest/train.ts'
import { randomFrom } from '../../src/lib/random.ts'

const features: readonly TrainingFeature[] = [
  { name: 'hour', kind: 'numeric', unit: 'h' },
  { name: 'delay', kind: 'numeric', resolution: 0.1, unit: 'min' },
  { name: 'carrier', kind: 'categorical' },
  { name: 'noise', kind: 'numeric' },
]

/** Late more often late in the day, after delays, with B6, and where no delay is known. */
function flights(count: number, seed: number): { rows: FeatureRow[]; labels: number[] } {
  const random = randomFrom(seed)
  const rows: FeatureRow[] = []
  const labels: number[] = []
  for (let flight = 0; flight < count; flight++) {
    const hour = Math.floor(random() * 19) + 5
    const delay = random() < 0.2 ? null : Math.floor(random() * 900 - 100)
    const carrier = random() < 0.1 ? null : (['UA', 'UA', 'B6', 'AA'][Math.floor(random() * 4)] ?? null)
    const risk = 0.02 * (hour - 5) + (delay === null ? 0.3 : delay / 2500) + (carrier === 'B6' ? 0.2 : 0)
    rows.push([hour, delay, carrier, Math.floor(random() * 1000)])
    labels.push(random() < risk ? 1 : 0)
  }
  return { rows, labels }
}

const training = flights(600, 1)
const unseen: FeatureRow[] = [...flights(400, 2).rows, [12, null, 'ZZ', null], [12, 1e9, null, -5], [0, -1e9, 'AA', 0]]
const about = {
  features,
  seed: 7,
  horizonsMinutes: [120],
  origin: { from: 0, to: 1, cut: 1, featuresHash: 'f', why: 'A test.' },
}
const small: Partial<ForestParameters> = {
  trees: 6,
  rowsPerTree: 300,
  treesPerSample: 2,
  maxDepth: 6,
  leafRows: 8,
  binsMax: 16,
}

describe('a forest of ml-random-forest', () => {
  test('predicts the same when compiled into a flat model', () => {
    // one sample of all rows, in their order: what the library sees can be rebuilt here
    const options = { ...small, rowsPerTree: 600, treesPerSample: 6, smoothingRows: null, columnShare: 0.8 }
    const seeds: number[] = []
    const model = trainRandomForest(
      sample => {
        seeds.push(sample.seed)
        return growTrees(sample)
      },
      { ...about, ...training, ...options },
    )
    const bins = features.map((feature, i) =>
      fitBins(
        feature,
        training.rows.map(row => row[i] ?? null),
        16,
      ),
    )
    const columns = columnsOf(bins)
    expect(columns.map(({ role }) => role)).toEqual(['value', 'value', 'missing', 'value', 'value'])
    const { forest } = growForest({
      rows: training.rows.map(row => binRow(bins, columns, row)),
      labels: training.labels,
      trees: 6,
      seed: seeds[0] as number,
      columnsPerTree: 4,
      maxDepth: 6,
      leafRows: 8,
    })
    const expected = forest.predict(unseen.map(row => binRow(bins, columns, row)))
    const scorer = compile(model)
    const worst = unseen.map((row, at) => Math.abs(scorer.predict(row).raw - (expected[at] as number)))
    expect(Math.max(...worst)).toBeLessThan(1e-12)
    expect(new Set(expected).size).toBeGreaterThan(100)
  })

  test('is the same model for the same seed, and another one for another', () => {
    const hash = (seed: number): string =>
      hashOf(pack(trainRandomForest(growTrees, { ...about, ...training, ...small, seed })))
    expect(hash(7)).toBe(hash(7))
    expect(hash(8)).not.toBe(hash(7))
  })

  test('learns what the rows hold: a missing delay and a category are risks', () => {
    const model = trainRandomForest(growTrees, {
      ...about,
      ...flights(3000, 3),
      ...small,
      trees: 20,
      rowsPerTree: 600,
      treesPerSample: 1,
      columnShare: 1,
    })
    const scorer = compile(model)
    const risk = (row: FeatureRow): number => scorer.predict(row).raw
    expect(risk([20, null, 'UA', 500])).toBeGreaterThan(risk([20, 0, 'UA', 500]) + 0.05)
    expect(risk([20, 300, 'B6', 500])).toBeGreaterThan(risk([20, 300, 'UA', 500]) + 0.05)
    expect(risk([22, 300, 'UA', 500])).toBeGreaterThan(risk([6, 300, 'UA', 500]) + 0.05)
  })

  test('does not make more of a node than its depth and rows allow', () => {
    const rows = [
      [0, 5],
      [0, 5],
      [1, 5],
      [1, 5],
      [1, 5],
      [1, 6],
    ]
    const grow = { rows, labels: [0, 0, 1, 1, 1, 0], trees: 1, seed: 1, columnsPerTree: 2 }
    const [one] = growTrees({ ...grow, maxDepth: 1, leafRows: 1 })
    expect(one).toEqual({ column: 0, below: 1, left: 0, right: 0.75 })
    const [two] = growTrees({ ...grow, maxDepth: 2, leafRows: 1 })
    expect(two).toEqual({ column: 0, below: 1, left: 0, right: { column: 1, below: 5.5, left: 1, right: 0 } })
    const [four] = growTrees({ ...grow, maxDepth: 2, leafRows: 4 })
    expect(four).toEqual(one)
  })
})
