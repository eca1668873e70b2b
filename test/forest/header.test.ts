import { describe, expect, test } from 'vitest'
import { headerOf, modelFrom } from '../../src/forest/header.ts'
import type { Json } from '../../src/forest/model.ts'
import { modelOf } from './models.ts'

const model = modelOf([0.5])

function withField(path: string, value: Json | undefined): () => unknown {
  const header = structuredClone(headerOf(model)) as Record<string, Json>
  const keys = path.split('.')
  let at = header
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, Json>
  at[keys.at(-1) ?? ''] = value as Json
  return () => modelFrom(header, model.trees)
}

test('a header is the model without its trees, and the model comes back from it', () => {
  expect(headerOf(model)).not.toHaveProperty('trees')
  expect(modelFrom(headerOf(model), model.trees)).toEqual(model)
})

describe('a header is refused, with the field, if', () => {
  test.each<[string, Json | undefined]>([
    ['kind', 'neural-network'],
    ['features', {}],
    ['features.0.name', ''],
    ['features.1.kind', 'text'],
    ['features.0.resolution', 'fine'],
    ['features.1.categories', 'UA'],
    ['features.1.remap', [0, 1]],
    ['horizonsMinutes', [1.5]],
    ['base', null],
    ['calibration.raw', [0.4, 0.1]],
    ['calibration.probability', [0.4, 1.1]],
    ['calibration.probability', [0.4]],
    ['threshold', 0.25],
    ['threshold', 20_000],
    ['interval.scores', [1, 5000]],
    ['interval.lows', [5000, 0]],
    ['interval.highs', [5000, 10_001]],
    ['reference', undefined],
    ['trainedOn.rows', -1],
    ['trainedOn.cut', 'yesterday'],
    ['trainedOn.why', ''],
    ['trainedOn.featuresHash', undefined],
    ['trainedOn.parameters', undefined],
    ['parent', 7],
  ])('%s is %j', (path, value) => {
    expect(withField(path, value)).toThrow(
      expect.objectContaining({ code: 'MODEL_CORRUPT', field: expect.stringMatching(/./) as string }) as Error,
    )
  })

  test('a category or a name is there twice', () => {
    expect(withField('features.1.categories', ['UA', 'B6', 'UA'])).toThrow('carrier lists a category twice')
    expect(withField('features.2.name', 'delay')).toThrow('two features share a name')
  })
})
