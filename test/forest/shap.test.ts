import { describe, expect, test } from 'vitest'
import { EnsembleBuilder } from '../../src/forest/exchange/builder.ts'
import { type Ensemble, marginOf } from '../../src/forest/exchange/ensemble.ts'
import { readLightgbm } from '../../src/forest/exchange/lightgbm-read.ts'
import { readXgboost } from '../../src/forest/exchange/xgboost-read.ts'
import { explainerOf } from '../../src/forest/shap.ts'
import { randomFrom } from '../../src/lib/random.ts'
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

  test('of deep and shallow trees over many features are those of the definition', () => {
    const random = randomFrom(7)
    const columns = 10
    const builder = new EnsembleBuilder()
    // ways of 10, 3, 1 and no decisions, the longest with each feature once or some twice
    for (const depth of [10, 3, 1, 0, 12]) builder.addTree(chain(depth, columns, random))
    const ensemble: Ensemble = {
      source: 'slipstream',
      columns: Array.from({ length: columns }, (_, at) => ({
        name: `f${at}`,
        kind: 'numeric',
        categories: null,
        resolution: null,
      })),
      trees: builder.trees(),
      base: 0.5,
      divisor: 1,
      isSingle: false,
      link: { kind: 'logistic', slope: 1, over: 1 },
    }
    const rows = Array.from({ length: 5 }, () => Array.from({ length: columns }, () => random() - 0.5))
    const expected = rows.map(row => byDefinition(ensemble, row))
    expect(differences(ensemble, rows, expected)).toBeLessThan(1e-12)
  })
})

/** A way of so many decisions with a leaf beside each. */
function chain(depth: number, columns: number, random: () => number): Parameters<EnsembleBuilder['addTree']>[0] {
  const covers = [1000]
  for (let at = 0; at < depth; at++) covers.push((covers[at] as number) * (0.3 + 0.5 * random()))
  return {
    name: 'chain',
    root: 0,
    size: 2 * depth + 1,
    at: place => {
      const at = place >> 1
      const cover = covers[at] as number
      if (place % 2 === 1) return { leaf: random() - 0.5, cover: cover - (covers[at + 1] as number) }
      if (at === depth) return { leaf: random() - 0.5, cover }
      const sides = random() < 0.5 ? { left: place + 1, right: place + 2 } : { left: place + 2, right: place + 1 }
      return { feature: at % columns, threshold: random() - 0.5, flags: 0, cover, ...sides }
    },
  }
}

/** Shapley values over all coalitions: what a feature adds to the mean where only the coalition's features are known. */
function byDefinition({ trees, columns }: Ensemble, row: readonly number[]): number[] {
  const { lefts, rights, leaves, featureOf, thresholds, covers } = trees
  const coverOf = (at: number): number => (at < 0 ? covers?.leaves[~at] : covers?.nodes[at]) as number
  const meanOf = (at: number, known: number): number => {
    if (at < 0) return leaves[~at] as number
    const [left, right] = [lefts[at] as number, rights[at] as number]
    const feature = featureOf[at] as number
    if ((known >> feature) & 1)
      return meanOf((row[feature] as number) > (thresholds[at] as number) ? right : left, known)
    return (coverOf(left) * meanOf(left, known) + coverOf(right) * meanOf(right, known)) / coverOf(at)
  }
  const n = columns.length
  const means = Array.from({ length: 2 ** n }, (_, known) =>
    trees.roots.reduce((sum, root) => sum + meanOf(root, known), 0),
  )
  const factorial = (of: number): number => (of < 2 ? 1 : of * factorial(of - 1))
  return columns.map((_, feature) => {
    let sum = 0
    for (let known = 0; known < 2 ** n; known++) {
      if ((known >> feature) & 1) continue
      const size = known.toString(2).replaceAll('0', '').length
      const weight = (factorial(size) * factorial(n - 1 - size)) / factorial(n)
      sum += weight * ((means[known | (1 << feature)] as number) - (means[known] as number))
    }
    return sum
  })
}
