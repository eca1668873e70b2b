import { expect, test } from 'vitest'
import { BlobsMemory } from '../../src/adapters/blobs-memory.ts'
import { Silences } from '../../src/jobs/silences.ts'
import { hours } from '../../src/lib/time.ts'

const start = Date.UTC(2013, 1, 9)
const storm = { kind: 'PREDICTION_DRIFT', from: start, until: start + hours(24), reason: 'The storm.' } as const

test('a silence covers alerts of its kind that open within it, and outlives a restart', async () => {
  const blobs = new BlobsMemory()
  await (await Silences.open(blobs)).add(storm)
  const silences = await Silences.open(blobs)
  const covered = [-1, 0, hours(24) - 1, hours(24)].map(ms => silences.covers('PREDICTION_DRIFT', start + ms))
  expect(covered).toEqual([false, true, true, false])
  expect(silences.covers('PERFORMANCE', start)).toBe(false)
  expect([silences.at(start), silences.at(start + hours(24))]).toEqual([[storm], []])
})

test('ALL covers every kind, and one of no length ends those of its kind alone', async () => {
  const silences = await Silences.open(new BlobsMemory())
  await silences.add({ ...storm, kind: 'ALL' })
  await silences.add(storm)
  const later = start + hours(6)
  await silences.add({ ...storm, kind: 'ALL', from: later, until: later })
  expect(silences.covers('PERFORMANCE', start)).toBe(true)
  expect(silences.covers('PERFORMANCE', later)).toBe(false)
  expect(silences.covers('PREDICTION_DRIFT', later)).toBe(true)
  expect(silences.at(later)).toEqual([storm])
})

test('several at once are all kept', async () => {
  const blobs = new BlobsMemory()
  const silences = await Silences.open(blobs)
  await Promise.all([1, 2, 3].map(n => silences.add({ ...storm, reason: String(n) })))
  expect((await Silences.open(blobs)).at(start).map(({ reason }) => reason)).toEqual(['3', '2', '1'])
})
