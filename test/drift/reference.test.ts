import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnDrift } from '../../src/drift/column-drift.ts'
import { distributionOfNumbers } from '../../src/drift/distribution.ts'
import {
  prepareReference,
  probabilityResolution,
  type Reference,
  readReference,
  targetSketch,
} from '../../src/drift/reference.ts'
import { NumericSketch } from '../../src/drift/sketch.ts'
import { canonicalJson } from '../../src/forest/canonical-json.ts'
import type { Json } from '../../src/forest/model.ts'
import { Failure } from '../../src/lib/failure.ts'
import { referenceOf } from './reference-of.ts'

const features = [
  { name: 'delay', kind: 'numeric', resolution: 0.1 },
  { name: 'origin', kind: 'categorical' },
  { name: 'hour', kind: 'numeric' },
] as const

const reference = referenceOf({
  features,
  rows: [
    [123, 'JFK', null],
    [-5, 'EWR', null],
    [123, 'JFK', null],
  ],
  labels: [1, 0, 0],
  probabilities: [9000, 1000, 1000],
})

/** Written into a model file and read back. */
function rewritten(written: Reference): Reference | null {
  // that this compiles says that a model file can hold it
  const json: Json = written
  return readReference(JSON.parse(canonicalJson(json)))
}

test('holds the sketch of each feature, the labels and the probabilities', () => {
  expect(reference).toEqual({
    columns: [
      {
        name: 'delay',
        kind: 'numeric',
        resolution: 0.1,
        sketch: { missing: 0, values: [-5, 123], categories: [], counts: [1, 2] },
        ordinary: null,
      },
      {
        name: 'origin',
        kind: 'categorical',
        resolution: 1,
        sketch: { missing: 0, values: [], categories: ['EWR', 'JFK'], counts: [1, 2] },
        ordinary: null,
      },
      {
        name: 'hour',
        kind: 'numeric',
        resolution: 1,
        sketch: { missing: 3, values: [], categories: [], counts: [] },
        ordinary: null,
      },
    ],
    target: { late: 1, punctual: 2 },
    prediction: { missing: 0, values: [1000, 9000], categories: [], counts: [2, 1] },
  })
})

test('comes back from a model file as it was', () => {
  const someRows = fc.array(
    fc.tuple(
      fc.option(fc.integer({ min: -(2 ** 29), max: 2 ** 29 }), { nil: null }),
      fc.option(fc.string(), { nil: null }),
      fc.constant(null),
    ),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(someRows, rows => {
      const labels = rows.map((_, row) => row % 2)
      const written = referenceOf({ features, rows, labels, probabilities: rows.map((_, row) => row * 300) })
      expect(rewritten(written)).toEqual(written)
    }),
  )
})

test('without rows, with one value or with a column that is all missing it compares nothing and says so', () => {
  const none = rewritten(referenceOf({ features, rows: [], labels: [], probabilities: [] }))
  expect(none).not.toBeNull()
  const { columns, target, prediction } = prepareReference(none as Reference)
  const current = new NumericSketch()
  current.add(7)
  const open = { score: null, drifted: null, outcome: 'reference-empty' }
  expect(columns.get('hour')?.against(current.distribution(1))).toMatchObject(open)
  expect(target.against(targetSketch({ late: 1, punctual: 0 }).distribution())).toMatchObject(open)
  expect(prediction.against(current.distribution(probabilityResolution))).toMatchObject(open)
  expect(prepareReference(reference).columns.get('hour')?.against(current.distribution(1))).toMatchObject(open)
  const one = referenceOf({ features: [features[2]], rows: [[7]], labels: [1], probabilities: [5000] })
  const drift = prepareReference(one).columns.get('hour')?.against(current.distribution(1))
  expect(drift).toMatchObject({ method: 'z', score: 1, drifted: false })
})

test('compares numbers in their unit, labels as categories and probabilities as numbers', () => {
  const { columns, target, prediction } = prepareReference(reference)
  const current = new NumericSketch()
  for (const steps of [40, 123, null]) current.add(steps)
  const expected = columnDrift(distributionOfNumbers([-0.5, 12.3, 12.3]), distributionOfNumbers([4, 12.3]), {
    method: 'wasserstein',
  })
  const options = { method: 'wasserstein' } as const
  expect(columns.get('delay')?.against(current.distribution(0.1), options)).toEqual({ ...expected, missing: 1 })
  const labels = targetSketch({ late: 0, punctual: 4 }, 2).distribution()
  expect(target.against(labels)).toMatchObject({ referenceCount: 3, currentCount: 4, missing: 2, method: 'z' })
  const scores = new NumericSketch()
  scores.add(9000, 2)
  expect(prediction.against(scores.distribution(probabilityResolution), options).score).toBeCloseTo(
    ((2 / 3) * 0.8) / Math.sqrt((2 / 9) * 0.64),
    12,
  )
})

test('a model may have none', () => {
  expect(readReference(null)).toBeNull()
})

test('rows, labels and probabilities that do not pair up are a defect', () => {
  const rows = [[1, 'a', 2]]
  expect(() => referenceOf({ features, rows, labels: [], probabilities: [1] })).toThrow('each row has a label')
  expect(() => referenceOf({ features, rows, labels: [0, 1], probabilities: [1, 2] })).toThrow('has a row')
  expect(() => referenceOf({ features, rows: [[1, 'a']], labels: [0], probabilities: [1] })).toThrow('each feature')
})

describe('what is no reference is refused, with the field', () => {
  const column = reference.columns[0] as Reference['columns'][number]
  const sketch = column.sketch
  const withColumn = (changes: object): object => ({ ...reference, columns: [{ ...column, ...changes }] })
  const withSketch = (changes: object): object => withColumn({ sketch: { ...sketch, ...changes } })
  const wrong: [field: string, json: unknown][] = [
    ['reference', []],
    ['reference', 'none'],
    ['reference.columns', { ...reference, columns: undefined }],
    ['reference.columns', { ...reference, columns: [column, column] }],
    ['reference.columns[0]', { ...reference, columns: [7] }],
    ['reference.columns[0].name', withColumn({ name: 7 })],
    ['reference.columns[0].kind', withColumn({ kind: 'ordinal' })],
    ['reference.columns[0].resolution', withColumn({ resolution: 0 })],
    ['reference.columns[0].resolution', withColumn({ resolution: null })],
    ['reference.columns[0].sketch', withColumn({ sketch: null })],
    ['reference.columns[0].ordinary', withColumn({ ordinary: 1 })],
    ['reference.columns[0].ordinary.days', withColumn({ ordinary: { days: 0, mean: 0.1, deviation: 0.1 } })],
    ['reference.columns[0].ordinary.mean', withColumn({ ordinary: { days: 9, mean: -1, deviation: 0.1 } })],
    ['reference.columns[0].ordinary.deviation', withColumn({ ordinary: { days: 9, mean: 0.1, deviation: 'x' } })],
    ['reference.columns[0].ordinary', withColumn({ ordinary: undefined })],
    ['reference.columns[0].ordinary.days', withColumn({ ordinary: { days: 0, mean: 1, deviation: 1 } })],
    ['reference.columns[0].ordinary.mean', withColumn({ ordinary: { days: 3, mean: -1, deviation: 1 } })],
    ['reference.columns[0].ordinary.deviation', withColumn({ ordinary: { days: 3, mean: 1 } })],
    ['reference.columns[0].sketch.missing', withSketch({ missing: -1 })],
    ['reference.columns[0].sketch.values', withSketch({ values: [123, -5] })],
    ['reference.columns[0].sketch.values', withSketch({ values: [-5, -5] })],
    ['reference.columns[0].sketch.values[1]', withSketch({ values: [-5, 0.5] })],
    ['reference.columns[0].sketch.categories', withSketch({ categories: ['a'] })],
    ['reference.columns[0].sketch.categories[0]', withSketch({ categories: [1] })],
    ['reference.columns[0].sketch.counts', withSketch({ counts: [1] })],
    ['reference.columns[0].sketch.counts[0]', withSketch({ counts: [0, 2] })],
    ['reference.target', { ...reference, target: null }],
    ['reference.target.late', { ...reference, target: { late: 0.5, punctual: 1 } }],
    ['reference.target.punctual', { ...reference, target: { late: 1 } }],
    ['reference.prediction', { ...reference, prediction: undefined }],
    ['reference.prediction.values[1]', { ...reference, prediction: { ...reference.prediction, values: [0, 10_001] } }],
  ]
  test.each(wrong)('%s', (field, json) => {
    const read = (): unknown => readReference(JSON.parse(JSON.stringify(json)))
    expect(read).toThrow(Failure)
    expect(read).toThrow(expect.objectContaining({ code: 'MODEL_CORRUPT', field }))
  })
})
