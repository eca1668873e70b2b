import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { LogSqlite } from '../../src/adapters/log-sqlite.ts'
import { ownerOfFolder } from '../../src/adapters/log-sqlite-lock.ts'
import { Failure, failureIn } from '../../src/lib/failure.ts'
import type { Append } from '../../src/runtime/log.ts'
import { describeLog } from '../contracts/log.ts'
import { contents, event, expectFailure, textOf } from '../contracts/log-contents.ts'
import { newFolders } from './folders.ts'

const newFolder = newFolders()
const events = { name: 'events', partitions: 3, cleanup: 'delete' } as const
const plenty = { bytesMax: 10_000_000 }

describeLog('log-sqlite', () => LogSqlite.open(newFolder()))
describeLog('log-sqlite, full', () => LogSqlite.open(newFolder(), { synchronous: 'full' }))
describeLog('log-sqlite, joined', () => LogSqlite.join(LogSqlite.open(newFolder()).share()))

describe('across restarts', () => {
  test('everything is there again, and offsets go on', async () => {
    const folder = newFolder()
    for (let life = 0; life < 3; life++) {
      const log = LogSqlite.open(folder)
      await log.createTopics([events])
      const claim = await log.claim('task')
      await claim.commit([event('k', `${life}`), event('k', `${life}+`), event('k', `${life}`, 2)])
      await log.close()
    }
    const log = LogSqlite.openReadOnly(folder)
    const { records, next } = await log.read('events', 0, 0, plenty)
    expect(records.map(textOf)).toEqual(['0', '0+', '1', '1+', '2', '2+'])
    expect(records.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4, 5])
    expect(next).toBe(6)
    expect(await log.bounds('events', 2)).toEqual({ first: 0, next: 3 })
    await log.close()
  })

  test('a clean end leaves nothing in the write-ahead log', async () => {
    const folder = newFolder()
    const log = LogSqlite.open(folder)
    await log.createTopics([events])
    await (await log.claim('task')).commit([event('k', 'v')])
    await log.close()
    expect(existsSync(path.join(folder, 'slipstream.db-wal'))).toBe(false)
  })
})

test('commits move on from the write-ahead log into the file by themselves', async () => {
  const folder = newFolder()
  const log = LogSqlite.open(folder)
  await log.createTopics([events])
  const claim = await log.claim('task')
  const large = { topic: 'events', partition: 0, key: 'k', value: new Uint8Array(500_000) }
  let committedBytes = 0
  while (statSync(path.join(folder, 'slipstream.db')).size < 16_000_000) {
    await claim.commit([large, large])
    committedBytes += 1_000_000
    await sleep(1)
    expect(committedBytes, 'no checkpoint').toBeLessThan(1_000_000_000)
  }
  expect((await log.read('events', 0, 5, { bytesMax: 1 })).records[0]?.value).toHaveLength(500_000)
  await log.close()
})

describe('batches', () => {
  const units = (count: number, perUnit: number, bytes: number): Append[][] =>
    Array.from({ length: count }, (_, unit) =>
      Array.from({ length: perUnit }, (__, index) => event('key', `${unit * perUnit + index} ${'x'.repeat(bytes)}`)),
    )

  test('a large unit is read from any offset and in any portions', async () => {
    const log = LogSqlite.open(newFolder())
    await log.createTopics([events])
    const claim = await log.claim('task')
    for (const unit of units(2, 3000, 300)) await claim.commit(unit)
    for (const from of [0, 1, 870, 2999, 3000, 3001, 5999]) {
      const { records } = await log.read('events', 0, from, { bytesMax: 700_000 })
      const numbers = records.map(record => Number(textOf(record).split(' ')[0]))
      expect(numbers[0]).toBe(from)
      expect(numbers.at(-1)).toBe(from + numbers.length - 1)
      expect(records.map(({ offset }) => offset)).toEqual(numbers)
    }
    // portions of many readers at once do not disturb one another
    const read = async (recordsMax: number) => {
      let count = 0
      for (let from = 0; ; ) {
        const { records, next } = await log.read('events', 0, from, { ...plenty, recordsMax })
        if (next === from) return count
        for (const { offset } of records) expect(offset).toBe(count++)
        from = next
      }
    }
    expect(await Promise.all([read(1000), read(77), read(333)])).toEqual([6000, 6000, 6000])
    await log.close()
  })

  test('trims whole batches only, and never the last', async () => {
    const log = LogSqlite.open(newFolder())
    await log.createTopics([events])
    const claim = await log.claim('task')
    for (const unit of units(3, 10, 10)) await claim.commit(unit)
    await log.trim('events', 0, 19)
    expect(await log.bounds('events', 0)).toEqual({ first: 10, next: 30 })
    expect((await log.read('events', 0, 0, plenty)).records[0]?.offset).toBe(10)
    await log.trim('events', 0, 1e9)
    expect(await log.bounds('events', 0)).toEqual({ first: 20, next: 30 })
    await log.close()
  })
})

describe('owner and readers', () => {
  test('a second owner is refused and told who has the folder', async () => {
    const folder = newFolder()
    const log = LogSqlite.open(folder)
    const failure = failureOf(() => LogSqlite.open(folder))
    expect(failure.code).toBe('DATA_DIR_LOCKED')
    expect(failure.message).toContain(`process ${process.pid}`)
    expect(failure.help).toContain('--data-dir')
    expect(ownerOfFolder(folder)).toEqual({ pid: process.pid })
    await log.close()
    expect(ownerOfFolder(folder)).toBe(null)
    await LogSqlite.open(folder).close()
  })

  test('a reader sees each commit of the running owner, topics made meanwhile too', async () => {
    const folder = newFolder()
    const log = LogSqlite.open(folder)
    await log.createTopics([events])
    const claim = await log.claim('task')
    const reader = LogSqlite.openReadOnly(folder)
    for (let unit = 0; unit < 3; unit++) {
      await claim.commit([event('k', `${unit}`)])
      const { records } = await reader.read('events', 0, unit, plenty)
      expect(records.map(textOf)).toEqual([`${unit}`])
      expect((await reader.bounds('events', 0)).next).toBe(unit + 1)
    }
    await log.createTopics([{ name: 'late', partitions: 1, cleanup: 'delete' }])
    await claim.commit([{ ...event('k', 'x'), topic: 'late' }])
    expect((await reader.read('late', 0, 0, plenty)).records).toHaveLength(1)
    await reader.close()
    await log.close()
  })

  test('a reader writes nothing', async () => {
    const folder = newFolder()
    const log = LogSqlite.open(folder)
    const reader = LogSqlite.openReadOnly(folder)
    await expect(reader.createTopics([events])).rejects.toThrow('opened for reading')
    await expect(reader.claim('task')).rejects.toThrow('opened for reading')
    await log.close()
    await reader.close()
  })

  test('a folder without a log is refused to a reader, and stays empty', () => {
    const folder = newFolder()
    expect(failureOf(() => LogSqlite.openReadOnly(folder)).code).toBe('SOURCE_UNREADABLE')
    expect(existsSync(folder)).toBe(false)
  })

  test('a topic that does not exist is named', async () => {
    const log = LogSqlite.open(newFolder())
    await expectFailure(log.read('nowhere', 0, 0, plenty), 'TOPIC_MISMATCH')
    await log.close()
  })
})

describe('files that are not what they should be', () => {
  const opened = (folder: string) => failureOf(() => LogSqlite.open(folder))

  test('a file that is no database', () => {
    const folder = newFolder()
    mkdirSync(folder)
    writeFileSync(path.join(folder, 'slipstream.db'), 'carrier,flight\n'.repeat(1000))
    const failure = opened(folder)
    expect(failure.code).toBe('STATE_CORRUPT')
    expect(failure.help).toContain('aside')
    expect(readFileSync(path.join(folder, 'slipstream.db'), 'utf8')).toMatch(/^carrier/)
    // and the lock is free again
    expect(opened(folder).code).toBe('STATE_CORRUPT')
  })

  test.each([
    ['another program', 'CREATE TABLE songs (name)', /not a log of Slipstream/],
    ['a later version', 'PRAGMA application_id = 0x534c4950; PRAGMA user_version = 9', /layout 9/],
    ['ours without its tables', 'PRAGMA application_id = 0x534c4950; PRAGMA user_version = 1', /no such table/],
  ])('a database of %s', (_what, sql, message) => {
    const folder = newFolder()
    mkdirSync(folder)
    const db = new DatabaseSync(path.join(folder, 'slipstream.db'))
    db.exec(sql)
    db.close()
    const failure = opened(folder)
    expect(failure.code).toBe('STATE_CORRUPT')
    expect(failure.message).toMatch(message)
  })

  test('a batch whose bytes have changed is not given out', async () => {
    const folder = newFolder()
    const log = LogSqlite.open(folder)
    await log.createTopics([events])
    const claim = await log.claim('task')
    await claim.commit([event('k', 'first')])
    await claim.commit([event('k', 'second')])
    await log.close()
    const db = new DatabaseSync(path.join(folder, 'slipstream.db'))
    db.exec('UPDATE batches_0 SET body = zeroblob(length(body)) WHERE base = 1')
    db.close()

    const again = LogSqlite.open(folder)
    expect((await again.read('events', 0, 0, { ...plenty, recordsMax: 1 })).records.map(textOf)).toEqual(['first'])
    await expectFailure(again.read('events', 0, 1, plenty), 'STATE_CORRUPT')
    // nor once there are batches behind it that need no check
    await (await again.claim('task')).commit([event('k', 'third')])
    await expectFailure(again.read('events', 0, 1, plenty), 'STATE_CORRUPT')
    expect((await again.read('events', 0, 2, plenty)).records.map(textOf)).toEqual(['third'])
    await again.close()
  })
})

describe('a killed owner', () => {
  test('leaves whole units, all those it knew of, and a free folder', { timeout: 60_000 }, async () => {
    const folder = newFolder()
    for (let round = 0; round < 5; round++) {
      const lastSaid = await killedWriter(folder, 20 + round * 45)
      const reader = LogSqlite.openReadOnly(folder)
      const { next } = await reader.bounds('outcomes', 0)
      expect((await reader.read('outcomes', 0, next - 1, plenty)).records).toHaveLength(1)
      await reader.close()
      const log = LogSqlite.open(folder)
      const units = await unitsOf(log)
      for (const [unit, partitions] of units) {
        const size = 1 + (unit % 40)
        expect(partitions, `unit ${unit} in round ${round}`).toEqual([size, size, size])
      }
      expect(Math.max(...units.keys())).toBeGreaterThanOrEqual(lastSaid)
      await log.close()
    }
  })
})

/** Lets a process commit for a while and kills it. @returns the last unit that it said it had committed */
async function killedWriter(folder: string, forMs: number): Promise<number> {
  const script = fileURLToPath(new URL('./log-sqlite-writer.ts', import.meta.url))
  const writer = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  writer.stdout.on('data', chunk => {
    said += String(chunk)
  })
  // however slow the machine: at least one unit is said
  while (said.split('\n').length < 3) await once(writer.stdout, 'data')
  await sleep(forMs)
  expect(failureOf(() => LogSqlite.open(folder)).message).toContain(`process ${writer.pid}`)
  writer.kill('SIGKILL')
  await once(writer, 'close')
  // the last line may be cut
  const lines = said.split('\n').slice(1, -1)
  expect(lines.length).toBeGreaterThan(0)
  return Number(lines.at(-1))
}

/** By unit: how many of its records are in events/0, events/1 and outcomes/0. */
async function unitsOf(log: LogSqlite): Promise<Map<number, number[]>> {
  const units = new Map<number, number[]>()
  for (const [index, [topic, partition]] of (
    [
      ['events', 0],
      ['events', 1],
      ['outcomes', 0],
    ] as const
  ).entries()) {
    for (const record of await contents(log, topic, partition)) {
      const counts = units.get(Number(record.key)) ?? [0, 0, 0]
      counts[index] = (counts[index] ?? 0) + 1
      units.set(Number(record.key), counts)
    }
  }
  return units
}

function failureOf(run: () => unknown): Failure {
  try {
    run()
  } catch (error) {
    const failure = failureIn(error)
    if (failure) return failure
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('two threads', () => {
  const two = async () => {
    const owner = LogSqlite.open(newFolder())
    await owner.createTopics([events])
    const joined = LogSqlite.join(owner.share())
    return { owner, joined }
  }

  test('append to one partition without a gap or a double, and each reads all of it at once', async () => {
    const { owner, joined } = await two()
    const [one, other] = [await owner.claim('one'), await joined.claim('other')]
    for (let unit = 0; unit < 5; unit++) {
      await one.commit([event('k', `${unit} of one`)])
      await other.commit([event('k', `${unit} of other`)])
      for (const log of [owner, joined]) expect(await log.bounds('events', 0)).toEqual({ first: 0, next: 2 * unit + 2 })
    }
    const seen = await contents(owner, 'events', 0)
    expect(seen.map(textOf)).toEqual([0, 1, 2, 3, 4].flatMap(unit => [`${unit} of one`, `${unit} of other`]))
    expect(await contents(joined, 'events', 0)).toEqual(seen)
  })

  test('hear of commits, also those of a third', async () => {
    const { owner, joined } = await two()
    const third = LogSqlite.join(owner.share())
    const heard: string[] = []
    for (const [name, log] of Object.entries({ owner, joined, third })) {
      log.onAppend((topic, partition) => heard.push(`${name}: ${topic}/${partition}`))
    }
    await (await third.claim('task')).commit([event('k', 'v', 2)])
    await expect.poll(() => heard.toSorted()).toEqual(['joined: events/2', 'owner: events/2', 'third: events/2'])
  })

  test('fence each other', async () => {
    const { owner, joined } = await two()
    const earlier = await owner.claim('task')
    await joined.claim('task')
    await expectFailure(earlier.commit([event('k', 'v')]), 'TASK_FENCED')
  })

  test('see a topic that the other has made', async () => {
    const { owner, joined } = await two()
    await owner.createTopics([{ name: 'later', partitions: 1, cleanup: 'delete' }])
    await joined.createTopics([{ name: 'later', partitions: 1, cleanup: 'delete' }])
    expect(await joined.bounds('later', 0)).toEqual({ first: 0, next: 0 })
  })
})
