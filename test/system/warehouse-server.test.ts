// The sink over what stands in the place of a ClickHouse server: killed on either side, the tables are the topics, row for
// row.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hasChdb } from '../../src/adapters/warehouse-chdb.ts'
import { type ClickhouseAccess, WarehouseClickhouse } from '../../src/adapters/warehouse-clickhouse.ts'
import { openWarehouse } from '../../src/app/warehouse.ts'
import { openStores, type Stores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import { skipUnless } from '../skips.ts'
import { ClickhouseServer } from './clickhouse-server.ts'
import { compare, fill, rowsMax, tablesOf } from './warehouse-world.ts'

const here = skipUnless(
  hasChdb(),
  'The warehouse needs the embedded ClickHouse',
  'node bin/slipstream.mjs warehouse install',
)

here.describe('the sink over a ClickHouse server', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'slipstream-warehouse-'))
  const dataDir = path.join(root, 'data')
  const server = new ClickhouseServer(path.join(root, 'server'), 'open-sesame')
  const script = path.join(import.meta.dirname, 'warehouse-child.ts')
  let stores: Stores

  beforeAll(async () => {
    stores = await openStores(configure({ dataDir }).config, 'owner')
    await fill(stores)
    await server.start()
  })
  afterAll(async () => {
    await server.kill()
    await stores.close()
    rmSync(root, { recursive: true, force: true })
  })

  const access = (database: string): ClickhouseAccess => {
    return { url: server.url, user: 'slipstream', password: 'open-sesame', database, cluster: '' }
  }
  const argsFor = (database: string, insertsBeforeDeath: number | null) => {
    const input = { dataDir, insertsBeforeDeath, server: access(database) }
    return ['--disable-warning=ExperimentalWarning', script, JSON.stringify(input)]
  }

  async function assertEqual(database: string): Promise<void> {
    const warehouse = await WarehouseClickhouse.open(access(database))
    const tables = await tablesOf(stores)
    expect([...tables.keys()]).toHaveLength(12)
    // more than a question of a user may bring
    await compare(async sql => {
      const answer = await warehouse.query(sql, { rowsMax })
      expect(answer.truncated).toBe(false)
      return answer
    }, tables)
    await warehouse.close()
  }

  test('killed 20 times between insert and commit, the tables equal the topics, and a repetition changes nothing', async () => {
    for (let kill = 0; kill < 20; kill++) {
      const args = argsFor('sink_killed', 1 + ((kill * 5) % 7))
      const { signal, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
      expect([signal, stderr]).toEqual(['SIGKILL', ''])
    }
    const last = () => spawnSync(process.execPath, argsFor('sink_killed', null), { encoding: 'utf8' }).stdout
    expect(last()).toMatch(/^done after \d+ inserts\n$/)
    await assertEqual('sink_killed')
    // starting again repeats the last batch of every partition
    expect(last()).toMatch(/^done after ([6-9]|\d\d) inserts\n$/)
    await assertEqual('sink_killed')
  })

  test('the program fills it, is asked, waits while it is away, and never says the password', async () => {
    const flags = { dataDir, clickhouseUrl: server.url, clickhouseUser: 'slipstream', clickhouseDatabase: 'program' }
    const { config } = configure(flags)
    const troubles: string[] = []
    const onTrouble = (error: unknown) => troubles.push(String(error))
    const withPassword = { ...config, clickhousePassword: 'open-sesame' }
    const warehouse = await openWarehouse(withPassword, { auto: false, onTrouble })
    await warehouse?.caughtUp()
    await assertEqual('program')
    const { rows } = (await warehouse?.query('SELECT count() AS count FROM predictions', 10)) ?? { rows: [] }
    expect(Number(rows[0]?.['count'])).toBeGreaterThan(1000)
    const { stdout } = spawnSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
    expect(stdout).toContain('warehouse-worker')
    expect(
      stdout
        .split('\n')
        .filter(line => line.includes('warehouse-worker'))
        .join(),
    ).not.toContain('open-sesame')
    await server.kill()
    await expect(warehouse?.query('SELECT 1', 1)).rejects.toMatchObject({ code: 'WAREHOUSE_FAILED' })
    await server.start()
    await warehouse?.caughtUp()
    await warehouse?.close()
    // the wrong password: it goes on trying, and says why
    const stranger = await openWarehouse(config, { auto: false, onTrouble })
    while (stranger?.state !== 'waiting') await new Promise(resolve => setTimeout(resolve, 20))
    expect(stranger.why).toContain('Authentication failed')
    await stranger.close()
    expect(troubles.join()).not.toContain('open-sesame')
  })

  test('a server that is killed again and again is caught up with, and nothing is doubled', async () => {
    const child = spawn(process.execPath, argsFor('server_killed', null), { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    child.stderr.on('data', (data: Buffer) => (said += data.toString()))
    const done = once(child, 'exit')
    const stored = async () => {
      const warehouse = await WarehouseClickhouse.open(access('server_killed'))
      try {
        const { rows } = await warehouse.query('SELECT count() AS count FROM sink_batches', { rowsMax: 1 })
        return Number(rows[0]?.['count'])
      } catch {
        return 0
      } finally {
        await warehouse.close()
      }
    }
    for (let kill = 1; kill <= 4; kill++) {
      // a few batches on, then away: whatever it had in hand is cut off
      while (child.exitCode === null && (await stored()) < kill * 5)
        await new Promise(resolve => setTimeout(resolve, 20))
      await server.kill()
      await server.start()
    }
    expect(await done).toEqual([0, null])
    expect(said).toMatch(/the warehouse (refused|did not answer)/)
    await assertEqual('server_killed')
  })
})
