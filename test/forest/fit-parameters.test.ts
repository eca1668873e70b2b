import { describe, expect, test } from 'vitest'
import { boostDefaults } from '../../src/forest/boost.ts'
import { fitParametersOf } from '../../src/forest/fit-parameters.ts'
import type { Json } from '../../src/forest/model.ts'

describe('parameters', () => {
  test("are LightGBM's defaults when nothing is said", () => {
    expect(fitParametersOf({})).toMatchObject({
      model: { ...boostDefaults, maxDepth: -1, maxBin: 255, numLeaves: 31, learningRate: 0.1, numIterations: 100 },
      categorical: [],
      weightColumn: null,
      seed: 0,
      threads: 1,
      heldOutShare: 0.2,
    })
  })

  test('have their names, or other names for them', () => {
    const { model, categorical, seed } = fitParametersOf({
      num_leaves: 63,
      eta: 0.05,
      n_estimators: 7,
      lambda_l2: 3,
      subsample: 0.5,
      extra_trees: true,
      boosting_type: 'gbrt',
      objective: 'mse',
      categorical_feature: 'name:carrier,origin',
      monotone_constraints: [1, 0, -1],
      random_state: 9,
      verbose: -1,
    })
    expect(model).toMatchObject({
      numLeaves: 63,
      learningRate: 0.05,
      numIterations: 7,
      lambdaL2: 3,
      baggingFraction: 0.5,
      extraTrees: true,
      boosting: 'gbdt',
      objective: 'regression',
      monotoneConstraints: [1, 0, -1],
    })
    expect(categorical).toEqual(['carrier', 'origin'])
    expect(fitParametersOf({ categorical_feature: '0,3' }).categorical).toEqual([0, 3])
    expect(seed).toBe(9)
  })

  const wrong: [given: Json, message: string][] = [
    [[], 'parameters are one JSON object'],
    [{ num_leafs: 3 }, 'no parameter is called num_leafs'],
    [{ num_leaves: 1 }, 'num_leaves is 1; it takes a whole number from 2'],
    [{ num_leaves: 2.5 }, 'it takes a whole number'],
    [{ learning_rate: 0 }, 'learning_rate is 0; it takes a number above 0'],
    [{ bagging_fraction: 1.5 }, 'bagging_fraction is 1.5; it takes a number above 0 to 1'],
    [{ max_bin: 256 }, 'max_bin is 256; it takes a whole number from 2 to 255'],
    [{ lambda_l1: 'x' }, 'lambda_l1 is "x"'],
    [{ objective: 'multiclass' }, 'objective is "multiclass"; it takes one of binary'],
    [{ extra_trees: 1 }, 'it takes true or false'],
    [{ eta: 0.1, learning_rate: 0.2 }, 'eta and learning_rate are two names of one parameter'],
    [{ monotone_constraints: [1, 2] }, 'monotone_constraints holds 2; each is 1, -1 or 0'],
    [{ mc: 'up,0' }, 'monotone_constraints holds "up"'],
    [{ categorical_feature: 3 }, 'it takes a list'],
    [{ weight_column: '' }, 'it takes the name of a column'],
  ]
  test.each(wrong)('that are wrong are refused: %j', (given, message) => {
    expect(() => fitParametersOf(given)).toThrow(message)
  })
})
