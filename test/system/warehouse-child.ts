// A process that copies the topics of a data folder into its warehouse and kills itself outright, as SIGKILL does, when a
// given number of inserts has been acknowledged: between the insert and whatever would come after it.

import { join } from 'node:path'
import { LogSqlite } from '../../src/adapters/log-sqlite.ts'
import { WarehouseChdb } from '../../src/adapters/warehouse-chdb.ts'
import { type ClickhouseAccess, WarehouseClickhouse } from '../../src/adapters/warehouse-clickhouse.ts'
import { openPorts } from '../../src/app/ports.ts'
import { readMigrations } from '../../src/app/warehouse-tables.ts'
import { Sink } from '../../src/jobs/sink.ts'
import { migrate } from '../../src/runtime/migrations.ts'
import type { Warehouse } from '../../src/runtime/warehouse.ts'

const { dataDir, insertsBeforeDeath, server } = JSON.parse(process.argv[2] as string) as {
  dataDir: string
  /** null: it lives to the end. */
  insertsBeforeDeath: number | null
  /** Where the warehouse is; without it, in this process. */
  server?: ClickhouseAccess
}

const opened: Warehouse = server
  ? await WarehouseClickhouse.open(server)
  : await WarehouseChdb.open({ folder: join(dataDir, 'warehouse') })
await migrate(opened, readMigrations())
let inserts = 0
const warehouse: Warehouse = {
  execute: statement => opened.execute(statement),
  query: (sql, limits) => opened.query(sql, limits),
  close: () => opened.close(),
  insert: async batch => {
    await opened.insert(batch)
    if (++inserts === insertsBeforeDeath) process.kill(process.pid, 'SIGKILL')
  },
}
const log = LogSqlite.openReadOnly(dataDir)
const { codec, clock } = await openPorts({ folder: dataDir }, 'reader')
const onTrouble = (error: unknown) => process.stderr.write(`${String(error)}\n`)
const sink = new Sink({ log, codec, clock, warehouse, onTrouble, batchBytes: 30_000 })
sink.start()
await sink.caughtUp()
await sink.stop()
await opened.close()
await log.close()
process.stdout.write(`done after ${inserts} inserts\n`)
process.exit(0)
