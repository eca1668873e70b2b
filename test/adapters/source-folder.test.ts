import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import avro from 'avsc'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CodecAvro } from '../../src/adapters/codec-avro.ts'
import { readAirports } from '../../src/adapters/source-airports.ts'
import { folderItems } from '../../src/adapters/source-folder.ts'
import { type SourceChunk, type SourceInput, work } from '../../src/adapters/source-folder-worker.ts'
import { checkEvent } from '../../src/flights/check.ts'
import { compareItems, eventTypes, type Item } from '../../src/flights/event-order.ts'
import { days } from '../../src/lib/time.ts'
import type { FlightScheduled } from '../../src/records.ts'
import type { Schemas } from '../../src/runtime/schemas.ts'

const bundle = new URL('../../data/nycflights13', import.meta.url).pathname
const ids = Object.fromEntries(eventTypes.map((name, index) => [name, index + 11]))
const february = { folder: bundle, from: '2013-02-08', to: '2013-02-10', inject: '', seed: 7, ids, skipItems: 0 }
const doses = 'late=0.05,duplicate=0.05,conflict=0.02,future=0.01,garbage=0.01'

const types = new Map(
  eventTypes.map(name => {
    const file = new URL(`../../schemas/${name}.avsc`, import.meta.url)
    return [name as string, avro.Type.forSchema(JSON.parse(readFileSync(file, 'utf8')) as avro.Schema)]
  }),
)

async function chunksOf(change: Partial<SourceInput> = {}): Promise<SourceChunk[]> {
  return Array.fromAsync(work({ ...february, ...change }))
}

async function itemsOf(days: { folder: string; from: string; to: string }): Promise<Item[]> {
  return (await Array.fromAsync(folderItems(days))).flat()
}

type Sent = { deliveredAt: number; key: string; name: string; bytes: Uint8Array }

function sent(chunks: SourceChunk[]): Sent[] {
  return chunks.flatMap(({ keys, names, deliveredAt, ends, bytes }) =>
    keys.map((key, i) => ({
      deliveredAt: deliveredAt[i] ?? 0,
      key,
      name: names[i] ?? '?',
      bytes: bytes.slice(ends[i - 1] ?? 0, ends[i]),
    })),
  )
}

describe('chunks', () => {
  test('decode to the items of the folder', async () => {
    const items = await itemsOf(february)
    const records = sent(await chunksOf())
    expect(records.length).toBe(items.length)
    for (const [i, { deliveredAt, key, name, bytes }] of records.entries()) {
      const buffer = Buffer.from(bytes)
      expect([buffer[0], buffer.readUInt32BE(1)]).toEqual([0, ids[name]])
      const value = types.get(name)?.fromBuffer(buffer.subarray(5)) as object
      expect({ deliveredAt, key, name, value: { ...value } }).toEqual(items[i])
    }
  })

  test('are one for each UTC day in a row, and hold what is delivered on it', async () => {
    const chunks = await chunksOf({ inject: doses })
    expect(chunks.length).toBeGreaterThan(6)
    for (const [i, { from, to, deliveredAt }] of chunks.entries()) {
      expect([from % days(1), to - from]).toEqual([0, days(1)])
      expect(from).toBe(i === 0 ? from : chunks[i - 1]?.to)
      for (const at of deliveredAt) expect(at >= from && at < to).toBe(true)
    }
  })

  test('after skipped items go on where these ended, from the day of the last of them', async () => {
    const all = await chunksOf({ inject: doses })
    const records = sent(all)
    const sizes = all.map(({ keys }) => keys.length)
    const firstTwo = (sizes[0] ?? 0) + (sizes[1] ?? 0)
    for (const [skipItems, firstDay] of [
      [1, 0],
      [firstTwo - 1, 1],
      [firstTwo, 1],
      [firstTwo + 1, 2],
      [records.length, all.length - 1],
    ] as const) {
      const rest = await chunksOf({ inject: doses, skipItems })
      expect(rest[0]?.from).toBe(all[firstDay]?.from)
      expect(rest.at(-1)?.to).toBe(all.at(-1)?.to)
      expect(sent(rest)).toEqual(records.slice(skipItems))
    }
  })

  test('are spoiled the same way each time, and differently for another seed', async () => {
    const once = sent(await chunksOf({ inject: doses }))
    expect(sent(await chunksOf({ inject: doses }))).toEqual(once)
    expect(sent(await chunksOf({ inject: doses, seed: 8 }))).not.toEqual(once)
    const garbage = once.filter(({ name }) => name === '')
    expect(garbage.length).toBeGreaterThan(50)
  })

  test('garbage never decodes to a record', async () => {
    const garbage = sent(await chunksOf({ inject: 'garbage=0.2' })).filter(({ name }) => name === '')
    const known = garbage.flatMap(({ bytes }) => {
      const id = bytes.length < 5 || bytes[0] !== 0 ? -1 : Buffer.from(bytes).readUInt32BE(1)
      const type = types.get(eventTypes.find(name => ids[name] === id) ?? '')
      return type === undefined ? [] : [() => type.fromBuffer(Buffer.from(bytes.subarray(5))) as unknown]
    })
    for (const decode of known) expect(decode).toThrow(/truncated/)
    expect(known.length).toBeGreaterThan(20)
  })
})

test('events are written as the codec writes them', async () => {
  const texts = eventTypes.map(name => readFileSync(new URL(`../../schemas/${name}.avsc`, import.meta.url), 'utf8'))
  const schemas: Schemas = {
    register: subject => Promise.resolve(ids[subject.replace('slipstream.', '')] ?? 0),
    idsOf: () => Promise.resolve([]),
    byId: () => Promise.reject(new Error('not asked')),
  }
  const codec = await CodecAvro.open(schemas, texts)
  const items = await itemsOf({ ...february, to: february.from })
  const encoded = items.map(({ name, value }) => Buffer.from(codec.encode(name ?? '', value)).toString('hex'))
  const written = sent(await chunksOf({ to: february.from })).map(({ bytes }) => Buffer.from(bytes).toString('hex'))
  expect(written).toEqual(encoded)
})

describe('a folder', () => {
  let folder = ''
  const rows = gunzipSync(readFileSync(join(bundle, 'flights.csv.gz')))
    .toString('utf8')
    .split('\n')
    .slice(0, 400)
  const days = { from: '2013-01-01', to: '2013-01-01' }

  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  const failing = (): Promise<Item[]> => itemsOf({ folder, ...days })
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'slipstream-folder-'))
    copyFileSync(join(bundle, 'airports.csv.gz'), join(folder, 'airports.csv.gz'))
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  test('gives the same items plain, gzipped, with quotes, CRLF, blank lines and without a last line end', async () => {
    write('flights.csv', `${rows.join('\n')}\n`)
    const plain = await failing()
    expect(plain.filter(({ name }) => name === 'FlightScheduled').length).toBe(399)
    const texts = [
      rows.join('\n'),
      `\ufeff${rows.join('\r\n')}\r\n`,
      rows.map(row => row.replaceAll(/([^,]+)/g, '"$1"')).join('\n'),
      rows.join('\n\n'),
    ]
    for (const text of texts) {
      write('flights.csv', text)
      expect(await failing()).toEqual(plain)
    }
    rmSync(join(folder, 'flights.csv'))
    writeFileSync(join(folder, 'flights.csv.gz'), gzipSync(rows.join('\n')))
    expect(await failing()).toEqual(plain)
    rmSync(join(folder, 'flights.csv.gz'))
  })

  const wrong: [what: string, line: number, change: [string, string], message: RegExp][] = [
    [
      'an impossible time',
      3,
      [',529,', ',2561,'],
      /flights\.csv, line 3, column sched_dep_time: 2561 is not a clock time/,
    ],
    ['an unknown airport', 4, ['JFK', 'JKF'], /line 4, column origin: .*JKF/],
    ['a word for a number', 5, ['2013', 'MMXIII'], /line 5, column year: year holds "MMXIII"/],
    ['a missing cell', 6, [',', ''], /line 6: 15 cells, but the header has 16/],
    ['a missing column', 1, ['carrier', 'airline'], /line 1, column carrier: the header has no column carrier/],
    ['a quote that is not closed', 7, ['2013', '"2013'], /line 7/],
  ]
  test.each(wrong)('with %s fails by file, line and column', async (_what, line, change, message) => {
    write('flights.csv', rows.map((row, i) => (i === line - 1 ? row.replace(...change) : row)).join('\n'))
    await expect(failing()).rejects.toThrow(expect.objectContaining({ code: 'SOURCE_UNREADABLE' }))
    await expect(failing()).rejects.toThrow(message)
  })

  test('whose rows are out of order fails by line, and says to sort', async () => {
    const later = rows.slice(1, 3).map(row => row.replace(/^2013,1,1/, '2013,1,5'))
    write('flights.csv', [...rows.slice(0, 10), ...later, ...rows.slice(10)].join('\n'))
    await expect(failing()).rejects.toThrow(/line 13, column sched_dep_time: .*out of order/)
  })

  test('with a broken archive fails by file', async () => {
    rmSync(join(folder, 'flights.csv'), { force: true })
    writeFileSync(join(folder, 'flights.csv.gz'), gzipSync(rows.join('\n')).subarray(0, 3000))
    await expect(failing()).rejects.toThrow(/flights\.csv\.gz cannot be read/)
    writeFileSync(join(folder, 'flights.csv.gz'), 'no archive')
    await expect(failing()).rejects.toThrow(expect.objectContaining({ code: 'SOURCE_UNREADABLE' }))
    rmSync(join(folder, 'flights.csv.gz'))
  })

  test('without flights, or with none, fails and says what it lacks', async () => {
    await expect(failing()).rejects.toThrow(/holds neither flights\.csv nor flights\.csv\.gz/)
    write('flights.csv', '')
    await expect(failing()).rejects.toThrow(/is empty/)
    write('flights.csv', rows[0] ?? '')
    await expect(failing()).rejects.toThrow(expect.objectContaining({ code: 'USAGE' }))
    await expect(readAirports(join(folder, 'nowhere'))).rejects.toThrow(/holds neither airports/)
  })

  test.each([
    ['2013-02-30', '2013-03-01', /from is not a day/],
    ['2013-03-02', '2013-03-01', /end before they start/],
    ['2014-01-01', '2014-01-31', /no flight .* planned for 2014-01-01 to 2014-01-31/],
  ])('asked for %s to %s fails as usage', async (from, to, message) => {
    write('flights.csv', rows.join('\n'))
    const asked = itemsOf({ folder, from, to })
    await expect(asked).rejects.toThrow(message)
    await expect(asked).rejects.toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})

describe('the bundle', () => {
  const counts = new Map<string, number>()
  const refused: string[] = []
  const flightIds = new Set<string>()
  const numbersOfDay = new Map<string, number>()
  const blocks: number[] = []
  let disordered = 0

  beforeAll(async () => {
    const airports = await readAirports(bundle)
    let before: Item | undefined
    for await (const items of folderItems({ folder: bundle, from: '2013-01-01', to: '2013-12-31' })) {
      for (const item of items) {
        const { key, name, value } = item
        if (before !== undefined && compareItems(before, item) > 0) disordered++
        before = item
        counts.set(name ?? '', (counts.get(name ?? '') ?? 0) + 1)
        const failure = checkEvent(name ?? '', value, airports)
        if (failure !== null) refused.push(`${key} ${failure.message}`)
        if (name === 'FlightScheduled') takePlan(value as FlightScheduled)
      }
    }
  }, 60_000)

  function takePlan({ flightId, carrier, flightNumber, scheduledDepartureAt, scheduledArrivalAt }: FlightScheduled) {
    flightIds.add(flightId)
    blocks.push((scheduledArrivalAt - scheduledDepartureAt) / 60_000)
    const newYorkDay = Math.floor((scheduledDepartureAt - 5 * 3_600_000) / 86_400_000)
    const number = `${carrier} ${flightNumber} ${newYorkDay}`
    numbersOfDay.set(number, (numbersOfDay.get(number) ?? 0) + 1)
  }

  test('gives the events that its README counts', () => {
    expect(Object.fromEntries(counts)).toEqual({
      FlightScheduled: 336_776,
      AircraftAssigned: 326_540,
      FlightDeparted: 328_521,
      FlightArrived: 327_346,
      FlightCancelled: 8255,
      FlightDiverted: 717,
      WeatherObserved: 26_115,
    })
  })

  test('is in order', () => expect(disordered).toBe(0))

  test('gives every flight an id of its own, the 24 repeats of number and day too', () => {
    expect(flightIds.size).toBe(336_776)
    expect([...numbersOfDay.values()].filter(count => count > 1).length).toBe(24)
  })

  test('plans blocks of 50 to 700 minutes', () => {
    const [least, most] = blocks.reduce(([a, b], block) => [Math.min(a, block), Math.max(b, block)], [9999, 0])
    expect(least).toBeGreaterThanOrEqual(50)
    expect(most).toBeLessThanOrEqual(700)
  })

  test('is accepted whole, but for one observation of a wind of 1,048 miles an hour', () => {
    expect(refused).toEqual(['EWR windMilesPerHour is 1048.36, not a number from 0 to 260'])
  })
})
