// One DDL for every ClickHouse: warehouse/migrations is written for a single one, and becomes here what a cluster of
// replicas takes. What a migration means, and its hash, are those of the text as it was written.

import { quoted } from './clickhouse-rows.ts'

const made = /^(CREATE (?:OR REPLACE )?(?:TABLE|VIEW|DATABASE) (?:IF NOT EXISTS )?[\w.`]+)/i
const changed = /^((?:ALTER|TRUNCATE|OPTIMIZE) TABLE [\w.`]+|DROP (?:TABLE|VIEW|DATABASE) (?:IF EXISTS )?[\w.`]+)/i

/**
 * A statement for all replicas of a cluster: made on each of them, and every table replicated among them, at the path
 * that the server gives tables by default.
 * @param cluster as the server's configuration names it; macros such as `{cluster}` too
 */
export function onCluster(statement: string, cluster: string): string {
  return statement
    .trim()
    .replace(made, `$1 ON CLUSTER ${quoted(cluster)}`)
    .replace(changed, `$1 ON CLUSTER ${quoted(cluster)}`)
    .replace(/\bENGINE = (\w*MergeTree)\b/i, 'ENGINE = Replicated$1')
    .replace(/\bnon_replicated_deduplication_window\b/g, 'replicated_deduplication_window')
}
