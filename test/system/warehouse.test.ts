// The real thing: a process with the embedded ClickHouse is killed 20 times between an insert and what follows it, and
// the tables are the topics, row for row.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { hasChdb, WarehouseChdb } from '../../src/adapters/warehouse-chdb.ts'
import { openStores, type Stores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import { SinkRows, sinkTopics } from '../../src/jobs/sink-rows.ts'
import { pipeline } from '../../src/pipeline.ts'
import type { RecordName } from '../../src/records.ts'
import { readAll } from '../../src/runtime/digest.ts'
import { topicSpecs } from '../../src/runtime/topology.ts'
import { sample } from '../jobs/sink-records.ts'
import { skipUnless } from '../skips.ts'

const here = skipUnless(
  hasChdb(),
  'The warehouse needs the embedded ClickHouse',
  'node bin/slipstream.mjs warehouse install',
)

const dataDir = mkdtempSync(path.join(tmpdir(), 'slipstream-warehouse-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const kinds: [topic: string, names: RecordName[], count: number][] = [
  ['flights.predictions', ['Prediction', 'PredictionSkipped'], 3000],
  ['flights.outcomes', ['FlightOutcome', 'Watermark', 'FlightOutcome'], 3000],
  ['drift.metrics', ['DriftMetrics', 'AlertOpened', 'AlertResolved', 'ShadowTested'], 200],
  ['models.registry', ['ModelVersion', 'ModelAlias', 'ModelDecision'], 100],
]

async function fill({ log, codec }: Stores): Promise<void> {
  await log.createTopics(topicSpecs(pipeline, 2))
  const claim = await log.claim('test')
  for (const [topic, names, count] of kinds) {
    for (let from = 0; from < count; from += 100) {
      const numbers = Array.from({ length: 100 }, (_, at) => from + at)
      await claim.commit(
        numbers.map(n => {
          const name = names[n % names.length] as RecordName
          const partition = topic.startsWith('flights') ? n % 2 : 0
          return { topic, partition, key: `key ${n}`, value: new Uint8Array(codec.encode(name, sample(name, n))) }
        }),
      )
    }
  }
}

function runChild(insertsBeforeDeath: number | null): { signal: string | null; out: string; err: string } {
  const script = path.join(import.meta.dirname, 'warehouse-child.ts')
  const args = ['--disable-warning=ExperimentalWarning', script, JSON.stringify({ dataDir, insertsBeforeDeath })]
  const { signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { signal, out: stdout, err: stderr }
}

type Table = { columns: readonly string[]; rows: string[] }

/** What the tables have to hold; instants as ClickHouse prints them. */
async function tablesOf({ log, codec }: Stores): Promise<Map<string, Table>> {
  const tables = new Map<string, Table>()
  for (const { name: topic, partitions } of await log.topics()) {
    if (!sinkTopics.includes(topic)) continue
    for (let partition = 0; partition < partitions; partition++) {
      const gathered = new SinkRows(partition)
      for await (const { value, offset } of readAll(log, topic, partition)) {
        if (value) gathered.add(codec.decode(value), offset)
      }
      for (const [table, { columns, rows }] of gathered.tables) {
        const held = tables.get(table) ?? { columns, rows: [] }
        held.rows.push(...rows.map(row => JSON.stringify(row)))
        tables.set(table, held)
      }
    }
  }
  return tables
}

const instantColumn = /(^|_)at$|^window_|^trained_|^since$|^effective_from$|^frame_to$/

async function compare(warehouse: WarehouseChdb, tables: Map<string, Table>): Promise<void> {
  for (const [table, { columns, rows }] of tables) {
    const shown = columns.map(column => (instantColumn.test(column) ? `toUnixTimestamp64Milli(${column})` : column))
    // without FINAL: not even for a moment is a row there twice
    const answer = await warehouse.query(`SELECT ${shown.join(', ')} FROM ${table}`, { rowsMax: 1e6 })
    const found = answer.rows.map(row => JSON.stringify(Object.values(row)))
    expect([table, found.sort()]).toEqual([table, rows.sort()])
  }
}

here.describe('the sink over the embedded ClickHouse', () => {
  test('killed 20 times between insert and commit, the tables equal the topics, and a repetition changes nothing', async () => {
    const stores = await openStores(configure({ dataDir }).config, 'owner')
    await fill(stores)
    // a batch is two to four inserts: the bounds, then each table
    for (let kill = 0; kill < 20; kill++) {
      const { signal, err } = runChild(1 + ((kill * 5) % 7))
      expect([signal, err]).toEqual(['SIGKILL', ''])
    }
    const { out, err } = runChild(null)
    expect([out, err]).toEqual([expect.stringMatching(/^done after \d+ inserts\n$/), ''])
    const tables = await tablesOf(stores)
    expect([...tables.keys()].sort()).toHaveLength(12)
    // starting again repeats the last batch of every partition
    expect(runChild(null).out).toMatch(/^done after ([6-9]|\d\d) inserts\n$/)
    const warehouse = await WarehouseChdb.open({ folder: path.join(dataDir, 'warehouse') })
    await compare(warehouse, tables)
    await warehouse.close()
    await stores.close()
  })
})
