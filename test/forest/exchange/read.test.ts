import { describe, expect, test } from 'vitest'
import { readModel } from '../../../src/forest/exchange/read.ts'
import { pack } from '../../../src/forest/flat.ts'
import { modelOf } from '../models.ts'
import { golden, type LightgbmGolden, type XgboostGolden } from './golden.ts'

const [lightgbm] = golden<LightgbmGolden>('lightgbm').cases
const [xgboost] = golden<XgboostGolden>('xgboost').cases

describe('a model file', () => {
  test('is known by its content', () => {
    expect(readModel(pack(modelOf([1]))).source).toBe('slipstream')
    expect(readModel(Buffer.from(lightgbm?.text ?? '')).source).toBe('lightgbm')
    expect(readModel(Buffer.from(xgboost?.json ?? '')).source).toBe('xgboost')
    expect(readModel(Buffer.from(xgboost?.ubj ?? '', 'base64')).source).toBe('xgboost')
  })

  test.each([
    ['nothing', ''],
    ['a table', 'a,b\n1,2\n'],
    ['JSON of something else', '{"a": 1}'],
    ['half of a JSON', '{"learner": {"a'],
    ['no text', Buffer.from('tree\n\xff\xfe', 'latin1')],
  ])('that is %s is refused', (_, content) => {
    expect(() => readModel(Buffer.from(content))).toThrow(expect.objectContaining({ code: 'MODEL_CORRUPT' }))
  })
})
