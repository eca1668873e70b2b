// How long a killed process takes to serve again: from the start of the process to the first GET /health/ready that says
// 200, with one month and with twelve months on disk. Each start but the first follows a kill -9 of the one before,
// which was at work: the replay goes on at the pace of the demo, so flights are open and records were being written.
//
//   direct    `node src/cli/main.ts up` under Node 24
//   command   `node bin/slipstream.mjs up` under the Node that is on the PATH
//
// A data folder is made by replaying from 1 January up to noon of the last day but one; it is kept in .slipstream/bench
// under the name of the pipeline that made it.
//
//   npm run bench -- restart [--months 1,12] [--starts 5] [--days N] [--json]      (--days: a small folder instead)

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readAirports } from '../src/adapters/source-airports.ts'
import { newSpec } from '../src/app/sources.ts'
import { openApp, openReplay, stageSettingsOf } from '../src/app.ts'
import { configure } from '../src/config.ts'
import { days, hours } from '../src/lib/time.ts'
import { quantiles, round } from './inputs/numbers.ts'

const { values: args } = parseArgs({
  options: {
    months: { type: 'string', default: '1,12' },
    starts: { type: 'string', default: '5' },
    days: { type: 'string' },
    json: { type: 'boolean' },
  },
})
const root = fileURLToPath(new URL('../', import.meta.url))
const begin = '2013-01-01'
/** The seed model may predict what it was trained on: only time is measured. */
const modelFrom = '2013-01-02T05:00:00Z'
const pollMs = 5
const workMs = 1500
const readyWithinMs = 120_000

const ways = {
  direct: [process.execPath, '--disable-warning=ExperimentalWarning', join(root, 'src/cli/main.ts')],
  command: ['node', join(root, 'bin/slipstream.mjs')],
} as const

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const rows = []
const sizes = args.days === undefined ? args.months.split(',').map(lastDayOf) : [dayAfter(begin, Number(args.days) - 1)]
for (const lastDay of sizes) {
  const folder = await filled(lastDay)
  for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
    rows.push(await measure(folder, lastDay, way))
    if (!args.json) console.table(rows.slice(-1))
  }
}
const commandNode = execFileSync('node', ['--version']).toString().trim()
const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() }
console.log(JSON.stringify({ bench: 'restart', node: process.version, commandNode, ...machine, rows }))

async function measure(folder: string, lastDay: string, way: keyof typeof ways) {
  const times: number[] = []
  for (let start = 0; start <= Number(args.starts); start++) {
    const { child, readyMs, port } = await startUp(folder, way)
    await sleep(workMs)
    await kill(child, port)
    // the first one follows no kill
    if (start > 0) times.push(readyMs)
  }
  const { p50: medianMs, max: maxMs } = quantiles(times)
  const megabytes = Math.round(statSync(join(folder, 'slipstream.db')).size / 1e6)
  const minMs = round(Math.min(...times))
  return { from: begin, to: lastDay, megabytes, way, starts: times.length, minMs, medianMs, maxMs }
}

type Started = { child: ChildProcess; port: number; readyMs: number }

async function startUp(folder: string, way: keyof typeof ways): Promise<Started> {
  const port = await freePort()
  const [node, ...script] = ways[way]
  // every day but the last hours lies in the past already, so that nothing runs at full speed
  const flags = ['--port', String(port), '--data-dir', folder, '--no-open', '--fast-until', begin, '--speed', '1']
  const startedAt = performance.now()
  const child = spawn(node, [...script, 'up', ...flags], { stdio: ['ignore', 'ignore', 'pipe'] })
  running.add(child)
  let said = ''
  child.stderr.on('data', bytes => (said += String(bytes)))
  child.once('exit', () => running.delete(child))
  while ((await statusOf(port)) !== 200) {
    if (child.exitCode !== null) throw new Error(`slipstream up ended with ${child.exitCode}: ${said}`)
    if (performance.now() - startedAt > readyWithinMs) throw new Error(`not ready after ${readyWithinMs} ms: ${said}`)
    await sleep(pollMs)
  }
  return { child, port, readyMs: round(performance.now() - startedAt) }
}

/** Ends when nobody listens any more: behind the command there may be a second process, which dies with it. */
async function kill(child: ChildProcess, port: number): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  while ((await statusOf(port)) !== null) await sleep(pollMs)
}

/** null: nobody answers. */
function statusOf(port: number): Promise<number | null> {
  return new Promise(resolve => {
    const request = get({ port, host: '127.0.0.1', path: '/health/ready', agent: false }, response => {
      response.resume()
      resolve(response.statusCode ?? null)
    })
    request.on('error', () => resolve(null))
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The data folder up to a day, made if it is not there yet. */
async function filled(lastDay: string): Promise<string> {
  const { config } = configure({})
  const { version } = stageSettingsOf(config, await readAirports(config.source))
  const folder = join(root, '.slipstream/bench', `restart-${lastDay}-${version}`)
  const whole = join(folder, 'whole')
  if (existsSync(whole)) return folder
  console.error(`replaying ${begin} to ${lastDay} into ${folder}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const app = await openApp({
    config: { ...config, dataDir: folder },
    onTrouble: (where, error) => console.error(where, error),
  })
  try {
    await app.engines.start()
    const until = Date.parse(lastDay) - hours(12)
    const replay = await openReplay(app, newSpec({ from: begin, to: lastDay, 'model-from': modelFrom }, config), {
      mayAdvance: mark => Promise.resolve(mark <= until),
      onProgress: () => undefined,
    })
    await replay.run()
    await app.engines.caughtUp()
    await replay.close()
  } finally {
    await app.close()
  }
  writeFileSync(whole, '')
  return folder
}

/** 2013-01-31 for 1. */
function lastDayOf(months: string): string {
  return new Date(Date.UTC(2013, Number(months), 0)).toISOString().slice(0, 10)
}

function dayAfter(day: string, count: number): string {
  return new Date(Date.parse(day) + days(count)).toISOString().slice(0, 10)
}
