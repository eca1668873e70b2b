import { expect, test } from 'vitest'
import { openStores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import { readAll } from '../../src/runtime/digest.ts'
import type { LogRecord } from '../../src/runtime/log.ts'
import { partitionOf } from '../../src/runtime/partition.ts'
import { cli, documentOf } from './cli.ts'
import { dataFolder, departed, flightId, garbage, letter } from './data-folder.ts'

// 0-0 a departure of an unknown flight, 0-1 garbage, 0-2 one that no door may write, 0-3 one that was cut
const letters = () =>
  dataFolder(stores => {
    const value = new Uint8Array(stores.codec.encode('FlightDeparted', departed))
    return [
      letter(stores, { value, reason: 'UNKNOWN_FLIGHT', field: 'flightId' }),
      letter(stores, { value: garbage, reason: 'FLIGHT_MALFORMED' }),
      letter(stores, { value, reason: 'STAGE_FAILED', topic: 'flights.timeline' }),
      letter(stores, { value: new Uint8Array(65_536), reason: 'RECORD_TOO_LARGE' }),
    ]
  })

const dead = (folder: string, ...words: string[]) => cli(['dead', ...words, '--data-dir', folder])

async function eventsIn(folder: string): Promise<LogRecord[]> {
  const stores = await openStores(configure({ dataDir: folder }).config, 'reader')
  try {
    const records: LogRecord[] = []
    for await (const record of readAll(stores.log, 'flights.events', partitionOf(flightId, 2))) records.push(record)
    return records
  } finally {
    await stores.close()
  }
}

test('ls counts letters by reason', async () => {
  const folder = await letters()
  const all = documentOf(await dead(folder, 'ls', '--json'))
  expect(all).toMatchObject({ total: 4, byReason: { UNKNOWN_FLIGHT: 1, FLIGHT_MALFORMED: 1 } })
  const some = documentOf<{ letters: object[] }>(await dead(folder, 'ls', '--reason', 'UNKNOWN_FLIGHT', '--json'))
  expect(some.letters).toEqual([expect.objectContaining({ id: '0-0', key: flightId, field: 'flightId', redriven: 0 })])
  expect((await dead(folder, 'ls', '--reason', 'BAD_LUCK')).code).toBe(2)
})

test('a letter reads the same from wherever the reading starts', async () => {
  const folder = await letters()
  const tail = async (...words: string[]) => {
    const topic = ['topics', 'tail', 'flights.rejected', '--partition', '0', '--json', '--data-dir', folder]
    const { out } = await cli([...topic, ...words])
    return out
      .trimEnd()
      .split('\n')
      .map(line => line.slice(0, 300))
  }
  const all = await tail('--from-beginning')
  for (let n = 1; n <= all.length; n++) expect(await tail('--limit', String(n))).toEqual(all.slice(-n))
})

test('show decodes what can be decoded and dumps the rest', async () => {
  const folder = await letters()
  const decoded = await dead(folder, 'show', '0-0')
  expect(decoded.out).toContain(`flightId = "${flightId}"`)
  expect(decoded.out).toContain('flights.events/1@7')
  expect(decoded.out).toContain('producer: tower-3')
  expect((await dead(folder, 'show', '0-1')).out).toContain('no record at all')
  expect(documentOf(await dead(folder, 'show', '0-0', '--json'))).toMatchObject({ content: { value: departed } })
  expect((await dead(folder, 'show', '0-9')).code).toBe(2)
})

test('a dry run sends nothing and says how many would pass on their own', async () => {
  const folder = await letters()
  const { code, out } = await dead(folder, 'redrive', '--all', '--dry-run', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    dryRun: true,
    count: 2,
    otherTopic: 1,
    incomplete: 1,
    reasons: [
      { reason: 'UNKNOWN_FLIGHT', count: 1, passing: 1 },
      { reason: 'FLIGHT_MALFORMED', count: 1, passing: 0 },
    ],
  })
  expect(await eventsIn(folder)).toEqual([])
})

test('redrive puts the original bytes under the original key into their partition, with attempt and origin', async () => {
  const folder = await letters()
  expect(documentOf(await dead(folder, 'redrive', '0-1', '--json'))).toMatchObject({ sent: 1, topic: 'flights.events' })
  const [record, ...more] = await eventsIn(folder)
  expect(more).toEqual([])
  expect(record?.key).toBe(flightId)
  expect(Buffer.from(record?.value ?? [])).toEqual(garbage)
  expect(record?.headers).toEqual({ origin: 'flights.events/1@7', producer: 'tower-3', attempt: '1', letter: '0-1' })
})

test('a letter is put back once, and again only when asked to', async () => {
  const folder = await letters()
  const sent = async (...words: string[]) => documentOf(await dead(folder, 'redrive', ...words, '--json'))
  expect(await sent('--all')).toMatchObject({ sent: 2, redrivenBefore: 0 })
  expect(await sent('--all')).toMatchObject({ sent: 0, redrivenBefore: 2 })
  expect(await eventsIn(folder)).toHaveLength(2)
  expect(await sent('--reason', 'UNKNOWN_FLIGHT', '--again')).toMatchObject({ sent: 1 })
  expect(await eventsIn(folder)).toHaveLength(3)
  expect((await dead(folder, 'show', '0-0')).out).toContain('put back 2 times')
})

test.each([[[]], [['--all', '0-1']], [['--all', '--reason', 'CONFLICT']], [['0-1', '7-7']]])(
  'redrive %j does nothing: it is not clear which letters are meant',
  async words => {
    const folder = await letters()
    expect((await dead(folder, 'redrive', ...words)).code).toBe(2)
    expect(await eventsIn(folder)).toEqual([])
  },
)

test('redrive leaves a data folder alone that another owner has', async () => {
  const folder = await letters()
  const owner = await openStores(configure({ dataDir: folder }).config, 'owner')
  try {
    const { code, err } = await dead(folder, 'redrive', '--all')
    expect(code).toBe(5)
    expect(err).toContain('error[DATA_DIR_LOCKED]')
    expect(err).toContain('Stop it first')
  } finally {
    await owner.close()
  }
  expect(await eventsIn(folder)).toEqual([])
})
