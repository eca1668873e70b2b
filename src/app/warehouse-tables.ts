// The tables of the warehouse: the migrations as they lie in warehouse/migrations, and the view that gives each feature
// its name, and how long rows stay.

import { readdirSync, readFileSync } from 'node:fs'
import { featureSetHash, features } from '../features/table.ts'
import type { Migration } from '../runtime/migrations.ts'
import type { Warehouse } from '../runtime/warehouse.ts'

const folder = new URL('../../warehouse/migrations/', import.meta.url)

/** `0001-topics.sql` is migration 1, "topics". */
export function readMigrations(): Migration[] {
  const files = readdirSync(folder).filter(file => /^\d{4}-.+\.sql$/.test(file))
  return files.sort().map(file => ({
    number: Number(file.slice(0, 4)),
    name: file.slice(5, -4),
    sql: readFileSync(new URL(file, folder), 'utf8'),
  }))
}

/**
 * `features`: a row for each flight and horizon, a column for each feature of the present table, in its unit. Made anew
 * at every start and holding nothing, so that another feature table needs no migration.
 */
export function featuresView(): string {
  const columns = features.map((feature, at) => {
    const { name } = feature
    if (feature.kind === 'categorical') return `  categories[${at + 1}] AS ${name}`
    return `  numbers[${at + 1}]${feature.resolution === 1 ? '' : ` * ${feature.resolution}`} AS ${name}`
  })
  return `CREATE OR REPLACE VIEW features AS
SELECT
  flight_id, horizon_minutes, at, due_at, label,
${columns.join(',\n')}
FROM outcome_rows FINAL
WHERE feature_set = '${featureSetHash}'`
}

/** Columns of event time by which rows grow old. What names models, decisions and batches stays. */
const agedBy: Readonly<Record<string, string>> = {
  predictions: 'at',
  skipped: 'at',
  outcomes: 'at',
  outcome_rows: 'at',
  drift_windows: 'window_to',
  drift_metrics: 'window_to',
  performance: 'window_to',
  alerts: 'at',
  shadow_tests: 'at',
}

/**
 * Has rows removed (TTL) when they are older than that many days of event time; 0: never. A setting and no migration, so
 * done at every start, and only where it has changed.
 * @throws Failure WAREHOUSE_FAILED
 */
export async function keepRows(warehouse: Warehouse, days: number): Promise<void> {
  const sql = 'SELECT name, engine_full FROM system.tables WHERE database = currentDatabase()'
  const { rows } = await warehouse.query(sql, { rowsMax: 1000 })
  for (const { name, engine_full: engine } of rows) {
    const column = agedBy[String(name)]
    if (column === undefined) continue
    const now = / TTL (.+?)(?: SETTINGS |$)/.exec(String(engine))?.[1]
    const wanted = days === 0 ? undefined : `toDateTime(${column}) + toIntervalDay(${days})`
    if (now === wanted) continue
    await warehouse.execute(
      `ALTER TABLE ${String(name)} ${wanted === undefined ? 'REMOVE TTL' : `MODIFY TTL ${wanted}`}`,
    )
  }
}
