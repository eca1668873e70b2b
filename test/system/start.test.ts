// `npm start` in a bare copy of the project, with nothing but Node and npm: what a stranger sees. Packages come from the
// network, or from what npm has kept.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LivePrediction, Status } from '../../src/server/program.ts'
import { skipUnless } from '../skips.ts'

const project = join(import.meta.dirname, '..', '..')
const environment = bareEnvironment()
const { describe } = skipUnless(
  await registryAnswers(),
  'npm start in a bare clone needs npm and its registry',
  'install npm and connect to the network',
)

let clone: string
let dataDir: string
let child: ChildProcess | undefined

type Started = { url: string; ended: Promise<void>; said: () => string; startedAt: number }

async function npmStart(): Promise<Started> {
  const port = await freePort()
  const startedAt = performance.now()
  // a group of its own, so that Ctrl-C reaches all of it, as in a terminal
  const started = spawn('npm', ['start', '--', '--port', String(port), '--data-dir', dataDir, '--no-open'], {
    cwd: clone,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child = started
  let text = ''
  for (const stream of [started.stdout, started.stderr]) stream.on('data', bytes => (text += String(bytes)))
  // comes when every process behind npm has let go of the pipes; npm itself may go before, by the signal
  const ended = once(started, 'close').then(() => void (child = undefined))
  return { url: `http://127.0.0.1:${port}`, ended, said: () => text, startedAt }
}

/** @returns seconds from the start until the answer is as wished. @throws when the program ends before that */
async function secondsUntil<T>(
  { url, startedAt, said }: Started,
  path: string,
  isWished: (status: number, body: T) => boolean,
): Promise<number> {
  for (;;) {
    if (child === undefined) throw new Error(`it ended: ${said()}`)
    try {
      const response = await fetch(`${url}${path}`)
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.includes('json') === true
      const body = (isJson ? JSON.parse(text) : text) as T
      if (isWished(response.status, body)) return (performance.now() - startedAt) / 1000
    } catch {
      // nobody listens, or one gives the port to the other
    }
    await sleep(50)
  }
}

/** @returns seconds until every process has ended */
async function ctrlC({ ended }: Started): Promise<number> {
  const startedAt = performance.now()
  process.kill(-(child?.pid as number), 'SIGINT')
  await ended
  return (performance.now() - startedAt) / 1000
}

describe('npm start in a bare clone', () => {
  beforeAll(() => {
    clone = mkdtempSync(join(tmpdir(), 'slipstream-clone-'))
    dataDir = join(clone, 'data-of-test')
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: project,
      encoding: 'utf8',
    })
    for (const file of listed.split('\0').filter(file => file !== '' && existsSync(join(project, file)))) {
      mkdirSync(dirname(join(clone, file)), { recursive: true })
      cpSync(join(project, file), join(clone, file))
    }
  })

  afterAll(async () => {
    if (child?.pid !== undefined) {
      const closed = once(child, 'close')
      process.kill(-child.pid, 'SIGKILL')
      await closed
    }
    rmSync(clone, { recursive: true, force: true, maxRetries: 5 })
  })

  test('it answers at once, installs, predicts, and ends on Ctrl-C', async () => {
    const started = await npmStart()
    const answers = await secondsUntil(started, '/', status => status === 200)
    const predicts = await secondsUntil<{ predictions?: LivePrediction[] }>(
      started,
      '/v1/predictions?limit=1000',
      (status, { predictions = [] }) => status === 200 && predictions.some(({ probability }) => probability !== null),
    )
    const ends = await ctrlC(started)
    console.info(
      `first start: answers after ${answers.toFixed(1)} s, predicts after ${predicts.toFixed(1)} s, ends in ${ends.toFixed(1)} s`,
    )
    expect(started.said()).toContain('Install packages and Node 24')
    // 2 s, 90 s and 5 s on a machine with nothing else to do
    expect(answers).toBeLessThan(5)
    expect(predicts).toBeLessThan(240)
    expect(ends).toBeLessThan(10)
    await expect(fetch(started.url)).rejects.toThrow('fetch failed')
  })

  test('a second start installs nothing and goes on where the first was', async () => {
    const started = await npmStart()
    const serves = await secondsUntil(started, '/health/ready', status => status === 200)
    const status = (await (await fetch(`${started.url}/v1/pipeline`)).json()) as Status
    await ctrlC(started)
    console.info(`second start: serves after ${serves.toFixed(1)} s`)
    expect(started.said()).not.toContain('Install packages')
    expect(status.totals.predictions).toBeGreaterThan(0)
    expect(status.balance.even).toBe(true)
    expect(serves).toBeLessThan(30)
  })
})

/** Without what npm and this project's own Node have put in. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_)|NODE_|VITEST|INIT_CWD)/.test(name))
  const path = (process.env['PATH'] ?? '').split(delimiter).filter(folder => !folder.includes('node_modules'))
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) }
}

async function registryAnswers(): Promise<boolean> {
  try {
    const registry = execFileSync('npm', ['config', 'get', 'registry'], { env: environment, encoding: 'utf8' }).trim()
    if (environment['HTTPS_PROXY'] ?? environment['https_proxy']) return true
    const { hostname, port, protocol } = new URL(registry)
    const socket = connect({ host: hostname, port: Number(port || (protocol === 'http:' ? 80 : 443)), timeout: 2000 })
    socket.once('timeout', () => socket.destroy(new Error('no answer')))
    await once(socket, 'connect')
    socket.destroy()
    return true
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
