// Method: play the small script undisturbed and count every call of every port, before and after it; then play it once
// for each of these points, let the process die there, start another one on what is left, and compare.

import { expect, test, vi } from 'vitest'
import { breaches } from './checks.ts'
import { disturbed, pointsOf, undisturbed } from './crashes.ts'
import { smallScript } from './small-script.ts'

// a machine that is busy with other things takes its time
vi.setConfig({ testTimeout: 900_000 })

test('the small script meets every fate of a flight, trims its changelogs and breaks no rule', async () => {
  const calm = await undisturbed()
  expect(breaches(calm, smallScript)).toEqual([])
  expect(calm.balance.total).toMatchObject({ flights: 6, settled: 5, cancelled: 1, givenUp: 1, duplicates: 2, late: 2 })
  expect(calm.balance.total.predicted).toBeGreaterThan(8)
  const calls = new Set(pointsOf(calm).map(({ call }) => call.split(/[ /]/)[0]))
  expect(calls).toEqual(
    new Set(['bounds', 'claim', 'commit', 'createTopics', 'delete', 'get', 'list', 'put', 'read', 'settled', 'trim']),
  )
})

test('a process that dies at any call of any port, before or after it, loses and doubles nothing', async () => {
  const calm = await undisturbed()
  const points = pointsOf(calm)
  const found: string[] = []
  for (const at of points) found.push(...(await disturbed(calm, { at, fate: 'die' })))
  console.log(`crash points: ${points.length}`)
  expect(found).toEqual([])
})

test('a process that dies while it registers its schemas leaves a registry that the next one can use', async () => {
  const calm = await undisturbed({ ownCodec: true })
  const points = pointsOf(calm).filter(({ call }) => call.startsWith('register '))
  expect(points.length).toBeGreaterThan(50)
  const found: string[] = []
  for (const at of points) found.push(...(await disturbed(calm, { at, fate: 'die', ownCodec: true })))
  console.log(`crash points in schemas: ${points.length}`)
  expect(found).toEqual([])
})
