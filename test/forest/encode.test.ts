import { describe, expect, test } from 'vitest'
import { encodeRow, readersOf } from '../../src/forest/encode.ts'
import { compile, type Scorer } from '../../src/forest/score.ts'
import { modelOf, someFeatures } from './models.ts'

const rawOf = (scorer: Scorer, row: readonly (number | string | null)[]): number => scorer.predict(row).raw

describe('an encoded row', () => {
  test('holds the copies of each feature that some node reads', () => {
    const columns = [
      { feature: 0, fill: 2 ** 30 },
      { feature: 2, fill: -(2 ** 30) },
      { feature: 2, fill: 2 ** 30 },
    ]
    const into = new Int32Array(5)
    encodeRow(readersOf(someFeatures, columns, someFeatures), [7, 'UA', -3], into, 1)
    expect([...into]).toEqual([0, 7, -3, -3, 0])
    encodeRow(readersOf(someFeatures, columns, someFeatures), [null, 'UA', null], into, 1)
    expect([...into]).toEqual([0, 2 ** 30, -(2 ** 30), 2 ** 30, 0])
  })

  test('reads a category by its remapped code, and an unseen one as missing', () => {
    // carriers by training frequency: UA 0, AA 1, B6 2
    const scorer = compile(modelOf([[1, 1, true, 0, [1, 2, false, 5, 7]]]))
    expect(['UA', 'AA', 'B6', 'ZZ', null].map(carrier => rawOf(scorer, [0, carrier, 0]))).toEqual([0, 0, 5, 5, 5])
  })
})

describe('the table of features that rows are built by', () => {
  const model = modelOf([[0, 123, true, 0.25, [2, 17, false, 1, 0.125]]])

  test('may have other features and another order', () => {
    const scorer = compile(model, [
      { name: 'hour', kind: 'numeric' },
      { name: 'weekday', kind: 'categorical' },
      { name: 'delay', kind: 'numeric', resolution: 0.1 },
    ])
    expect(rawOf(scorer, [18, 'Mon', 124])).toBe(0.125)
  })

  test('must have what the trees ask for, meaning the same', () => {
    const hour = { name: 'hour', kind: 'numeric' } as const
    expect(() => compile(model, [hour])).toThrow('needs the feature delay')
    expect(() => compile(model, [hour, { name: 'delay', kind: 'categorical' }])).toThrow('categorical here and numeric')
    expect(() => compile(model, [hour, { name: 'delay', kind: 'numeric', resolution: 1 }])).toThrow('steps of 1 here')
  })

  test('is kept by rows: a value of another kind is a defect', () => {
    const scorer = compile(model)
    expect(() => scorer.predict(['12', 'UA', 3])).toThrow('delay is an integer or null')
    expect(() => scorer.predict([1.5, 'UA', 3])).toThrow('delay is an integer or null')
    expect(() => scorer.predict([1])).toThrow('hour is an integer or null')
  })
})
