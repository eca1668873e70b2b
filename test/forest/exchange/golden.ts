// Models of LightGBM, XGBoost and scikit-learn with what their own libraries say: made by test/golden/forest/make.py.

import { readFileSync } from 'node:fs'
import { EnsembleBuilder } from '../../../src/forest/exchange/builder.ts'
import { type Ensemble, flag } from '../../../src/forest/exchange/ensemble.ts'

type Cell = number | string | null

export type Case = {
  name: string
  rows: Cell[][]
  margins: number[]
  predictions: number[]
  contributions: number[][]
  base: number
  shap?: number[][]
}

export type LightgbmGolden = { cases: (Case & { text: string })[]; linear: string; multiclass: string }
export type XgboostCase = Omit<Case, 'contributions' | 'base'> & {
  contributions?: number[][]
  json: string
  ubj: string
}
export type XgboostGolden = { cases: XgboostCase[]; refused: Record<string, string> }

type SklearnTree = Record<'left' | 'right' | 'feature' | 'threshold' | 'missingLeft' | 'value' | 'cover', number[]>
type SklearnCase = {
  name: string
  average: boolean
  single: boolean
  base: number
  trees: SklearnTree[]
  rows: (number | null)[][]
  margins: number[]
  shap: number[][]
  shapBase: number
}

export type SklearnGolden = { cases: SklearnCase[] }

export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../golden/forest/${name}.json`, import.meta.url), 'utf8')) as T
}

/** One double a column: NaN for missing, a named category by its code. */
export function doublesOf(row: readonly Cell[], { columns }: Pick<Ensemble, 'columns'>): number[] {
  return row.map((cell, column) => {
    if (cell === null) return Number.NaN
    const categories = columns[column]?.categories ?? null
    return categories === null ? Number(cell) : categories.indexOf(String(cell))
  })
}

/** Single precision, as XGBoost and the forests of scikit-learn take values. */
export const singles = (row: readonly number[]): number[] => row.map(Math.fround)

export function sklearnEnsemble({ trees, rows, base, average }: SklearnCase): Ensemble {
  const builder = new EnsembleBuilder()
  for (const [index, tree] of trees.entries()) {
    builder.addTree({
      name: `tree ${index}`,
      root: 0,
      size: tree.left.length,
      at: place => {
        const of = (field: keyof SklearnTree): number => tree[field][place] as number
        if (of('left') < 0) return { leaf: of('value'), cover: of('cover') }
        const flags = of('missingLeft') === 1 ? 0 : flag.missingGoesRight
        const [feature, threshold, left, right] = [of('feature'), of('threshold'), of('left'), of('right')]
        return { feature, threshold, left, right, flags, cover: of('cover') }
      },
    })
  }
  const columns = (rows[0] ?? []).map((_, column) => ({
    name: `x${column}`,
    kind: 'numeric' as const,
    categories: null,
    resolution: null,
  }))
  const divisor = average ? trees.length : 1
  return {
    source: 'lightgbm',
    columns,
    trees: builder.trees(),
    base,
    divisor,
    isSingle: false,
    link: { kind: 'none', objective: '' },
  }
}
