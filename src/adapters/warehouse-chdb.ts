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
import {
  ask,
  firstLine,
  type QuerySettings,
  queryDefaults,
  queryRowsMax,
  quoted,
  refusedWrite,
  TableTypes,
} from './clickhouse-rows.ts'
import { nativeBlock } from './native-block.ts'

export type WarehouseChdbOptions = QuerySettings & {
  /** Made when it is missing. */
  readonly folder: string
}

/** Where chdb is installed: a folder with a package.json, relative to which it is found. */
const home = new URL('../../warehouse/package.json', import.meta.url)

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
  readonly #types = new TableTypes((sql, limits) => this.query(sql, limits))
  #files = 0
  #closed: Promise<void> | undefined

  /** @throws Failure WAREHOUSE_MISSING, WAREHOUSE_LOCKED, WAREHOUSE_FAILED */
  static async open({ folder, ...limits }: WarehouseChdbOptions): Promise<WarehouseChdb> {
    const { querySeconds, queryMebibytes } = { ...queryDefaults, ...limits }
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
    this.#types.forget()
  }

  async insert(batch: WarehouseBatch): Promise<void> {
    const { table, columns, rows, token } = batch
    if (rows.length === 0) return
    const typed = await this.#types.columnsOf(batch)
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

  query(sql: string, limits: QueryLimits): Promise<QueryAnswer> {
    return ask(this.#reader, sql, limits)
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
      throw refusedWrite(error)
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
