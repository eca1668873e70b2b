import { describe, expect, test } from 'vitest'
import { categoriesOf } from '../../../src/forest/exchange/xgboost-categories.ts'

const cats = (...enc: unknown[]) => ({ cats: { enc } })
const texts = (offsets: number[], ...names: string[]) => ({
  offsets,
  values: [...new Int8Array(Buffer.from(names.join(''), 'utf8'))],
})

describe('names of categories', () => {
  test('are texts, numbers, or none', () => {
    const forest = cats(texts([0, 2, 5, 5], 'UA', 'Ün', ''), texts([]), { type: 15, values: [2011, 7] })
    expect(categoriesOf(forest, 3)).toEqual([['UA', 'Ün', ''], null, ['2011', '7']])
    expect(categoriesOf({}, 2)).toEqual([null, null])
    expect(categoriesOf(cats(), 2)).toEqual([null, null])
  })

  test.each([
    ['of too few features', cats(texts([0, 1], 'a')), 2],
    ['that end before their bytes', cats(texts([0, 1], 'ab')), 1],
    ['that begin late', cats(texts([1, 2], 'ab')), 1],
    ['that go back', cats(texts([0, 2, 1, 2], 'ab')), 1],
    ['that no text has', cats({ offsets: [0, 1], values: [-1] }), 1],
    ['that are the same', cats(texts([0, 1, 2], 'a', 'a')), 1],
    ['that are none', cats({ type: 15, values: ['a'] }), 1],
  ])('%s are refused', (_, forest, count) => {
    expect(() => categoriesOf(forest, count)).toThrow(expect.objectContaining({ code: 'MODEL_CORRUPT' }))
  })
})
