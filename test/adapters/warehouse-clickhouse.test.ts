import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import { onCluster } from '../../src/adapters/clickhouse-ddl.ts'
import { hasChdb, WarehouseChdb } from '../../src/adapters/warehouse-chdb.ts'
import { WarehouseClickhouse, type WarehouseClickhouseOptions } from '../../src/adapters/warehouse-clickhouse.ts'
import { readMigrations } from '../../src/app/warehouse-tables.ts'
import { migrate, statementsOf } from '../../src/runtime/migrations.ts'
import { describeWarehouse } from '../contracts/warehouse.ts'
import { skipUnless } from '../skips.ts'
import { ClickhouseServer } from '../system/clickhouse-server.ts'
import { newFolders } from './folders.ts'

const newFolder = newFolders()
const here = skipUnless(
  hasChdb(),
  'The warehouse needs the embedded ClickHouse',
  'node bin/slipstream.mjs warehouse install',
)
const password = 'open-sesame'
const servers: ClickhouseServer[] = []
afterAll(async () => {
  for (const server of servers) await server.kill()
})

async function newServer(): Promise<ClickhouseServer> {
  const server = await new ClickhouseServer(newFolder(), password).start()
  servers.push(server)
  return server
}

function access(url: string, more: Partial<WarehouseClickhouseOptions> = {}): WarehouseClickhouseOptions {
  return { url, user: 'slipstream', password, database: 'slipstream', cluster: '', ...more }
}

here.describe('a ClickHouse behind HTTP', () => {
  describeWarehouse('warehouse-clickhouse', async () => WarehouseClickhouse.open(access((await newServer()).url)))

  test('what was acknowledged is there after a kill of the server, and a repeated batch still counts once', async () => {
    const server = await newServer()
    const warehouse = await WarehouseClickhouse.open(access(server.url))
    await migrate(warehouse, readMigrations())
    const columns = ['topic', 'partition', 'from_offset', 'to_offset', 'records']
    const batch = { table: 'sink_batches', columns, rows: [['t', 0, 0, 10, 10]], token: 't/0/0-10' }
    await warehouse.insert(batch)
    await server.kill()
    await expect(warehouse.insert(batch)).rejects.toMatchObject({ code: 'WAREHOUSE_FAILED', next: 'retry' })
    await expect(warehouse.query('SELECT 1', { rowsMax: 1 })).rejects.toMatchObject({ code: 'WAREHOUSE_FAILED' })
    await server.start()
    await warehouse.insert(batch)
    const { rows } = await warehouse.query('SELECT count() AS count FROM sink_batches', { rowsMax: 1 })
    expect(rows).toEqual([{ count: 1 }])
    await warehouse.close()
  })

  test('databases keep pipelines apart', async () => {
    const { url } = await newServer()
    const [one, other] = await Promise.all([
      WarehouseClickhouse.open(access(url, { database: 'one' })),
      WarehouseClickhouse.open(access(url, { database: 'other' })),
    ])
    await migrate(one, readMigrations())
    await expect(other.query('SELECT * FROM predictions', { rowsMax: 1 })).rejects.toMatchObject({
      code: 'QUERY_REFUSED',
    })
    await one.close()
    await other.close()
  })

  test('a wrong password is told, without it', async () => {
    const { url } = await newServer()
    const refused = WarehouseClickhouse.open(access(url, { password: 'wrong-word' }))
    const failure = await refused.catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'WAREHOUSE_FAILED',
      help: expect.stringContaining('SLIPSTREAM_CLICKHOUSE_PASSWORD') as string,
    })
    const { message, cause } = failure as Error
    expect([message, JSON.stringify(cause), String((cause as Error).stack)].join()).not.toContain('wrong-word')
  })

  test('every statement of the migrations is one for a cluster too', async () => {
    const chdb = await WarehouseChdb.open({ folder: newFolder() })
    const parse = (statement: string) => chdb.execute(`EXPLAIN AST ${statement}`)
    for (const statement of readMigrations().flatMap(({ sql }) => statementsOf(sql))) {
      const replicated = onCluster(statement, 'main')
      await expect(parse(replicated)).resolves.toBeUndefined()
      expect(replicated).toMatch(/^\w+ (OR REPLACE )?\w+ .*ON CLUSTER 'main'/)
      await expect(parse(replicated.replace("CLUSTER 'main'", 'CLUSTER'))).rejects.toMatchObject({
        code: 'WAREHOUSE_FAILED',
      })
    }
    await chdb.close()
  })
})

describe('a server that misbehaves', () => {
  async function serving(answer: Parameters<typeof createServer>[1], use: (url: string) => Promise<void>) {
    const server: Server = createServer(answer)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    try {
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }

  test('one that is away is a failure to repeat, told by name', async () => {
    await expect(WarehouseClickhouse.open(access('http://127.0.0.1:1'))).rejects.toMatchObject({
      code: 'WAREHOUSE_FAILED',
      next: 'retry',
      message: expect.stringContaining('ECONNREFUSED 127.0.0.1:1') as string,
    })
  })

  test('one that does not answer is given up', async () => {
    const silence = () => undefined
    await serving(silence, async url => {
      await expect(WarehouseClickhouse.open(access(url, { writeSeconds: 0.05 }))).rejects.toMatchObject({
        code: 'WAREHOUSE_FAILED',
      })
    })
  })

  test('something else that speaks HTTP is no warehouse', async () => {
    await serving(
      (_, response) => {
        response.statusCode = 502
        response.end('<html>Bad gateway</html>')
      },
      async url => {
        await expect(WarehouseClickhouse.open(access(url))).rejects.toMatchObject({ code: 'WAREHOUSE_FAILED' })
      },
    )
  })

  test.each([
    ['clickhouseUrl', { url: 'tcp://server:9000' }],
    ['clickhouseUrl', { url: 'http://ann:open-sesame@server' }],
    ['clickhouseDatabase', { database: 'a; DROP DATABASE b' }],
    ['clickhouseCluster', { cluster: "main' SYNC" }],
  ])('a setting that is none is refused: %s', async (field, more) => {
    const refused = WarehouseClickhouse.open(access('http://127.0.0.1:1', more))
    await expect(refused).rejects.toMatchObject({ code: 'USAGE', field })
  })
})

describe('statements for a cluster', () => {
  test.each([
    [
      'CREATE TABLE IF NOT EXISTS t\n(\n  id UInt64\n)\nENGINE = ReplacingMergeTree\nORDER BY id\nSETTINGS non_replicated_deduplication_window = 1000',
      "CREATE TABLE IF NOT EXISTS t ON CLUSTER '{cluster}'\n(\n  id UInt64\n)\nENGINE = ReplicatedReplacingMergeTree\nORDER BY id\nSETTINGS replicated_deduplication_window = 1000",
    ],
    ['CREATE OR REPLACE VIEW v AS\nSELECT 1', "CREATE OR REPLACE VIEW v ON CLUSTER '{cluster}' AS\nSELECT 1"],
    ['CREATE DATABASE IF NOT EXISTS d', "CREATE DATABASE IF NOT EXISTS d ON CLUSTER '{cluster}'"],
    [
      'ALTER TABLE t ADD COLUMN IF NOT EXISTS c String',
      "ALTER TABLE t ON CLUSTER '{cluster}' ADD COLUMN IF NOT EXISTS c String",
    ],
    ['DROP TABLE IF EXISTS t', "DROP TABLE IF EXISTS t ON CLUSTER '{cluster}'"],
    ['SELECT 1', 'SELECT 1'],
  ])('of kind %#', (alone, replicated) => {
    expect(onCluster(alone, '{cluster}')).toBe(replicated)
  })
})
