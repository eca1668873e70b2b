import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { hasChdb, WarehouseChdb } from '../../src/adapters/warehouse-chdb.ts'
import { keepRows, readMigrations } from '../../src/app/warehouse-tables.ts'
import { migrate } from '../../src/runtime/migrations.ts'
import type { Warehouse } from '../../src/runtime/warehouse.ts'
import { describeWarehouse } from '../contracts/warehouse.ts'
import { skipUnless } from '../skips.ts'
import { newFolders } from './folders.ts'

const newFolder = newFolders()
const here = skipUnless(
  hasChdb(),
  'The warehouse needs the embedded ClickHouse',
  'node bin/slipstream.mjs warehouse install',
)

here.describe('chdb', () => {
  describeWarehouse('warehouse-chdb', () => WarehouseChdb.open({ folder: newFolder() }))

  test('what was stored is there after closing and opening again', async () => {
    const folder = newFolder()
    const first = await WarehouseChdb.open({ folder })
    await first.execute('CREATE TABLE kept (id UInt64) ENGINE = ReplacingMergeTree ORDER BY id')
    await first.insert({ table: 'kept', columns: ['id'], rows: [[7]], token: 'a' })
    await first.close()
    const second = await WarehouseChdb.open({ folder })
    expect((await second.query('SELECT id FROM kept', { rowsMax: 1 })).rows).toEqual([{ id: 7 }])
    await second.close()
  })

  test('another process is told who has the folder', async () => {
    const folder = newFolder()
    const owner = await WarehouseChdb.open({ folder })
    const adapter = fileURLToPath(new URL('../../src/adapters/warehouse-chdb.ts', import.meta.url))
    const text = `import(${JSON.stringify(adapter)}).then(m => m.WarehouseChdb.open({ folder: ${JSON.stringify(folder)} })).then(() => console.log('opened'), error => console.log(error.code, error.help))`
    const { stdout } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', '-e', text], {
      encoding: 'utf8',
    })
    expect(stdout).toMatch(/^WAREHOUSE_LOCKED .*--data-dir/)
    await owner.close()
  })

  test('rows stay as long as the setting says, and the tables change when it does', async () => {
    const warehouse = await WarehouseChdb.open({ folder: newFolder() })
    await migrate(warehouse, readMigrations())
    const executed: string[] = []
    const watched: Warehouse = {
      insert: batch => warehouse.insert(batch),
      query: (sql, limits) => warehouse.query(sql, limits),
      close: () => warehouse.close(),
      execute: (statement: string) => {
        executed.push(statement)
        return warehouse.execute(statement)
      },
    }
    await keepRows(watched, 0)
    expect(executed).toEqual([])
    const columns = ['flight_id', 'at', 'topic_partition', 'topic_offset']
    const rows = [0, Date.now()].map((at, offset) => [`flight ${offset}`, at, 0, offset])
    await warehouse.insert({ table: 'skipped', columns, rows, token: 'a' })
    await keepRows(watched, 400)
    expect(executed).toHaveLength(9)
    await keepRows(watched, 400)
    expect(executed).toHaveLength(9)
    await warehouse.execute('OPTIMIZE TABLE skipped FINAL')
    const kept = await warehouse.query('SELECT flight_id FROM skipped', { rowsMax: 10 })
    expect(kept.rows).toEqual([{ flight_id: 'flight 1' }])
    await keepRows(watched, 0)
    expect(executed.slice(9)).toEqual(executed.slice(0, 9).map(sql => sql.replace(/MODIFY TTL .*/, 'REMOVE TTL')))
    await warehouse.close()
  })

  test('a question that takes too long ends', async () => {
    const warehouse = await WarehouseChdb.open({ folder: newFolder(), querySeconds: 1 })
    const endless = warehouse.query('SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1', {
      rowsMax: 1,
    })
    await expect(endless).rejects.toMatchObject({
      code: 'QUERY_REFUSED',
      message: expect.stringContaining('TIMEOUT_EXCEEDED') as string,
    })
    await warehouse.close()
  })
})
