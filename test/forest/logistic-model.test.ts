import { describe, expect, test } from 'vitest'
import { rawsOf } from '../../src/forest/boosted-model.ts'
import { hashOf, pack, unpack } from '../../src/forest/flat.ts'
import { fitLogistic } from '../../src/forest/logistic-fit.ts'
import { fittedLogistic, logisticModel } from '../../src/forest/logistic-model.ts'
import type { FeatureRow, Model } from '../../src/forest/model.ts'
import { compile } from '../../src/forest/score.ts'
import { packColumn, type TrainingSet } from '../../src/forest/training-set.ts'
import { flightSet } from '../contracts/trainer.ts'

function ended(steps: Generator<unknown, Model>): Model {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

const setOf = (changes: Partial<TrainingSet> = {}) => flightSet(1200, changes)
const parameters = { lambdaL2: 0.001, shape: 'linear', maxBin: 63 }

describe('logistic regression in trees', () => {
  test('has the coefficients that Newton finds', () => {
    // two numbers with few values each: bins hold one value, so their means are the values
    const rows = 400
    const x = Array.from({ length: rows }, (_, row) => (row * 7) % 11)
    const y = Array.from({ length: rows }, (_, row) => (row * 5) % 9)
    const labels = Uint8Array.from(x, (value, row) => ((value + 2 * (y[row] as number) + row * 13) % 23 > 11 ? 1 : 0))
    const features = [
      { name: 'x', kind: 'numeric' },
      { name: 'y', kind: 'numeric' },
    ] as const
    const columns = [packColumn('numeric', x), packColumn('numeric', y)]
    const set = setOf({ features, columns, labels, heldOutFrom: rows, parameters: { ...parameters, lambdaL2: 1e-9 } })
    const model = ended(fittedLogistic(set))
    const [a = 0, b = 0, c = 0] = fitLogistic({ columns: [x, y], targets: labels })
    const { rawOf } = compile(model)
    for (const [row, value] of x.entries())
      expect(rawOf([value, y[row] as number])).toBeCloseTo(a * value + b * (y[row] as number) + c, 4)
  })

  test('gives what is missing, and each category, a weight of its own; an unseen category counts as missing', () => {
    const model = ended(fittedLogistic(setOf({ parameters: { ...parameters, shape: 'steps' } })))
    const { rawOf } = compile(model)
    const at = (row: FeatureRow) => rawOf(row)
    // B6 is late more often by 20 points than UA and AA
    expect(at([12, 0, 'B6'])).toBeGreaterThan(at([12, 0, 'UA']) + 0.5)
    expect(at([12, 0, 'XX'])).toBe(at([12, 0, null]))
    expect(at([12, null, 'UA'])).not.toBe(at([12, 0, 'UA']))
  })

  test('penalised without end, says the overall share to everybody', () => {
    const set = setOf({ parameters: { ...parameters, lambdaL2: 1e12 } })
    const model = ended(fittedLogistic(set))
    const late = set.labels.subarray(0, set.heldOutFrom).reduce((sum, label) => sum + label, 0) / set.heldOutFrom
    for (const raw of rawsOf(model, set, 0, 50)) expect(raw).toBeCloseTo(Math.log(late / (1 - late)), 4)
  })

  test('is a model like any other: packed, calibrated, the same bits again, each row in one leaf a tree', () => {
    const set = setOf({ parameters })
    const model = ended(logisticModel(set))
    const bytes = pack(model)
    expect(hashOf(pack(ended(logisticModel(set))))).toBe(hashOf(bytes))
    expect(compile(unpack(bytes)).rawOf([12, 100, 'UA'])).toBe(compile(model).rawOf([12, 100, 'UA']))
    expect(model.calibration).not.toBeNull()
    const rows = model.trees.leafCovers?.reduce((sum, cover) => sum + cover, 0)
    expect(rows).toBe(model.trees.roots.length * set.heldOutFrom)
  })
})
