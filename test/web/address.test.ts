import { describe, expect, test } from 'vitest'
import { addressOf, pageOf, pages } from '../../src/web/address.ts'
import { defaultDriftView } from '../../src/web/drift-view.ts'
import { defaultModelsView } from '../../src/web/models-view.ts'
import { defaultView } from '../../src/web/view.ts'

test.each([
  ['/', 'live'],
  ['/drift', 'drift'],
  ['/drift/originWind', 'drift'],
  ['/drifting', 'live'],
  ['/models', 'models'],
  ['/index.html', 'live'],
] as const)('%s is the page %s', (path, page) => {
  expect(pageOf(path)).toBe(page)
})

test('every page is at its own address, and has a key of its own', () => {
  for (const { name, path } of pages) expect(pageOf(path)).toBe(name)
  expect(new Set(pages.map(({ key }) => key)).size).toBe(pages.length)
})

describe('an address', () => {
  const live = { ...defaultView, origin: 'EWR', time: 'local' as const }
  const views = { live, drift: defaultDriftView, models: defaultModelsView }

  test("holds its own page's view", () => {
    expect(addressOf({ ...views, page: 'live' })).toBe('/?origin=EWR&time=local')
  })

  test('shares the time zone alone with the other pages', () => {
    const drift = { ...defaultDriftView, feature: 'originWind' }
    expect(addressOf({ ...views, page: 'drift', drift })).toBe('/drift?feature=originWind&time=local')
    expect(addressOf({ ...views, page: 'drift' })).toBe('/drift?time=local')
    expect(addressOf({ ...views, page: 'drift', live: defaultView })).toBe('/drift')
    const models = { ...defaultModelsView, version: 'v2' }
    expect(addressOf({ ...views, page: 'models', models })).toBe('/models?version=v2&time=local')
  })
})
