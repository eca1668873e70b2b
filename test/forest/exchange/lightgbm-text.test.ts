import { describe, expect, test } from 'vitest'
import { blocksOf, numbersOf, thresholdsOf, wholesOf } from '../../../src/forest/exchange/lightgbm-text.ts'

const tree = 'Tree=0\nnum_leaves=1\n\n\n'
const text = `tree\nversion=v4\naverage_output\ntree_sizes=${tree.length}\n\n${tree}end of trees\n
parameters:\n[boosting: gbdt]\n[data: ]\n\nend of parameters\n\npandas_categorical:[["UA", "B6"], [1, 2]]\n`

const corrupt = expect.objectContaining({ code: 'MODEL_CORRUPT' })

describe("LightGBM's text", () => {
  test('comes apart into header, trees, parameters and categories', () => {
    for (const each of [text, text.replaceAll('\n', '\r\n')]) {
      const { header, trees, parameters, pandasCategories } = blocksOf(each)
      expect(header.get('version')).toBe('v4')
      expect(header.get('average_output')).toBe('')
      expect(trees.map(({ name, fields }) => [name, ...fields])).toEqual([['Tree=0', ['num_leaves', '1']]])
      expect(parameters.get('boosting')).toBe('gbdt')
      expect(pandasCategories).toEqual([
        ['UA', 'B6'],
        ['1', '2'],
      ])
    }
  })

  test.each([
    ['no end of its trees', text.slice(0, text.indexOf('end of trees'))],
    ['no end of its parameters', text.slice(0, text.indexOf('end of parameters'))],
    ['a tree that is longer than announced', text.replace('num_leaves=1', 'num_leaves=12')],
    ['a tree too few', text.replace('tree_sizes=', 'tree_sizes=10 ')],
    ['a tree of another number', text.replace('Tree=0', 'Tree=1')],
    ['a field twice', text.replace('version=v4', 'version=v4\nversion=v4')],
    ['categories that are cut', text.replace('[1, 2]]', '[1,')],
    ['another start', `x${text}`],
  ])('with %s is refused', (_, altered) => {
    expect(() => blocksOf(altered)).toThrow(corrupt)
  })

  test('has lists of numbers, all of them finite', () => {
    const fields = new Map([
      ['good', '1 -2.5e-3 +4'],
      ['bad', '1 nan 0x10'],
      ['large', '1e999'],
      ['none', ''],
    ])
    expect(numbersOf(fields, 'good', 3)).toEqual([1, -0.0025, 4])
    expect(numbersOf(fields, 'none', 0)).toEqual([])
    expect(thresholdsOf(new Map([['threshold', '1.5 inf -inf']]), 3)).toEqual([
      1.5,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ])
    expect(() => thresholdsOf(new Map([['threshold', '1.5 info']]), 2)).toThrow(corrupt)
    expect(() => numbersOf(fields, 'good', 2)).toThrow(corrupt)
    expect(() => numbersOf(fields, 'bad', 3)).toThrow(corrupt)
    expect(() => numbersOf(fields, 'large', 1)).toThrow(corrupt)
    expect(() => numbersOf(fields, 'missing', 1)).toThrow(corrupt)
    expect(() => wholesOf(fields, 'good', 3)).toThrow(corrupt)
  })
})
