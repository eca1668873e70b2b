// The end of a step is where everybody has to have caught up: what was decided in it is in force from the next step on,
// however slow the registry is, however late commits come into sight, and wherever the publisher dies.

import { expect, test } from 'vitest'
import { differences } from './checks.ts'
import { disturbed, pointsOf, undisturbed } from './crashes.ts'
import type { Weather } from './gate.ts'

/** Turns that the registry waits before and after each of its calls; long enough for a step's frames to be sealed. */
const lag = 3000
const laggingRegistry = (call: string): number => (/ (register|models\.)/.test(call) ? lag : 0)

test('a registry that lags names its models in the same frames', async () => {
  const calm = await undisturbed()
  const slow = await undisturbed({ weather: { fateAt: () => 'go', waitAt: laggingRegistry } })
  expect(differences(calm, slow)).toEqual([])
})

test('so it does when the publisher dies after any of its commits', async () => {
  const calm = await undisturbed()
  const slow = await undisturbed({ weather: { fateAt: () => 'go', waitAt: laggingRegistry } })
  const points = pointsOf(slow).filter(({ call, when }) => call === 'commit replay' && when === 'after')
  expect(points.length).toBeGreaterThan(5)
  const found: string[] = []
  for (const at of points) found.push(...(await disturbed(calm, { at, fate: 'die', waitAt: laggingRegistry })))
  expect(found).toEqual([])
})

test.each([40, 400, 4000])('commits that come into sight up to %i turns late change nothing', async slowMarkers => {
  const calm = await undisturbed()
  for (let logSeed = 1; logSeed <= 8; logSeed++) {
    // what is asked for is not slow, or the asking would take as long as the commit
    const weather: Weather = { fateAt: () => 'go', waitAt: call => (call === 'commit register-0' ? lag : 0) }
    const late = await undisturbed({ slowMarkers, logSeed, weather })
    expect(differences(calm, late), `log seed ${logSeed}`).toEqual([])
    expect(late.lives).toBe(1)
  }
})
