// slipstream sql: asks the warehouse of a data folder: the folder itself if nothing runs on it, else the Slipstream that
// runs there, since an embedded ClickHouse has one owner.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { WarehouseProcess, warehouseInput } from '../app/warehouse.ts'
import { Failure, failureIn } from '../lib/failure.ts'
import type { QueryAnswer } from '../runtime/warehouse.ts'
import { baseUrl, call, urlFlag } from './api-client.ts'
import { columnLines, count } from './columns.ts'
import { type Command, type CommandIo, namedArgs, textFlag, wholeFlag } from './command.ts'
import { exitCode } from './exit-code.ts'

const rowsMost = 10_000

export const command: Command = {
  name: 'sql',
  summary: 'ask the warehouse in SQL',
  usage: 'slipstream sql "SELECT ..." [--limit N] [--data-dir DIR] [--url URL] [--json]',
  flags: {
    limit: { type: 'string', value: 'N', about: `rows shown at most, up to ${rowsMost} (default 1000)` },
    url: { ...urlFlag, about: 'ask the Slipstream that runs there, and not the data folder' },
  },
  examples: [
    'slipstream sql "SHOW TABLES"',
    'slipstream sql "SELECT origin, count() AS flights, avg(label) AS late FROM outcomes FINAL GROUP BY origin"',
  ],
  async run(io: CommandIo): Promise<number> {
    const [sql = ''] = namedArgs(io, command.usage, ['SQL'])
    const rowsMax = Math.min(wholeFlag(io, 'limit', 1) ?? 1000, rowsMost)
    const answer = await ask(io, sql, rowsMax)
    print(io, answer)
    io.document(answer)
    return exitCode.ok
  },
}

/** @throws Failure QUERY_REFUSED, WAREHOUSE_MISSING, SOURCE_UNREADABLE when there is no warehouse, NOT_RUNNING */
export async function ask(io: CommandIo, sql: string, rowsMax: number): Promise<QueryAnswer> {
  const overApi = () => call(baseUrl(io), { path: '/v1/sql', body: { sql, rowsMax } }) as Promise<QueryAnswer>
  if (textFlag(io, 'url') !== undefined) return await overApi()
  const { dataDir } = io.config
  const input = warehouseInput(io.config, { fills: false })
  if (!input.server && !existsSync(join(dataDir, 'warehouse', 'clickhouse'))) {
    throw new Failure('SOURCE_UNREADABLE', `${dataDir} has no warehouse`, {
      field: 'data-dir',
      help: 'Fill one from its topics with `slipstream warehouse sync`, or replay and run with --warehouse chdb.',
    })
  }
  let warehouse: WarehouseProcess
  try {
    const onTrouble = (error: unknown) => io.err(error instanceof Error ? error.message : String(error))
    warehouse = await WarehouseProcess.open({ ...input, onTrouble })
  } catch (error) {
    if (failureIn(error)?.code !== 'WAREHOUSE_LOCKED') throw error
    return await overApi().catch((unanswered: unknown) => {
      // such as a replay, which has no API
      throw failureIn(unanswered)?.code === 'NOT_RUNNING' ? error : unanswered
    })
  }
  try {
    return await warehouse.query(sql, rowsMax)
  } finally {
    await warehouse.close()
  }
}

function print(io: CommandIo, { columns, rows, truncated }: QueryAnswer): void {
  const heads = columns.map(({ name, type }) => {
    return { title: name, align: /^(Nullable\()?(U?Int|Float|Decimal)/.test(type) ? 'right' : 'left' } as const
  })
  const cells = rows.map(row => columns.map(({ name }) => shown(row[name])))
  for (const line of columnLines(heads, cells)) io.out(line)
  io.err(
    `${count(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}${truncated ? ', and there are more (--limit)' : ''}`,
  )
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '-'
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean)
}
