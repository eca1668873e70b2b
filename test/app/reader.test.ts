// What a process that only reads a data folder does to it: nothing, also where it knows schemas that the folder does not.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { CodecAvro } from '../../src/adapters/codec-avro.ts'
import { LogSqlite } from '../../src/adapters/log-sqlite.ts'
import { SchemasFiles } from '../../src/adapters/schemas-files.ts'
import { openStores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import { cli, documentOf, temporaryFolder } from '../cli/cli.ts'

const topic = 'flights.events'
const departed = { flightId: 'UA-1', at: 1, revision: 1, departedAt: 1, tail: 'N14228' }

/** As an older program left it, which knew one record, and that under another text. */
async function olderFolder(): Promise<string> {
  const folder = temporaryFolder()
  const log = LogSqlite.open(folder)
  await log.createTopics([{ name: topic, partitions: 1, cleanup: 'delete' }])
  const ours = JSON.parse(readFileSync(new URL('../../schemas/FlightDeparted.avsc', import.meta.url), 'utf8')) as object
  const older = JSON.stringify({ ...ours, doc: 'In older words.' })
  const codec = await CodecAvro.open(new SchemasFiles(path.join(folder, 'schemas.json')), [older])
  const claim = await log.claim('test')
  const value = new Uint8Array(codec.encode('FlightDeparted', departed))
  await claim.commit([{ topic, partition: 0, key: 'UA-1', value }])
  await claim.release()
  await log.close()
  return folder
}

/** Names and hashes; of the log what SQLite itself keeps to share it among readers is left out. */
function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(each => each.isFile())
  const names = files.map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)))
  const own = names.filter(name => !/-(shm|wal)$/.test(name)).sort()
  const hash = (name: string) =>
    createHash('sha256')
      .update(readFileSync(path.join(folder, name)))
      .digest('hex')
  return Object.fromEntries(own.map(name => [name, hash(name)]))
}

test('reading a folder of an older program leaves its files as they are, and decodes its records at once', async () => {
  const folder = await olderFolder()
  const before = contentOf(folder)
  expect(Object.keys(before)).toContain('schemas.json')
  const stores = await openStores(configure({ dataDir: folder }).config, 'reader')
  const { records } = await stores.log.read(topic, 0, 0, { bytesMax: 1e6 })
  expect(stores.codec.decode(records[0]?.value as Uint8Array)).toEqual({ name: 'FlightDeparted', value: departed })
  await stores.close()
  expect(contentOf(folder)).toEqual(before)
})

test.each([
  ['tail', ['topics', 'tail', topic, '--from-beginning']],
  ['digest', ['topics', 'digest', topic]],
  ['doctor', ['doctor', '--port', '0']],
])('%s leaves such a folder as it is', async (_name, words) => {
  const folder = await olderFolder()
  const before = contentOf(folder)
  const ran = await cli([...words, '--json', '--data-dir', folder])
  expect([ran.code, ran.err]).toEqual([0, ''])
  expect(contentOf(folder)).toEqual(before)
})

test('tail shows the record that an older program wrote', async () => {
  const ran = await cli(['topics', 'tail', topic, '--from-beginning', '--json', '--data-dir', await olderFolder()])
  expect(documentOf(ran)).toMatchObject({ name: 'FlightDeparted', value: departed })
})
