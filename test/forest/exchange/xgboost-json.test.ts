import { describe, expect, test } from 'vitest'
import {
  fieldsOf,
  flagsOf,
  listOf,
  numbersOf,
  objectOf,
  textOf,
  textsOf,
  wholeOf,
  wholesOf,
} from '../../../src/forest/exchange/xgboost-json.ts'

const json = {
  name: 'gbtree',
  count: '12',
  odd: '1.5',
  list: [1, 2.5],
  whole: [1, -3],
  flags: [0, true],
  texts: ['a'],
  in: {},
}

describe("a field of XGBoost's JSON", () => {
  test('is given as what it should be', () => {
    expect(objectOf(json, 'root')).toBe(json)
    expect(fieldsOf(json, 'in')).toEqual({})
    expect(textOf(json, 'name')).toBe('gbtree')
    expect([wholeOf(json, 'count'), wholeOf(json, 'absent', 7)]).toEqual([12, 7])
    expect([listOf(json, 'list'), numbersOf(json, 'list', 2), wholesOf(json, 'whole')]).toEqual([
      [1, 2.5],
      [1, 2.5],
      [1, -3],
    ])
    expect([flagsOf(json, 'flags', 2), textsOf(json, 'texts')]).toEqual([[false, true], ['a']])
  })

  test.each([
    ['absent', () => textOf(json, 'absent')],
    ['inherited', () => fieldsOf(json, 'constructor')],
    ['a list instead of an object', () => fieldsOf(json, 'list')],
    ['a text instead of a list', () => listOf(json, 'name')],
    ['a list instead of a text', () => textOf(json, 'list')],
    ['no whole number', () => wholeOf(json, 'odd')],
    ['a fraction among whole numbers', () => wholesOf(json, 'list')],
    ['of another length', () => numbersOf(json, 'list', 3)],
    ['a text among numbers', () => numbersOf(json, 'texts')],
    ['a number among texts', () => textsOf(json, 'list')],
    ['no flag', () => flagsOf(json, 'list', 2)],
  ])('that is %s is refused', (_, read) => {
    expect(read).toThrow(expect.objectContaining({ code: 'MODEL_CORRUPT' }))
  })
})
