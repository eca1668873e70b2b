import { describe, expect, test } from 'vitest'
import { type Ensemble, marginOf } from '../../src/forest/exchange/ensemble.ts'
import { readLightgbm } from '../../src/forest/exchange/lightgbm-read.ts'
import { readXgboost } from '../../src/forest/exchange/xgboost-read.ts'
import { explainerOf } from '../../src/forest/shap.ts'
import {
  doublesOf,
  golden,
  type LightgbmGolden,
  type SklearnGolden,
  singles,
  sklearnEnsemble,
  type XgboostGolden,
} from './exchange/golden.ts'

const lightgbm = golden<LightgbmGolden>('lightgbm')
const xgboost = golden<XgboostGolden>('xgboost')
const sklearn = golden<SklearnGolden>('sklearn')

/** The largest difference of the contributions from those expected, and of their sum from the margin. */
function differences(ensemble: Ensemble, rows: readonly number[][], expected: readonly number[][]): number {
  const { base, explain } = explainerOf(ensemble)
  const found = new Float64Array(ensemble.columns.length)
  let most = 0
  for (const [index, row] of rows.entries()) {
    explain(row, found)
    const sum = found.reduce((total, value) => total + value, base)
    most = Math.max(most, Math.abs(sum - marginOf({ ...ensemble, isSingle: false }, row)))
    for (const [column, value] of (expected[index] as number[]).entries())
      most = Math.max(most, Math.abs(value - (found[column] as number)))
  }
  return most
}

describe('contributions', () => {
  test.each(lightgbm.cases)('of LightGBM, $name: as shap has them', ({ text, rows, shap, contributions, base }) => {
    const ensemble = readLightgbm(text)
    const doubles = rows.map(row => doublesOf(row, ensemble))
    expect(differences(ensemble, doubles, shap as number[][])).toBeLessThan(1e-9)
    expect(differences(ensemble, doubles, contributions)).toBeLessThan(1e-9)
    expect(explainerOf(ensemble).base).toBeCloseTo(base, 10)
  })

  test.each(xgboost.cases)('of XGBoost, $name: as shap has them', ({ json, rows, shap, contributions }) => {
    const ensemble = readXgboost(JSON.parse(json))
    const doubles = rows.map(row => singles(doublesOf(row, ensemble)))
    // XGBoost itself adds in single precision
    expect(contributions === undefined ? 0 : differences(ensemble, doubles, contributions)).toBeLessThan(1e-5)
    // shap itself does not explain categories of XGBoost
    expect(shap === undefined ? 0 : differences(ensemble, doubles, shap)).toBeLessThan(1e-9)
  })

  test.each(sklearn.cases)('of scikit-learn, $name: as shap has them', each => {
    const ensemble = sklearnEnsemble(each)
    const rows = each.rows.map(row => doublesOf(row, ensemble)).map(row => (each.single ? singles(row) : row))
    const margins = rows.map(row => marginOf(ensemble, row))
    for (const [index, margin] of margins.entries()) expect(margin).toBeCloseTo(each.margins[index] as number, 12)
    expect(differences(ensemble, rows, each.shap)).toBeLessThan(1e-9)
    expect(explainerOf(ensemble).base).toBeCloseTo(each.shapBase, 10)
  })
})
