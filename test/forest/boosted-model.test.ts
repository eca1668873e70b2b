import { describe, expect, test } from 'vitest'
import { boostedModel, rawsOf, trainedModel } from '../../src/forest/boosted-model.ts'
import { hashOf, pack, unpack } from '../../src/forest/flat.ts'
import type { Model } from '../../src/forest/model.ts'
import { compile } from '../../src/forest/score.ts'
import { packColumn, rowsOf, type TrainingSet } from '../../src/forest/training-set.ts'
import { flightSet } from '../contracts/trainer.ts'

const quick = { numIterations: 15, minDataInLeaf: 10 }

function trained(set: TrainingSet): Model {
  const training = boostedModel(set)
  for (;;) {
    const { done, value } = training.next()
    if (done) return value
  }
}

/** All that it yields, and the model. */
function grownAnew(set: TrainingSet) {
  const training = trainedModel(set)
  const steps: { done: number; of: number }[] = []
  let graded: Model | undefined
  for (;;) {
    const { done, value } = training.next()
    if (done) return { steps, graded, model: value }
    if ('graded' in value) graded = value.graded
    else steps.push(value)
  }
}

const setOf = (changes: Partial<TrainingSet> = {}) => flightSet(800, { parameters: quick, ...changes })

describe('a boosted model', () => {
  test('says what it was trained with, all of it', () => {
    const { parameters } = trained(setOf()).trainedOn
    expect(parameters).toMatchObject({ ...quick, numLeaves: 31, objective: 'binary', maxBin: 63 })
  })

  test('has the same hash in every run, and after a way through a file', () => {
    const model = trained(setOf())
    const bytes = pack(model)
    expect(hashOf(pack(trained(setOf())))).toBe(hashOf(bytes))
    const set = setOf()
    expect(rawsOf(unpack(bytes), set, 0, 800)).toEqual(rawsOf(model, set, 0, 800))
    const { rawOf } = compile(model)
    expect([...rawsOf(model, set, 700, 703)]).toEqual(rowsOf(set, 700, 703).map(rawOf))
  })

  test('bins and grows on the rows that are not held out alone', () => {
    const { trees } = trained(setOf())
    const set = setOf()
    const columns = set.columns.map(({ values, categories }) => ({
      values: values.map((value, row) => (row < set.heldOutFrom ? value : (values[0] as number))),
      categories,
    }))
    expect(trained({ ...set, columns }).trees).toEqual(trees)
  })

  test('can end by its own validation rows, the last that grow trees', () => {
    const parameters = { ...quick, numIterations: 300, learningRate: 0.5, validationShare: 0.2, earlyStoppingRound: 5 }
    expect(trained(setOf({ parameters })).trees.roots.length).toBeLessThan(300)
  })

  test('can be a forest', () => {
    const model = trained(setOf({ parameters: { ...quick, boosting: 'rf' } }))
    expect(model.kind).toBe('random-forest')
    const risk = compile(model).rawOf
    expect(risk([22, 700, 'B6'])).toBeGreaterThan(risk([6, 0, 'UA']) + 0.1)
  })

  test('weighs rows', () => {
    const set = setOf()
    const weights = Float64Array.from(set.labels, label => (label === 1 ? 10 : 1))
    const mean = (model: Model) => rawsOf(model, set, 0, 600).reduce((sum, raw) => sum + raw, 0) / 600
    // log odds of 10 times as many
    expect(mean(trained({ ...set, weights })) - mean(trained(set))).toBeGreaterThan(1.5)
  })

  test('of columns without a value, or with only one, is their share', () => {
    const columns = [
      packColumn(
        'numeric',
        Array.from({ length: 800 }, () => null),
      ),
      packColumn(
        'numeric',
        Array.from({ length: 800 }, () => 7),
      ),
      packColumn(
        'categorical',
        Array.from({ length: 800 }, () => null),
      ),
    ]
    const model = trained(setOf({ columns }))
    expect(new Set(rawsOf(model, { ...setOf(), columns }, 0, 800)).size).toBe(1)
    expect(model.features[2]).toEqual({ name: 'carrier', kind: 'categorical', categories: [] })
  })
})

describe('a model grown anew on all rows', () => {
  const early = { ...quick, numIterations: 300, learningRate: 0.5, validationShare: 0.2, earlyStoppingRound: 5 }

  test('is the boosted model with other trees', () => {
    const { graded, model } = grownAnew(setOf())
    expect(graded).toEqual(trained(setOf()))
    const { trees, base, trainedOn } = model
    expect({ ...graded, trees, base, trainedOn: { ...graded?.trainedOn, rows: 800 } }).toEqual(model)
    expect(trainedOn.rows).toBe(800)
    expect(trees).not.toEqual(graded?.trees)
  })

  test('has as many more trees as there are more rows than the first had, wherever that one ended', () => {
    for (const parameters of [quick, early]) {
      const { graded, model, steps } = grownAnew(setOf({ parameters }))
      const first = graded?.trees.roots.length ?? 0
      const growing = parameters === quick ? 600 : 480
      expect(model.trees.roots.length).toBe(Math.round((first * 800) / growing))
      const done = steps.map(step => step.done)
      expect(done).toEqual([...new Set(done)].sort((a, b) => a - b))
      expect(steps.at(-1)?.done).toBe(steps.at(-1)?.of)
    }
  })

  test('has as many trees as before if it is a forest', () => {
    const { model } = grownAnew(setOf({ parameters: { ...quick, boosting: 'rf' } }))
    expect(model.trees.roots.length).toBe(15)
  })
})
