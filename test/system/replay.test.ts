// Replays as processes over the blizzard of February 2013 (four days, 12,708 events): the same events give the same
// bytes, whatever happens on the way. scripts/prove.ts does the same over the whole year.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { start } from '../../scripts/proof/children.ts'
import {
  canonicalDifference,
  differenceBetween,
  momentsFrom,
  momentText,
  recordsIn,
  replay,
  replayKilled,
} from '../../scripts/proof/runs.ts'
import { tailDigest } from '../../scripts/proof/tail-digest.ts'
import { LogSqlite } from '../../src/adapters/log-sqlite.ts'
import { seedModel } from '../../src/app/sources.ts'
import type { Summary } from '../../src/app/summary.ts'
import { openStores, type Stores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import type { Prediction } from '../../src/records.ts'
import { readAll } from '../../src/runtime/digest.ts'
import type { Append, LogRecord } from '../../src/runtime/log.ts'

const model = ['--model-from', '2013-02-07T05:00:00Z']
const blizzard = ['--from', '2013-02-07', '--to', '2013-02-10', ...model]
const oneDay = ['--from', '2013-02-08', '--to', '2013-02-08', ...model]
const inject = ['--inject', 'late=0.01,duplicate=0.01,conflict=0.001,future=0.0001,garbage=0.0001', '--seed', '7']
/** So that there are many commits for a kill to fall between. */
const smallUnits = ['--unit-steps', '200']

let root: string
let folders = 0
let clean: Summary
let spoiled: Summary
const folderOf = { clean: '', spoiled: '' }

function newFolder(): string {
  return join(root, `${folders++}`)
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'slipstream-replay-'))
  folderOf.clean = newFolder()
  folderOf.spoiled = newFolder()
  ;[clean, spoiled] = await Promise.all([
    replay(folderOf.clean, blizzard),
    replay(folderOf.spoiled, [...blizzard, ...inject]),
  ])
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('the blizzard', () => {
  test('every event and flight is accounted for, and one reading of the wind is refused', () => {
    expect(clean).toMatchObject({ events: 12_708, balanced: true, deadLetters: 1, late: 0, outcomes: 3375 })
    expect(clean.balance).toMatchObject({ flights: 3375, horizons: 3375, predicted: 3375, open: 0, notYetDue: 0 })
    expect(clean.balance.cancelled).toBe(895)
    expect(clean.metrics['2013-02']?.n).toBeGreaterThan(2000)
  })

  test('a second run gives every topic the same digest', async () => {
    expect(differenceBetween(clean, await replay(newFolder(), blizzard))).toBeNull()
  })

  test('a run that is killed five times and resumed gives every topic the same digest', async () => {
    const moments = momentsFrom(11, 5)
    const records = await recordsIn(folderOf.clean)
    const flags = [...blizzard, ...smallUnits]
    const { summary, kills } = await replayKilled({ dataDir: newFolder(), flags, moments, records })
    expect(kills, moments.map(momentText).join(', ')).toBe(5)
    expect(differenceBetween(clean, summary), moments.map(momentText).join(', ')).toBeNull()
  })

  test('1, 4 and 7 partitions give the same canonical digests', async () => {
    const counts = [1, 4, 7]
    const summaries = await Promise.all(
      counts.map(count => replay(newFolder(), [...blizzard, '--partitions', String(count)])),
    )
    expect(summaries.map(({ balance }) => balance.partitions.length)).toEqual(counts)
    expect(summaries.map(summary => canonicalDifference(clean, summary))).toEqual([null, null, null])
  })

  test('1 and 3 threads give every topic the same digest', async () => {
    const threads = (count: number) => [...blizzard, '--partitions', '3', '--threads', String(count)]
    const [one, three] = await Promise.all([replay(newFolder(), threads(1)), replay(newFolder(), threads(3))])
    expect(differenceBetween(one, three)).toBeNull()
  })

  test('units of work of 1, 7 and 1,000 steps give every topic the same digest', async () => {
    const [usual, ...others] = await Promise.all([
      replay(newFolder(), oneDay),
      ...[1, 7, 1000].map(steps => replay(newFolder(), [...oneDay, '--unit-steps', String(steps)])),
    ])
    expect(usual.events).toBeGreaterThan(3000)
    for (const other of others) expect(differenceBetween(usual, other)).toBeNull()
  })

  test('digests computed by other code from what `topics tail` prints are the same', async () => {
    const topics = ['flights.events', 'flights.predictions', 'flights.rejected', 'airspace.frames']
    const all = [
      ...topics.map(name => ({ name, partitions: name === 'airspace.frames' ? [0] : [0, 1], cleanup: 'delete' })),
      { name: 'models.registry', partitions: [0], cleanup: 'compact' },
    ]
    for (const dataDir of [folderOf.clean, folderOf.spoiled]) {
      const own = dataDir === folderOf.clean ? clean.digests : spoiled.digests
      for (const topic of all) {
        const { digest, records } = await tailDigest(dataDir, topic)
        expect(digest, topic.name).toBe(own[topic.name])
        expect(records, topic.name).toBeGreaterThan(0)
      }
    }
  })
})

describe('the blizzard, spoiled', () => {
  test('what is late, told twice, contradictory or no record at all has its place in the balance', () => {
    const { balanced, late, deadLetters, balance, events } = spoiled
    expect(balanced).toBe(true)
    expect(late).toBeGreaterThan(50)
    expect(balance.duplicates).toBeGreaterThan(50)
    expect(deadLetters).toBeGreaterThan(10)
    expect(events).toBe(balance.timeline + balance.held + balance.duplicates + balance.rejected)
    expect(balance.flights).toBe(3375)
  })

  test('a second run gives every topic the same digest', async () => {
    expect(differenceBetween(spoiled, await replay(newFolder(), [...blizzard, ...inject]))).toBeNull()
  })

  test('a run that is killed four times and resumed gives every topic the same digest', async () => {
    const moments = momentsFrom(12, 4)
    const records = await recordsIn(folderOf.spoiled)
    const flags = [...blizzard, ...inject, ...smallUnits]
    const { summary, kills } = await replayKilled({ dataDir: newFolder(), flags, moments, records })
    expect(kills, moments.map(momentText).join(', ')).toBe(4)
    expect(differenceBetween(spoiled, summary), moments.map(momentText).join(', ')).toBeNull()
  })

  test('four partitions give the same canonical digests', async () => {
    const summary = await replay(newFolder(), [...blizzard, ...inject, '--partitions', '4'])
    expect(canonicalDifference(spoiled, summary)).toBeNull()
  })

  test('other spoiling gives other digests', async () => {
    const seeded = (seed: string) => replay(newFolder(), [...oneDay, '--inject', 'late=0.01', '--seed', seed])
    const [one, other] = await Promise.all([seeded('8'), seeded('9')])
    expect(differenceBetween(one, other)).toContain('topic flights.events')
  })
})

describe('verify', () => {
  const verify = (dataDir: string, ...flags: string[]) =>
    start(['verify', '--data-dir', dataDir, '--json', '--quiet', ...flags]).ended

  test('ends with 0 when every record is recomputed bit for bit', async () => {
    // a watermark an hour and partition among them
    const outcomes = 3375 + 2 * 217
    for (const { code, out } of await Promise.all([verify(folderOf.clean), verify(folderOf.spoiled)])) {
      expect(JSON.parse(out)).toMatchObject({ equal: true, difference: null })
      expect(JSON.parse(out).compared).toMatchObject({ 'flights.predictions': 3375, 'flights.outcomes': outcomes })
      expect(code).toBe(0)
    }
  })

  test('ends with 0 beside the replay that is still writing', async () => {
    const folder = newFolder()
    const writing = start(['replay', '--data-dir', folder, '--quiet', '--no-digests', ...blizzard])
    while (writing.child.exitCode === null && (await recordsIn(folder)) < 4000) await sleep(20)
    const { code, out } = await verify(folder)
    expect(JSON.parse(out)).toMatchObject({ equal: true, difference: null })
    expect(code).toBe(0)
    expect((await writing.ended).code).toBe(0)
  })

  test('interrupted, it leaves nothing in the temporary folder', async () => {
    const temporary = newFolder()
    mkdirSync(temporary)
    vi.stubEnv('TMPDIR', temporary)
    onTestFinished(() => void vi.unstubAllEnvs())
    const { child, ended } = start(['verify', '--data-dir', folderOf.clean, '--quiet'])
    while (child.exitCode === null && readdirSync(temporary).length === 0) await sleep(20)
    child.kill('SIGINT')
    expect((await ended).code).toBe(130)
    expect(readdirSync(temporary)).toEqual([])
  })

  test('ends with 4 and names the record when one prediction on record is another', async () => {
    const altered = newFolder()
    const at = 1234
    const { key, was } = await copyWithOtherPrediction(folderOf.clean, altered, at)
    const { code, out } = await verify(altered)
    expect(JSON.parse(out)).toMatchObject({
      equal: false,
      difference: {
        topic: 'flights.predictions',
        partition: 0,
        offset: at,
        key,
        what: `probability: recorded ${was + 1}, recomputed ${was}`,
      },
    })
    expect(code).toBe(4)
  })

  test('ends with 4 when there is a prediction too many', async () => {
    const longer = newFolder()
    cpSync(folderOf.clean, longer, { recursive: true })
    const stores = await storesOf(longer)
    const { next } = await stores.log.bounds('flights.predictions', 0)
    const { records } = await stores.log.read('flights.predictions', 0, next - 1, { bytesMax: 1 })
    const claim = await stores.log.claim('stranger')
    await claim.commit([{ topic: 'flights.predictions', partition: 0, ...(records[0] as LogRecord) }])
    await stores.close()
    const { code, out } = await verify(longer)
    expect(JSON.parse(out).difference).toMatchObject({ topic: 'flights.predictions', offset: next })
    expect(code).toBe(4)
  })

  test('ends with 5 under settings that make it another pipeline', async () => {
    const { code, err } = await verify(folderOf.clean, '--horizons', '120,60')
    expect(JSON.parse(err).error).toMatchObject({ code: 'PIPELINE_VERSION' })
    expect(code).toBe(5)
  })
})

describe('a replay refuses, and says what to do', () => {
  const refused = async (...args: string[]) => {
    const { code, err } = await start(['replay', '--json', '--quiet', ...args]).ended
    return { code, error: JSON.parse(err).error as { code: string; message: string; help?: string } }
  }

  test('a folder that another process has open', async () => {
    const folder = newFolder()
    mkdirSync(folder)
    const log = LogSqlite.open(folder)
    const { code, error } = await refused('--data-dir', folder, ...oneDay)
    await log.close()
    expect(error).toMatchObject({ code: 'DATA_DIR_LOCKED', help: expect.stringContaining('--data-dir') as string })
    expect(error.message).toContain(String(process.pid))
    expect(code).toBe(5)
  })

  test('a folder that holds a replay already', async () => {
    const { code, error } = await refused('--data-dir', folderOf.clean, ...blizzard)
    expect(error).toMatchObject({ code: 'USAGE', help: expect.stringContaining('--resume') as string })
    expect(code).toBe(2)
  })

  test('to go on with other days, faults or partitions than it was begun with', async () => {
    for (const [flag = '', value = ''] of [
      ['--from', '2013-02-06'],
      ['--inject', 'late=0.5'],
      ['--partitions', '5'],
    ]) {
      const { code, error } = await refused('--data-dir', folderOf.clean, '--resume', flag, value)
      expect(error).toMatchObject({ code: 'USAGE', field: flag.slice(2), message: expect.stringContaining(value) })
      expect(code).toBe(2)
    }
  })

  test('to go on with a replay that was never begun', async () => {
    const { code, error } = await refused('--data-dir', newFolder(), '--resume')
    expect(error).toMatchObject({ code: 'USAGE', help: expect.stringContaining('--from') as string })
    expect(code).toBe(2)
  })

  test('a model file with one bit flipped; the right one then starts in the same folder', async () => {
    const file = join(root, 'flipped.forest')
    const bytes = readFileSync(seedModel)
    const middle = bytes.length >> 1
    bytes[middle] = (bytes[middle] as number) ^ 1
    writeFileSync(file, bytes)
    const folder = newFolder()
    const { code, error } = await refused('--data-dir', folder, '--model', file, ...oneDay)
    expect(error).toMatchObject({ code: 'MODEL_CORRUPT' })
    expect(error.help).toBeTruthy()
    expect(code).toBe(1)
    const { predictions } = await replay(folder, [...oneDay, '--no-digests'])
    expect(predictions).toBeGreaterThan(800)
  })

  test('days without a flight; the right ones then start in the same folder', async () => {
    const folder = newFolder()
    const { code, error } = await refused('--data-dir', folder, '--from', '2014-02-01', '--to', '2014-02-02')
    expect(error).toMatchObject({ code: 'USAGE', help: expect.stringContaining('2013-12-31') as string })
    expect(code).toBe(2)
    const { predictions } = await replay(folder, [...oneDay, '--no-digests'])
    expect(predictions).toBeGreaterThan(800)
  })

  test('a model file that is not there', async () => {
    const { code, error } = await refused('--data-dir', newFolder(), '--model', '/nowhere/a.forest', ...oneDay)
    expect(error).toMatchObject({ code: 'USAGE', message: 'the model file /nowhere/a.forest cannot be read' })
    expect(code).toBe(2)
  })
})

function storesOf(folder: string): Promise<Stores> {
  return openStores(configure({ dataDir: folder }).config, 'owner')
}

/** Writes the log anew, record by record, with one prediction a ten-thousandth higher. */
async function copyWithOtherPrediction(
  from: string,
  to: string,
  offset: number,
): Promise<{ key: string; was: number }> {
  cpSync(from, to, { recursive: true, filter: path => !path.includes('slipstream.db') })
  const [source, copy] = [await openStores(configure({ dataDir: from }).config, 'reader'), await storesOf(to)]
  const specs = await source.log.topics()
  await copy.log.createTopics(specs)
  const claim = await copy.log.claim('stranger')
  let found = { key: '', was: 0 }
  const places = specs.flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, at) => [name, at] as const),
  )
  for (const [topic, partition] of places) {
    const out: Append[] = []
    for await (const record of readAll(source.log, topic, partition)) {
      const append = { topic, partition, ...record }
      if (topic !== 'flights.predictions' || partition !== 0 || record.offset !== offset) out.push(append)
      else {
        const value = source.codec.decode(record.value as Uint8Array).value as Prediction
        found = { key: record.key, was: value.probability }
        out.push({
          ...append,
          value: copy.codec.encode('Prediction', { ...value, probability: value.probability + 1 }),
        })
      }
    }
    await claim.commit(out)
  }
  await Promise.all([source.close(), copy.close()])
  return found
}
