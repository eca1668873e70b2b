// The sink, which one process does for all, over what stands in the place of a ClickHouse server: whose process is killed
// or frozen is followed by another one, and the tables are the topics, row for row.

import path from 'node:path'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { startWorker, until, type Worker } from '../../scripts/proof/workers.ts'
import { hasChdb } from '../../src/adapters/warehouse-chdb.ts'
import { WarehouseClickhouse } from '../../src/adapters/warehouse-clickhouse.ts'
import { openStores, type Stores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import { skipUnless } from '../skips.ts'
import { ClickhouseServer } from '../system/clickhouse-server.ts'
import { compare, fill, rowsMax, tablesOf } from '../system/warehouse-world.ts'
import { brokers, here, newPrefix, onKafka } from './brokers.ts'
import { cleanUp, holderOf, newFolder, run } from './processes.ts'

const database = 'shared'
const password = 'open-sesame'
const withChdb = skipUnless(
  hasChdb(),
  'The warehouse needs the embedded ClickHouse',
  'node bin/slipstream.mjs warehouse install',
)
let stores: Stores | undefined

cleanUp()
afterEach(async () => {
  await stores?.close()
  stores = undefined
})

here.describe('a job of several processes', () => {
  withChdb.describe('the sink', () => {
    test('is taken over from one that is killed and from one that is frozen and goes on', async () => {
      const server = await new ClickhouseServer(path.join(newFolder(), 'server'), password).start()
      onTestFinished(() => server.kill())
      vi.stubEnv('SLIPSTREAM_CLICKHOUSE_PASSWORD', password)
      onTestFinished(() => void vi.unstubAllEnvs())
      const where = { engine: 'kafka', kafkaBrokers: brokers.join(','), kafkaPrefix: newPrefix(), dataDir: newFolder() }
      const clickhouse = [
        '--clickhouse-url',
        server.url,
        '--clickhouse-user',
        'slipstream',
        '--clickhouse-database',
        database,
      ]
      const common = [...onKafka(where.kafkaPrefix), '--data-dir', where.dataDir, '--threads', '1', '--partitions', '2']
      const join = () => run(startWorker([...common, ...clickhouse]))
      const workers: Worker[] = [join(), join()]
      await until('all tasks are had', () => workers.every(({ tasks }) => tasks().length > 0))
      stores = await openStores(configure(where).config, 'owner')
      const seen = stores
      const warehouse = await WarehouseClickhouse.open({
        url: server.url,
        user: 'slipstream',
        password,
        database,
        cluster: '',
      })
      onTestFinished(() => warehouse.close())
      const ask = (sql: string) => warehouse.query(sql, { rowsMax })
      const counted = async (from: string) => Number((await ask(`SELECT count() AS n FROM ${from}`)).rows[0]?.['n'])
      const isMade = `system.tables WHERE database = '${database}' AND name = 'predictions'`
      await until('the tables are made', async () => (await counted(isMade)) > 0)
      const holder = () => holderOf('sink', seen, workers)
      const filling = fill(seen)
      await until('some rows are there', async () => (await counted('predictions')) > 0)
      const first = await holder()
      workers[first]?.child.kill('SIGKILL')
      await workers[first]?.ended
      workers.push(join())
      await until('another one has taken over', async () => (await holder()) !== first)
      const second = await holder()
      workers[second]?.child.kill('SIGSTOP')
      await filling
      await until('a third one has taken over', async () => (await holder()) !== second)
      workers[second]?.child.kill('SIGCONT')
      const tables = await tablesOf(seen)
      expect([...tables.keys()]).toHaveLength(12)
      for (const [table, { rows: wanted }] of tables) {
        await until(`${table} is full`, async () => (await counted(table)) >= wanted.length)
      }
      await compare(ask, tables)
    })
  })
})
