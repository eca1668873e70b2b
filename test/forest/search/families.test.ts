import { describe, expect, test } from 'vitest'
import { growTrees } from '../../../src/adapters/trainer-random-forest-grow.ts'
import { binnedSetOf } from '../../../src/forest/binned.ts'
import { rawsOf } from '../../../src/forest/boosted-model.ts'
import { hashOf, pack } from '../../../src/forest/flat.ts'
import type { Model } from '../../../src/forest/model.ts'
import { type Family, familiesWith, searchBins } from '../../../src/forest/search/families.ts'
import { familyNames } from '../../../src/forest/search/family-names.ts'
import { coordinatesOf, pointAt } from '../../../src/forest/search/space.ts'
import type { TrainingSet } from '../../../src/forest/training-set.ts'
import { flightSet } from '../../contracts/trainer.ts'

const families = familiesWith(growTrees)
const small = { numIterations: 15, trees: 4, rowsPerTree: 200 }

function ended(steps: ReturnType<Family['train']>) {
  let told = 0
  let graded: Model | null = null
  for (;;) {
    const { done, value } = steps.next()
    if (done) return { model: value, told, graded: graded ?? value }
    if ('graded' in value) {
      graded = value.graded
      continue
    }
    expect(value.done).toBeLessThanOrEqual(value.of)
    told++
  }
}

function binnedOf({ features, columns, heldOutFrom }: TrainingSet) {
  const training = columns.map(({ values, categories }) => ({ values: values.subarray(0, heldOutFrom), categories }))
  return binnedSetOf({ features, columns: training, binsMax: searchBins })
}

describe.each(familyNames)('%s', name => {
  const { space, start, parametersOf, grow, train } = families[name]
  const own = name === 'ml-random-forest' ? small : { numIterations: small.numIterations }
  const setOf = () => flightSet(800, { parameters: { ...parametersOf(start), ...(name === 'logistic' ? {} : own) } })

  test('starts at a point of its space', () => {
    expect(Object.keys(start).sort()).toEqual(space.map(dimension => dimension.name).sort())
    const again = pointAt(space, coordinatesOf(space, start))
    const isNear = (a: unknown, b: unknown) => (typeof a === 'number' ? Math.abs(a - Number(b)) < 0.005 : a === b)
    for (const [dimension, value] of Object.entries(start)) expect(isNear(value, again[dimension])).toBe(true)
  })

  test('grown on bins made before is the same model as trained from the columns, but for what the held-out rows add', () => {
    const set = setOf()
    const { model, told } = ended(grow(set, binnedOf(set)))
    expect(told).toBeGreaterThan(0)
    expect(model.calibration).toBeNull()
    const { model: trained, graded } = ended(train(set))
    expect(trained.calibration).not.toBeNull()
    expect(trained.calibration).toEqual(graded.calibration)
    expect(graded.trees).toEqual(model.trees)
    const isOfAllRows = name === 'boosting' || name === 'forest'
    expect(trained.trainedOn.rows).toBe(isOfAllRows ? set.labels.length : set.heldOutFrom)
    expect(hashOf(pack(ended(train(set)).model))).toBe(hashOf(pack(trained)))
  })

  test('puts late flights before others, and knows how many rows reached each leaf', () => {
    const set = setOf()
    const { model } = ended(grow(set, binnedOf(set)))
    const raws = rawsOf(model, set, set.heldOutFrom, set.labels.length)
    const labels = set.labels.subarray(set.heldOutFrom)
    const meanOf = (label: number) => {
      const own = raws.filter((_, row) => labels[row] === label)
      return own.reduce((sum, raw) => sum + raw, 0) / own.length
    }
    expect(meanOf(1)).toBeGreaterThan(meanOf(0))
    expect(model.trees.leafCovers).toHaveLength(model.trees.leaves.length)
  })
})
