// What every log promises (src/runtime/log.ts). Written so that a broker can keep the promises: what is committed may
// take a moment to come into sight, offsets have gaps, reads may be empty. `contents` therefore commits a record of its
// own and reads up to it.

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Append, type Log, type LogRecord, recordBytesMax, type TopicSpec } from '../../src/runtime/log.ts'
import { contents, event, expectFailure, pause, readSome, shown, textOf } from './log-contents.ts'

const specs: readonly TopicSpec[] = [
  { name: 'events', partitions: 3, cleanup: 'delete' },
  { name: 'outcomes', partitions: 1, cleanup: 'delete' },
  { name: 'registry', partitions: 1, cleanup: 'compact' },
]
const plenty = { bytesMax: 10_000_000 }

/** @param open a log without topics */
export function describeLog(name: string, open: () => Log | Promise<Log>): void {
  describe(name, () => {
    let log: Log
    beforeEach(async () => {
      log = await open()
      await log.createTopics(specs)
    })
    afterEach(() => log.close())

    describeRecords(() => log)
    describeReading(() => log)
    describeClaims(() => log)
    describeUpkeep(() => log)
  })
}

function describeRecords(log: () => Log): void {
  test('gives records back in the order in which they were committed, whole', async () => {
    const claim = await log().claim('task')
    const first = [event('a', 'one'), { ...event('b', 'two'), headers: { origin: 'replay', späte: '☂' } }]
    await claim.commit(first)
    await claim.commit([event('a', 'three')])

    const found = await contents(log(), 'events', 0)
    expect(found.map(shown)).toEqual([...first, event('a', 'three')].map(shown))
  })

  const keys = ['', 'a', 'ORD', 'Zürich', '日本', '✈️ 🛫', 'k'.repeat(63), 'k'.repeat(64), 'é'.repeat(5000)]
  test.each(keys)('keeps a key as it is: %s', async key => {
    const claim = await log().claim('task')
    await claim.commit([event(key, 'value')])
    expect((await contents(log(), 'events', 0)).map(record => record.key)).toEqual([key])
  })

  test('tells a tombstone from an empty value', async () => {
    const claim = await log().claim('task')
    const appends = [null, new Uint8Array(0)].map(value => ({ topic: 'registry', partition: 0, key: 'k', value }))
    await claim.commit(appends)
    const values = (await contents(log(), 'registry', 0)).map(({ value }) => value)
    expect(values[0]).toBeNull()
    expect(values[1]).toHaveLength(0)
  })

  test('keeps what was committed, whatever its bytes are used for afterwards', async () => {
    const claim = await log().claim('task')
    const value = new Uint8Array([1, 2, 3])
    await claim.commit([{ topic: 'events', partition: 0, key: 'k', value }])
    value.fill(9)
    expect([...((await contents(log(), 'events', 0))[0]?.value ?? [])]).toEqual([1, 2, 3])
  })

  test('takes a record of the largest size', async () => {
    const claim = await log().claim('task')
    // é is two bytes
    const value = new Uint8Array(recordBytesMax - 2).fill(7)
    await claim.commit([{ topic: 'events', partition: 0, key: 'é', value }])
    const [record] = await contents(log(), 'events', 0)
    expect(record?.value).toHaveLength(value.length)
    expect(record?.value?.every(byte => byte === 7)).toBe(true)
  })

  test('refuses one byte more, and with it the whole unit', async () => {
    const claim = await log().claim('task')
    const value = new Uint8Array(recordBytesMax - 1)
    const large = { topic: 'outcomes', partition: 0, key: 'é', value }
    await expectFailure(claim.commit([event('k', 'v'), large, event('k', 'v')]), 'RECORD_TOO_LARGE')
    expect(await contents(log(), 'events', 0)).toEqual([])
    expect(await contents(log(), 'outcomes', 0)).toEqual([])
  })

  test('shows a unit in all its topics and partitions', async () => {
    const claim = await log().claim('task')
    await claim.commit([event('a', '1', 0), event('b', '2', 2), { ...event('c', '3'), topic: 'outcomes' }])
    expect((await contents(log(), 'events', 0)).map(record => record.key)).toEqual(['a'])
    expect(await contents(log(), 'events', 1)).toEqual([])
    expect((await contents(log(), 'events', 2)).map(record => record.key)).toEqual(['b'])
    expect((await contents(log(), 'outcomes', 0)).map(record => record.key)).toEqual(['c'])
  })

  test('shows what was committed, in every partition, once it is settled', async () => {
    const claim = await log().claim('task')
    const unit = [event('a', '1', 0), event('b', '2', 1), event('c', '3', 2)]
    await claim.commit(unit)
    await log().settled()
    for (const { partition, key } of unit) {
      const seen: string[] = []
      for (let from = 0, next = -1; next !== from; ) {
        if (next >= 0) from = next
        const chunk = await log().read('events', partition, from, plenty)
        seen.push(...chunk.records.map(record => record.key))
        next = chunk.next
      }
      expect([seen, await log().isDecided('events', partition)]).toEqual([[key], true])
    }
  })

  test('commits a unit without records', async () => {
    const claim = await log().claim('task')
    await claim.commit([])
    await claim.commit([event('a', '1')])
    expect(await contents(log(), 'events', 0)).toHaveLength(1)
  })

  test('gives back any units of any records in order, read in any portions', async () => {
    const record = fc.record(
      {
        partition: fc.nat({ max: 2 }),
        key: fc.string({ unit: 'grapheme', maxLength: 70 }),
        value: fc.option(fc.uint8Array({ maxLength: 400 })),
        headers: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), { maxKeys: 3 }),
      },
      { requiredKeys: ['partition', 'key', 'value'] },
    )
    const units = fc.array(fc.array(record, { maxLength: 30 }), { maxLength: 8 })
    const limits = fc.record({ bytesMax: fc.nat({ max: 2000 }), recordsMax: fc.integer({ min: 1, max: 20 }) })
    let runs = 0
    await fc.assert(
      fc.asyncProperty(units, limits, async (drawn, portion) => {
        const topic = `run-${++runs}`
        await log().createTopics([{ name: topic, partitions: 3, cleanup: 'delete' }])
        const claim = await log().claim('task')
        for (const unit of drawn) await claim.commit(unit.map(each => ({ topic, ...each }) as Append))
        for (let partition = 0; partition < 3; partition++) {
          const written = drawn.flat().filter(each => each.partition === partition)
          const found = await contents(log(), topic, partition, { limits: portion })
          expect(found.map(shown)).toEqual(written.map(shown))
        }
      }),
      { numRuns: 25 },
    )
  })
}

function describeReading(log: () => Log): void {
  test('gives the same records from wherever a reading starts, headers and tombstones between them', async () => {
    const claim = await log().claim('task')
    const drawn = Array.from({ length: 12 }, (_, i) => ({
      ...event(`key-${i}`, 'x'.repeat(i * 40)),
      ...(i % 3 === 0 ? {} : { headers: { origin: `flights.events/0@${i}`, long: 'ü'.repeat(i * 30) } }),
      ...(i % 4 === 3 ? { value: null } : {}),
    }))
    await claim.commit(drawn)
    const all = await contents(log(), 'events', 0)
    // backwards, so that no reading goes on where another ended
    for (const [index, record] of [...drawn.entries()].reverse()) {
      const { records } = await log().read('events', 0, (all[index] as LogRecord).offset, {
        bytesMax: 1,
        recordsMax: 1,
      })
      expect(records.map(shown)).toEqual([shown(record)])
    }
  })

  const commitNumbers = async (units: number, perUnit: number) => {
    const claim = await log().claim('numbers')
    for (let unit = 0; unit < units; unit++) {
      await claim.commit(Array.from({ length: perUnit }, (_, index) => event('k', `${unit * perUnit + index}`)))
    }
  }

  test('reads on from any record', async () => {
    await commitNumbers(7, 5)
    const all = await contents(log(), 'events', 0)
    expect(all.map(textOf)).toEqual(Array.from({ length: 35 }, (_, index) => `${index}`))
    for (const [index, { offset }] of all.entries()) {
      const rest = await contents(log(), 'events', 0, { from: offset })
      expect(rest.map(textOf)).toEqual(all.slice(index).map(textOf))
    }
  })

  test('offsets rise, and `next` lies behind what was given', async () => {
    await commitNumbers(10, 3)
    await contents(log(), 'events', 0)
    let last = -1
    for (let from = 0; ; ) {
      const { records, next } = await log().read('events', 0, from, { bytesMax: 5 })
      if (records.length === 0 && next === from) break
      for (const { offset } of records) {
        expect(offset).toBeGreaterThan(last)
        expect(offset).toBeGreaterThanOrEqual(from)
        expect(next).toBeGreaterThan(offset)
        last = offset
      }
      expect(next).toBeGreaterThan(from)
      from = next
    }
    expect(last).toBeGreaterThanOrEqual(29)
  })

  test('the same offset is the same record for ever', async () => {
    await commitNumbers(3, 4)
    const before = await contents(log(), 'events', 0)
    await commitNumbers(3, 4)
    const after = await contents(log(), 'events', 0)
    expect(after.slice(0, before.length)).toEqual(before)
  })

  test('stops at the bytes and records asked for, after one record at least', async () => {
    const claim = await log().claim('task')
    const value = new Uint8Array(100)
    await claim.commit(Array.from({ length: 50 }, () => ({ topic: 'events', partition: 0, key: 'k', value })))
    await contents(log(), 'events', 0)
    for (const bytesMax of [1, 101, 250, 5000]) {
      const { records } = await readSome(log(), { bytesMax })
      expect(records.length).toBeGreaterThanOrEqual(1)
      // with the last one the limit may be passed
      expect((records.length - 1) * 101).toBeLessThan(bytesMax)
    }
    for (const recordsMax of [1, 7, 49]) {
      const { records } = await readSome(log(), { ...plenty, recordsMax })
      expect(records.length).toBeGreaterThanOrEqual(1)
      expect(records.length).toBeLessThanOrEqual(recordsMax)
    }
  })

  test('gives nothing behind the end, and does not go on by itself', async () => {
    await commitNumbers(2, 2)
    await contents(log(), 'events', 0)
    let { next } = await log().bounds('events', 0)
    for (let again = 0; again < 3; again++) {
      const chunk = await log().read('events', 0, next, plenty)
      expect(chunk.records).toEqual([])
      expect(chunk.next).toBe(next)
      next = chunk.next
    }
    expect((await log().read('events', 1, 0, plenty)).records).toEqual([])
  })

  test('bounds hold every record', async () => {
    expect(await log().bounds('events', 1)).toEqual({ first: 0, next: 0 })
    await commitNumbers(4, 3)
    const offsets = (await contents(log(), 'events', 0)).map(({ offset }) => offset)
    const { first, next } = await log().bounds('events', 0)
    expect(first).toBeLessThanOrEqual(Math.min(...offsets))
    expect(next).toBeGreaterThan(Math.max(...offsets))
  })
}

function describeClaims(log: () => Log): void {
  test('a later claim ends the earlier one, whose unit is nowhere', async () => {
    const old = await log().claim('task')
    await old.commit([event('a', 'old')])
    const young = await log().claim('task')
    await expectFailure(
      old.commit([event('a', 'zombie'), { ...event('a', 'zombie'), topic: 'outcomes' }]),
      'TASK_FENCED',
    )
    await young.commit([event('a', 'young')])
    expect((await contents(log(), 'events', 0)).map(textOf)).toEqual(['old', 'young'])
    expect(await contents(log(), 'outcomes', 0)).toEqual([])
  })

  test('tasks do not fence each other', async () => {
    const claims = await Promise.all(['a-0', 'a-1', 'b-0'].map(task => log().claim(task)))
    for (const [index, claim] of claims.entries()) await claim.commit([event('k', `${index}`)])
    expect(await contents(log(), 'events', 0)).toHaveLength(3)
  })

  test('commits of many tasks at once all arrive, each task in its order', async () => {
    const write = async (task: string) => {
      const claim = await log().claim(task)
      for (let unit = 0; unit < 5; unit++) await claim.commit([event(task, `${unit}`), event(task, `${unit}+`)])
    }
    const tasks = ['a', 'b', 'c', 'd']
    await Promise.all(tasks.map(write))
    const found = await contents(log(), 'events', 0)
    for (const task of tasks) {
      const own = found.filter(({ key }) => key === task)
      expect(own.map(textOf)).toEqual(['0', '0+', '1', '1+', '2', '2+', '3', '3+', '4', '4+'])
    }
  })

  test('after an error the claim is dead, and a new one goes on', async () => {
    const claim = await log().claim('task')
    const large = { topic: 'events', partition: 0, key: '', value: new Uint8Array(recordBytesMax + 1) }
    await expectFailure(claim.commit([large]), 'RECORD_TOO_LARGE')
    await expectFailure(claim.commit([event('a', 'dead')]), 'TASK_FENCED')
    const next = await log().claim('task')
    await next.commit([event('a', 'alive')])
    expect((await contents(log(), 'events', 0)).map(textOf)).toEqual(['alive'])
  })

  test('a released claim commits no more; releasing twice is fine', async () => {
    const claim = await log().claim('task')
    await claim.release()
    await claim.release()
    await expectFailure(claim.commit([event('a', 'late')]), 'TASK_FENCED')
    expect(await contents(log(), 'events', 0)).toEqual([])
  })
}

function describeUpkeep(log: () => Log): void {
  test('creates topics that are missing and leaves the others', async () => {
    const claim = await log().claim('task')
    await claim.commit([event('a', '1')])
    await log().createTopics([...specs, { name: 'another', partitions: 2, cleanup: 'delete' }])
    const found = (await log().topics()).filter(({ name }) =>
      [...specs.map(spec => spec.name), 'another'].includes(name),
    )
    expect(found.map(({ name, partitions }) => [name, partitions])).toEqual([
      ['another', 2],
      ['events', 3],
      ['outcomes', 1],
      ['registry', 1],
    ])
    expect(await contents(log(), 'events', 0)).toHaveLength(1)
  })

  test('refuses a topic that exists with other partitions', async () => {
    const wanted: TopicSpec = { name: 'events', partitions: 4, cleanup: 'delete' }
    await expectFailure(log().createTopics([wanted]), 'TOPIC_MISMATCH')
    expect((await log().topics()).find(({ name }) => name === 'events')?.partitions).toBe(3)
  })

  test('trims what lies before an offset and nothing else', async () => {
    const claim = await log().claim('task')
    for (let unit = 0; unit < 6; unit++) await claim.commit([event('k', `${2 * unit}`), event('k', `${2 * unit + 1}`)])
    const all = await contents(log(), 'events', 0)
    const before = all[7]?.offset ?? 0
    await log().trim('events', 0, before)
    const left = await contents(log(), 'events', 0)
    expect(left.slice(-5).map(textOf)).toEqual(['7', '8', '9', '10', '11'])
    expect((await log().bounds('events', 0)).first).toBeLessThanOrEqual(before)
    await log().trim('events', 1, 100)
    expect(await contents(log(), 'events', 1)).toEqual([])
  })

  test('a reading that begins before what is kept is told so, and no other', async () => {
    const claim = await log().claim('task')
    for (let unit = 0; unit < 8; unit++) await claim.commit([event('k', `${2 * unit}`), event('k', `${2 * unit + 1}`)])
    const { next } = await log().bounds('events', 0)
    expect((await readSome(log(), plenty)).keptFrom).toBeUndefined()
    await log().trim('events', 0, next - 4)
    const { first } = await log().bounds('events', 0)
    expect(first).toBeGreaterThan(0)
    for (const limits of [plenty, { bytesMax: 1 }]) {
      expect(await log().read('events', 0, first - 1, limits)).toMatchObject({ keptFrom: first })
      expect((await log().read('events', 0, first, limits)).keptFrom).toBeUndefined()
    }
  })

  test('never gives an offset twice, even when everything was trimmed', async () => {
    const claim = await log().claim('task')
    await claim.commit([event('k', 'old'), event('k', 'older')])
    const last = (await contents(log(), 'events', 0)).at(-1)?.offset ?? 0
    const { next } = await log().bounds('events', 0)
    await log().trim('events', 0, next)
    await claim.commit([event('k', 'new')])
    const found = await contents(log(), 'events', 0)
    expect(found.filter(({ offset }) => offset > last).map(textOf)).toEqual(['new'])
    expect(found.map(textOf).at(-1)).toBe('new')
  })

  test('tells of each partition that a commit touched, when it can be read', async () => {
    const heard: string[] = []
    const reads: Promise<number>[] = []
    const stop = log().onAppend((topic, partition) => {
      heard.push(`${topic}/${partition}`)
      reads.push(
        log()
          .bounds(topic, partition)
          .then(({ next }) => next),
      )
    })
    const claim = await log().claim('task')
    await claim.commit([event('a', '1', 0), event('a', '2', 0), event('a', '3', 2)])
    while (heard.length < 2) await pause()
    expect(heard.sort()).toEqual(['events/0', 'events/2'])
    expect(Math.min(...(await Promise.all(reads)))).toBeGreaterThan(0)
    stop()
    stop()
    await claim.commit([event('a', '4', 0)])
    await contents(log(), 'events', 0)
    expect(heard).toHaveLength(2)
  })

  test('is closed for good, and may be closed twice', async () => {
    await log().close()
    await log().close()
    await expectFailure(log().read('events', 0, 0, plenty), 'LOG_UNREACHABLE')
    await expectFailure(log().claim('task'), 'LOG_UNREACHABLE')
  })
}
