// What doctor looks at, in this order. A check never throws: what it meets is its finding.

import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { differenceFrom, isNewEnough } from '../../bin/bootstrap.mjs'
import { readModel } from '../app/engine.ts'
import { engineOf, openLog } from '../app/log.ts'
import { openStores } from '../app.ts'
import type { Config } from '../config.ts'
import { columnsOf } from '../flights/columns.ts'
import { flightColumns } from '../flights/row.ts'
import { failureIn } from '../lib/failure.ts'
import { projectRoot } from './contracts.ts'
import { airportsIn, csvRows, tableIn } from './csv.ts'
import { registry, s3, warehouse } from './doctor-stores.ts'
import { portOwner } from './port-owner.ts'

export type Seen = { readonly state: 'ok' | 'warn' | 'FAIL'; readonly message: string; readonly fix?: string }
export type Finding = Seen & { readonly name: string }

const ok = (message: string): Seen => ({ state: 'ok', message })
const warn = (message: string, fix: string): Seen => ({ state: 'warn', message, fix })
const fail = (message: string, fix: string): Seen => ({ state: 'FAIL', message, fix })

const diskBytesMin = 500e6
const diskBytesGood = 3e9
const modelsFolder = 'data/models'
/** Nothing of this program is older. */
const builtAt = Date.UTC(2024, 0, 1)

export const checks: Readonly<Record<string, (config: Config) => Seen | Promise<Seen>>> = {
  node: () => {
    const version = process.versions.node
    if (isNewEnough(version)) return ok(version)
    return fail(`${version} is too old`, 'start with `node bin/slipstream.mjs`, which brings Node 24 along')
  },
  packages: () => packages(),
  clock: () => clock(),
  'data dir': ({ dataDir }) => dataFolder(dataDir),
  log: config => logInside(config),
  disk: ({ dataDir }) => disk(dataDir),
  port: config => port(config),
  source: ({ source }) => sourceFolder(source),
  models: () => models(),
  registry,
  s3,
  warehouse,
  chromium: () => tool('the browser tests', ['chromium', 'chromium-browser', 'google-chrome']),
  java: () => tool('the broker tests', ['java']),
  python: () => tool('the reference checks', ['python3', 'python']),
}

function packages(): Seen {
  const root = fileURLToPath(projectRoot)
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages as Record<string, object>
  try {
    const installed = read('node_modules/.package-lock.json')
    const difference = differenceFrom(read('package-lock.json'), installed, { dev: false })
    if (difference === undefined) return ok(`${Object.keys(installed).length} installed, the lock matches`)
    return fail(difference, 'npm ci')
  } catch (error) {
    return fail(`cannot be compared with the lock: ${textOf(error)}`, 'npm ci')
  }
}

function clock(): Seen {
  const now = Date.now()
  const isSane = now > builtAt && now < Date.UTC(2100, 0, 1)
  if (!isSane) return fail(`it says ${new Date(now).toISOString()}`, "set the machine's clock")
  const summer = new Intl.DateTimeFormat('en', { timeZone: 'America/New_York', hour: 'numeric', hourCycle: 'h23' })
  if (summer.format(Date.UTC(2013, 6, 1, 12)) !== '08')
    return fail('time zones are not those of the world', 'use a Node with full ICU data')
  return ok(new Date(now).toISOString())
}

function dataFolder(folder: string): Seen {
  let nearest = resolve(folder)
  while (!existsSync(nearest)) nearest = dirname(nearest)
  try {
    if (!statSync(nearest).isDirectory()) return fail(`${nearest} is a file`, 'give a folder with --data-dir')
    accessSync(nearest, constants.W_OK | constants.X_OK)
    return ok(nearest === resolve(folder) ? `${folder} may be written` : `${folder} is made at the first start`)
  } catch {
    return fail(`${nearest} may not be written`, `chmod u+rwx ${nearest}, or give another folder with --data-dir`)
  }
}

async function logInside(config: Config): Promise<Seen> {
  try {
    if (engineOf(config) === 'kafka') return await cluster(config)
    const reader = await openStores(config, 'reader')
    await reader.close()
    // free for an owner too?
    const { log } = await openLog(config, 'owner')
    await log.close()
    return ok('opens, and no process has it')
  } catch (error) {
    const failure = failureIn(error)
    if (failure?.code === 'SOURCE_UNREADABLE') return ok('none yet')
    if (failure?.code === 'DATA_DIR_LOCKED') return ok(`${failure.message}; to start another, give another --data-dir`)
    return fail(textOf(error), failure?.help ?? 'move the data folder aside and replay into a new one')
  }
}

/** @throws Failure LOG_UNREACHABLE, USAGE */
async function cluster(config: Config): Promise<Seen> {
  const { log, kafka } = await openLog(config, 'reader')
  try {
    const found = (await log.topics()).map(({ name }) => name)
    const where = `${kafka?.brokers.join(', ')}: the cluster answers`
    if (!found.includes('flights.events'))
      return warn(`${where}, and has no topics of ours`, '`slipstream topics create`, or a first start, makes them')
    return ok(`${where}; \`slipstream topics check\` compares its topics`)
  } finally {
    await log.close()
  }
}

function disk(folder: string): Seen {
  let nearest = resolve(folder)
  while (!existsSync(nearest)) nearest = dirname(nearest)
  const { bavail, bsize } = statfsSync(nearest)
  const free = bavail * bsize
  const message = `${(free / 1e9).toFixed(1)} GB free`
  const fix = 'make room, or give a folder on another disk with --data-dir'
  if (free < diskBytesMin) return fail(message, fix)
  return free < diskBytesGood ? warn(`${message}; a year of flights takes about 2 GB`, fix) : ok(message)
}

async function port({ host, port: number }: Config): Promise<Seen> {
  if (number === 0) return ok('a free one is taken')
  const refusal = await listenRefusal(host, number)
  if (refusal === undefined) return ok(`${number} of ${host} is free`)
  if (refusal !== 'EADDRINUSE')
    return fail(`${number} of ${host} cannot be opened: ${refusal}`, 'choose another with --port or --host')
  if (await isSlipstream(host, number)) return ok(`Slipstream answers at ${number}`)
  const owner = portOwner(number)
  const who = owner === undefined ? 'another program' : `process ${owner.pid} (${owner.name})`
  return fail(
    `${number} is in use by ${who}`,
    `stop it, or choose another: --port ${number < 65_535 ? number + 1 : 8080}`,
  )
}

function listenRefusal(host: string, number: number): Promise<string | undefined> {
  const server = createServer()
  return new Promise(done => {
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
    server.listen(number, host, () => server.close(() => done(undefined)))
  })
}

async function isSlipstream(host: string, number: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://${host}:${number}/health/live`, { signal: AbortSignal.timeout(2000) })
    return ((await answer.json()) as { live?: unknown }).live === true
  } catch {
    return false
  }
}

async function sourceFolder(folder: string): Promise<Seen> {
  try {
    const airports = await airportsIn(folder)
    for await (const { cells } of csvRows(await tableIn(folder, 'flights'))) {
      columnsOf(cells, flightColumns)
      break
    }
    return ok(`${folder}: flights, ${airports.size} airports`)
  } catch (error) {
    return fail(textOf(error), failureIn(error)?.help ?? 'give a folder laid out like data/nycflights13 with --source')
  }
}

function models(): Seen {
  const folder = new URL(`${modelsFolder}/`, projectRoot)
  const files = existsSync(folder) ? readdirSync(folder).filter(file => file.endsWith('.forest')) : []
  if (files.length === 0)
    return warn(`no model in ${modelsFolder}`, 'flights are skipped as NO_MODEL until one is put in force')
  for (const file of files) {
    try {
      readModel(readFileSync(new URL(file, folder)))
    } catch (error) {
      return fail(
        `${modelsFolder}/${file}: ${textOf(error)}`,
        'put the original file back (git checkout), or train a new one',
      )
    }
  }
  return ok(`${files.join(', ')}: whole, and for the features of this version`)
}

async function tool(use: string, names: readonly string[]): Promise<Seen> {
  for (const name of names) {
    try {
      const { stdout } = await promisify(execFile)('/bin/sh', ['-c', `command -v ${name}`])
      return ok(stdout.trim())
    } catch {
      // the next name
    }
  }
  return warn(`${names[0]} is not here`, `only ${use} need it; they are skipped without it`)
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
