// Commands of slipstream as processes of their own. Every one that is still running ends with this process.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { nodeEnvironment, nodeFlags } from '../../bin/bootstrap.mjs'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
/** As bin/slipstream.mjs does; what this process's environment says counts as it is by then. */
const environment = () => ({ ...nodeEnvironment, ...process.env })
const running = new Set<ChildProcess>()
process.on('exit', endChildren)

export type Ended = { code: number | null; signal: NodeJS.Signals | null; out: string; err: string }

export type Command = {
  readonly child: ChildProcess
  /** Resolves once it has ended, however it did. */
  readonly ended: Promise<Ended>
}

/** Starts a command under this Node. @param program its src/cli/main.ts, if it is not this one's */
export function start(args: readonly string[], program = main): Command {
  const child = spawn(process.execPath, [...nodeFlags, program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(),
  })
  running.add(child)
  return { child, ended: endOf(child) }
}

async function endOf(child: ChildProcess): Promise<Ended> {
  let [out, err] = ['', '']
  child.stdout?.on('data', bytes => (out += String(bytes)))
  child.stderr?.on('data', bytes => (err += String(bytes)))
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  running.delete(child)
  return { code, signal, out, err }
}

/** The JSON document that a command prints. @throws when it does not end with 0 */
export async function documentOf<T>(args: readonly string[]): Promise<T> {
  const { code, signal, out, err } = await start([...args, '--json']).ended
  if (code !== 0) throw new Error(`slipstream ${args.join(' ')} ended with ${signal ?? code}: ${err || out}`)
  return JSON.parse(out) as T
}

/** The lines that a command prints, one after the other. @throws when it does not end with 0 */
export async function* linesOf(args: readonly string[]): AsyncGenerator<string> {
  const child = spawn(process.execPath, [...nodeFlags, main, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: environment(),
  })
  running.add(child)
  const closed = once(child, 'close') as Promise<[number | null]>
  yield* createInterface({ input: child.stdout })
  const [code] = await closed
  running.delete(child)
  if (code !== 0) throw new Error(`slipstream ${args.join(' ')} ended with ${code}`)
}

export function endChildren(): void {
  for (const child of running) child.kill('SIGKILL')
}
