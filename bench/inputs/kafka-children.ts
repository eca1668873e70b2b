// The two processes beside the broker that bench/kafka.ts measures, and who used the processors meanwhile.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Answer, LoadInput, Order, Rate, Rated, Received } from './kafka-load.ts'
import type { Usage } from './measured.ts'

const script = (name: string) => fileURLToPath(new URL(`${name}.ts`, import.meta.url))
const execArgv = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning']

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`${child.spawnfile} of the benchmark ended with ${String(code)}`)
  })
  gone.catch(() => undefined)
  const [message] = (await Promise.race([once(child, 'message'), gone])) as [T]
  return message
}

/** The pipeline. */
export class App {
  readonly #child: ChildProcess
  readonly #ready: Promise<unknown>

  constructor(flags: Record<string, string>, nodeFlags: readonly string[] = []) {
    this.#child = fork(script('kafka-app'), [JSON.stringify(flags)], { execArgv: [...execArgv, ...nodeFlags] })
    this.#ready = answerOf(this.#child)
    this.#ready.catch(() => undefined)
  }

  get pid(): number {
    return this.#child.pid as number
  }

  async ready(): Promise<void> {
    await this.#ready
  }

  /** Resolves when every stage has taken all there is. @returns how many events that were, since the beginning */
  async caughtUp(): Promise<number> {
    await this.#ready
    this.#child.send('caughtUp')
    return (await answerOf<{ events: number }>(this.#child)).events
  }

  async end(): Promise<Usage> {
    this.#child.send('end')
    const { usage } = await answerOf<{ usage: Usage }>(this.#child)
    if (this.#child.exitCode === null) await once(this.#child, 'exit')
    return usage
  }
}

/** Who publishes, and reads predictions. */
export class Load {
  readonly #child: ChildProcess
  readonly events: number

  private constructor(child: ChildProcess, events: number) {
    this.#child = child
    this.events = events
  }

  /** Resolves once the events are in its memory. */
  static async start(input: LoadInput): Promise<Load> {
    const child = fork(script('kafka-load'), [JSON.stringify(input)], { execArgv })
    const { events } = await answerOf<{ events: number }>(child)
    return new Load(child, events)
  }

  get pid(): number {
    return this.#child.pid as number
  }

  async publish(upTo = Number.MAX_SAFE_INTEGER): Promise<number> {
    return (await this.#ask<{ published: number }>({ upTo })).published
  }

  async atRate(rate: Rate): Promise<Rated> {
    return (await this.#ask<{ rated: Rated }>({ rate })).rated
  }

  async received(): Promise<Received> {
    return (await this.#ask<{ received: Received }>('received')).received
  }

  async end(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }

  async #ask<T extends Answer>(order: Order): Promise<T> {
    this.#child.send(order)
    return answerOf<T>(this.#child)
  }
}

const ticksPerSecond = 100

/** Seconds of processor that a process has used; 0 where that cannot be told. */
function cpuOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  } catch {
    return 0
  }
}

/** Of the whole machine, idle time and waiting for disks left out. */
function cpuOfAll(): number {
  try {
    const [, ...fields] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] as string).trim().split(/\s+/).map(Number)
    const busy = fields.slice(0, 8).reduce((sum, each) => sum + each, 0)
    return (busy - (fields[3] ?? 0) - (fields[4] ?? 0)) / ticksPerSecond
  } catch {
    return 0
  }
}

/** Average number of cores used by each since this was called, and by everybody else. */
export function coresUsed<Name extends string>(pids: Record<Name, number>): () => Record<Name | 'others', number> {
  const names = Object.keys(pids) as Name[]
  const look = () => ({ each: names.map(name => cpuOf(pids[name])), all: cpuOfAll(), at: performance.now() })
  const before = look()
  return () => {
    const after = look()
    const seconds = (after.at - before.at) / 1000
    const used = names.map((_, index) => (after.each[index] as number) - (before.each[index] as number))
    const others = after.all - before.all - used.reduce((sum, each) => sum + each, 0)
    const cores = [...used, others].map(each => Math.round((each / seconds) * 100) / 100)
    return Object.fromEntries([...names, 'others'].map((name, index) => [name, cores[index]])) as never
  }
}
