import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { openStores } from '../../src/app.ts'
import { topicContracts } from '../../src/cli/contracts.ts'
import { contractDifferences, logDifferences } from '../../src/cli/topics-check.ts'
import type { ShownRecord } from '../../src/cli/topics-tail.ts'
import { configure } from '../../src/config.ts'
import { pipeline } from '../../src/pipeline.ts'
import type { Append } from '../../src/runtime/log.ts'
import { topicSpecs } from '../../src/runtime/topology.ts'
import { cli, documentOf, type Ran, temporaryFolder } from './cli.ts'
import { append, dataFolder, departed, garbage } from './data-folder.ts'

const topic = 'flights.events'
const keys = Array.from({ length: 12 }, (_, n) => `flight-${n}`)

const events = () =>
  dataFolder(stores => [
    ...keys.map(key => append(stores, topic, ['FlightDeparted', key, { ...departed, flightId: key }])),
    { topic, partition: 1, key: 'odd', value: garbage, headers: { producer: 'tower-3' } },
  ])

const recordsOf = ({ out }: Ran): ShownRecord[] =>
  out
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))

async function tail(folder: string, ...flags: string[]): Promise<ShownRecord[]> {
  return recordsOf(await cli(['topics', 'tail', topic, '--json', '--data-dir', folder, ...flags]))
}

test('tail from the beginning gives every record, partition by partition in the order of offsets', async () => {
  const records = await tail(await events(), '--from-beginning')
  expect(records.map(({ key }) => key).sort()).toEqual([...keys, 'odd'].sort())
  const places = records.map(({ partition, offset }) => partition * 1000 + offset)
  expect(places).toEqual([...places].sort((a, b) => a - b))
  expect(records.find(({ key }) => key === 'flight-3')).toMatchObject({
    topic,
    name: 'FlightDeparted',
    value: { ...departed, flightId: 'flight-3' },
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
})

test('tail shows what cannot be decoded with its bytes, its headers and why', async () => {
  const [odd] = await tail(await events(), '--partition', '1', '--limit', '1')
  expect(odd).toMatchObject({
    key: 'odd',
    name: null,
    value: null,
    fingerprint: null,
    headers: { producer: 'tower-3' },
    body: garbage.toString('base64'),
    problem: expect.stringContaining('FLIGHT_MALFORMED'),
  })
})

test('tail --limit counts all partitions together from the beginning, else each one from its end', async () => {
  const folder = await events()
  const all = await tail(folder, '--from-beginning')
  expect(await tail(folder, '--from-beginning', '--limit', '3')).toEqual(all.slice(0, 3))
  const ofPartition = (partition: number) => all.filter(record => record.partition === partition)
  expect(await tail(folder, '--limit', '2')).toEqual([...ofPartition(0).slice(-2), ...ofPartition(1).slice(-2)])
})

test('the digest of a topic can be recomputed from tail --raw, garbage and all', async () => {
  const folder = await dataFolder(stores => [
    ...keys.map(key => append(stores, topic, ['FlightDeparted', key, { ...departed, flightId: key }])),
    { topic, partition: 0, key: 'odd', value: garbage },
    { topic, partition: 1, key: 'empty', value: new Uint8Array(0) },
    // a known schema, and a body that breaks off
    cutShort(append(stores, topic, ['FlightDeparted', 'cut', departed])),
  ])
  const records = await tail(folder, '--from-beginning', '--raw')
  const whole = createHash('sha256')
  for (const partition of [0, 1]) {
    const sum = createHash('sha256')
    for (const { key, fingerprint, body } of records.filter(record => record.partition === partition)) {
      const [keyBytes, bodyBytes] = [Buffer.from(key), Buffer.from(body ?? '', 'base64')]
      sum
        .update(lengthOf(keyBytes))
        .update(keyBytes)
        .update(fingerprint === null ? Buffer.alloc(32) : Buffer.from(fingerprint, 'hex'))
      sum.update(lengthOf(bodyBytes)).update(bodyBytes)
    }
    whole.update(sum.digest())
  }
  const digest = documentOf(await cli(['topics', 'digest', topic, '--json', '--data-dir', folder]))
  expect(digest).toEqual({ [topic]: whole.digest('hex') })
})

function cutShort(record: Append): Append {
  return { ...record, value: record.value?.subarray(0, -3) ?? null }
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return length
}

test('topics are read while another owner has the data folder', async () => {
  const folder = await events()
  const owner = await openStores(configure({ dataDir: folder }).config, 'owner')
  try {
    expect(await tail(folder, '--from-beginning')).toHaveLength(13)
  } finally {
    await owner.close()
  }
})

test('ls tells how much is in each topic, changelogs only with --all', async () => {
  const folder = await events()
  const ls = async (...flags: string[]) =>
    documentOf<{ topics: { name: string; partitions: { next: number }[] }[] }>(
      await cli(['topics', 'ls', '--json', '--data-dir', folder, ...flags]),
    ).topics
  const own = await ls()
  expect(own.map(({ name }) => name).sort()).toEqual(pipeline.topics.map(({ name }) => name).sort())
  const total = own.find(({ name }) => name === topic)?.partitions.reduce((sum, { next }) => sum + next, 0)
  expect(total).toBe(13)
  expect((await ls('--all')).map(({ name }) => name)).toContain('ingest.changelog')
})

test('of an empty topic it is said that it is, beside an output that is empty too', async () => {
  const { code, out, err } = await cli(['topics', 'tail', 'flights.late', '--json', '--data-dir', await events()])
  expect([code, out, err]).toEqual([0, '', 'flights.late has no record\n'])
})

test('an unknown topic is a usage error that names the nearest', async () => {
  const { code, out, err } = await cli(['topics', 'tail', 'flight.events', '--data-dir', await events()])
  expect(code).toBe(2)
  expect(out).toBe('')
  expect(err).toContain('Did you mean "flights.events"?')
})

test('a folder without a log is told, and nothing is made in it', async () => {
  const { code, err } = await cli(['topics', 'ls', '--data-dir', `${temporaryFolder()}/none`])
  expect(code).toBe(1)
  expect(err).toContain('error[SOURCE_UNREADABLE]')
})

test('schema gives the fields of a record, and of each record of a topic', async () => {
  const one = documentOf<{ name: string; fields: { name: string }[] }>(
    await cli(['topics', 'schema', 'Mark', '--json']),
  )
  expect(one.fields.map(({ name }) => name)).toEqual(['at'])
  const all = documentOf<unknown[]>(await cli(['topics', 'schema', topic, '--json']))
  expect(all).toHaveLength(9)
})

test('check finds page one, topics/ and a new data folder equal', async () => {
  const { code, out } = await cli(['topics', 'check', '--json', '--data-dir', await events()])
  expect(code).toBe(0)
  expect(JSON.parse(out)).toEqual({ checked: 'contracts and data folder', differences: [] })
})

test('check sees a topic with other partitions, another cleanup, and one that is on no page', () => {
  const found = topicSpecs(pipeline, 2).map(spec => {
    if (spec.name === 'flights.outcomes') return { ...spec, partitions: 3 }
    return spec.name === 'models.registry' ? { ...spec, cleanup: 'delete' as const } : spec
  })
  const foreign = { name: 'flights.other', partitions: 1, cleanup: 'delete' as const }
  expect(
    logDifferences([...found, foreign])
      .map(({ topic: name }) => name)
      .sort(),
  ).toEqual(['flights.other', 'flights.outcomes', 'models.registry'])
})

test('check sees a contract that page one does not keep', () => {
  const contracts = topicContracts()
    .filter(({ name }) => name !== 'flights.late')
    .map(each => (each.name === 'flights.timeline' ? { ...each, writtenBy: 'score', records: ['Nothing'] } : each))
  expect(contractDifferences(contracts)).toEqual([
    { topic: 'flights.late', problem: 'there is no topics/flights.late.json' },
    { topic: 'flights.timeline', problem: 'is written by ingest on page one, score in topics/' },
    { topic: 'flights.timeline', problem: 'there is no schemas/Nothing.avsc' },
  ])
})
