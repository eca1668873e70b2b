// What is written stands in test/golden/forest/written-*.txt; make.py lets LightGBM itself read those files and keeps its
// margins in written.json.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { marginOf } from '../../../src/forest/exchange/ensemble.ts'
import { readLightgbm } from '../../../src/forest/exchange/lightgbm-read.ts'
import { writeLightgbm } from '../../../src/forest/exchange/lightgbm-write.ts'
import type { Model } from '../../../src/forest/model.ts'
import { compile } from '../../../src/forest/score.ts'
import { modelOf, type Sketch, someFeatures } from '../models.ts'
import { doublesOf, golden } from './golden.ts'

const sketches: readonly Sketch[] = [
  [0, 123, true, [1, 1, false, 0.25, -0.5], [2, 7, false, [1, 0, true, 0.125, 1], 0.75]],
  [1, 1, true, [0, -5, false, -0.25, 0.5], 0.0625],
  0.3,
  [2, 0, true, [0, 0, true, 1e-9, -1 / 3], [1, -1, false, 2, 0.1]],
]
const models: Record<string, Model> = {
  boosting: modelOf(sketches, { kind: 'gradient-boosting', base: -0.7, calibration: null }),
  forest: modelOf(sketches, { calibration: null }),
}

type Written = { rows: (number | string | null)[][]; margins: Record<string, number[]> }

/** In steps, from the units of a file: delay counts 0.1 minutes. */
const inSteps = ([delay, carrier, hour]: Written['rows'][number]) => [
  typeof delay === 'number' ? Math.round(delay * 10) : null,
  carrier ?? null,
  hour ?? null,
]

describe('a model written for LightGBM', () => {
  test.each(Object.entries(models))('is kept as a file (%s), which LightGBM scores alike', async (name, model) => {
    await expect(writeLightgbm(model)).toMatchFileSnapshot(`../../golden/forest/written-${name}.txt`)
    const { rows, margins } = golden<Written>('written')
    const { rawOf } = compile(model)
    for (const [index, row] of rows.entries()) {
      const expected = (margins[name] as number[])[index] as number
      expect(Math.abs(rawOf(inSteps(row)) - expected)).toBeLessThan(1e-12)
    }
  })

  test('is read back as the same margins', () => {
    const row = fc.tuple(
      fc.option(fc.integer({ min: -200, max: 200 })),
      fc.constantFrom('UA', 'B6', 'AA', null),
      fc.option(fc.integer({ min: 0, max: 23 })),
    )
    for (const model of Object.values(models)) {
      const read = readLightgbm(writeLightgbm(model))
      const over = model.kind === 'random-forest' ? sketches.length : 1
      fc.assert(
        fc.property(row, values => {
          const inUnits = [values[0] === null ? null : values[0] / 10, ...values.slice(1)]
          const margin = marginOf(read, doublesOf(inUnits, read)) / over
          expect(Math.abs(margin - compile(model).rawOf(values))).toBeLessThan(1e-12)
        }),
      )
    }
  })

  test('must have names that LightGBM can have', () => {
    const [delay, ...others] = someFeatures
    const features = [{ ...delay, name: 'a b' } as (typeof someFeatures)[number], ...others]
    expect(() => writeLightgbm(modelOf([1], { features }))).toThrow(
      expect.objectContaining({ code: 'MODEL_UNSUPPORTED', field: 'a b' }),
    )
  })
})
