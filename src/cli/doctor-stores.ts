// What doctor finds of the stores beside the log.

import { isWarehouseInstalled } from '../../bin/bootstrap.mjs'
import { lookAtClickhouse, lookAtRegistry, lookAtS3 } from '../app/store-looks.ts'
import type { Config } from '../config.ts'
import { failureIn } from '../lib/failure.ts'
import type { Seen } from './doctor-checks.ts'

export async function registry(config: Config): Promise<Seen> {
  return seen(async () => {
    const found = await lookAtRegistry(config)
    if (!found) return { state: 'ok', message: 'schema ids lie in the data folder' }
    const { url, differences } = found
    const refused = differences.find(({ state }) => state === 'refused')
    const fix = '`slipstream topics create`'
    if (refused) return { state: 'FAIL', message: `${url}: ${refused.problem}`, fix: `${fix} shows all of them` }
    if (differences.length === 0) return { state: 'ok', message: `${url} has every schema` }
    return { state: 'warn', message: `${url} lacks ${differences.length} schemas`, fix: `${fix} registers them` }
  })
}

export async function s3(config: Config): Promise<Seen> {
  return seen(async () => {
    const found = await lookAtS3(config)
    if (!found) return { state: 'ok', message: 'models and snapshots lie in the data folder' }
    return { state: 'ok', message: `bucket ${found.bucket} answers; models: ${found.models}` }
  })
}

export async function warehouse(config: Config): Promise<Seen> {
  return seen(async () => {
    const found = await lookAtClickhouse(config)
    if (found) return { state: 'ok', message: `ClickHouse ${found.version} at ${found.url}` }
    if (isWarehouseInstalled()) return { state: 'ok', message: 'the embedded ClickHouse is installed' }
    return {
      state: 'warn',
      message: 'the embedded ClickHouse is not installed',
      fix: '`slipstream warehouse install`, for questions in SQL; nothing else needs it',
    }
  })
}

async function seen(look: () => Promise<Seen>): Promise<Seen> {
  try {
    return await look()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { state: 'FAIL', message, fix: failureIn(error)?.help ?? 'see docs/operating.md' }
  }
}
