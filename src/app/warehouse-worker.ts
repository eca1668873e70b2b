// Runs in a process of its own: the embedded ClickHouse, or the client of a server, and the sink that fills it from the
// log, which it only reads. It ends with the process that started it.

import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { LogSqlite } from '../adapters/log-sqlite.ts'
import { WarehouseChdb } from '../adapters/warehouse-chdb.ts'
import { WarehouseClickhouse } from '../adapters/warehouse-clickhouse.ts'
import { packError } from '../adapters/workers-threads-protocol.ts'
import { Sink } from '../jobs/sink.ts'
import { Turn } from '../jobs/turn.ts'
import type { Log } from '../runtime/log.ts'
import { migrate } from '../runtime/migrations.ts'
import type { Warehouse } from '../runtime/warehouse.ts'
import { openInThread } from './log.ts'
import { openPorts } from './ports.ts'
import { assertReadOnly } from './read-only-sql.ts'
import type { Begin, FromWarehouse, Request, ToWarehouse, WarehouseInput } from './warehouse-protocol.ts'
import { featuresView, keepRows, readMigrations } from './warehouse-tables.ts'

const tell = (told: FromWarehouse) => process.send?.(told)

// Ctrl-C reaches every process of a terminal; this one goes when it is told to, or when nobody is left to tell it
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// the stream comes first
setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

let isOurs = false

type Opened = { warehouse: Warehouse; tableFunctions: string[]; sink: Sink | undefined; log: Log | undefined }

async function open(input: WarehouseInput): Promise<Opened> {
  const { dataDir, fills, places = { folder: dataDir }, keepDays = 0 } = input
  // first: where there is no log there is nothing to make a warehouse of
  const log = fills ? await openLog(input) : undefined
  const warehouse = await openTables(input)
  if (fills) {
    await migrate(warehouse, readMigrations())
    await warehouse.execute(featuresView())
    await keepRows(warehouse, keepDays)
  }
  const { rows } = await warehouse.query('SELECT name FROM system.table_functions', { rowsMax: 1000 })
  const tableFunctions = rows.map(({ name }) => name as string)
  if (!log) return { warehouse, tableFunctions, sink: undefined, log }
  const { codec, clock } = await openPorts(places, 'reader')
  const onTrouble = (error: unknown) => tell({ kind: 'trouble', error: packError(error) })
  const { sharedAs: by } = input
  const turn = by === undefined ? {} : { turn: new Turn({ log, job: 'sink', by, isOurs: () => isOurs }) }
  const sink = new Sink({ log, codec, clock, warehouse, onTrouble, ...turn })
  sink.start()
  return { warehouse, tableFunctions, sink, log }
}

async function openLog({ dataDir, kafka }: WarehouseInput): Promise<Log> {
  return kafka ? openInThread({ engine: 'kafka', options: kafka }) : LogSqlite.openReadOnly(dataDir)
}

async function openTables({ dataDir, server }: WarehouseInput): Promise<Warehouse> {
  return server ? WarehouseClickhouse.open(server) : WarehouseChdb.open({ folder: join(dataDir, 'warehouse') })
}

async function answer({ warehouse, tableFunctions, sink, log }: Opened, request: Request): Promise<unknown> {
  if (request.kind === 'caughtUp') return sink?.caughtUp()
  if (request.kind === 'fill') {
    isOurs = request.isOurs
    return undefined
  }
  if (request.kind === 'lag') return sink?.lag() ?? []
  if (request.kind === 'query') {
    assertReadOnly(request.sql, tableFunctions)
    return warehouse.query(request.sql, { rowsMax: request.rowsMax })
  }
  await sink?.stop()
  await warehouse.close()
  await log?.close()
  return undefined
}

try {
  const [{ begin }] = (await once(process, 'message')) as [Begin]
  const opened = await open(begin)
  process.on('message', ({ id, request }: ToWarehouse) => {
    answer(opened, request).then(
      value => tell({ kind: 'answer', id, value }),
      error => tell({ kind: 'refused', id, error: packError(error) }),
    )
  })
  tell({ kind: 'ready' })
} catch (error) {
  tell({ kind: 'failed', error: packError(error) })
}
