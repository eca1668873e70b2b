// Starts and kills what stands in the place of a ClickHouse server (clickhouse-front-child.ts).

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

const script = path.join(import.meta.dirname, 'clickhouse-front-child.ts')

export class ClickhouseServer {
  readonly #input: { folder: string; port: number; password: string }
  #child: ChildProcess | undefined

  /** @param password empty: anybody may ask */
  constructor(folder: string, password = '') {
    this.#input = { folder, port: 0, password }
  }

  get url(): string {
    return `http://127.0.0.1:${this.#input.port}`
  }

  /** Resolves when it answers; the port stays the same from one start to the next. */
  async start(): Promise<this> {
    const child = fork(script, [JSON.stringify(this.#input)], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    this.#child = child
    const gone = once(child, 'exit').then(() => {
      throw new Error('the ClickHouse of the tests ended while it started')
    })
    const [said] = (await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), gone])) as [Buffer]
    gone.catch(() => undefined)
    this.#input.port = (JSON.parse(said.toString()) as { port: number }).port
    return this
  }

  /** Outright, as SIGKILL does. */
  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}
