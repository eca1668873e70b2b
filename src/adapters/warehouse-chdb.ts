// The warehouse in this process: ClickHouse's engine as a library (chDB) behind the official client.
//
//   C1  chdb is half a gigabyte and no package of the program: it lies in warehouse/node_modules once `slipstream
//       warehouse install` was run, and is loaded when a warehouse is opened, not before.
//   C2  One process owns a folder. Loading takes a second of this thread and 400 MB of memory, and a crash of the engine
//       is one of the process: the program opens it in a process of its own (src/app/warehouse.ts).
//   C3  A connection does one thing after the other: one writes, one reads, and neither waits for the other.
//   C4  Settings that the client is given become `SET` and stay with the connection. So the reader's are set once, the
//       writer's stand in the statements themselves.
//   C5  Rows come in through a file in the Native format, which is removed again; the library takes no binary otherwise.

import { mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { ClickHouseClient, ClickHouseClientConfigOptions } from '@clickhouse/client'
import { Failure } from '../lib/failure.ts'
import type { QueryAnswer, QueryLimits, Warehouse, WarehouseBatch } from '../runtime/warehouse.ts'
import { type NativeColumn, nativeBlock, sentType } from './native-block.ts'

export type WarehouseChdbOptions = {
  /** Made when it is missing. */
  readonly folder: string
  /** How long a question may take. */
  readonly querySeconds?: number
  /** How much memory a question may take. */
  readonly queryMebibytes?: number
}

/** Where chdb is installed: a folder with a package.json, relative to which it is found. */
const home = new URL('../../warehouse/package.json', import.meta.url)

const queryRowsMax = 200_000

/** Whether the package is there; nothing is loaded. */
export function hasChdb(): boolean {
  try {
    createRequire(home).resolve('chdb/connection')
    return true
  } catch {
    return false
  }
}

type Connection = NonNullable<ClickHouseClientConfigOptions['connection']>
type Chdb = {
  readonly createChdbConnection: (options: { path: string }) => Connection
  readonly drainPending: () => Promise<void>
}

export class WarehouseChdb implements Warehouse {
  readonly #folder: string
  readonly #writer: ClickHouseClient
  readonly #reader: ClickHouseClient
  readonly #columns = new Map<string, Promise<Map<string, string>>>()
  #files = 0
  #closed: Promise<void> | undefined

  /** @throws Failure WAREHOUSE_MISSING, WAREHOUSE_LOCKED, WAREHOUSE_FAILED */
  static async open({
    folder,
    querySeconds = 30,
    queryMebibytes = 2048,
  }: WarehouseChdbOptions): Promise<WarehouseChdb> {
    const chdb = loadChdb()
    const { createClient } = await import('@clickhouse/client')
    mkdirSync(folder, { recursive: true })
    const connect = () => createClient({ connection: connection(chdb, join(folder, 'clickhouse')) })
    const writer = connect()
    const warehouse = new WarehouseChdb(folder, writer, connect())
    await warehouse.#limitReader(querySeconds, queryMebibytes)
    return warehouse
  }

  private constructor(folder: string, writer: ClickHouseClient, reader: ClickHouseClient) {
    this.#folder = resolve(folder)
    this.#writer = writer
    this.#reader = reader
    rmSync(this.#incoming, { recursive: true, force: true })
    mkdirSync(this.#incoming)
  }

  async execute(statement: string): Promise<void> {
    await this.#write(statement)
    this.#columns.clear()
  }

  async insert({ table, columns, rows, token }: WarehouseBatch): Promise<void> {
    if (rows.length === 0) return
    const types = await this.#typesOf(table)
    const typed = columns.map((name): NativeColumn => {
      const type = types.get(name)
      if (type === undefined) throw new Failure('WAREHOUSE_FAILED', `the table ${table} has no column ${name}`)
      return { name, type: sentType(type) }
    })
    const file = join(this.#incoming, `${++this.#files}.native`)
    const structure = typed.map(({ name, type }) => `${name} ${type}`).join(', ')
    try {
      await writeFile(file, nativeBlock(typed, rows))
      await this.#write(
        // one block, whatever its size: W1
        `INSERT INTO ${table} (${columns.join(', ')})
         SELECT * FROM file(${quoted(file)}, Native, ${quoted(structure)})
         SETTINGS insert_deduplication_token = ${quoted(token)}, max_threads = 1, max_insert_threads = 1,
           min_insert_block_size_rows = 0, min_insert_block_size_bytes = 0`,
      )
    } finally {
      rmSync(file, { force: true })
    }
  }

  async query(sql: string, { rowsMax }: QueryLimits): Promise<QueryAnswer> {
    let answer: { meta?: { name: string; type: string }[]; data: unknown[][] }
    try {
      const found = await this.#reader.query({ query: withoutEnd(sql), format: 'JSONCompact' })
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

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.#reader.close()
    await this.#writer.close()
    // a library holds one folder at a time, and lets go of it a little after it was told to
    await loadChdb().drainPending()
  }

  get #incoming(): string {
    return join(this.#folder, 'incoming')
  }

  async #write(query: string): Promise<void> {
    try {
      await this.#writer.command({ query })
    } catch (error) {
      throw new Failure('WAREHOUSE_FAILED', `the warehouse refused: ${firstLine(error)}`, { cause: error })
    }
  }

  /** The columns of a table and their types, as the engine has them. */
  async #typesOf(table: string): Promise<Map<string, string>> {
    let found = this.#columns.get(table)
    if (!found) {
      found = this.query(`DESCRIBE TABLE ${table}`, { rowsMax: 1000 }).then(
        ({ rows }) => new Map(rows.map(({ name, type }) => [name as string, type as string])),
      )
      this.#columns.set(table, found)
    }
    try {
      return await found
    } catch (cause) {
      this.#columns.delete(table)
      throw new Failure('WAREHOUSE_FAILED', `no table ${table} in the warehouse: ${firstLine(cause)}`, { cause })
    }
  }

  /** W4. `break` ends an answer at the block in which it grows too long, instead of failing. */
  async #limitReader(seconds: number, mebibytes: number): Promise<void> {
    const settings = [
      `max_execution_time = ${seconds}`,
      `max_memory_usage = ${mebibytes * 1024 ** 2}`,
      `max_result_rows = ${queryRowsMax}`,
      `result_overflow_mode = 'break'`,
      'readonly = 1',
    ]
    for (const setting of settings) await this.#reader.command({ query: `SET ${setting}` })
  }
}

function loadChdb(): Chdb {
  try {
    const load = createRequire(home)
    return { ...(load('chdb/connection') as Chdb), ...(load('chdb') as Chdb) }
  } catch (cause) {
    throw new Failure('WAREHOUSE_MISSING', 'the embedded ClickHouse (chdb) is not installed', {
      help: 'Install it, 548 MB, with `slipstream warehouse install`; it exists for Linux (glibc) and macOS, x64 and arm64.',
      cause,
    })
  }
}

function connection({ createChdbConnection }: Chdb, path: string): Connection {
  // asked first where that is certain, since the library would print what it thinks of it
  const owner = ownerOf(path)
  if (owner?.certain) throw locked(path, owner.pid)
  try {
    return createChdbConnection({ path })
  } catch (cause) {
    if (owner) throw locked(path, owner.pid, cause)
    throw new Failure('WAREHOUSE_FAILED', `the warehouse in ${path} does not open: ${firstLine(cause)}`, { cause })
  }
}

function locked(path: string, pid: number, cause?: unknown): Failure {
  return new Failure('WAREHOUSE_LOCKED', `${path} belongs to process ${pid}`, {
    help: 'Ask the Slipstream that runs on this data folder, stop it, or name another --data-dir.',
    cause,
  })
}

/** Another process that lives and has written its number into the folder; certain if it holds the file open as well. */
function ownerOf(path: string): { pid: number; certain: boolean } | undefined {
  const status = join(path, 'status')
  const pid = Number(/PID: (\d+)/.exec(textOf(status))?.[1] ?? 0)
  if (pid === 0 || pid === process.pid || !isAlive(pid)) return undefined
  if (process.platform !== 'linux') return { pid, certain: false }
  return holdsOpen(pid, realpathSync(status)) ? { pid, certain: true } : undefined
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function holdsOpen(pid: number, file: string): boolean {
  const folder = `/proc/${pid}/fd`
  try {
    return readdirSync(folder).some(fd => linkOf(join(folder, fd)) === file)
  } catch {
    // of another user
    return true
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return ''
  }
}

/** What ClickHouse says to whoever asked, without what only its own developers need. */
function refusal(error: unknown): Failure {
  // chdb has a class of its own for them
  if (!(error instanceof Error && 'code' in error && 'type' in error)) {
    return new Failure('WAREHOUSE_FAILED', `the warehouse did not answer: ${firstLine(error)}`, { cause: error })
  }
  const said = error.message
    .replaceAll(/\s*FORMAT JSONCompact\b/g, '')
    .replace(/\. Expected one of:[\s\S]*/, '')
    .trim()
  return new Failure('QUERY_REFUSED', `${said} (${String(error.type ?? error.code)})`, { cause: error })
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] as string
}

/** A statement may end in a semicolon; the client puts the format behind it. */
function withoutEnd(sql: string): string {
  return sql.trim().replace(/;+$/, '')
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
