import { expect, test } from 'vitest'
import { explainableRows, featureMoves } from '../../src/forest/importance.ts'
import type { FeatureRow, Model } from '../../src/forest/model.ts'
import { modelOf } from './models.ts'

const features = [
  { name: 'delay', kind: 'numeric' },
  { name: 'carrier', kind: 'categorical', categories: ['UA', 'B6'] },
  { name: 'idle', kind: 'numeric' },
] as const

/** delay moves the margin by +-1 around its mean, B6 by +-1/4. */
function model(): Model {
  const made = modelOf(
    [
      [0, 10, false, -1, 1],
      [1, [1], true, 0.25, -0.25],
    ],
    { features, kind: 'gradient-boosting', base: 0.5 },
  )
  return { ...made, trees: { ...made.trees, leafCovers: Float64Array.of(50, 50, 50, 50) } }
}

function moves(of: Model, rows: FeatureRow[], table: Parameters<typeof featureMoves>[1] = features) {
  const moving = featureMoves(of, table, rows)
  for (let yielded = 0; ; yielded++) {
    const { done, value } = moving.next()
    if (done) return { value, yielded }
  }
}

test('is the mean size of the contributions, the largest first, without what never moves it', () => {
  const rows: FeatureRow[] = [
    [5, 'UA', 1],
    [50, 'B6', 2],
    [50, null, 3],
  ]
  expect(moves(model(), rows)).toEqual({
    value: [
      { feature: 'delay', moves: expect.closeTo(1, 12) },
      { feature: 'carrier', moves: expect.closeTo(0.25, 12) },
    ],
    yielded: 3,
  })
})

test('finds the features by name in a table of another order', () => {
  const table = [{ name: 'other', kind: 'numeric' }, features[1], features[0]] as const
  expect(moves(model(), [[9, 'B6', 50]], table).value).toEqual(moves(model(), [[50, 'B6', 0]]).value)
})

test('is unknown of a model that does not tell how many rows reached its leaves', () => {
  expect(moves(modelOf([[0, 1, false, 0, 1]], { features }), [[1, 'UA', 1]])).toEqual({ value: null, yielded: 0 })
})

test('takes fewer rows of a larger model, but never fewer than fifty', () => {
  expect(explainableRows(model())).toBe(300)
  const { trees } = model()
  expect(explainableRows({ ...model(), trees: { ...trees, leaves: new Float64Array(1e6) } })).toBe(100)
  expect(explainableRows({ ...model(), trees: { ...trees, leaves: new Float64Array(1e8) } })).toBe(50)
})
