// Processes of the stack: started on their own, found again by pid, and stopped only if the pid is still theirs. A pid
// alone says nothing after a reboot or a wrap, so the moment at which the process began is kept with it.

import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A problem that the reader can solve: shown as text, without a stack. */
export class StackError extends Error {}

export type StackProcess = {
  readonly name: string
  readonly pid: number
  /** When the process began, as the system tells it. */
  readonly began: string
  readonly log: string
}

/** Told of processes as soon as there are any. */
export type Began = (processes: readonly StackProcess[]) => void

export type Start = {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly log: string
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a process that outlives this one; its output goes to its log file. */
export function startProcess({ name, command, args, log, env = {} }: Start): StackProcess {
  fs.mkdirSync(path.dirname(log), { recursive: true })
  const out = fs.openSync(log, 'a')
  const child = spawn(command, args, { detached: true, stdio: ['ignore', out, out], env: { ...process.env, ...env } })
  fs.closeSync(out)
  child.on('error', () => undefined)
  child.unref()
  if (child.pid === undefined) throw new StackError(`${name}: ${command} cannot be started`)
  return { name, pid: child.pid, began: beganOf(child.pid) ?? '', log }
}

export function isAlive({ pid, began }: StackProcess): boolean {
  const now = beganOf(pid)
  return now !== undefined && now === began
}

/** Asks the process to end, and ends it when it does not; one that is not ours any more is left alone. */
export async function stopProcess(process: StackProcess, waitMs = 15_000): Promise<'stopped' | 'was gone'> {
  if (!isAlive(process)) return 'was gone'
  signal(process.pid, 'SIGTERM')
  const deadline = Date.now() + waitMs
  while (isAlive(process) && Date.now() < deadline) await sleep(50)
  if (isAlive(process)) signal(process.pid, 'SIGKILL')
  while (isAlive(process)) await sleep(20)
  return 'stopped'
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // it ended by itself meanwhile
  }
}

/** When a process began; undefined when there is none, or it has ended and only waits to be collected. */
function beganOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
      // behind the name, which may hold spaces and brackets: state first, the start time as the 20th
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return fields[0] === 'Z' ? undefined : fields[19]
    } catch {
      return undefined
    }
  }
  const { stdout, status } = spawnSync('ps', ['-o', 'lstart=,stat=', '-p', String(pid)], { encoding: 'utf8' })
  const line = stdout?.trim() ?? ''
  return status !== 0 || line === '' || line.includes(' Z') ? undefined : line.replace(/\s+\S+$/, '')
}

/** The port wished for if it is free on the loopback address, else another one. */
export async function freePort(wished: number): Promise<number> {
  return (await canListen(wished)) ?? ((await canListen(0)) as number)
}

function canListen(port: number): Promise<number | undefined> {
  return new Promise(resolve => {
    const server = net.createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => {
      const found = (server.address() as net.AddressInfo).port
      server.close(() => resolve(found))
    })
  })
}

/** Waits until `ready` holds. @throws StackError with the end of its log when a process ends or time is up: all are stopped */
export async function untilReady(processes: readonly StackProcess[], ready: () => Promise<boolean>): Promise<void> {
  try {
    await readyWithin(processes, ready, 120)
  } catch (error) {
    for (const each of processes) await stopProcess(each)
    throw error
  }
}

async function readyWithin(
  processes: readonly StackProcess[],
  ready: () => Promise<boolean>,
  seconds: number,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  while (!(await ready().catch(() => false))) {
    const ended = processes.find(each => !isAlive(each))
    if (ended) throw new StackError(`${ended.name} ended while it started:\n${lastLines(ended.log)}`)
    if (Date.now() > deadline) {
      const [first] = processes as [StackProcess]
      throw new StackError(`${first.name} was not ready after ${seconds} s:\n${lastLines(first.log)}`)
    }
    await sleep(100)
  }
}

function lastLines(file: string): string {
  return fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n')
}
