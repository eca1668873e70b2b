import { describe, expect, test } from 'vitest'
import { marginOf, probabilityOf } from '../../../src/forest/exchange/ensemble.ts'
import { readLightgbm } from '../../../src/forest/exchange/lightgbm-read.ts'
import { doublesOf, golden, type LightgbmGolden } from './golden.ts'

const { cases, linear, multiclass } = golden<LightgbmGolden>('lightgbm')

describe('a model of LightGBM', () => {
  test.each(cases)('$name: margins are those of LightGBM', ({ text, rows, margins, predictions }) => {
    const ensemble = readLightgbm(text)
    for (const [index, row] of rows.entries()) {
      const margin = marginOf(ensemble, doublesOf(row, ensemble))
      expect(Math.abs(margin - (margins[index] as number))).toBeLessThanOrEqual(1e-12)
      // where there is no probability, LightGBM predicts the margin itself
      expect(probabilityOf(ensemble, margin) ?? margin).toBeCloseTo(predictions[index] as number, 12)
    }
  })

  test('with linear leaves is refused by name, as one of several classes is', () => {
    expect(() => readLightgbm(linear)).toThrow(
      expect.objectContaining({ code: 'MODEL_UNSUPPORTED', message: 'Tree=0 has a linear leaf' }),
    )
    expect(() => readLightgbm(multiclass)).toThrow(
      expect.objectContaining({ code: 'MODEL_UNSUPPORTED', field: 'num_class' }),
    )
  })
})
