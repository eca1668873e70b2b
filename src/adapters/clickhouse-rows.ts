// What a ClickHouse in this process and one on a server have in common: how batches go in, how answers come out, and how
// its words become failures of ours.

import type { ClickHouseClient } from '@clickhouse/client'
import { Failure } from '../lib/failure.ts'
import type { QueryAnswer, QueryLimits, WarehouseBatch } from '../runtime/warehouse.ts'
import { type NativeColumn, sentType } from './native-block.ts'

/** W4: how much an answer may hold, whoever asks. */
export const queryRowsMax = 200_000

export type QuerySettings = {
  /** How long a question may take. */
  readonly querySeconds?: number
  /** How much memory a question may take. */
  readonly queryMebibytes?: number
}

export const queryDefaults = { querySeconds: 30, queryMebibytes: 2048 } as const

/** Asks in a format that keeps the order of the columns. @throws Failure QUERY_REFUSED, WAREHOUSE_FAILED */
export async function ask(client: ClickHouseClient, sql: string, { rowsMax }: QueryLimits): Promise<QueryAnswer> {
  let answer: { meta?: { name: string; type: string }[]; data: unknown[][] }
  try {
    const found = await client.query({ query: withoutEnd(sql), format: 'JSONCompact' })
    answer = (await found.json()) as typeof answer
  } catch (error) {
    throw refusal(error)
  }
  const columns = answer.meta ?? []
  const rows = answer.data
    .slice(0, rowsMax)
    .map(values => Object.fromEntries(columns.map(({ name }, at) => [name, values[at]])))
  return { columns, rows, truncated: answer.data.length > rowsMax }
}

/** The types of tables' columns, as the engine has them; asked for once. */
export class TableTypes {
  readonly #query: (sql: string, limits: QueryLimits) => Promise<QueryAnswer>
  readonly #tables = new Map<string, Promise<Map<string, string>>>()

  constructor(query: (sql: string, limits: QueryLimits) => Promise<QueryAnswer>) {
    this.#query = query
  }

  /** After DDL. */
  forget(): void {
    this.#tables.clear()
  }

  /** A batch's columns with the types under which they are sent. @throws Failure WAREHOUSE_FAILED */
  async columnsOf({ table, columns }: WarehouseBatch): Promise<NativeColumn[]> {
    const types = await this.#typesOf(table)
    return columns.map(name => {
      const type = types.get(name)
      if (type === undefined) throw new Failure('WAREHOUSE_FAILED', `the table ${table} has no column ${name}`)
      return { name, type: sentType(type) }
    })
  }

  async #typesOf(table: string): Promise<Map<string, string>> {
    let found = this.#tables.get(table)
    if (!found) {
      found = this.#query(`DESCRIBE TABLE ${table}`, { rowsMax: 1000 }).then(
        ({ rows }) => new Map(rows.map(({ name, type }) => [name as string, type as string])),
      )
      this.#tables.set(table, found)
    }
    try {
      return await found
    } catch (cause) {
      this.#tables.delete(table)
      throw new Failure('WAREHOUSE_FAILED', `no table ${table} in the warehouse: ${firstLine(cause)}`, { cause })
    }
  }
}

/** An error of a statement that was not a question. */
export function refusedWrite(error: unknown): Failure {
  return new Failure('WAREHOUSE_FAILED', `the warehouse refused: ${firstLine(error)}`, {
    ...(isStranger(error) ? { help: strangerHelp } : {}),
    cause: error,
  })
}

/** What ClickHouse says to whoever asked, without what only its own developers need. */
function refusal(error: unknown): Failure {
  // both clients have a class of their own for them
  if (!(error instanceof Error && 'code' in error && 'type' in error)) {
    return new Failure('WAREHOUSE_FAILED', `the warehouse did not answer: ${firstLine(error)}`, { cause: error })
  }
  if (isStranger(error)) return refusedWrite(error)
  const said = error.message
    .replaceAll(/\s*FORMAT JSONCompact\b/g, '')
    .replace(/\. Expected one of:[\s\S]*/, '')
    .trim()
  return new Failure('QUERY_REFUSED', `${said} (${String(error.type ?? error.code)})`, { cause: error })
}

const strangerHelp = 'Check clickhouseUser and SLIPSTREAM_CLICKHOUSE_PASSWORD.'

/** Whether it is not the statement that was refused, but who sent it. */
function isStranger(error: unknown): boolean {
  const { type } = (error ?? {}) as { type?: unknown }
  return type === 'AUTHENTICATION_FAILED' || type === 'WRONG_PASSWORD' || type === 'REQUIRED_PASSWORD'
}

export function firstLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as { code?: unknown }
  const message = error.message === '' && code !== undefined ? `${code as string}` : error.message
  return message.split('\n')[0] as string
}

/** A statement may end in a semicolon; the client puts the format behind it. */
function withoutEnd(sql: string): string {
  return sql.trim().replace(/;+$/, '')
}

export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
