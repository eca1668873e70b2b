// The tables of the warehouse: the migrations as they lie in warehouse/migrations, and the view that gives each feature
// its name.

import { readdirSync, readFileSync } from 'node:fs'
import { featureSetHash, features } from '../features/table.ts'
import type { Migration } from '../runtime/migrations.ts'

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
