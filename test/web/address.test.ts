import { describe, expect, test } from 'vitest'
import { addressOf, pageOf, pages } from '../../src/web/address.ts'
import { defaultDriftView } from '../../src/web/drift-view.ts'
import { defaultView } from '../../src/web/view.ts'

test.each([
  ['/', 'live'],
  ['/drift', 'drift'],
  ['/drift/originWind', 'drift'],
  ['/drifting', 'live'],
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

  test("holds its own page's view", () => {
    expect(addressOf({ page: 'live', live, drift: defaultDriftView })).toBe('/?origin=EWR&time=local')
  })

  test('shares the time zone alone with the other pages', () => {
    const drift = { ...defaultDriftView, feature: 'originWind' }
    expect(addressOf({ page: 'drift', live, drift })).toBe('/drift?feature=originWind&time=local')
    expect(addressOf({ page: 'drift', live, drift: defaultDriftView })).toBe('/drift?time=local')
    expect(addressOf({ page: 'drift', live: defaultView, drift: defaultDriftView })).toBe('/drift')
  })
})
