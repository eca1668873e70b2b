import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DriftView, defaultDriftView, formatDriftView, parseDriftView } from '../../src/web/drift-view.ts'

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,30}$/)
const views: fc.Arbitrary<DriftView> = fc.record({
  feature: fc.option(name, { nil: null }),
  span: fc.constantFrom('DAY', 'WEEK'),
  sort: fc.constantFrom('severity', 'name'),
  show: fc.constantFrom('all', 'drifted'),
  find: fc.oneof(fc.constant(''), name),
  columns: fc.constantFrom('cards', 'table'),
  lanes: fc.constantFrom('chart', 'table'),
  detail: fc.constantFrom('chart', 'table'),
})

test('a view read from its own address is the same view', () => {
  fc.assert(
    fc.property(views, view => {
      expect(parseDriftView('/drift', formatDriftView(view))).toEqual(view)
    }),
  )
})

test('any address is some view', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (path, search) => {
      const view = parseDriftView(path, search)
      expect(parseDriftView('/drift', formatDriftView(view))).toEqual(view)
    }),
  )
})

test('a column may stand in the path', () => {
  expect(parseDriftView('/drift/originWind', '?span=WEEK')).toEqual({
    ...defaultDriftView,
    feature: 'originWind',
    span: 'WEEK',
  })
})

test('what cannot be read is the default', () => {
  expect(parseDriftView('/drift/..%2f', '?feature=<b>&span=YEAR&sort=x&find=%25')).toEqual(defaultDriftView)
  expect(formatDriftView(defaultDriftView)).toBe('')
})
