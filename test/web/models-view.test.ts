import { expect, test } from 'vitest'
import { defaultModelsView, formatModelsView, parseModelsView } from '../../src/web/models-view.ts'

test('an address without a view is the default, and the default is an address without a view', () => {
  expect(parseModelsView('')).toEqual(defaultModelsView)
  expect(formatModelsView(defaultModelsView)).toBe('')
})

test.each([
  '?version=m-2013-02-09T03&with=seed-2013-01',
  '?by=carrier&as=table',
  '?search=s-2013-06-03T2300&params=all',
])('%s is read and written alike', address => expect(formatModelsView(parseModelsView(address))).toBe(address))

test('what cannot be read is the default', () => {
  const address = '?version=a%20b&with=%3Cscript%3E&by=&as=pie&search=..%2Fx%2F&params=some'
  expect(parseModelsView(address)).toEqual(defaultModelsView)
})
