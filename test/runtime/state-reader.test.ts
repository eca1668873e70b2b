// Rows of a task whose owner is another one, read beside it.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BlobsMemory } from '../../src/adapters/blobs-memory.ts'
import { LogMemory } from '../../src/adapters/log-memory.ts'
import { State } from '../../src/runtime/state.ts'
import { StateReader } from '../../src/runtime/state-reader.ts'
import { Table } from '../../src/runtime/table.ts'
import { expectFailure } from './small-world.ts'

const changelog = 'count.changelog'
const common = { task: 'count-0', changelog, partition: 0, layout: 1, migrate: {} }

async function owned(seed?: number) {
  const log = new LogMemory(seed === undefined ? {} : { kafkaMode: { seed, slowMarkers: false } })
  await log.createTopics([{ name: changelog, partitions: 1, cleanup: 'delete' }])
  const blobs = new BlobsMemory()
  const state = new State({ log, blobs, ...common, snapshotBytes: 1e9 })
  const [counts, others] = [new Table<number>('counts'), new Table<number>('others')]
  state.add(counts)
  state.add(others)
  const claim = await log.claim('count-0')
  await state.takeOver(claim)
  const unit = () => claim.commit(state.unitRecords({ 'events/0': 1 }))
  const snapshot = async () => {
    await claim.commit([await state.snapshot({ 'events/0': 1 })])
    await state.snapshotCommitted()
  }
  const reader = () => new StateReader({ log, blobs, ...common, table: 'counts' })
  return { log, blobs, counts, others, unit, snapshot, reader }
}

describe('what a task has committed', () => {
  test('can be read beside it, as it changes; what is not committed cannot', async () => {
    const { counts, others, unit, reader } = await owned()
    const beside = reader()
    expect(await beside.row('a')).toBeUndefined()
    counts.set('a', 1)
    others.set('b', 2)
    await unit()
    counts.set('a', 7)
    expect([await beside.row('a'), await beside.row('b')]).toEqual([1, undefined])
    await unit()
    expect(await beside.row('a')).toBe(7)
    counts.delete('a')
    await unit()
    expect(await beside.row('a')).toBeUndefined()
  })

  test('is found behind a snapshot too, by one who begins and by one whose place was trimmed away', async () => {
    const { counts, unit, snapshot, reader } = await owned()
    counts.set('a', 1)
    counts.set('gone', 1)
    await unit()
    const early = reader()
    expect([await early.row('a'), await early.row('gone')]).toEqual([1, 1])
    counts.delete('gone')
    counts.set('a', 2)
    await unit()
    await snapshot()
    counts.set('c', 3)
    await unit()
    for (const beside of [early, reader()])
      expect([await beside.row('a'), await beside.row('gone'), await beside.row('c')]).toEqual([2, undefined, 3])
  })

  test('is read once for all who ask at the same time', async () => {
    const { counts, unit, reader } = await owned()
    counts.set('a', 1)
    await unit()
    const beside = reader()
    expect(await Promise.all(['a', 'a', 'b'].map(key => beside.row(key)))).toEqual([1, 1, undefined])
  })

  test('is refused when its snapshot was altered, and read when that is put right', async () => {
    const { counts, unit, snapshot, reader, blobs } = await owned()
    counts.set('a', 1)
    await unit()
    await snapshot()
    const [address] = (await blobs.list('snapshots/')) as [string]
    const bytes = await blobs.get(address)
    await blobs.put(address, bytes.slice(1))
    const beside = reader()
    await expectFailure(beside.row('a'), 'STATE_CORRUPT')
    await blobs.put(address, bytes)
    expect(await beside.row('a')).toBe(1)
  })

  test('is always what its owner has, whatever it does (with gaps in the offsets)', async () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c'), value: fc.option(fc.nat(9)), end: fc.nat(4) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
        const { counts, unit, snapshot, reader } = await owned(3)
        const beside = reader()
        const looks: { found: unknown; value: unknown }[] = []
        for (const { key, value, end } of steps) {
          if (value === null) counts.delete(key)
          else counts.set(key, value)
          await unit()
          if (end === 0) await snapshot()
          if (end < 3) looks.push({ found: await beside.row(key), value: value ?? undefined })
        }
        expect(looks.map(({ found }) => found)).toEqual(looks.map(({ value }) => value))
        for (const key of ['a', 'b', 'c']) expect(await beside.row(key)).toBe(counts.get(key))
      }),
      { numRuns: 40 },
    )
  })
})
