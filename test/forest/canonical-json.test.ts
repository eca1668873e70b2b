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

test('a number that JSON cannot write is a defect', () => {
  expect(() => canonicalJson([Number.NaN])).toThrow('is finite')
})
