import { expect, test } from 'vitest'
import { SinkRows, sinkTopics } from '../../src/jobs/sink-rows.ts'
import { topics } from '../../src/pipeline.ts'
import { sample } from './sink-records.ts'

type Named = Parameters<typeof sample>[0]

/** The rows that a record becomes, by table, as objects. */
function rowsOf(name: Named, n = 1): Record<string, Record<string, unknown>[]> {
  const gathered = new SinkRows(3)
  gathered.add({ name, value: sample(name, n) }, 77)
  return Object.fromEntries(
    [...gathered.tables].map(([table, { columns, rows }]) => [
      table,
      rows.map(row => Object.fromEntries(columns.map((column, at) => [column, row[at]]))),
    ]),
  )
}

const place = { topic_partition: 3, topic_offset: 77 }

test('the topics are those of page one', () => {
  expect(topics.map(({ name }) => name)).toEqual(expect.arrayContaining([...sinkTopics]))
})

test('probabilities are shares of one', () => {
  const { predictions = [] } = rowsOf('Prediction')
  expect(predictions).toEqual([
    expect.objectContaining({
      flight_id: 'UA-1-EWR-IAH',
      probability: 0.1235,
      low: 0.1,
      high: 0.2,
      late: false,
      ...place,
    }),
  ])
})

test('an outcome is one row, and one more for each horizon', () => {
  const { outcomes, outcome_rows: rows } = rowsOf('FlightOutcome', 2)
  expect(outcomes).toEqual([
    expect.objectContaining({ kind: 'LANDED', label: true, horizons: 2, arrived_at: null, ...place }),
  ])
  expect(rows?.map(row => row['horizon_minutes'])).toEqual([120, 30])
  expect(rows?.[0]).toMatchObject({
    numbers: [2, null, null],
    categories: [null, null, 'EWR'],
    models: ['seed'],
    hashes: ['abc'],
    probabilities: [0.25],
    label: true,
    ...place,
  })
  expect(rowsOf('FlightOutcome', 3)).toMatchObject({ outcomes: [{ horizons: 0 }], outcome_rows: [] })
})

test('metrics of a window: its own row, one a column with target and prediction, one a metric', () => {
  const { drift_windows: windows, drift_metrics: metrics, performance } = rowsOf('DriftMetrics')
  expect(windows).toHaveLength(1)
  expect(metrics?.map(row => [row['role'], row['column_name'], row['score']])).toEqual([
    ['FEATURE', 'hour', 0.25],
    ['FEATURE', 'windSpeed', null],
    ['TARGET', 'label', 0.25],
  ])
  expect(performance).toEqual([expect.objectContaining({ metric: 'auc', value: 0.7, ...place })])
})

test('an alert is a row when it opens and one when it is resolved, in the same columns', () => {
  const [opened] = rowsOf('AlertOpened')['alerts'] ?? []
  const [resolved] = rowsOf('AlertResolved')['alerts'] ?? []
  expect(opened).toMatchObject({ id: 'alert-1', event: 'OPENED', columns: ['hour'] })
  expect(resolved).toMatchObject({ id: 'alert-1', event: 'RESOLVED', columns: [], evidence: null })
  expect(Object.keys(opened ?? {})).toEqual(Object.keys(resolved ?? {}))
})

test('a test of a challenger is a row', () => {
  expect(rowsOf('ShadowTested')).toMatchObject({
    shadow_tests: [{ days: 1, verdict: 'WAIT', mean_difference: 0.01, ...place }],
  })
})

test('the registry is versions, names and decisions', () => {
  expect(rowsOf('ModelVersion')).toMatchObject({ model_versions: [{ version: 'm1', trained_from: null, ...place }] })
  expect(rowsOf('ModelAlias')).toMatchObject({ model_aliases: [{ alias: 'champion', version: 'm1', ...place }] })
  expect(rowsOf('ModelDecision')).toMatchObject({ decisions: [{ champion: 'm2', challengers: ['m3'], ...place }] })
})

test('a watermark is no row', () => {
  expect(rowsOf('Watermark')).toEqual({})
})
