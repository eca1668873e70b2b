// Method: as in crash.test.ts, but the call fails and its process lives on.

import { expect, test, vi } from 'vitest'
import { differences } from './checks.ts'
import { disturbed, pointsOf, undisturbed } from './crashes.ts'

// a machine that is busy with other things takes its time
vi.setConfig({ testTimeout: 900_000 })

test('a call of any port that fails, before or after it took effect, loses and doubles nothing', async () => {
  const calm = await undisturbed()
  // a read that fails has no effect to come before or after
  const points = pointsOf(calm).filter(({ call, when }) => when === 'before' || !/^(read|bounds|get|list) /.test(call))
  const found: string[] = []
  for (const at of points) found.push(...(await disturbed(calm, { at, fate: 'fail' })))
  console.log(`failing calls: ${points.length}`)
  expect(found).toEqual([])
})

test('the same where a commit comes into sight piece by piece, after it was answered', async () => {
  const calm = await undisturbed({ slowMarkers: true })
  const seenAtOnce = await undisturbed()
  expect(differences(seenAtOnce, calm)).toEqual([])
  expect(calm.lives).toBe(1)
  const points = pointsOf(calm).filter(({ call }) => /^(commit|claim|trim|put) /.test(call))
  const found: string[] = []
  for (const at of points) found.push(...(await disturbed(calm, { at, fate: 'die', slowMarkers: true })))
  console.log(`crash points with slow markers: ${points.length}`)
  expect(found).toEqual([])
})
