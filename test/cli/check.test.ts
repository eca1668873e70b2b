import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { cli, temporaryFolder } from './cli.ts'

const scheduled = {
  type: 'FlightScheduled',
  flightId: 'UA-1545',
  at: '2013-01-01T10:15:00Z',
  carrier: 'UA',
  flightNumber: 1545,
  origin: 'EWR',
  destination: 'IAH',
  scheduledDepartureAt: '2013-01-03T10:15:00Z',
  scheduledArrivalAt: 1_357_220_400_000,
  distanceMiles: 1400,
}

const header =
  'year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,tailnum,origin,dest,distance'
const row = '2013,1,1,517,515,2,830,819,11,UA,1545,N14228,EWR,IAH,1400'

type Report = {
  format: string
  checked: number
  ok: number
  wrong: number
  byCode: Record<string, number>
  problems: { line: number; code: string; field: string | null }[]
}

async function check(name: string, content: string | Uint8Array): Promise<Report & { code: number }> {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, content)
  const { code, out } = await cli(['check', file, '--json'])
  return { code, ...(JSON.parse(out) as Report) }
}

test('a file without a fault passes with exit code 0', async () => {
  const report = await check('events.ndjson', `${JSON.stringify(scheduled)}\n\n${JSON.stringify(scheduled)}\n`)
  expect(report).toMatchObject({ code: 0, format: 'ndjson', checked: 2, ok: 2, wrong: 0, problems: [] })
})

const faults: [fault: string, line: string, code: string, field: string | null][] = [
  ['no JSON', '{"type":', 'FLIGHT_MALFORMED', null],
  ['a list', '[1]', 'FLIGHT_MALFORMED', null],
  ['an unknown type', JSON.stringify({ ...scheduled, type: 'FlightLost' }), 'FIELD_TYPE', 'type'],
  ['a missing field', JSON.stringify({ ...scheduled, carrier: undefined }), 'FIELD_MISSING', 'carrier'],
  ['a wrong type', JSON.stringify({ ...scheduled, flightNumber: 'many' }), 'FIELD_TYPE', 'flightNumber'],
  ['a field too many', JSON.stringify({ ...scheduled, orign: 'EWR' }), 'FIELD_TYPE', 'orign'],
  ['an unknown airport', JSON.stringify({ ...scheduled, origin: 'ZZZ' }), 'AIRPORT_UNKNOWN', 'origin'],
  [
    'an arrival before its departure',
    JSON.stringify({ ...scheduled, scheduledArrivalAt: '2013-01-03T09:00:00Z' }),
    'TIME_IMPOSSIBLE',
    'scheduledArrivalAt',
  ],
  ['a huge line', JSON.stringify({ ...scheduled, flightId: 'x'.repeat(70_000) }), 'RECORD_TOO_LARGE', null],
]
test.each(faults)(
  '%s is told with line, code and field, and ends with exit code 4',
  async (_fault, line, code, field) => {
    const report = await check('events.ndjson', `${JSON.stringify(scheduled)}\n${line}\n`)
    expect(report).toMatchObject({ code: 4, checked: 2, ok: 1, wrong: 1, byCode: { [code]: 1 } })
    expect(report.problems).toEqual([expect.objectContaining({ line: 2, code, field })])
  },
)

test('a JSON array is judged item by item', async () => {
  const report = await check('events.json', JSON.stringify([scheduled, { type: 'Mark', at: 1 }, scheduled], null, 2))
  expect(report).toMatchObject({ code: 4, format: 'json', checked: 3, ok: 2, wrong: 1 })
  expect(report.problems[0]).toMatchObject({ place: 'item 2', code: 'FIELD_TYPE' })
})

test('a table of flights is judged row by row, gzipped or not', async () => {
  const rows = [header, row, row.replace(',515,', ',2561,'), row.replace('EWR', 'QQQ'), `${row},1`].join('\n')
  for (const [name, bytes] of [['flights.csv', rows] as const, ['flights.csv.gz', gzipSync(rows)] as const]) {
    const report = await check(name, bytes)
    expect(report).toMatchObject({ code: 4, format: 'csv', checked: 4, ok: 1 })
    expect(report.problems.map(({ line, code, field }) => [line, code, field])).toEqual([
      [3, 'TIME_IMPOSSIBLE', 'sched_dep_time'],
      [4, 'AIRPORT_UNKNOWN', 'origin'],
      [5, 'SOURCE_UNREADABLE', null],
    ])
  }
})

test('a table without a column that flights have is wrong in its first line', async () => {
  const report = await check('flights.csv', `${header.replace('dest,', '')}\n${row}\n`)
  expect(report.problems).toEqual([expect.objectContaining({ line: 1, code: 'SOURCE_UNREADABLE', field: 'dest' })])
})

test('a file that cannot be read fails with exit code 1', async () => {
  const { code, err } = await cli(['check', join(temporaryFolder(), 'none.ndjson')])
  expect(code).toBe(1)
  expect(err).toContain('error[SOURCE_UNREADABLE]')
  const broken = join(temporaryFolder(), 'broken.ndjson.gz')
  writeFileSync(broken, 'not gzip')
  expect((await cli(['check', broken])).code).toBe(1)
})

test('for people each wrong line is one line, and the codes are counted', async () => {
  const file = join(temporaryFolder(), 'events.ndjson')
  writeFileSync(file, `${JSON.stringify({ ...scheduled, origin: 'EWT' })}\nx\nx\n`)
  const { out } = await cli(['check', file, '--limit', '2'])
  expect(out).toContain('line 1: AIRPORT_UNKNOWN')
  expect(out).not.toContain('line 3')
  expect(out).toMatch(/FLIGHT_MALFORMED +2\n/)
  expect(out).toContain('3 checked: 0 ok, 3 wrong')
})
