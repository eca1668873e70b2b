import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { WarehouseProcess, warehouseInput } from '../../src/app/warehouse.ts'
import { configure } from '../../src/config.ts'

test('one that is to wait begins no process, says that it is being opened, and can be closed', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'slipstream-warehouse-'))
  const troubles: unknown[] = []
  try {
    const input = warehouseInput(configure({ dataDir }).config, { fills: true })
    const never = new Promise<void>(() => undefined)
    const warehouse = WarehouseProcess.start({ ...input, onTrouble: error => troubles.push(error) }, never)
    await expect(warehouse.query('SELECT 1', 1)).rejects.toMatchObject({ code: 'WAREHOUSE_FAILED', next: 'retry' })
    expect([warehouse.state, await warehouse.lag()]).toEqual(['opening', []])
    await warehouse.close()
    expect([warehouse.state, troubles]).toEqual(['stopped', []])
  } finally {
    rmSync(dataDir, { recursive: true })
  }
})
