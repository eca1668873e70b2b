import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Ensemble, flag, marginOf } from '../../../src/forest/exchange/ensemble.ts'
import { ensembleOf } from '../../../src/forest/exchange/flat-ensemble.ts'
import { flattened, numberOf, stepsUpTo } from '../../../src/forest/exchange/flatten.ts'
import { readLightgbm } from '../../../src/forest/exchange/lightgbm-read.ts'
import { readXgboost } from '../../../src/forest/exchange/xgboost-read.ts'
import { pack, unpack } from '../../../src/forest/flat.ts'
import { valueMax } from '../../../src/forest/model.ts'
import { compile } from '../../../src/forest/score.ts'
import { explainerOf } from '../../../src/forest/shap.ts'
import { modelOf } from '../models.ts'
import { type Case, doublesOf, golden, type LightgbmGolden, singles, type XgboostGolden } from './golden.ts'

const lightgbm = golden<LightgbmGolden>('lightgbm').cases
const xgboost = golden<XgboostGolden>('xgboost').cases

const { rows: _, parameters, seed, metrics, ...from } = modelOf([1]).trainedOn
const meta = { horizonsMinutes: [120], origin: { ...from, parameters, seed, metrics }, parent: null }

/** The columns of a golden model as a feature table: the second counts tenths, the third tens. */
function tableOf({ columns }: Ensemble) {
  const resolutions = [0.01, 0.1, 10]
  return columns.map(({ name, kind }, column) =>
    kind === 'categorical' ? { name, kind } : { name, kind, resolution: resolutions[column] as number, unit: 'x' },
  )
}

/** The same row in whole steps for the flat model, and in units for the ensemble. */
function bothRows(row: Case['rows'][number], ensemble: Ensemble) {
  const table = tableOf(ensemble)
  const steps = row.map((cell, column) => {
    const resolution = table[column]?.resolution
    if (typeof cell !== 'number' || resolution === undefined) return cell
    return Math.max(-valueMax, Math.min(valueMax, Math.round(cell / resolution)))
  })
  const units = steps.map((cell, column) => {
    const resolution = table[column]?.resolution
    return typeof cell === 'number' && resolution !== undefined ? numberOf(cell, resolution) : cell
  })
  return { table, steps, units: doublesOf(units, ensemble) }
}

const binary = lightgbm.filter(({ name }) => !/^(regression|quantile|categories (in|one))/.test(name))

describe('an imported model as a flat one', () => {
  test.each(binary)('of LightGBM, $name: the same margins, times its sigmoid, for rows in steps', ({ text, rows }) => {
    const ensemble = readLightgbm(text)
    const model = unpack(pack(flattened(ensemble, { features: tableOf(ensemble), ...meta })))
    const { link } = ensemble
    const scale = link.kind === 'logistic' ? link.slope / link.over : Number.NaN
    for (const row of rows) {
      const { table, steps, units } = bothRows(row, ensemble)
      expect(compile(model, table).rawOf(steps)).toBeCloseTo(scale * marginOf(ensemble, units), 12)
    }
  })

  test.each(xgboost.slice(0, 3))('of XGBoost, $name: the same margins to 1e-6', ({ json, rows }) => {
    const ensemble = readXgboost(JSON.parse(json))
    const model = flattened(ensemble, { features: tableOf(ensemble), ...meta })
    for (const row of rows) {
      const { table, steps, units } = bothRows(row, ensemble)
      expect(Math.abs(compile(model, table).rawOf(steps) - marginOf(ensemble, singles(units)))).toBeLessThan(1e-6)
    }
  })

  test('keeps how many training rows reached its leaves, so it can be explained', () => {
    const ensemble = readLightgbm(lightgbm[0]?.text ?? '')
    const model = flattened(ensemble, { features: tableOf(ensemble), ...meta })
    expect(model.trainedOn.rows).toBe(400)
    const [own, theirs] = [new Float64Array(3), new Float64Array(3)]
    // 1.5, 0.7 and 30 in units
    explainerOf(ensembleOf(model)).explain([150, 7, 3], own)
    explainerOf(ensemble).explain([1.5, 0.7, 30], theirs)
    for (const [column, by] of own.entries()) expect(by).toBeCloseTo(theirs[column] as number, 10)
  })

  test('is refused when its columns are not the features here', () => {
    const ensemble = readLightgbm(binary[0]?.text ?? '')
    const features = tableOf(ensemble)
    const flatten = (table: typeof features) => () => flattened(ensemble, { features: table, ...meta })
    expect(flatten(features.slice(1))).toThrow(expect.objectContaining({ code: 'MODEL_MISFIT', field: 'Column_0' }))
    const other = features.map(feature => ({ name: feature.name, kind: 'categorical' as const }))
    expect(flatten(other)).toThrow(expect.objectContaining({ code: 'MODEL_MISFIT', field: 'Column_0' }))
  })

  test('is refused when it tells no log-odds, or no names of its categories', () => {
    for (const [index, field] of [
      [3, 'objective'],
      [8, 'Column_1'],
    ] as const) {
      const ensemble = readLightgbm(lightgbm[index]?.text ?? '')
      const flatten = () => flattened(ensemble, { features: tableOf(ensemble), ...meta })
      expect(flatten).toThrow(expect.objectContaining({ code: 'MODEL_UNSUPPORTED', field }))
    }
  })

  test('takes zero as missing wherever the threshold lies', () => {
    const value = fc.option(fc.integer({ min: -3, max: 3 }))
    fc.assert(
      fc.property(fc.integer({ min: -3, max: 3 }), fc.boolean(), value, (threshold, isRight, steps) => {
        const ensemble = stumpOf(threshold, flag.zeroIsMissing | (isRight ? flag.missingGoesRight : 0))
        const features = [{ name: 'x', kind: 'numeric' as const }]
        const model = unpack(pack(flattened(ensemble, { features, ...meta })))
        expect(compile(model).rawOf([steps])).toBe(marginOf(ensemble, [steps ?? Number.NaN]))
      }),
    )
  })
})

function stumpOf(threshold: number, flags: number): Ensemble {
  const flat = ensembleOf(
    modelOf([[0, threshold, false, 1, 2]], {
      features: [{ name: 'x', kind: 'numeric' }],
      kind: 'gradient-boosting',
      calibration: null,
    }),
  )
  return { ...flat, trees: { ...flat.trees, flags: Uint8Array.of(flags) } }
}

describe('a threshold in steps', () => {
  test('is the largest number of steps up to it', () => {
    expect([12.3, 12.299999, 12.35, 0, -0.05].map(threshold => stepsUpTo(threshold, 0.1))).toEqual([
      123, 122, 123, 0, -1,
    ])
    expect([1e300, -1e300].map(threshold => stepsUpTo(threshold, 1))).toEqual([valueMax, -valueMax - 1])
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.constantFrom(0.1, 0.001, 0.01, 1, 10),
        (threshold, resolution) => {
          const steps = stepsUpTo(threshold, resolution)
          expect(numberOf(steps, resolution)).toBeLessThanOrEqual(threshold)
          expect(numberOf(steps + 1, resolution)).toBeGreaterThan(threshold)
        },
      ),
    )
  })

  test('counts numbers as a file has them', () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999, max: 99_999 }), steps => {
        expect(numberOf(steps, 0.1)).toBe(Number(`${steps}e-1`))
        expect(numberOf(steps, 0.001)).toBe(Number(`${steps}e-3`))
        expect(stepsUpTo(Number(`${steps}e-1`), 0.1)).toBe(steps)
      }),
    )
  })
})
