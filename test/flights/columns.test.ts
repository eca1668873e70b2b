import { expect, test } from 'vitest'
import { columnsOf, number, numberOrNull, text, textOrNull, whole, wholeOrNull } from '../../src/flights/columns.ts'

const columns = columnsOf(['b', 'a', 'c'], ['a', 'b'])
const unreadable = (field: string): unknown => expect.objectContaining({ code: 'SOURCE_UNREADABLE', field })

test('cells are found by the names in the header, in any order', () => {
  expect([text(['2', '1', '3'], columns, 'a'), whole(['2', '1', '3'], columns, 'b')]).toEqual(['1', 2])
})

test('a column that is not there is named', () => {
  expect(() => columnsOf(['a', 'b'], ['a', 'c'])).toThrow(unreadable('c'))
})

test.each(['', 'NA', '\\N'])('%o was not observed', cell => {
  const cells = [cell, cell]
  expect([
    textOrNull(cells, columns, 'a'),
    numberOrNull(cells, columns, 'a'),
    wholeOrNull(cells, columns, 'a'),
  ]).toEqual([null, null, null])
  expect(() => number(cells, columns, 'a')).toThrow(unreadable('a'))
  expect(() => whole(cells, columns, 'a')).toThrow(unreadable('a'))
})

test.each(['x', '1e999', 'NaN', '1,5'])('%o is no number', cell => {
  expect(() => numberOrNull(['', cell], columns, 'a')).toThrow(unreadable('a'))
})

test('1.5 is a number and not a whole one', () => {
  expect(number(['', '1.5'], columns, 'a')).toBe(1.5)
  expect(() => whole(['', '1.5'], columns, 'a')).toThrow(unreadable('a'))
})
