// The warehouse as the program sees it: a process of its own that holds the embedded ClickHouse, or the client of a
// server, and the sinks. Loading the library takes a second of a thread and 400 MB, decoding and inserting a core for a while, and a crash of the engine
// is one of its process: none of that may touch the stream. Should it end, another one is started, later and later.

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ClockWall } from '../adapters/clock-wall.ts'
import { hasChdb } from '../adapters/warehouse-chdb.ts'
import { unpackError } from '../adapters/workers-threads-protocol.ts'
import type { Config } from '../config.ts'
import type { SinkLag } from '../jobs/sink.ts'
import { Failure, failureIn } from '../lib/failure.ts'
import type { Clock } from '../runtime/clock.ts'
import type { QueryAnswer } from '../runtime/warehouse.ts'
import { engineOf, kafkaOptions } from './log.ts'
import { clickhouseOf, placesOf } from './places.ts'
import type { Sharing } from './sharing.ts'
import type { Answers, Begin, FromWarehouse, Request, ToWarehouse, WarehouseInput } from './warehouse-protocol.ts'

export type WarehouseOptions = WarehouseInput & {
  readonly clock?: Clock
  readonly onTrouble: (error: unknown) => void
}

export type WarehouseState = 'opening' | 'running' | 'waiting' | 'stopped'

const worker = fileURLToPath(new URL('./warehouse-worker.ts', import.meta.url))
const backOffMs = { first: 500, most: 30_000 }
const stopMs = 10_000
const stderrMax = 2000

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void }

export class WarehouseProcess {
  state: WarehouseState = 'opening'
  /** Why it does not run. */
  why: string | null = null
  readonly #o: WarehouseOptions & { readonly clock: Clock }
  readonly #stop = new AbortController()
  #child: ChildProcess | undefined
  #waiting = new Map<number, Waiting>()
  #lastId = 0
  #said = ''
  /** Settled when the process that is being opened runs or has failed. */
  #opening: Promise<void> = Promise.resolve()
  #supervising: Promise<void> | undefined
  #isOurs = false

  /** Opens it and keeps it open. @throws Failure WAREHOUSE_MISSING, WAREHOUSE_LOCKED, WAREHOUSE_MIGRATION, WAREHOUSE_FAILED */
  static async open(options: WarehouseOptions): Promise<WarehouseProcess> {
    const warehouse = new WarehouseProcess(options)
    await warehouse.#launch()
    warehouse.#supervising = warehouse.#supervise()
    return warehouse
  }

  /** Opens it in the background, not before `after`; what goes wrong is told to `onTrouble`, and tried again if that can help. */
  static start(options: WarehouseOptions, after: Promise<void> = Promise.resolve()): WarehouseProcess {
    const warehouse = new WarehouseProcess(options)
    const closed = new Promise(resolve => warehouse.#stop.signal.addEventListener('abort', resolve, { once: true }))
    warehouse.#supervising = Promise.race([after, closed]).then(() => warehouse.#supervise())
    return warehouse
  }

  private constructor(options: WarehouseOptions) {
    this.#o = { clock: new ClockWall(), ...options }
  }

  /**
   * Resolves when everything committed so far is in the tables, whatever happens to the process meanwhile.
   * @throws Failure WAREHOUSE_MISFIT, NOT_RUNNING and those of `open` that trying again cannot help
   */
  async caughtUp(): Promise<void> {
    for (;;) {
      if (this.state === 'stopped')
        throw new Failure('NOT_RUNNING', `the warehouse has stopped: ${this.why ?? 'by order'}`)
      await this.#opening.catch(() => undefined)
      const done = await this.#ask({ kind: 'caughtUp' }).then(() => this.state === 'running', isOver)
      if (done) return
      await this.#o.clock.sleep(100, this.#stop.signal)
    }
  }

  /** Says whether filling it is this process's part now. */
  fill(isOurs: boolean): void {
    this.#isOurs = isOurs
    // one that does not run now is told when it does
    this.#ask({ kind: 'fill', isOurs }).catch(() => undefined)
  }

  /** @throws Failure QUERY_REFUSED, WAREHOUSE_FAILED when it does not run now */
  async query(sql: string, rowsMax: number): Promise<QueryAnswer> {
    return (await this.#ask({ kind: 'query', sql, rowsMax })) as QueryAnswer
  }

  /** Empty while it does not run. */
  async lag(): Promise<readonly SinkLag[]> {
    if (this.state !== 'running') return []
    return (await this.#ask({ kind: 'lag' }).catch(() => [])) as readonly SinkLag[]
  }

  /** Ends after the batch in hand. */
  async close(): Promise<void> {
    this.#stop.abort()
    const child = this.#child
    if (child && this.state === 'running') {
      const late = new AbortController()
      const asked = this.#ask({ kind: 'stop' }).catch(() => undefined)
      await Promise.race([asked, this.#o.clock.sleep(stopMs, late.signal)])
      late.abort()
    }
    child?.kill('SIGKILL')
    await this.#supervising
    this.state = 'stopped'
  }

  async #supervise(): Promise<void> {
    let backOff = backOffMs.first
    while (!this.#stop.signal.aborted) {
      try {
        if (!this.#child) await this.#launch()
        backOff = backOffMs.first
        await this.#ended()
        if (this.#stop.signal.aborted) return
        throw new Failure(
          'WAREHOUSE_FAILED',
          `the process of the warehouse ended${this.#said === '' ? '' : `: ${this.#said}`}`,
        )
      } catch (error) {
        if (this.#stop.signal.aborted) return
        const failure = failureIn(error)
        this.why = error instanceof Error ? error.message : String(error)
        this.state = failure?.next === 'stop' ? 'stopped' : 'waiting'
        this.#o.onTrouble(error)
        if (failure?.next === 'stop') return
        await this.#o.clock.sleep(backOff, this.#stop.signal)
        backOff = Math.min(backOff * 2, backOffMs.most)
      }
    }
  }

  #launch(): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve()
    const { clock: _clock, onTrouble: _onTrouble, ...input } = this.#o
    this.state = 'opening'
    this.#said = ''
    const child = fork(worker, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    this.#child = child
    child.send({ begin: input } satisfies Begin, () => undefined)
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = `${this.#said}${text}`.trim().slice(-stderrMax)
    })
    this.#opening = new Promise<void>((resolve, reject) => {
      child.on('message', (told: FromWarehouse) => {
        if (told.kind === 'failed') {
          // the library does not always let its process end
          child.kill('SIGKILL')
          reject(this.#withSaid(unpackError(told.error)))
        } else if (told.kind !== 'ready') this.#hear(told)
        else {
          this.state = 'running'
          this.why = null
          if (this.#o.sharedAs !== undefined) this.fill(this.#isOurs)
          resolve()
        }
      })
      child.on('error', reject)
      child.on('exit', () => {
        this.#child = undefined
        reject(new Failure('WAREHOUSE_FAILED', `the process of the warehouse did not start: ${this.#said}`))
        this.#letGo()
      })
    })
    // whoever waits for it is told; nobody may be waiting
    this.#opening.catch(() => undefined)
    return this.#opening
  }

  #hear(told: Exclude<FromWarehouse, { kind: 'ready' | 'failed' }>): void {
    if (told.kind === 'trouble') return this.#o.onTrouble(unpackError(told.error))
    const waiting = this.#waiting.get(told.id)
    this.#waiting.delete(told.id)
    if (told.kind === 'answer') waiting?.resolve(told.value)
    else waiting?.reject(unpackError(told.error))
  }

  /** With what the engine printed, which says more than what it throws. */
  #withSaid(error: Error): Error {
    if (failureIn(error)?.code !== 'WAREHOUSE_FAILED' || this.#said === '') return error
    return new Failure('WAREHOUSE_FAILED', `${error.message}: ${this.#said}`, { cause: error })
  }

  #letGo(): void {
    for (const { reject } of this.#waiting.values()) reject(notNow(this.why ?? 'its process ended'))
    this.#waiting.clear()
  }

  #ended(): Promise<void> {
    const child = this.#child
    if (!child) return Promise.resolve()
    return new Promise(resolve => child.once('exit', () => resolve()))
  }

  #ask<K extends Request['kind']>(request: Request & { kind: K }): Promise<Answers[K]> {
    const child = this.#child
    if (!child || this.state !== 'running') return Promise.reject(notNow(this.why ?? 'it is being opened'))
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
      child.send({ id, request } satisfies ToWarehouse, error => error && reject(notNow(error.message)))
    })
  }
}

function notNow(why: string): Failure {
  return new Failure('WAREHOUSE_FAILED', `the warehouse does not answer now: ${why}`, {
    help: 'Ask again in a moment.',
  })
}

/** @returns false when it can be asked again. @throws the failure otherwise */
function isOver(error: unknown): boolean {
  if (failureIn(error)?.next === 'retry') return false
  throw error
}

const kinds = ['auto', 'chdb', 'clickhouse', 'none']

/** What the process of the warehouse is begun with. @throws Failure USAGE */
export function warehouseInput(config: Config, { fills }: { readonly fills: boolean }): WarehouseInput {
  const server = config.warehouse === 'chdb' ? undefined : clickhouseOf(config)
  return {
    dataDir: config.dataDir,
    fills,
    places: placesOf(config),
    keepDays: config.warehouseKeepDays,
    ...(server ? { server } : {}),
    ...(fills && engineOf(config) === 'kafka' ? { kafka: kafkaOptions(config) } : {}),
  }
}

type Hooks = Omit<WarehouseOptions, keyof WarehouseInput> & {
  readonly auto: boolean
  /** With whom the work of filling it is shared. */
  readonly sharing?: Pick<Sharing, 'name' | 'group'> | null
  /** Before it resolves no process is begun, unless the setting asks for one by name. */
  readonly after?: Promise<void>
}

/**
 * The warehouse that the setting asks for; undefined when there is none.
 * @throws Failure USAGE, and those of `open` when it was asked for by name
 */
export async function openWarehouse(
  config: Config,
  { auto, sharing, after, ...options }: Hooks,
): Promise<WarehouseProcess | undefined> {
  const { warehouse, engine, clickhouseUrl } = config
  if (!kinds.includes(warehouse)) {
    throw new Failure('USAGE', `warehouse is "${warehouse}", but takes ${kinds.join(', ')}`, { field: 'warehouse' })
  }
  if (warehouse === 'none') return undefined
  // the embedded ClickHouse is filled from the data folder's own log
  if (warehouse === 'chdb' && engine === 'kafka') {
    throw new Failure('USAGE', 'warehouse chdb needs engine embedded', { field: 'warehouse' })
  }
  if (warehouse === 'clickhouse' && clickhouseUrl === '') {
    const help = 'Set --clickhouse-url http://HOST:8123.'
    throw new Failure('USAGE', 'warehouse is clickhouse, and no server is named', { field: 'clickhouseUrl', help })
  }
  const shared = sharing ? { sharedAs: sharing.name } : {}
  const input = { ...warehouseInput(config, { fills: true }), ...shared, ...options }
  if (warehouse === 'chdb') return await WarehouseProcess.open(input)
  // a server that is away for a while is waited for, whoever asked for it
  if (input.server) {
    const started = WarehouseProcess.start(input, after)
    const told = () => started.fill(sharing?.group.owns('sink-0') === true)
    sharing?.group.onChange(told)
    told()
    return started
  }
  if (engine === 'kafka' || !auto || !hasChdb()) return undefined
  return WarehouseProcess.start(input, after)
}
