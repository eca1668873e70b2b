// Kafka Streams on the reference job in the folder of peers, against the same broker as ours: its own sources, its own
// driver, its own check of every prediction. What it needs (jars, classes, the event file, a model) is made once, in the
// user's cache folder: that takes Maven, a JDK 17, Python 3 with venv, and some minutes.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export type PeersRun = {
  readonly folder: string
  /** Folder of flights.csv.gz and airports.csv.gz. */
  readonly flights: string
  readonly bootstrap: string
  readonly broker: number
  readonly pace: number
  readonly tell: (line: string) => void
}
/** The driver's own JSON. */
export type Peers = { readonly skipped: string } | { readonly drain: unknown; readonly rate: unknown }

export async function runPeers(run: PeersRun): Promise<Peers> {
  const { folder, tell } = run
  if (!fs.existsSync(path.join(folder, 'broker', 'driver.py'))) return { skipped: `there is no folder ${folder}` }
  const missing = ['java', 'javac', 'mvn', 'python3'].filter(each => !has(each))
  if (missing.length > 0) return { skipped: `this machine has no ${missing.join(', ')}` }
  const work = path.join(cacheBase(), 'slipstream', 'peers')
  const env = environment(run, work)
  try {
    await prepare(run, work, env)
    // the driver makes the topics of a run, not that of the events
    tell('peers: loading the year into topic flights')
    await java(env, 'LoadGen', ['create', 'flights:4'])
    await java(env, 'LoadGen', ['load', 'flights'])
    tell('peers: Kafka Streams, exactly once, 100 ms commits')
    const app = ['--', 'java', '-Xmx512m', ...quiet, '-cp', env['CP'] as string, 'peers.StreamsApp']
    const drain = await driver(run, env, ['drain', 'ks-eos', '1', 'THREADS=1', 'IDLE=120', ...app])
    const pace = ['rate', 'ks-eos', String(run.pace), '25', '10', 'THREADS=1', 'COMMIT_MS=100']
    return { drain, rate: await driver(run, env, [...pace, ...app]) }
  } catch (error) {
    return { skipped: error instanceof Error ? error.message : String(error) }
  }
}

const quiet = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']

function environment({ folder, flights, bootstrap, broker }: PeersRun, work: string): NodeJS.ProcessEnv {
  const classPath = `${work}/jout:${work}/streams-app/libs/*`
  const places = { PEERS_WORK: work, PEERS_SRC: folder, BUNDLE: flights, CP: classPath, PYTHONDONTWRITEBYTECODE: '1' }
  // it waits for a quiet machine, in seconds
  return { ...process.env, ...places, BOOTSTRAP: bootstrap, BROKER_PID: String(broker), QUIET_S: '10' }
}

async function prepare({ folder, tell }: PeersRun, work: string, env: NodeJS.ProcessEnv): Promise<void> {
  const stamp = path.join(work, 'complete')
  if (fs.existsSync(stamp)) return
  tell('peers: fetching jars, compiling, making the event file and the model')
  fs.rmSync(work, { recursive: true, force: true })
  fs.mkdirSync(path.join(work, 'streams-app'), { recursive: true })
  fs.copyFileSync(path.join(folder, 'java', 'pom.xml'), path.join(work, 'streams-app', 'pom.xml'))
  const goal = 'dependency:copy-dependencies'
  const asked = ['-q', '-C', goal, '-DoutputDirectory=libs', '-DincludeScope=runtime']
  await run('mvn', asked, { cwd: path.join(work, 'streams-app') })
  const sources = path.join(folder, 'java', 'src', 'main', 'java', 'peers')
  const files = fs.readdirSync(sources).map(name => path.join(sources, name))
  await run('javac', ['-d', `${work}/jout`, '-cp', `${work}/streams-app/libs/*`, ...files], {})
  await run('python3', ['-m', 'venv', `${work}/venv`], {})
  const pinned = fs.readFileSync(path.join(folder, 'python', 'requirements.txt'), 'utf8').split('\n')
  const wanted = pinned.filter(line => /^(numpy|lightgbm|scipy)==/.test(line))
  await run(`${work}/venv/bin/pip`, ['install', '-q', ...wanted], {})
  await run(`${work}/venv/bin/python`, [path.join(folder, 'prep', 'prep.py')], { env })
  fs.writeFileSync(stamp, '')
}

function java(env: NodeJS.ProcessEnv, name: string, args: readonly string[]): Promise<string> {
  return run('java', ['-Xmx512m', ...quiet, '-cp', env['CP'] as string, `peers.${name}`, ...args], { env })
}

async function driver({ folder }: PeersRun, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<unknown> {
  const said = await run('python3', [path.join(folder, 'broker', 'driver.py'), ...args], { env })
  return JSON.parse(said.trim().split('\n').at(-1) as string)
}

type How = { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv }

/** What it prints. @throws when it does not end with 0 */
async function run(command: string, args: readonly string[], how: How): Promise<string> {
  const child = spawn(command, args, { ...how, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', bytes => (out += String(bytes)))
  child.stderr.on('data', bytes => (err += String(bytes)))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code === 0) return out
  throw new Error(
    `${path.basename(command)} ${args.slice(0, 3).join(' ')} ended with ${code}: ${err.trim().slice(-300)}`,
  )
}

function has(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function cacheBase(): string {
  return process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache')
}
