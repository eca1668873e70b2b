// Runs a program under Node 24 as if it were this process: same terminal, signals passed on, same exit code.
//
// A process that is killed outright cannot pass that on, and an orphan would hold its data folder and port. So the
// child is on a leash: on Linux the kernel kills it with its parent (setpriv, part of util-linux); everywhere it
// also ends when the channel to its parent closes (leash.mjs).

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { nodeEnvironment, nodeFlags } from './bootstrap.mjs'

const leash = pathToFileURL(path.join(path.dirname(fileURLToPath(import.meta.url)), 'leash.mjs')).href
const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find(file => process.platform === 'linux' && fs.existsSync(file))

/**
 * @param {string} node the binary
 * @param {string[]} args a script and its arguments
 * @param {{ graceMs?: number, env?: NodeJS.ProcessEnv, cwd?: string }} [options] `graceMs`: after the first signal the child
 *   has this long to end before it is killed; without it, it may take its time
 * @returns {Promise<number>} the exit code; 128 + n when a signal ended it
 */
export async function runUnder(node, args, options = {}) {
  return (await watch(node, args, options)).code
}

/**
 * The same, with how it ended: by which signal, whether we were told to end it, and what it said over its channel.
 * @param {string} node
 * @param {string[]} args
 * @param {{ graceMs?: number, env?: NodeJS.ProcessEnv, cwd?: string }} options
 * @returns {Promise<{ code: number, signal: string | null, isAsked: boolean, said: ReadonlySet<string> }>}
 */
export function watch(node, args, { graceMs, env = process.env, cwd } = {}) {
  const command = [node, ...nodeFlags, '--import', leash, ...args]
  if (setpriv) command.unshift(setpriv, '--pdeathsig', 'KILL')
  const child = spawn(/** @type {string} */ (command[0]), command.slice(1), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...nodeEnvironment, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  })
  /** @type {Set<string>} */
  const said = new Set()
  child.on('message', word => {
    if (typeof word !== 'string') return
    // the newest is the last
    said.delete(word)
    said.add(word)
  })
  const passing = passSignals(child, graceMs)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      passing.stop()
      const isAsked = passing.hasPassed()
      resolve({ code: code ?? 128 + (signalNumbers[signal ?? ''] ?? 1), signal, isAsked, said })
    })
  })
}

/**
 * Like `runUnder`, but where this Node can, the process turns into the program and no parent is left behind.
 * @param {string} node the binary
 * @param {string[]} args a script and its arguments
 * @returns {Promise<number>} the exit code
 */
export function become(node, args) {
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.execve(node, [node, ...nodeFlags, ...args], { ...nodeEnvironment, ...process.env })
  }
  return runUnder(node, args)
}

/** @type {Record<string, number>} */
const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 }

/**
 * Ctrl-C in a terminal reaches parent and child alike, and npm passes it on once more; a signal from a script reaches
 * the parent alone. So the first one is passed on when it came to us alone, its echoes within a second are dropped,
 * and a later one means that somebody has lost patience.
 * @param {import('node:child_process').ChildProcess} child
 * @param {number | undefined} graceMs
 */
function passSignals(child, graceMs) {
  let firstAt = 0
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  /** @param {NodeJS.Signals} signal */
  const pass = signal => {
    const now = performance.now()
    if (firstAt > 0) {
      if (now - firstAt > 1000 && graceMs !== undefined) child.kill('SIGKILL')
      return
    }
    firstAt = now
    const shared = signal === 'SIGINT' && process.stdin.isTTY
    if (!shared) child.kill(signal)
    if (graceMs !== undefined) timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  }
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
  for (const signal of signals) process.on(signal, pass)
  return {
    hasPassed: () => firstAt > 0,
    stop() {
      for (const signal of signals) process.off(signal, pass)
      clearTimeout(timer)
    },
  }
}
