// Data folders with a few thousand invented records, and what a warehouse has to hold of a data folder.

import { spawnSync } from 'node:child_process'
import { expect } from 'vitest'
import type { Stores } from '../../src/app.ts'
import { SinkRows, sinkTopics } from '../../src/jobs/sink-rows.ts'
import { pipeline } from '../../src/pipeline.ts'
import type { RecordName } from '../../src/records.ts'
import { readAll } from '../../src/runtime/digest.ts'
import { topicSpecs } from '../../src/runtime/topology.ts'
import type { QueryAnswer } from '../../src/runtime/warehouse.ts'
import { sample } from '../jobs/sink-records.ts'

const kinds: [topic: string, names: RecordName[], count: number][] = [
  ['flights.predictions', ['Prediction', 'PredictionSkipped'], 3000],
  ['flights.outcomes', ['FlightOutcome', 'Watermark', 'FlightOutcome'], 3000],
  ['drift.metrics', ['DriftMetrics', 'AlertOpened', 'AlertResolved', 'ShadowTested'], 200],
  ['models.registry', ['ModelVersion', 'ModelAlias', 'ModelDecision'], 100],
]

/** Two partitions of each, 6,300 records. */
export async function fill({ log, codec }: Stores): Promise<void> {
  await log.createTopics(topicSpecs(pipeline, 2))
  const claim = await log.claim('test')
  for (const [topic, names, count] of kinds) {
    for (let from = 0; from < count; from += 100) {
      const numbers = Array.from({ length: 100 }, (_, at) => from + at)
      await claim.commit(
        numbers.map(n => {
          const name = names[n % names.length] as RecordName
          const partition = topic.startsWith('flights') ? n % 2 : 0
          return { topic, partition, key: `key ${n}`, value: new Uint8Array(codec.encode(name, sample(name, n))) }
        }),
      )
    }
  }
}

type Table = { columns: readonly string[]; rows: string[] }

/** What the tables have to hold; instants as ClickHouse prints them. */
export async function tablesOf({ log, codec }: Stores): Promise<Map<string, Table>> {
  const tables = new Map<string, Table>()
  for (const { name: topic, partitions } of await log.topics()) {
    if (!sinkTopics.includes(topic)) continue
    for (let partition = 0; partition < partitions; partition++) {
      const gathered = new SinkRows(partition)
      for await (const { value, offset } of readAll(log, topic, partition)) {
        if (value) gathered.add(codec.decode(value), offset)
      }
      for (const [table, { columns, rows }] of gathered.tables) {
        const held = tables.get(table) ?? { columns, rows: [] }
        held.rows.push(...rows.map(row => JSON.stringify(row)))
        tables.set(table, held)
      }
    }
  }
  return tables
}

const instantColumn = /(^|_)at$|^window_|^trained_|^since$|^effective_from$|^frame_to$/

/** Rows the most that a table may have. */
export const rowsMax = 1_000_000

/** @param ask a question in SQL that may be answered with `rowsMax` rows */
export async function compare(ask: (sql: string) => Promise<QueryAnswer>, tables: Map<string, Table>): Promise<void> {
  for (const [table, { columns, rows }] of tables) {
    const shown = columns.map(column => (instantColumn.test(column) ? `toUnixTimestamp64Milli(${column})` : column))
    // without FINAL: not even for a moment is a row there twice
    const answer = await ask(`SELECT ${shown.join(', ')} FROM ${table}`)
    const found = answer.rows.map(row => JSON.stringify(Object.values(row)))
    expect([table, found.sort()]).toEqual([table, rows.sort()])
  }
}

/** Numbers of the processes that hold a warehouse for a process, which is their parent. */
export function warehousesOf(parent: number): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .map(line => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .filter(([, , ppid, args]) => Number(ppid) === parent && args?.includes('warehouse-worker') === true)
    .map(([, pid]) => Number(pid))
}
