import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../src/forest/canonical-json.ts'
import type { Json } from '../../src/forest/model.ts'

test('keys are sorted at every depth, and there are no spaces', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x y' }], a: true })).toBe('{"a":true,"b":[1,{"c":"x y","d":null}]}')
})

test('the text is JSON of the value, and the same however the value was built', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      const text = canonicalJson(value as Json)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(canonicalJson(JSON.parse(text) as Json)).toBe(text)
    }),
  )
})

test('in whatever order keys were put in, those that look like numbers among them', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).toReversed()
    return Object.fromEntries(entries.map(([key, field]) => [key, reversed(field)]))
  }
  expect(canonicalJson({ 2: 'b', 10: 'a' })).toBe('{"10":"a","2":"b"}')
  const key = fc.oneof(fc.string(), fc.nat(30).map(String))
  const { value } = fc.letrec<{ value: unknown }>(tie => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.jsonValue({ maxDepth: 0 }),
      fc.array(tie('value')),
      fc.dictionary(key, tie('value')),
    ),
  }))
  fc.assert(
    fc.property(value, one => {
      expect(canonicalJson(reversed(one) as Json)).toBe(canonicalJson(one as Json))
    }),
  )
})

test('a number that JSON cannot write is a defect', () => {
  expect(() => canonicalJson([Number.NaN])).toThrow('is finite')
  expect(() => canonicalJson({ a: { b: Number.POSITIVE_INFINITY } })).toThrow('is finite')
})
