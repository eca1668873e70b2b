// Real processes: a parent that runs a child through bin/child.mjs, and what becomes of the child.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bin = path.join(import.meta.dirname, '..', '..', 'bin')
const urlOf = (name: string): string => pathToFileURL(path.join(bin, name)).href
let folder: string

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'slipstream-child-'))
  const parent = [
    `import { runUnder } from ${JSON.stringify(urlOf('child.mjs'))}`,
    'const [script, grace] = process.argv.slice(2)',
    'process.exitCode = await runUnder(process.execPath, [script], grace ? { graceMs: Number(grace) } : {})',
  ]
  write('parent.mjs', parent)
})
afterAll(() => fs.rmSync(folder, { recursive: true }))

function write(name: string, lines: string[]): void {
  fs.writeFileSync(path.join(folder, name), lines.join('\n'))
}

function start(script: string, ...args: string[]): ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> } {
  const parent = spawn(process.execPath, [path.join(folder, 'parent.mjs'), path.join(folder, script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return Object.assign(parent, { stdout: parent.stdout })
}

const waits = "console.log('ready'); setInterval(() => {}, 1000)"

test('the exit code of the child is the exit code of the parent', async () => {
  write('seven.mjs', ['process.exitCode = 7'])
  expect(await once(start('seven.mjs'), 'exit')).toEqual([7, null])
})

test('a signal to the parent reaches the child, which ends in its own way', async () => {
  write('polite.mjs', ["process.once('SIGINT', () => { console.log('bye'); process.exit(5) })", waits])
  const parent = start('polite.mjs')
  await once(parent.stdout, 'data')
  parent.kill('SIGINT')
  const [said] = await once(parent.stdout, 'data')
  expect(String(said)).toBe('bye\n')
  expect(await once(parent, 'exit')).toEqual([5, null])
})

test('a child that does not end within its grace is killed, and the exit code says so', async () => {
  write('deaf.mjs', ["process.on('SIGTERM', () => {})", waits])
  const parent = start('deaf.mjs', '200')
  await once(parent.stdout, 'data')
  parent.kill('SIGTERM')
  expect(await once(parent, 'exit')).toEqual([128 + 9, null])
})

test('a parent that is killed outright takes the child along', async () => {
  write('orphan.mjs', [waits])
  const parent = start('orphan.mjs')
  await once(parent.stdout, 'data')
  const exited = once(parent, 'exit')
  parent.kill('SIGKILL')
  // the child holds the other end of stdout: that it closes shows that the child is gone
  parent.stdout.resume()
  await once(parent.stdout, 'close')
  expect(await exited).toEqual([null, 'SIGKILL'])
})

test('the leash alone is enough: a closed channel ends the child', async () => {
  write('leashed.mjs', [waits])
  const child = spawn(process.execPath, ['--import', urlOf('leash.mjs'), path.join(folder, 'leashed.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
  child.disconnect()
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
})
