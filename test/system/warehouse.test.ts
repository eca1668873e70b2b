// The real thing: a process with the embedded ClickHouse is killed 20 times between an insert and what follows it, and
// the tables are the topics, row for row.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { hasChdb, WarehouseChdb } from '../../src/adapters/warehouse-chdb.ts'
import { openStores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import { skipUnless } from '../skips.ts'
import { compare, fill, rowsMax, tablesOf } from './warehouse-world.ts'

const here = skipUnless(
  hasChdb(),
  'The warehouse needs the embedded ClickHouse',
  'node bin/slipstream.mjs warehouse install',
)

const dataDir = mkdtempSync(path.join(tmpdir(), 'slipstream-warehouse-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

function runChild(insertsBeforeDeath: number | null): { signal: string | null; out: string; err: string } {
  const script = path.join(import.meta.dirname, 'warehouse-child.ts')
  const args = ['--disable-warning=ExperimentalWarning', script, JSON.stringify({ dataDir, insertsBeforeDeath })]
  const { signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { signal, out: stdout, err: stderr }
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
    await compare(sql => warehouse.query(sql, { rowsMax }), tables)
    await warehouse.close()
    await stores.close()
  })
})
