// `npm start`: from a bare clone to predictions in the browser. The port answers within a second, with a setup page
// while packages are installed; then the real server (`slipstream up`, under Node 24) takes the port over, and is
// started again when it is killed.

import { spawn } from 'node:child_process'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  findNode,
  install,
  isInstalled,
  packageCount,
  root,
  runMain,
  SetupError,
  stopInstall,
  useCompileCache,
} from './bootstrap.mjs'
import { openSetupPage } from './setup-page.mjs'
import { parseArgs } from './start-args.mjs'
import { supervise } from './supervise.mjs'

const graceMs = 4500

const usage = `Usage: npm start -- [options]

  --port P         port of the page and the API (default 8080)
  --data-dir DIR   where all state is kept
  --no-open        do not open a browser

All other options go to 'slipstream up'; 'node bin/slipstream.mjs help up' lists them.`

/** @param {string} line */
const say = line => process.stderr.write(`${line}\n`)

/** @param {number} port @param {unknown} error */
function portProblem(port, error) {
  const code = /** @type {NodeJS.ErrnoException} */ (error).code
  if (code === 'EACCES')
    return new SetupError(`Port ${port} needs more rights. Choose another: npm start -- --port 8080`)
  if (code !== 'EADDRINUSE') return error
  return new SetupError(
    [
      `Port ${port} is in use by another program, perhaps a Slipstream that already runs (PORT_IN_USE).`,
      `Look at http://localhost:${port}, stop that program, or choose another port:`,
      '',
      `  npm start -- --port ${port < 65535 ? port + 1 : 8080}`,
    ].join('\n'),
  )
}

/** @param {number} port @param {string} host */
function checkPort(port, host) {
  const probe = net.createServer()
  return new Promise((resolve, reject) => {
    probe.once('error', error => reject(portProblem(port, error)))
    probe.listen(port, host, () => probe.close(resolve))
  })
}

/** @param {string} url */
function openBrowser(url) {
  if (!process.stdout.isTTY || process.env['CI']) return
  const [command, ...first] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['explorer.exe'] : ['xdg-open']
  const child = spawn(/** @type {string} */ (command), [...first, url], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}

/** @returns {import('./setup-page.mjs').SetupStep[]} */
function plan() {
  const waiting = /** @type {const} */ ('waiting')
  return [
    { name: 'Install packages and Node 24', expected: '10 to 20 s, once', state: waiting, note: '' },
    { name: 'Start the pipeline and build the page', expected: '2 s', state: waiting, note: '' },
    { name: 'Read the flights of January 2013', expected: 'a few seconds', state: waiting, note: '' },
    { name: 'Predict, live', expected: 'from then on', state: waiting, note: '' },
  ]
}

/**
 * Installs behind a setup page, and gives the port free again.
 * @param {{ port: number, host: string, open: boolean }} options
 */
async function setUp({ port, host, open }) {
  const state = { steps: plan(), error: '' }
  const setup = await openSetupPage({ port, host, state }).catch(error => {
    throw portProblem(port, error)
  })
  state.steps.forEach((step, index) => say(`  ${index + 1}  ${step.name.padEnd(40)}${step.expected}`))
  say(`\n  http://localhost:${port} answers already and turns into the live page by itself.\n`)
  if (open) openBrowser(`http://localhost:${port}`)

  const [step, next] = /** @type {[import('./setup-page.mjs').SetupStep, import('./setup-page.mjs').SetupStep]} */ (
    state.steps
  )
  step.state = 'running'
  const of = packageCount({ dev: false })
  const startedAt = performance.now()
  let fetched = 0
  const tell = () => {
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    step.note = `${seconds} s, ${Math.min(fetched, of)} of ${of} packages`
    if (process.stderr.isTTY) process.stderr.write(`\r  installing: ${step.note}  `)
    else if (seconds % 5 === 0) say(`  installing: ${step.note}`)
  }
  const ticking = setInterval(tell, 1000)
  try {
    await install({ dev: false, onProgress: count => (fetched = count), onNote: note => say(`  ${note}`) })
  } catch (error) {
    // open pages ask twice a second: let them see why before the port closes
    step.state = 'failed'
    if (error instanceof SetupError) state.error = error.message
    await sleep(1000)
    await setup.close()
    throw error
  } finally {
    clearInterval(ticking)
    if (process.stderr.isTTY) process.stderr.write('\n')
  }
  say(`  packages installed in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  step.state = 'done'
  next.state = 'running'
  await setup.close()
}

async function main() {
  const { port, host, open, help, rest } = parseArgs(process.argv.slice(2))
  if (help) return console.log(usage)

  say('slipstream: flight delays, predicted while the flights happen')
  let opened = false
  if (isInstalled({ dev: false })) {
    await checkPort(port, host)
  } else {
    const interrupt = () => {
      stopInstall()
      say('\ninterrupted; the next start goes on from here')
      process.exit(130)
    }
    process.once('SIGINT', interrupt)
    process.once('SIGTERM', interrupt)
    await setUp({ port, host, open })
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
    opened = open
  }

  const args = [path.join(root, 'src', 'cli', 'main.ts'), 'up', '--port', String(port)]
  if (host !== '127.0.0.1') args.push('--host', host)
  if (!open || opened) args.push('--no-open')
  useCompileCache()
  process.exitCode = await supervise(/** @type {string} */ (findNode()), [...args, ...rest], { graceMs, say })
}

await runMain(main)
