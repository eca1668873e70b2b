import { expect, test } from 'vitest'
import { type TitleFacts, titleOf } from '../../src/web/title.ts'
import { startAt } from './samples.ts'

const calm: TitleFacts = {
  page: 'live',
  liveness: { is: 'live', word: 'live' },
  alertsOpen: 0,
  at: startAt,
  airport: null,
  feature: null,
  version: null,
}

test.each<[Partial<TitleFacts>, string]>([
  [{}, 'Live 2013-02-08 12h - slipstream'],
  [{ at: null }, 'Live - slipstream'],
  [{ airport: 'ORD' }, 'ORD \u00b7 Live 2013-02-08 12h - slipstream'],
  [{ page: 'drift' }, 'Drift - slipstream'],
  [{ page: 'models' }, 'Models - slipstream'],
  [{ page: 'models', version: 'v2' }, 'v2 model - slipstream'],
  [{ page: 'drift', feature: 'originWind', alertsOpen: 2 }, '(2!) originWind drift - slipstream'],
  [{ page: 'drift', alertsOpen: 1, liveness: { is: 'offline', word: 'offline' } }, '(1!) (offline) Drift - slipstream'],
])('%j reads %s', (change, title) => {
  expect(titleOf({ ...calm, ...change })).toBe(title)
})
