import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packColumn, rowsOf, type TrainingColumn } from '../../src/forest/training-set.ts'
import { permute, SampleColumn } from '../../src/jobs/train-column.ts'

const valuesIn = (column: TrainingColumn) => rowsOf({ columns: [column] }, 0, column.values.length).flat()

function columnOf(kind: 'numeric' | 'categorical', values: readonly (number | string | null)[]): SampleColumn {
  const column = new SampleColumn(kind, 1)
  for (const [slot, value] of values.entries()) {
    if (slot > 0) column.grow(slot + 1)
    column.put(slot, value)
  }
  return column
}

test('numbers of two bytes lie in two bytes, and one that is larger makes all of them wider', () => {
  const number = fc.oneof(fc.integer({ min: -32_767, max: 32_767 }), fc.constant(null))
  const property = fc.property(fc.array(number, { minLength: 1 }), fc.nat(99), (values, at) => {
    const narrow = columnOf('numeric', values).between(0, values.length, values.length)
    expect(narrow.values.BYTES_PER_ELEMENT).toBe(2)
    expect(valuesIn(narrow)).toEqual(values)
    for (const large of [-32_768, 32_768, 2 ** 29, -(2 ** 29)]) {
      const more = values.toSpliced(at % values.length, 1, large)
      const wide = columnOf('numeric', more).between(0, more.length, more.length)
      expect(wide.values.BYTES_PER_ELEMENT).toBe(4)
      expect(valuesIn(wide)).toEqual(more)
    }
  })
  fc.assert(property)
})

test('codes are those of the rows asked for, in their order, whatever was asked before', () => {
  const category = fc.constantFrom('UA', 'B6', 'AA', 'DL', null)
  const parts = fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { minLength: 1, maxLength: 4 })
  const property = fc.property(fc.array(category, { minLength: 1, maxLength: 30 }), parts, (values, asked) => {
    const column = columnOf('categorical', values)
    for (const [from, to] of asked) {
      const [first, end] = [Math.min(from, values.length), Math.min(Math.max(from, to), values.length)]
      const wanted = values.slice(first, end)
      const given = column.between(first, end, values.length)
      expect(valuesIn(given)).toEqual(wanted)
      expect(given.categories).toEqual(packColumn('categorical', wanted).categories)
    }
    // one that comes later is known by the codes of now
    column.put(0, 'DL')
    expect(valuesIn(column.between(0, values.length, values.length))).toEqual(['DL', ...values.slice(1)])
  })
  fc.assert(property)
})

test('values are put in another order', () => {
  const values = Uint8Array.of(7, 8, 9, 1)
  permute(values, [2, 0, 1], new Float64Array(3))
  expect([...values]).toEqual([9, 7, 8, 1])
})

test('a thread reads the same memory', () => {
  const { values } = columnOf('numeric', [1, 2]).between(0, 2, 2)
  const seen = structuredClone({ values }).values
  values[0] = 9
  expect(seen[0]).toBe(9)
})
