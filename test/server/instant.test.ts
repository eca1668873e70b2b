import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instantFailure, parseInstant } from '../../src/server/instant.ts'

describe('an instant as text', () => {
  test('may name any zone and leave out seconds', () => {
    const at = Date.UTC(2013, 1, 8, 18, 30)
    expect(parseInstant('2013-02-08T18:30:00Z')).toBe(at)
    expect(parseInstant('2013-02-08T18:30Z')).toBe(at)
    expect(parseInstant('2013-02-08T13:30:00.000-05:00')).toBe(at)
  })

  test.each([
    ['a time without a zone', '2013-02-08T18:30:00'],
    ['a day alone', '2013-02-08'],
    ['30 February', '2013-02-30T18:30:00Z'],
    ['29 February of a common year', '2013-02-29T18:30:00Z'],
    ['25 hours', '2013-02-08T25:61:00Z'],
    ['a time before 1980', '1979-12-31T23:59:59Z'],
    ['a time after 2099', '2100-01-01T00:00:00Z'],
    ['another notation', 'Feb 8 2013 18:30 GMT'],
    ['nothing', ''],
  ])('%s is none', (_, text) => {
    expect(parseInstant(text)).toBeUndefined()
  })

  test('every instant reads as it was written', () => {
    const instants = fc.integer({ min: Date.UTC(1980, 0, 1), max: Date.UTC(2100, 0, 1) - 1 })
    fc.assert(fc.property(instants, at => parseInstant(new Date(at).toISOString()) === at))
  })
})

test('a time that cannot be is told from what is no time', () => {
  expect(instantFailure('2013-02-30T18:30:00Z', 'at').code).toBe('TIME_IMPOSSIBLE')
  expect(instantFailure(1_360_348_200, 'at').code).toBe('TIME_IMPOSSIBLE')
  expect(instantFailure('yesterday', 'at').code).toBe('FIELD_TYPE')
  expect(instantFailure(1.5, 'at').code).toBe('FIELD_TYPE')
})
