// Migrations: how the tables came to be, in numbered steps that are applied once each, in their order, and never change
// afterwards. The table `migrations` holds what was applied and the hash of its text, so that an old one that was edited
// is noticed instead of quietly meaning two things. Every statement says IF NOT EXISTS or is otherwise repeatable: a
// kill between a step and its row in `migrations` repeats the step.

import { createHash } from 'node:crypto'
import { Failure } from '../lib/failure.ts'
import type { Warehouse } from './warehouse.ts'

export type Migration = {
  /** From 1, without gaps. */
  readonly number: number
  readonly name: string
  /** Statements, each ended by a semicolon at the end of a line; comments start with `--` at the start of one. */
  readonly sql: string
}

const ownTable = `CREATE TABLE IF NOT EXISTS migrations
(
  number UInt32,
  name String,
  hash String
)
ENGINE = ReplacingMergeTree
ORDER BY number
SETTINGS non_replicated_deduplication_window = 1000`

/** SHA-256 of a migration's text, hexadecimal. */
export function migrationHash({ sql }: Pick<Migration, 'sql'>): string {
  return createHash('sha256').update(sql).digest('hex')
}

/**
 * Applies what is missing.
 * @returns the numbers applied now
 * @throws Failure WAREHOUSE_MIGRATION when an applied one has another text now, or the tables are those of a newer program
 */
export async function migrate(warehouse: Warehouse, migrations: readonly Migration[]): Promise<number[]> {
  await warehouse.execute(ownTable)
  const { rows } = await warehouse.query('SELECT number, name, hash FROM migrations FINAL ORDER BY number', {
    rowsMax: 10_000,
  })
  const applied = new Map(rows.map(row => [Number(row['number']), row as { name: string; hash: string }]))
  for (const [number, { name }] of applied) {
    if (migrations.some(each => each.number === number)) continue
    throw new Failure(
      'WAREHOUSE_MIGRATION',
      `the warehouse has migration ${number} (${name}), which is not known here`,
      {
        help: 'A newer Slipstream made these tables: run that one, or let a new warehouse be filled from the topics.',
      },
    )
  }
  const now: number[] = []
  for (const migration of migrations.toSorted((a, b) => a.number - b.number)) {
    const before = applied.get(migration.number)
    if (before) assertSame(migration, before)
    else {
      await apply(warehouse, migration)
      now.push(migration.number)
    }
  }
  return now
}

function assertSame(migration: Migration, { hash }: { hash: string }): void {
  if (migrationHash(migration) === hash) return
  throw new Failure(
    'WAREHOUSE_MIGRATION',
    `migration ${migration.number} (${migration.name}) was applied with another text than it has now`,
    { help: 'Put the old text back and write the change as a new migration.' },
  )
}

async function apply(warehouse: Warehouse, migration: Migration): Promise<void> {
  for (const statement of statementsOf(migration.sql)) await warehouse.execute(statement)
  const { number, name } = migration
  const hash = migrationHash(migration)
  const columns = ['number', 'name', 'hash']
  await warehouse.insert({ table: 'migrations', columns, rows: [[number, name, hash]], token: `${number} ${hash}` })
}

/** The statements of a migration's text, without its comments. */
export function statementsOf(sql: string): string[] {
  return sql
    .replaceAll(/^\s*--.*$/gm, '')
    .split(/;[ \t]*(?:\n|$)/)
    .map(statement => statement.trim())
    .filter(statement => statement !== '')
}
