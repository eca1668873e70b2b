import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FeatureRow } from '../../src/forest/model.ts'
import { packColumn, rowsOf } from '../../src/forest/training-set.ts'

const number = fc.option(fc.integer({ min: -(2 ** 29), max: 2 ** 29 }))
const category = fc.option(fc.string({ maxLength: 3 }))

test('rows come out of their columns as they went in', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(number, category), { maxLength: 20 }), fc.nat(20), (rows, from) => {
      const columns = [
        packColumn(
          'numeric',
          rows.map(row => row[0]),
        ),
        packColumn(
          'categorical',
          rows.map(row => row[1]),
        ),
      ]
      const some: FeatureRow[] = rows.slice(from)
      expect(rowsOf({ columns }, Math.min(from, rows.length), rows.length)).toEqual(some)
    }),
  )
})

test('a column of categories holds each once, in the order in which they came', () => {
  const { values, categories } = packColumn('categorical', ['UA', null, 'B6', 'UA', ''])
  expect(categories).toEqual(['UA', 'B6', ''])
  expect([...values]).toEqual([0, -(2 ** 31), 1, 0, 2])
})
