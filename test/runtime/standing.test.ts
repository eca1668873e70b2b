import { describe, expect, test } from 'vitest'
import { BlobsMemory } from '../../src/adapters/blobs-memory.ts'
import { LogMemory } from '../../src/adapters/log-memory.ts'
import { type Standing, Standings } from '../../src/runtime/standing.ts'
import { State } from '../../src/runtime/state.ts'
import { Table } from '../../src/runtime/table.ts'

const changelog = 'count.changelog'
const standingAt = (offset: number, midway = false): Standing => {
  return { position: { 'in/0': offset }, midway, reachedAt: offset * 10, balance: { in: offset } }
}

async function world(seed?: number) {
  const log = new LogMemory(seed === undefined ? {} : { kafkaMode: { seed } })
  await log.createTopics([{ name: changelog, partitions: 1, cleanup: 'delete' }])
  const fixed = { task: 'count-0', changelog, partition: 0, layout: 1, migrate: {}, snapshotBytes: 1e9 }
  const state = new State({ log, blobs: new BlobsMemory(), ...fixed })
  const rows = new Table<number>('rows')
  state.add(rows)
  const claim = await log.claim('count-0')
  await state.takeOver(claim)
  const unit = async (offset: number, midway = false) => {
    rows.set('last', offset)
    const standing = standingAt(offset, midway)
    await claim.commit(state.unitRecords(standing.position, standing))
    await log.settled()
  }
  const snapshot = async (offset: number) => {
    const standing = standingAt(offset)
    await claim.commit([await state.snapshot(standing.position, standing)])
    await state.snapshotCommitted()
    await log.settled()
  }
  return { log, unit, snapshot, standings: new Standings(log, changelog, 0) }
}

describe.each([undefined, 1, 2, 3])('a standing (Kafka mode: seed %s)', seed => {
  test('is that of the last unit, also when many were missed', async () => {
    const { unit, standings } = await world(seed)
    expect(await standings.look()).toBeNull()
    for (let offset = 1; offset <= 3; offset++) {
      await unit(offset, offset === 2)
      expect(await standings.look()).toMatchObject(standingAt(offset, offset === 2))
    }
    for (let offset = 4; offset <= 200; offset++) await unit(offset)
    expect(await standings.look()).toMatchObject(standingAt(200))
    expect(standings.last).toMatchObject(standingAt(200))
  })

  test('is kept through a snapshot that trims the units before it', async () => {
    const { unit, snapshot, standings } = await world(seed)
    for (let offset = 1; offset <= 100; offset++) await unit(offset)
    await snapshot(100)
    expect(await standings.look()).toMatchObject(standingAt(100))
  })

  test('stays at the same offset while nothing is committed', async () => {
    const { unit, standings } = await world(seed)
    await unit(1)
    const first = await standings.look()
    expect(await standings.look()).toEqual(first)
    await unit(2)
    expect((await standings.look())?.offset).toBeGreaterThan(first?.offset ?? 0)
  })
})

test('a task that is restored knows whether its last unit was the end of its work', async () => {
  for (const midway of [true, false]) {
    const { log, unit } = await world()
    await unit(1, midway)
    const fixed = { task: 'count-0', changelog, partition: 0, layout: 1, migrate: {}, snapshotBytes: 1e9 }
    const state = new State({ log, blobs: new BlobsMemory(), ...fixed })
    expect((await state.takeOver(await log.claim('count-0'))).midway).toBe(midway)
  }
})
