// Golden numbers: the DataDriftPreset of Evidently 0.7.23, with the target among the columns and without.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { columnDrift, type DriftMethod } from '../../src/drift/column-drift.ts'
import { datasetDrift } from '../../src/drift/dataset-drift.ts'
import { type Address, columnsOf, distributionOf, relativeDifference } from './golden.ts'

type Side = Address & { columns: string[] }

type Golden = {
  id: string
  ref: Side
  cur: Side
  options: { method?: DriftMethod; threshold?: number; drift_share?: number }
  numerical: string[]
  categorical: string[]
  expected: {
    evidently: {
      drifted_columns: { count: number; share: number }
      columns: Record<string, { method: string; threshold: number; score: number }>
      dataset_drift: boolean
    }
  }
}

const { cases } = JSON.parse(readFileSync('test/golden/dataset-drift.json', 'utf8')) as { cases: Golden[] }

const displayed: Partial<Record<DriftMethod, string>> = {
  ks: 'K-S p_value',
  chisquare: 'chi-square p_value',
  wasserstein: 'Wasserstein distance (normed)',
  jensenshannon: 'Jensen-Shannon distance',
  psi: 'psi',
}

test.each(cases)('$id equals Evidently', ({ ref, cur, options, numerical, categorical, expected: { evidently } }) => {
  const names = [...numerical, ...categorical]
  const [left, right] = [columnsOf(ref, names), columnsOf(cur, names)]
  const columns = names.map(name => {
    const type = numerical.includes(name) ? 'num' : 'cat'
    const { method, threshold } = options
    return columnDrift(distributionOf(left.get(name) ?? [], type), distributionOf(right.get(name) ?? [], type), {
      method,
      threshold,
    })
  })
  expect(names.toSorted()).toEqual(Object.keys(evidently.columns).toSorted())
  for (const [at, name] of names.entries()) {
    const { method, threshold, score } = columns[at] as (typeof columns)[number]
    const expected = evidently.columns[name]
    expect([name, displayed[method], threshold]).toEqual([name, expected?.method, expected?.threshold])
    expect(relativeDifference(score, expected?.score ?? 'none')).toBeLessThan(1e-9)
  }
  const { drifted, share, driftedColumns, comparedColumns } = datasetDrift(columns, options.drift_share)
  expect([drifted, driftedColumns, comparedColumns]).toEqual([
    evidently.dataset_drift,
    evidently.drifted_columns.count,
    names.length,
  ])
  expect(relativeDifference(share, evidently.drifted_columns.share)).toBeLessThan(1e-9)
})

test('every case was compared, one with the target', () => {
  expect(cases).toHaveLength(5)
  expect(cases.filter(({ categorical }) => categorical.includes('late'))).toHaveLength(1)
})

const [yes, no, open] = [{ drifted: true }, { drifted: false }, { drifted: null }]

test('half of the columns compared is enough, and columns without a verdict do not count', () => {
  expect(datasetDrift([yes, no, open])).toEqual({ drifted: true, share: 0.5, driftedColumns: 1, comparedColumns: 2 })
  expect(datasetDrift([yes, no, no])).toMatchObject({ drifted: false })
  expect(datasetDrift([yes, no, no], 0.3)).toMatchObject({ drifted: true })
})

test('without a column compared there is no verdict', () => {
  const none = { drifted: null, share: null, driftedColumns: 0, comparedColumns: 0 }
  expect(datasetDrift([])).toEqual(none)
  expect(datasetDrift([open, open])).toEqual(none)
})
