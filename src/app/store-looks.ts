// A look at each store beside the log, for those who ask whether all is well. Each answers null when the data folder is
// that store, and throws what is wrong.

import type { Config } from '../config.ts'
import { type SchemaDifference, schemaDifferences } from './own-schemas.ts'
import { clickhouseOf, placesOf } from './places.ts'
import { openBlobs } from './ports.ts'

/** @throws Failure SCHEMAS_UNREACHABLE, USAGE */
export async function lookAtRegistry(
  config: Config,
): Promise<{ url: string; differences: readonly SchemaDifference[] } | null> {
  const places = placesOf(config)
  const differences = await schemaDifferences(places)
  return places.registry && differences ? { url: places.registry.url, differences } : null
}

/** @throws Failure BLOBS_UNREACHABLE, USAGE */
export async function lookAtS3(config: Config): Promise<{ bucket: string; models: number } | null> {
  const places = placesOf(config)
  if (!places.s3) return null
  // soon: who asks is waiting
  const blobs = await openBlobs({ ...places, s3: { ...places.s3, retries: 0, timeoutMs: 5000 } })
  return { bucket: places.s3.bucket, models: (await blobs.list('models/')).length }
}

/** Makes the database if it is missing. @throws Failure WAREHOUSE_FAILED, USAGE */
export async function lookAtClickhouse(config: Config): Promise<{ url: string; version: string } | null> {
  const access = clickhouseOf(config)
  if (!access || config.warehouse === 'none' || config.warehouse === 'chdb') return null
  const { WarehouseClickhouse } = await import('../adapters/warehouse-clickhouse.ts')
  const warehouse = await WarehouseClickhouse.open({ ...access, writeSeconds: 5 })
  try {
    const { rows } = await warehouse.query('SELECT version() AS version', { rowsMax: 1 })
    return { url: access.url, version: String(rows[0]?.['version']) }
  } finally {
    await warehouse.close()
  }
}
