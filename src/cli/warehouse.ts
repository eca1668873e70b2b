// slipstream warehouse: get the embedded ClickHouse, fill a warehouse from the topics of a data folder, see how far it is.

import { setTimeout as sleep } from 'node:timers/promises'
import { installWarehouse, isWarehouseInstalled, SetupError } from '../../bin/bootstrap.mjs'
import { WarehouseProcess, warehouseInput } from '../app/warehouse.ts'
import { Failure } from '../lib/failure.ts'
import { urlFlag } from './api-client.ts'
import { columnLines, count } from './columns.ts'
import { type Command, type CommandIo, group, namedArgs } from './command.ts'
import { exitCode } from './exit-code.ts'
import { ask } from './sql.ts'

const install: Command = {
  name: 'install',
  summary: 'get the embedded ClickHouse, 548 MB',
  usage: 'slipstream warehouse install',
  flags: {},
  examples: ['slipstream warehouse install'],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, install.usage, [])
    const before = isWarehouseInstalled()
    if (!before) {
      io.err('installing the embedded ClickHouse (548 MB, 10 to 20 s; output in .slipstream/install.log)')
      await installWarehouse().catch((cause: unknown) => {
        if (!(cause instanceof SetupError)) throw cause
        throw new Failure('WAREHOUSE_MISSING', cause.message, { cause })
      })
    }
    io.out(before ? 'the embedded ClickHouse is there already' : 'the embedded ClickHouse is installed')
    io.document({ installed: true, before })
    return exitCode.ok
  },
}

const sync: Command = {
  name: 'sync',
  summary: 'copy what the topics of a data folder hold into its warehouse, and end',
  usage: 'slipstream warehouse sync [--data-dir DIR] [--json]',
  flags: {},
  examples: ['slipstream warehouse sync --data-dir /tmp/february'],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, sync.usage, [])
    const signal = io.interruption()
    const onTrouble = (error: unknown) => io.err(error instanceof Error ? error.message : String(error))
    const warehouse = await WarehouseProcess.open({ ...warehouseInput(io.config, { fills: true }), onTrouble })
    try {
      const watching = new AbortController()
      void watch(io, warehouse, watching.signal)
      const interrupted = new Promise<false>(resolve => {
        signal.addEventListener('abort', () => resolve(false), { once: true })
      })
      const done = await Promise.race([warehouse.caughtUp().then(() => true), interrupted])
      watching.abort()
      if (!done) {
        io.err('interrupted; the next time goes on from here')
        return 130
      }
      const lag = await warehouse.lag()
      print(io, lag)
      io.document({ lag })
      return exitCode.ok
    } finally {
      await warehouse.close()
    }
  },
}

const status: Command = {
  name: 'status',
  summary: 'the tables of a warehouse and how many rows they have',
  usage: 'slipstream warehouse status [--data-dir DIR] [--url URL] [--json]',
  flags: { url: { ...urlFlag, about: 'ask the Slipstream that runs there, and not the data folder' } },
  examples: ['slipstream warehouse status'],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, status.usage, [])
    const { rows } = await ask(io, tablesSql, 1000)
    const right = (title: string) => ({ title, align: 'right' }) as const
    const cells = rows.map(({ table, rows: rowCount, bytes }) => [
      String(table),
      count(Number(rowCount)),
      `${(Number(bytes) / 1e6).toFixed(1)} MB`,
    ])
    for (const line of columnLines(['TABLE', right('ROWS'), right('ON DISK')], cells)) io.out(line)
    io.document({ tables: rows })
    return exitCode.ok
  },
}

const tablesSql = `SELECT name AS table, ifNull(total_rows, 0) AS rows, ifNull(total_bytes, 0) AS bytes FROM system.tables
WHERE database = currentDatabase() AND engine LIKE '%MergeTree' ORDER BY name`

async function watch(io: CommandIo, warehouse: WarehouseProcess, signal: AbortSignal): Promise<void> {
  for (; !signal.aborted; await sleep(500, undefined, { signal }).catch(() => undefined)) {
    const lag = await warehouse.lag()
    const done = lag.reduce((sum, { position }) => sum + position, 0)
    const total = lag.reduce((sum, { end }) => sum + end, 0)
    if (total > 0 && !signal.aborted) io.progress({ label: 'records', done: Math.min(done, total), total })
  }
}

function print(io: CommandIo, lag: Awaited<ReturnType<WarehouseProcess['lag']>>): void {
  const right = (title: string) => ({ title, align: 'right' }) as const
  const cells = lag.map(({ topic, partition, position, end }) => [
    topic,
    String(partition),
    count(position),
    count(end),
  ])
  for (const line of columnLines(['TOPIC', right('PARTITION'), right('STORED TO'), right('END')], cells)) io.out(line)
}

export const command: Command = group('warehouse', 'get, fill and look at the warehouse', [install, sync, status])
