// `npm start` in a clone of its own, with an npm that installs when told to and a server that only says so.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'

const project = path.join(import.meta.dirname, '..', '..')

const npm = `
import fs from 'node:fs'
const [command] = process.argv.slice(2)
if (command !== 'config') {
  while (!fs.existsSync('go')) await new Promise(resolve => setTimeout(resolve, 20))
  if (fs.readFileSync('go', 'utf8') === 'fail') {
    console.error('npm error code E404')
    process.exit(3)
  }
  fs.mkdirSync('node_modules', { recursive: true })
  const packages = { 'node_modules/a': { version: '1.0.0' } }
  fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }))
}
`
const server = `
import http from 'node:http'
const args: string[] = process.argv.slice(2)
const port = Number(args[args.indexOf('--port') + 1])
http.createServer((_request, response) => response.end(args.join(' '))).listen(port, '127.0.0.1')
process.once('SIGINT', () => process.exit(0))
`

let clone: string
let port: number
let started: ChildProcess[]

beforeEach(async () => {
  clone = fs.mkdtempSync(path.join(os.tmpdir(), 'slipstream-start-'))
  started = []
  port = await freePort()
  fs.cpSync(path.join(project, 'bin'), path.join(clone, 'bin'), { recursive: true })
  const packages = { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0', dev: true } }
  write('package.json', JSON.stringify({ type: 'module' }))
  write('package-lock.json', JSON.stringify({ packages }))
  write('npm/npm-cli.js', npm)
  write('src/cli/main.ts', server)
})

afterEach(async () => {
  for (const child of started) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  fs.rmSync(clone, { recursive: true, maxRetries: 5 })
})

function write(name: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(clone, name)), { recursive: true })
  fs.writeFileSync(path.join(clone, name), text)
}

async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

function start(...args: string[]): { child: ChildProcess; said: () => string } {
  const child = spawn(process.execPath, ['bin/start.mjs', '--port', String(port), '--no-open', ...args], {
    cwd: clone,
    env: { ...process.env, npm_execpath: path.join(clone, 'npm', 'npm-cli.js') },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  started.push(child)
  let text = ''
  child.stderr?.on('data', bytes => (text += String(bytes)))
  return { child, said: () => text }
}

/** Asks until the answer satisfies; vitest's own limit ends it otherwise. */
async function answer(path: string, satisfies: (status: number, body: string) => boolean): Promise<string> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined)
    const body = (await response?.text()) ?? ''
    if (response && satisfies(response.status, body)) return body
    await sleep(20)
  }
}

test('a bare clone answers while it installs, hands the port over, and ends on Ctrl-C', async () => {
  const { child } = start('--speed', '60')
  await answer('/health/live', status => status === 200)
  await answer('/health/ready', status => status === 503)
  expect(await answer('/', status => status === 200)).toContain('It is being set up')

  write('go', 'well')
  const args = await answer('/health/ready', status => status === 200)
  expect(args).toBe(`up --port ${port} --no-open --speed 60`)

  child.kill('SIGINT')
  expect(await once(child, 'exit')).toEqual([0, null])
}, 20_000)

test('a second start installs nothing', async () => {
  write('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }))
  const { said } = start()
  await answer('/', (_status, body) => body.startsWith('up'))
  expect(said()).not.toContain('Install')
  expect(fs.existsSync(path.join(clone, '.slipstream', 'install.log'))).toBe(false)
}, 20_000)

test('an install that fails says where to look, and leaves no server behind', async () => {
  write('go', 'fail')
  const { child, said } = start()
  expect(await once(child, 'exit')).toEqual([1, null])
  expect(said()).toContain('npm ci ended with exit code 3')
  expect(said()).toContain('npm error code E404')
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed')
}, 20_000)

test('an install that leaves the wrong packages is not taken for a success', async () => {
  write('package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '2.0.0' } } }))
  write('go', 'well')
  const { child, said } = start()
  expect(await once(child, 'exit')).toEqual([1, null])
  expect(said()).toContain('node_modules/a is 1.0.0, not 2.0.0')
}, 20_000)

test('a port in use is named, with another one to try', async () => {
  const other = net.createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  const { child, said } = start()
  expect(await once(child, 'exit')).toEqual([1, null])
  expect(said()).toContain(`npm start -- --port ${port + 1}`)
  other.close()
}, 20_000)
