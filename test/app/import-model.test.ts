import { describe, expect, test } from 'vitest'
import { importedModel } from '../../src/app/import-model.ts'
import { featureSetHash, features } from '../../src/features/table.ts'
import { hashOf, pack } from '../../src/forest/flat.ts'
import { compile } from '../../src/forest/score.ts'
import { golden, type LightgbmGolden } from '../forest/exchange/golden.ts'
import { modelOf } from '../forest/models.ts'

const columns = 'feature_names=carrier delay'
const lightgbm = golden<LightgbmGolden>('lightgbm').cases.at(-1)?.text ?? ''
const [trainedFrom, trainedTo] = [Date.UTC(2013, 0, 1), Date.UTC(2013, 1, 1)]
const upload = (text: string) => ({ bytes: Buffer.from(text), reason: 'made by hand', trainedFrom, trainedTo })

describe('a model file from outside', () => {
  test('of LightGBM becomes a flat model of the features here, and says where it came from', () => {
    const text = lightgbm.replace(columns, 'feature_names=carrier legArrivalDelay')
    const { model, bytes, hash } = importedModel(upload(text), [120])
    expect(model.trainedOn).toMatchObject({
      from: trainedFrom,
      to: trainedTo,
      rows: 400,
      why: 'made by hand',
      featuresHash: featureSetHash,
    })
    expect(model.features.map(({ name }) => name)).toEqual(['carrier', 'legArrivalDelay'])
    expect(hash).toBe(hashOf(bytes))
    expect(importedModel(upload(text), [120]).hash).toBe(hash)
    expect(compile(model, features).rawOf(features.map(() => null))).not.toBeNaN()
  })

  test("of Slipstream's own is taken as it is", () => {
    const own = pack(
      modelOf([[0, 1, true, 1, 2]], { features: [{ name: 'legArrivalDelay', kind: 'numeric', resolution: 1 }] }),
    )
    expect(importedModel({ bytes: own, reason: 'x' }, [120]).bytes).toBe(own)
  })

  test.each([
    ['other columns', upload(lightgbm), 'MODEL_MISFIT', 'delay'],
    ['no word of its training rows', { bytes: Buffer.from(lightgbm), reason: 'x' }, 'FIELD_MISSING', 'trainedFrom'],
    [
      'rows that end before they start',
      { ...upload(lightgbm), trainedTo: trainedFrom },
      'TIME_IMPOSSIBLE',
      'trainedTo',
    ],
    ['nothing in it', upload(''), 'MODEL_CORRUPT', 'magic'],
  ])('with %s is refused', (...[, given, code, field]) => {
    expect(() => importedModel(given, [120])).toThrow(expect.objectContaining({ code, field }))
  })
})
