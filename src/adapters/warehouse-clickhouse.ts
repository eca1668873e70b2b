// The warehouse on a ClickHouse server, over HTTP with the official client. Same tables, same batches and tokens as the one
// in this process (warehouse-chdb).
//
//   H1  A batch is one request with one block in the Native format, so it is stored whole or not at all: W1.
//   H2  Nothing here repeats a request: an insert whose answer was lost is repeated by the sink, rows and token the same.
//   H3  On a cluster the URL names one replica: the bounds of the last batch are read where they were written.
//   H4  Settings go with each request; the user needs the right to give them, so a `readonly` user will not do.

import { Readable } from 'node:stream'
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client'
import { Failure } from '../lib/failure.ts'
import type { QueryAnswer, QueryLimits, Warehouse, WarehouseBatch } from '../runtime/warehouse.ts'
import { onCluster } from './clickhouse-ddl.ts'
import {
  ask,
  type QuerySettings,
  queryDefaults,
  queryRowsMax,
  quoted,
  refusedWrite,
  TableTypes,
} from './clickhouse-rows.ts'
import { nativeBlock } from './native-block.ts'

export type ClickhouseAccess = {
  /** Of the HTTP interface, as http://localhost:8123. */
  readonly url: string
  readonly user: string
  /** Empty: none. */
  readonly password: string
  /** Made when it is missing. */
  readonly database: string
  /** Whose replicas hold the tables; empty: the server alone. */
  readonly cluster: string
}

export type WarehouseClickhouseOptions = ClickhouseAccess &
  QuerySettings & {
    /** How long a statement that writes may take. */
    readonly writeSeconds?: number
  }

/** One block, at once, and an answer only when it is stored. */
const insertSettings = {
  async_insert: 0,
  max_insert_threads: '1',
  min_insert_block_size_rows: '0',
  min_insert_block_size_bytes: '0',
  insert_deduplicate: 1,
  wait_end_of_query: 1,
} as const satisfies ClickHouseSettings

export class WarehouseClickhouse implements Warehouse {
  readonly #cluster: string
  readonly #writer: ClickHouseClient
  readonly #reader: ClickHouseClient
  readonly #types = new TableTypes((sql, limits) => this.query(sql, limits))
  #closed: Promise<void> | undefined

  /** Waits for nothing: who opens tries again. @throws Failure WAREHOUSE_FAILED when the server does not answer, USAGE */
  static async open(options: WarehouseClickhouseOptions): Promise<WarehouseClickhouse> {
    assertAccess(options)
    const { createClient, ClickHouseLogLevel } = await import('@clickhouse/client')
    const { url, user: username, password, database, cluster } = options
    const { querySeconds, queryMebibytes } = { ...queryDefaults, ...options }
    const access = { url, username, password, application: 'slipstream', log: { level: ClickHouseLogLevel.OFF } }
    const { writeSeconds = 60 } = options
    // W4. `break` ends an answer at the block in which it grows too long, instead of failing
    const limits: ClickHouseSettings = {
      max_execution_time: querySeconds,
      max_memory_usage: String(queryMebibytes * 1024 ** 2),
      max_result_rows: String(queryRowsMax),
      result_overflow_mode: 'break',
      output_format_json_quote_64bit_integers: 0,
      readonly: '1',
    }
    const first = createClient({ ...access, request_timeout: writeSeconds * 1000 })
    const make = `CREATE DATABASE IF NOT EXISTS ${database}`
    try {
      await first.command({ query: cluster === '' ? make : onCluster(make, cluster) })
    } catch (error) {
      throw refusedWrite(error)
    } finally {
      await first.close()
    }
    const writer = createClient({ ...access, database, request_timeout: writeSeconds * 1000 })
    // the server ends a question that takes too long; this is for one that says nothing at all
    const patience = (querySeconds + 10) * 1000
    const reader = createClient({ ...access, database, request_timeout: patience, clickhouse_settings: limits })
    return new WarehouseClickhouse(writer, reader, cluster)
  }

  private constructor(writer: ClickHouseClient, reader: ClickHouseClient, cluster: string) {
    this.#writer = writer
    this.#reader = reader
    this.#cluster = cluster
  }

  async execute(statement: string): Promise<void> {
    const query = this.#cluster === '' ? statement : onCluster(statement, this.#cluster)
    try {
      await this.#writer.command({ query })
    } catch (error) {
      throw refusedWrite(error)
    }
    this.#types.forget()
  }

  async insert(batch: WarehouseBatch): Promise<void> {
    const { table, columns, rows, token } = batch
    if (rows.length === 0) return
    const typed = await this.#types.columnsOf(batch)
    const block = nativeBlock(typed, rows)
    try {
      const { stream } = await this.#writer.exec({
        query: `INSERT INTO ${table} (${columns.join(', ')}) FORMAT Native`,
        values: Readable.from([block], { objectMode: false }),
        clickhouse_settings: { ...insertSettings, insert_deduplication_token: token },
      })
      for await (const _ of stream);
    } catch (error) {
      throw refusedWrite(error)
    }
  }

  query(sql: string, limits: QueryLimits): Promise<QueryAnswer> {
    return ask(this.#reader, sql, limits)
  }

  close(): Promise<void> {
    this.#closed ??= Promise.all([this.#writer.close(), this.#reader.close()]).then(() => undefined)
    return this.#closed
  }
}

function assertAccess({ url, database, cluster }: ClickhouseAccess): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const isHttp = parsed?.protocol === 'http:' || parsed?.protocol === 'https:'
  // a password there would be in every message that names the address
  if (!isHttp || parsed.username !== '' || parsed.password !== '') {
    const takes = 'takes http://HOST:PORT or https://HOST:PORT, without user and password'
    throw new Failure('USAGE', `clickhouseUrl ${takes}`, { field: 'clickhouseUrl' })
  }
  if (!/^[A-Za-z_]\w*$/.test(database)) {
    const message = `clickhouseDatabase is ${quoted(database)}, but takes letters, digits and _`
    throw new Failure('USAGE', message, { field: 'clickhouseDatabase' })
  }
  if (!/^[\w.{}-]*$/.test(cluster)) {
    const message = `clickhouseCluster is ${quoted(cluster)}, but takes the name of a cluster or {cluster}`
    throw new Failure('USAGE', message, { field: 'clickhouseCluster' })
  }
}
