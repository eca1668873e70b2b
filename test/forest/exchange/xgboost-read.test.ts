import { describe, expect, test } from 'vitest'
import { marginOf, probabilityOf } from '../../../src/forest/exchange/ensemble.ts'
import { ubjsonIn } from '../../../src/forest/exchange/ubjson.ts'
import { readXgboost } from '../../../src/forest/exchange/xgboost-read.ts'
import { doublesOf, golden, singles, type XgboostGolden } from './golden.ts'

const { cases, refused } = golden<XgboostGolden>('xgboost')

describe('a model of XGBoost', () => {
  test.each(cases)('$name: margins are those of XGBoost, from JSON and from UBJSON', ({ json, ubj, ...said }) => {
    for (const model of [JSON.parse(json), ubjsonIn(Buffer.from(ubj, 'base64'))]) {
      const ensemble = readXgboost(model)
      for (const [index, row] of said.rows.entries()) {
        const margin = marginOf(ensemble, singles(doublesOf(row, ensemble)))
        const expected = said.margins[index] as number
        expect(margin).toBe(expected)
        // of binary:logitraw XGBoost tells the log-odds itself
        const prediction = said.predictions[index] as number
        const probability = prediction === expected ? expected : (probabilityOf(ensemble, margin) as number)
        expect(Math.abs(probability / prediction - 1)).toBeLessThan(1e-6)
      }
    }
  })

  test.each(Object.entries(refused))('that is %s is refused by name', (_, json) => {
    expect(() => readXgboost(JSON.parse(json))).toThrow(expect.objectContaining({ code: 'MODEL_UNSUPPORTED' }))
  })

  type Tree = Record<'categories' | 'categories_nodes' | 'categories_segments' | 'categories_sizes', number[]>
  type File = { learner: { gradient_booster: { model: { trees: Tree[] } } } }

  /** The first set of a model is the given one. */
  function withSet(codes: readonly number[]): File {
    const file = JSON.parse(cases.find(({ name }) => name === 'categories in sets')?.json ?? '') as File
    const tree = file.learner.gradient_booster.model.trees.find(each => each.categories_nodes.length > 0) as Tree
    tree.categories_segments[0] = tree.categories.length
    tree.categories_sizes[0] = codes.length
    tree.categories = [...tree.categories, ...codes]
    return file
  }

  test('may have a set of very many categories', () => {
    const codes = Array.from({ length: 300_000 }, (_, code) => code)
    const { setWords } = readXgboost(withSet(codes)).trees
    expect(setWords.filter(word => word >>> 0 === 2 ** 32 - 1).length).toBeGreaterThanOrEqual(codes.length / 32)
  })

  test.each([-1, 2 ** 20 + 1, 2 ** 31 - 1])('with the category code %i is refused before room is made for it', code => {
    const before = process.memoryUsage().heapTotal
    expect(() => readXgboost(withSet([0, code]))).toThrow(expect.objectContaining({ code: 'MODEL_CORRUPT' }))
    expect(process.memoryUsage().heapTotal - before).toBeLessThan(200e6)
  })
})
