import { describe, expect, test } from 'vitest'
import { LogMemory } from '../../src/adapters/log-memory.ts'
import { Failure } from '../../src/lib/failure.ts'
import { describeLog } from '../contracts/log.ts'
import { contents, event, expectFailure, textOf } from '../contracts/log-contents.ts'

const plenty = { bytesMax: 1_000_000 }
const events = { name: 'events', partitions: 3, cleanup: 'delete' } as const
const rows = { name: 'rows', partitions: 1, cleanup: 'compact' } as const

let seed = 0
describeLog('log-memory', () => new LogMemory())
describeLog('log-memory in Kafka mode', () => new LogMemory({ kafkaMode: { seed: ++seed } }))
describeLog(
  'log-memory in Kafka mode with slow markers',
  () => new LogMemory({ kafkaMode: { seed: ++seed, slowMarkers: true } }),
)

describe('Kafka mode', () => {
  test('leaves gaps, and gives empty reads that go on', async () => {
    const log = new LogMemory({ kafkaMode: { seed: 1 } })
    await log.createTopics([events])
    const claim = await log.claim('task')
    for (let unit = 0; unit < 200; unit++) await claim.commit([event('k', `${unit}`)])
    const offsets: number[] = []
    let emptyReads = 0
    for (let from = 0; ; ) {
      const { records, next } = await log.read('events', 0, from, { ...plenty, recordsMax: 2 })
      if (next === from) break
      if (records.length === 0) emptyReads++
      offsets.push(...records.map(({ offset }) => offset))
      from = next
    }
    expect(offsets).toHaveLength(200)
    // a control record after each unit, and now and then an aborted unit
    const steps = offsets.slice(1).map((offset, index) => offset - (offsets[index] ?? 0))
    expect(Math.min(...steps)).toBe(2)
    expect(Math.max(...steps)).toBeGreaterThan(3)
    expect(emptyReads).toBeGreaterThan(10)
  })

  test('the same seed gives the same offsets, another seed others', async () => {
    const offsetsOf = async (number: number) => {
      const log = new LogMemory({ kafkaMode: { seed: number } })
      await log.createTopics([events])
      const claim = await log.claim('task')
      for (let unit = 0; unit < 50; unit++) await claim.commit([event('k', `${unit}`)])
      return (await contents(log, 'events', 0)).map(({ offset }) => offset)
    }
    expect(await offsetsOf(7)).toEqual(await offsetsOf(7))
    expect(await offsetsOf(7)).not.toEqual(await offsetsOf(8))
  })

  test('a zombie whose commit is under way when it is replaced finds out, and wrote nothing', async () => {
    let replace: () => Promise<unknown> = async () => undefined
    const log = new LogMemory({
      kafkaMode: { seed: 2 },
      faults: {
        onCommit: async (task, n, when) => void (task === 'task' && n === 1 && when === 'before' && (await replace())),
      },
    })
    await log.createTopics([events])
    const old = await log.claim('task')
    replace = () => log.claim('task')
    await expectFailure(old.commit([event('k', 'zombie')]), 'TASK_FENCED')
    expect(await contents(log, 'events', 0)).toEqual([])
  })

  test('with slow markers a commit may be answered before it is in sight, and a new claim waits for it', async () => {
    let unseen = 0
    for (let number = 1; number <= 50; number++) {
      const log = new LogMemory({ kafkaMode: { seed: number, slowMarkers: true } })
      await log.createTopics([events])
      const claim = await log.claim('task')
      await claim.commit([event('k', '1', 0), event('k', '2', 1), event('k', '3', 2)])
      const ends = async () =>
        Promise.all([0, 1, 2].map(async partition => (await log.bounds('events', partition)).next))
      const reads = await Promise.all([0, 1, 2].map(async partition => log.read('events', partition, 0, plenty)))
      if (reads.some(({ records, next }) => records.length === 0 && next === 0)) unseen++
      await log.claim('task')
      expect(await ends()).not.toContain(0)
    }
    expect(unseen).toBeGreaterThan(5)
  })

  test.each([1, 2, 3, 4, 5])('compaction keeps the newest value of each key (seed %i)', async number => {
    const log = new LogMemory({ kafkaMode: { seed: number } })
    await log.createTopics([rows])
    const claim = await log.claim('task')
    const newest = new Map<string, string>()
    for (let unit = 0; unit < 60; unit++) {
      const key = `${(unit * 7) % 11}`
      const value = unit % 9 === 0 ? null : Buffer.from(`${unit}`)
      newest.set(key, textOf({ value }))
      await claim.commit([{ topic: 'rows', partition: 0, key, value }])
    }
    const before = await contents(log, 'rows', 0)
    log.compact('rows')
    const after = await contents(log, 'rows', 0)
    expect(after.length).toBeLessThan(before.length)
    expect(new Map(after.map(record => [record.key, textOf(record)]))).toEqual(newest)
    // what is left is what was there, where it was
    expect(before).toEqual(expect.arrayContaining(after))
  })
})

test('compaction is for compacted topics', async () => {
  const log = new LogMemory()
  await log.createTopics([events])
  expect(() => log.compact('events')).toThrow(Failure)
})

describe('faults', () => {
  const unknown = () => new Failure('COMMIT_UNKNOWN', 'no answer')

  test.each([
    ['before', []],
    ['after', ['events/0', 'events/2', 'events/2']],
  ] as const)(
    'a commit of unknown outcome that failed %s taking effect is there wholly or not at all',
    async (fails, there) => {
      const log = new LogMemory({
        kafkaMode: { seed: 3 },
        faults: {
          onCommit(task, _n, when) {
            if (task === 'task' && when === fails) throw unknown()
          },
        },
      })
      await log.createTopics([events])
      const claim = await log.claim('task')
      const unit = [event('k', '1', 0), event('k', '2', 2), event('k', '3', 2)]
      await expectFailure(claim.commit(unit), 'COMMIT_UNKNOWN')
      await expectFailure(claim.commit(unit), 'TASK_FENCED')
      const found: string[] = []
      for (const partition of [0, 1, 2]) {
        for (const _ of await contents(log, 'events', partition)) found.push(`events/${partition}`)
      }
      expect(found).toEqual(there)
    },
  )

  test('a commit may take effect after its caller was told that nobody knows', async () => {
    const log = new LogMemory({
      kafkaMode: { seed: 5 },
      faults: { onCommit: task => (task === 'task' ? 'later' : undefined) },
    })
    await log.createTopics([events])
    const claim = await log.claim('task')
    const heard = new Promise<void>(resolve => log.onAppend(() => resolve()))
    await expectFailure(claim.commit([event('k', 'late')]), 'COMMIT_UNKNOWN')
    await heard
    expect((await contents(log, 'events', 0)).map(textOf)).toEqual(['late'])
  })

  test('such a commit is fenced off by a claim that comes first', async () => {
    const outcomes = new Set<string>()
    for (let number = 1; number <= 60; number++) {
      const log = new LogMemory({
        kafkaMode: { seed: number },
        faults: { onCommit: task => (task === 'task' ? 'later' : undefined) },
      })
      await log.createTopics([events])
      const claim = await log.claim('task')
      await expectFailure(claim.commit([event('k', '1', 0), event('k', '2', 1)]), 'COMMIT_UNKNOWN')
      await log.claim('task')
      const there = await Promise.all([0, 1].map(async partition => (await contents(log, 'events', partition)).length))
      outcomes.add(there.join())
    }
    expect([...outcomes].sort()).toEqual(['0,0', '1,1'])
  })

  test('reads and claims fail as they are told to', async () => {
    const log = new LogMemory({
      faults: {
        onRead(_topic, _partition, n) {
          if (n === 2) throw new Failure('LOG_UNREACHABLE', 'away')
        },
        onClaim(_task, n, when) {
          if (n === 1 && when === 'after') throw new Failure('LOG_UNREACHABLE', 'away')
        },
      },
    })
    await log.createTopics([events])
    await expectFailure(log.claim('task'), 'LOG_UNREACHABLE')
    await log.claim('task')
    expect((await log.read('events', 0, 0, plenty)).records).toEqual([])
    await expectFailure(log.read('events', 0, 0, plenty), 'LOG_UNREACHABLE')
  })
})
