import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultView, formatView, parseView, type View } from '../../src/web/view.ts'

const code = fc.option(fc.stringMatching(/^[A-Z]{3}$/), { nil: null })
const views: fc.Arbitrary<View> = fc.record({
  origin: code,
  min: fc.integer({ min: 0, max: 19 }).map(step => step / 20),
  airport: code,
  view: fc.constantFrom('map', 'table'),
  chart: fc.constantFrom('line', 'table'),
  list: fc.constantFrom('newest', 'landed'),
  colour: fc.constantFrom('risk', 'late'),
  time: fc.constantFrom('utc', 'local'),
  stage: fc.constantFrom(null, 'ingest', 'score'),
})

test('a view read from its own address is the same view', () => {
  fc.assert(
    fc.property(views, view => {
      expect(parseView(formatView(view))).toEqual(view)
    }),
  )
})

test('any address is some view', () => {
  fc.assert(
    fc.property(fc.string(), search => {
      expect(formatView(parseView(formatView(parseView(search))))).toBe(formatView(parseView(search)))
    }),
  )
})

describe('an address', () => {
  test('holds what was chosen', () => {
    expect(parseView('?origin=ewr&min=0.5&airport=ORD&view=table')).toEqual({
      ...defaultView,
      origin: 'EWR',
      min: 0.5,
      airport: 'ORD',
      view: 'table',
    })
  })

  test('leaves out what is at its default', () => {
    expect(formatView(defaultView)).toBe('')
    expect(formatView({ ...defaultView, min: 0.35 })).toBe('?min=0.35')
  })

  test('that cannot be read falls back, field by field', () => {
    expect(parseView('?origin=<b>&min=7&view=globe&stage=../x&airport=ORD')).toEqual({ ...defaultView, airport: 'ORD' })
  })
})
