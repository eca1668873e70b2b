import { describe, expect, test } from 'vitest'
import { BlobsMemory } from '../../src/adapters/blobs-memory.ts'
import { Explaining, ensemblesIn } from '../../src/app/explaining.ts'
import { features } from '../../src/features/table.ts'
import { ensembleOf } from '../../src/forest/exchange/flat-ensemble.ts'
import { flattened } from '../../src/forest/exchange/flatten.ts'
import { readLightgbm } from '../../src/forest/exchange/lightgbm-read.ts'
import { hashOf, pack } from '../../src/forest/flat.ts'
import { compile } from '../../src/forest/score.ts'
import { artefactAddress } from '../../src/runtime/artefacts.ts'
import { golden, type LightgbmGolden } from '../forest/exchange/golden.ts'
import { modelOf } from '../forest/models.ts'

/** A model of LightGBM from pandas, its columns named as ours: carrier, and a delay. */
const text = (golden<LightgbmGolden>('lightgbm').cases.at(-1)?.text ?? '').replace(
  'feature_names=carrier delay',
  'feature_names=carrier legArrivalDelay',
)
const { rows: _, ...origin } = modelOf([1]).trainedOn
const model = flattened(readLightgbm(text), { features, horizonsMinutes: [120], origin, parent: null })

const row = features.map(
  ({ name }) => ({ carrier: 'B6', origin: 'EWR', destination: 'SFO', legArrivalDelay: 38 })[name] ?? null,
)

describe('an explanation', () => {
  test('adds up to the margin, and tells the reasons in words', async () => {
    let reads = 0
    const explaining = new Explaining(async () => (reads++, ensembleOf(model)), features)
    const { base, margin, reasons } = (await explaining.by('ab'))(row)
    expect((await explaining.by('ab'))(row).margin).toBe(margin)
    expect(reads).toBe(1)
    expect(margin).toBe(compile(model, features).rawOf(row))
    expect(reasons.reduce((sum, { contribution }) => sum + contribution, base)).toBeCloseTo(margin, 9)
    expect(reasons.map(({ text: words }) => words).sort()).toEqual([
      'it is a flight of B6',
      "the aircraft's last leg landed 38 minutes late",
    ])
  })

  test('is refused of a model that does not count its training rows', async () => {
    const blobs = new BlobsMemory()
    const bytes = pack(modelOf([[0, 1, true, 1, 2]]))
    const hash = hashOf(bytes)
    await blobs.put(artefactAddress(hash), bytes)
    const explaining = new Explaining(ensemblesIn(blobs), features)
    await expect(explaining.by(hash)).rejects.toMatchObject({ code: 'MODEL_UNSUPPORTED' })
    await expect(explaining.by('ab')).rejects.toMatchObject({ code: 'BLOB_MISSING' })
  })
})
