// Which features move a model, over many rows: the mean of the sizes of their TreeSHAP contributions (Lundberg et al. 2020,
// "From local explanations to global understanding with explainable AI for trees").

import type { FeatureTable } from './encode.ts'
import { ensembleOf } from './exchange/flat-ensemble.ts'
import type { FeatureRow, Model } from './model.ts'
import { explainerOf } from './shap.ts'

/** Mean size of its contributions to the raw score. */
export type FeatureMoves = { readonly feature: string; readonly moves: number }

/**
 * The features that move it at all, the most important first. Yields after each row. Null when the model does not tell
 * how many training rows reached its leaves.
 * @param table what the rows hold, in order
 */
export function* featureMoves(
  model: Model,
  table: FeatureTable,
  rows: Iterable<FeatureRow>,
): Generator<void, FeatureMoves[] | null> {
  if (model.trees.leafCovers === undefined) return null
  const ensemble = ensembleOf(model)
  const { explain } = explainerOf(ensemble)
  const columns = ensemble.columns.map(({ name, categories }) => ({
    name,
    at: table.findIndex(feature => feature.name === name),
    codes: categories && new Map(categories.map((category, code) => [category, code])),
  }))
  const doubles = new Float64Array(columns.length)
  const moved = new Float64Array(columns.length)
  const sums = new Float64Array(columns.length)
  let count = 0
  for (const row of rows) {
    for (const [column, { at, codes }] of columns.entries()) {
      const value = row[at] ?? null
      doubles[column] = (typeof value === 'string' ? codes?.get(value) : value) ?? Number.NaN
    }
    explain(doubles, moved)
    for (const [column, contribution] of moved.entries())
      sums[column] = (sums[column] as number) + Math.abs(contribution)
    count++
    yield
  }
  const all = columns.map(({ name }, column) => ({
    feature: name,
    moves: (sums[column] as number) / Math.max(1, count),
  }))
  return all.filter(({ moves }) => moves > 0).sort((a, b) => b.moves - a.moves || (a.feature < b.feature ? -1 : 1))
}

const rowsMax = 300
const rowsMin = 50
const stepsMax = 1e8

/** Rows that can be explained in about a second or two: the time of one grows with leaves and the square of the depth. */
export function explainableRows({ trees }: Model): number {
  const depths = new Int32Array(trees.lefts.length)
  const depthOf = (child: number): number => (child < 0 ? 0 : (depths[child] as number))
  let deepest = 0
  for (let node = depths.length - 1; node >= 0; node--) {
    depths[node] = 1 + Math.max(depthOf(trees.lefts[node] as number), depthOf(trees.rights[node] as number))
    deepest = Math.max(deepest, depths[node] as number)
  }
  const steps = trees.leaves.length * Math.max(1, deepest) ** 2
  return Math.max(rowsMin, Math.min(rowsMax, Math.floor(stepsMax / steps)))
}
