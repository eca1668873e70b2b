import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { marginOf, probabilityOf } from '../../../src/forest/exchange/ensemble.ts'
import { ensembleOf } from '../../../src/forest/exchange/flat-ensemble.ts'
import { compile } from '../../../src/forest/score.ts'
import { anySketch, modelOf } from '../models.ts'
import { doublesOf } from './golden.ts'

describe("a model of Slipstream's own as an ensemble", () => {
  test('scores the same bits', () => {
    const features = [0, 1, 2].map(index => ({ name: `x${index}`, kind: 'numeric' as const }))
    const row = fc.array(fc.option(fc.integer({ min: -60, max: 60 })), { minLength: 3, maxLength: 3 })
    const kind = fc.constantFrom('random-forest' as const, 'gradient-boosting' as const)
    fc.assert(
      fc.property(fc.array(anySketch(3, 5), { minLength: 1, maxLength: 4 }), kind, row, (sketches, kindOf, values) => {
        const model = modelOf(sketches, { features, kind: kindOf, base: 0.3 })
        const ensemble = ensembleOf(model)
        expect(marginOf(ensemble, doublesOf(values, ensemble))).toBe(compile(model).rawOf(values))
      }),
    )
  })

  test('takes ordinals of categories as sets of codes', () => {
    // carrier: UA 0, B6 2, AA 1
    const model = modelOf([
      [1, 1, true, 0.25, 0.75],
      [1, 0, false, [1, 1, true, 1, 2], 4],
    ])
    const ensemble = ensembleOf(model)
    for (const carrier of ['UA', 'B6', 'AA', null]) {
      const row = [null, carrier, 3]
      expect(marginOf(ensemble, doublesOf(row, ensemble))).toBe(compile(model).rawOf(row))
    }
    // x <= 1 is asked twice
    expect(ensemble.trees.setStarts).toHaveLength(3)
  })

  test('has the calibrated probability, or that of its kind', () => {
    const of = (changes: Parameters<typeof modelOf>[1], margin: number) =>
      probabilityOf(ensembleOf(modelOf([1], changes)), margin)
    expect(of({}, 0.25)).toBeCloseTo(0.425, 12)
    expect(of({ calibration: null }, 0.25)).toBe(0.25)
    expect(of({ calibration: null, kind: 'gradient-boosting' }, 0)).toBe(0.5)
  })

  test('counts the rows of a node as those of its leaves', () => {
    const model = modelOf([[0, 1, true, 0.25, [0, 5, true, 1, 2]]])
    expect(ensembleOf(model).trees.covers).toBeNull()
    const trees = { ...model.trees, leafCovers: Float64Array.of(3, 4, 5) }
    expect([...(ensembleOf({ ...model, trees }).trees.covers?.nodes ?? [])]).toEqual([12, 9])
  })
})
