import { describe, expect, test } from 'vitest'
import { type Boosted, type BoostOptions, type BoostParameters, boost, boostSteps } from '../../src/forest/boost.ts'
import { logistic } from '../../src/forest/calibration.ts'
import type { FeatureRow, Model } from '../../src/forest/model.ts'
import { compile } from '../../src/forest/score.ts'
import { checkTrees } from '../../src/forest/trees.ts'
import { binnedRows, featuresOf, someRows, someTraining } from './binned-sets.ts'
import { modelOf } from './models.ts'

const { rows, labels } = someRows(4000)
const binned = binnedRows(someTraining, rows)
const quick = { numIterations: 20, numLeaves: 15 }
const options: BoostOptions = { binned, labels, trainUntil: 3000, validUntil: 4000, seed: 1, parameters: quick }

function modelFrom({ trees, base }: Boosted, changes: Partial<Model> = {}): Model {
  const features = binned.features.map(({ feature }) => feature)
  return modelOf([0], {
    kind: 'gradient-boosting',
    features,
    trees,
    base,
    calibration: null,
    interval: null,
    ...changes,
  })
}

function logLossOf(probabilityOf: (row: FeatureRow) => number, from = 3000): number {
  const losses = rows.slice(from).map((row, at) => {
    const probability = probabilityOf(row)
    return -Math.log(labels[from + at] === 1 ? probability : 1 - probability)
  })
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length
}

const share = labels.subarray(0, 3000).reduce((sum, label) => sum + label, 0) / 3000
const boosted = (parameters: Partial<BoostParameters> = {}, changes: Partial<BoostOptions> = {}) =>
  boost({ ...options, parameters: { ...quick, ...parameters }, ...changes })

describe('boosting', () => {
  test('beats the base rate on rows that it has not seen, and scores as it said', () => {
    const result = boosted()
    const { rawOf } = compile(modelFrom(result))
    const loss = logLossOf(row => logistic(rawOf(row)))
    expect(loss).toBeLessThan(logLossOf(() => share) - 0.02)
    expect(result.validLosses.length).toBe(20)
    expect(loss).toBeCloseTo(result.validLosses.at(-1) ?? 0, 10)
    expect(result.trees.setStarts.length).toBeGreaterThan(0)
    checkTrees(result.trees, modelFrom(result).features)
  })

  test('is the same again, and another with another seed where something is drawn', () => {
    const drawn = { baggingFraction: 0.6, baggingFreq: 1, featureFraction: 0.7 }
    expect(boosted(drawn)).toEqual(boosted(drawn))
    expect(boosted(drawn, { seed: 2 }).trees).not.toEqual(boosted(drawn).trees)
    expect(boosted({}, { seed: 2 })).toEqual(boosted())
  })

  test('scores rows outside the sample as well', () => {
    const result = boosted({ baggingFraction: 0.5, baggingFreq: 3 })
    const { rawOf } = compile(modelFrom(result))
    expect(logLossOf(row => logistic(rawOf(row)))).toBeCloseTo(result.validLosses.at(-1) ?? 0, 10)
    // the gradients of later trees see the rows that earlier ones left out
    expect(logLossOf(row => logistic(rawOf(row)), 0)).toBeLessThan(logLossOf(() => share, 0) - 0.02)
  })

  test('stops when the validation rows no longer gain, and keeps the best trees', () => {
    const result = boosted({ numIterations: 400, learningRate: 0.5, earlyStoppingRound: 5 })
    const best = result.validLosses.indexOf(Math.min(...result.validLosses))
    expect(result.trees.roots.length).toBe(best + 1)
    expect(result.validLosses.length).toBe(best + 1 + 5)
    const { rawOf } = compile(modelFrom(result))
    expect(logLossOf(row => logistic(rawOf(row)))).toBeCloseTo(result.validLosses[best] ?? 0, 10)
  })

  test('sends missing values where they belong', () => {
    const { rawOf } = compile(modelFrom(boosted()))
    // missing n0 is as risky as n0 = 100
    const at = (n0: number | null) => rawOf([n0, 15, 0, 'K0'])
    expect(Math.abs(at(null) - at(100))).toBeLessThan(Math.abs(at(null) - at(-200)))
    expect(at(null)).toBeGreaterThan(at(-200))
  })

  test('rises with a feature that it must not fall with', () => {
    const { rawOf } = compile(modelFrom(boosted({ monotoneConstraints: [1, -1, 0, 0], numLeaves: 31 })))
    for (const row of rows.slice(0, 40)) {
      const raws = Array.from({ length: 40 }, (_, step) => rawOf([step * 10 - 200, ...row.slice(1)]))
      expect(raws).toEqual([...raws].sort((a, b) => a - b))
    }
  })

  test('gives rows of no weight no say', () => {
    const weights = labels.map(label => label)
    const { rawOf } = compile(modelFrom(boosted({}, { weights })))
    // only late rows count
    for (const row of rows.slice(0, 20)) expect(logistic(rawOf(row))).toBeGreaterThan(0.99)
  })

  test('tells how far it is', () => {
    expect([...boostSteps(options)].at(-1)).toEqual({ done: 20, of: 20 })
  })
})

describe('a forest', () => {
  test.each([{ extraTrees: false }, { extraTrees: true }])(
    'of trees grown apart is their mean: %o',
    ({ extraTrees }) => {
      const result = boosted({
        boosting: 'rf',
        extraTrees,
        baggingFraction: 0.6,
        baggingFreq: 1,
        featureFractionBynode: 0.7,
        minDataInLeaf: 10,
      })
      const { rawOf } = compile(modelFrom(result, { kind: 'random-forest' }))
      expect(logLossOf(row => rawOf(row))).toBeLessThan(logLossOf(() => share) - 0.02)
      expect(result.base).toBe(0)
    },
  )
})

describe('other losses', () => {
  const minutes = Float64Array.from(rows, row => Number(row[0] ?? 0) / 10 + (Number(row[1]) % 7))

  test('squares: the mean', () => {
    const result = boosted({ objective: 'regression', numIterations: 60 }, { labels: minutes })
    expect(result.validLosses.at(-1)).toBeLessThan((result.validLosses[0] ?? 0) / 10)
  })

  test('quantiles: so many lie below', () => {
    const result = boosted({ objective: 'quantile', alpha: 0.8, numIterations: 60, numLeaves: 8 }, { labels: minutes })
    const { rawOf } = compile(modelFrom(result))
    const below = rows.slice(3000).filter((row, at) => (minutes[3000 + at] as number) <= rawOf(row)).length
    expect(below / 1000).toBeGreaterThan(0.72)
    expect(below / 1000).toBeLessThan(0.9)
  })
})

describe('poor rows', () => {
  const tiny = (count: number, changes: Partial<BoostParameters> = {}) => {
    const few = binnedRows(
      featuresOf(2, 0),
      [...Array(count).keys()].map(row => [row, 7]),
    )
    const label = Uint8Array.from({ length: count }, (_, row) => row % 2)
    return boost({
      binned: few,
      labels: label,
      trainUntil: count,
      seed: 1,
      parameters: { numIterations: 3, ...changes },
    })
  }

  test('2 or 10 of them give one leaf: their share', () => {
    for (const count of [2, 10]) {
      const { trees, base } = tiny(count)
      expect(trees.roots.length).toBe(1)
      expect(trees.leaves[0]).toBeCloseTo(0, 9)
      expect(logistic(base)).toBeCloseTo(0.5, 9)
    }
    expect(tiny(10, { minDataInLeaf: 1, minSumHessianInLeaf: 0 }).trees.featureOf.length).toBeGreaterThan(0)
  })

  test('of one class give a share below certainty', () => {
    const one = boost({ ...options, labels: new Uint8Array(4000), validUntil: 3000, parameters: quick })
    expect(logistic(one.base)).toBeGreaterThan(0)
    expect(one.trees.leaves.every(leaf => leaf <= 0)).toBe(true)
  })

  test('without a feature that varies give one leaf', () => {
    const flat = binnedRows(
      featuresOf(2, 1),
      [...Array(50).keys()].map(() => [3, null, 'K']),
    )
    const label = Uint8Array.from({ length: 50 }, (_, row) => row % 2)
    const { trees } = boost({ binned: flat, labels: label, trainUntil: 50, seed: 1, parameters: quick })
    expect(trees.featureOf.length).toBe(0)
  })
})
