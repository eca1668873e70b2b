// Real processes: a supervisor, and a program that dies as it is told to.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isToBeRevived, quickDeaths, waitMsAfter } from '../../bin/supervise.mjs'

const bin = path.join(import.meta.dirname, '..', '..', 'bin')
let folder: string

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'slipstream-supervise-'))
  const parent = [
    `import { supervise } from ${JSON.stringify(pathToFileURL(path.join(bin, 'supervise.mjs')).href)}`,
    'const [script, ...rest] = process.argv.slice(2)',
    'const say = line => console.error(line)',
    'process.exitCode = await supervise(process.execPath, [script, ...rest], { graceMs: 3000, say })',
  ]
  fs.writeFileSync(path.join(folder, 'parent.mjs'), parent.join('\n'))
})
afterAll(() => fs.rmSync(folder, { recursive: true }))

type Started = { child: ChildProcess; out: () => string; err: () => string; ended: Promise<unknown[]> }

/** `lines` of a program to which `life` (1, 2, ...) and `die` (by kill -9) are known. */
function supervised(name: string, ...lines: string[]): Started {
  const program = path.join(folder, name)
  const known = [
    "const life = Number(process.env['SLIPSTREAM_LIVES'])",
    "const die = () => process.kill(process.pid, 'SIGKILL')",
    "console.log('life', life, process.argv[2])",
  ]
  fs.writeFileSync(program, [...known, ...lines].join('\n'))
  const child = spawn(process.execPath, [path.join(folder, 'parent.mjs'), program, '--port=1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', bytes => (out += String(bytes)))
  child.stderr.on('data', bytes => (err += String(bytes)))
  return { child, out: () => out, err: () => err, ended: once(child, 'close') }
}

describe('a supervised program', () => {
  test('that is killed lives again with the same arguments, and knows which life it is', async () => {
    const { ended, out, err } = supervised('killed.mjs', 'if (life === 1) die()', 'else process.exitCode = 7')
    expect(await ended).toEqual([7, null])
    expect(out()).toBe('life 1 --port=1\nlife 2 --port=1\n')
    expect(err()).toContain('was ended by SIGKILL; started again (life 2)')
  })

  test('hears in its next life at what pace it went last', async () => {
    const { ended, out } = supervised(
      'paced.mjs',
      "console.log(process.env['SLIPSTREAM_PACE'])",
      "if (life === 1) for (const pace of ['1', '2', '1']) process.send(`pace ${pace}`)",
      'if (life < 3) die()',
    )
    expect(await ended).toEqual([0, null])
    expect(out()).toBe('life 1 --port=1\n\nlife 2 --port=1\n1\nlife 3 --port=1\n1\n')
  })

  test('that crashes while it serves lives again', async () => {
    const crash = "process.send('listening', () => { if (life === 1) throw new Error('a defect') })"
    const { ended, out } = supervised('crash.mjs', crash)
    expect(await ended).toEqual([0, null])
    expect(out()).toContain('life 2')
  })

  test('that refuses to start has the last word', async () => {
    const { ended, out } = supervised('refuses.mjs', 'process.exitCode = 5')
    expect(await ended).toEqual([5, null])
    expect(out()).not.toContain('life 2')
  })

  test('is not brought back when it was told to end', async () => {
    const { child, ended, out } = supervised(
      'told.mjs',
      "process.on('SIGTERM', die)",
      "console.log('ready')",
      'setInterval(() => {}, 1000)',
    )
    while (!out().includes('ready')) await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
    child.kill('SIGTERM')
    expect(await ended).toEqual([137, null])
    expect(out()).not.toContain('life 2')
  })

  test('that dies at once again and again is given up, with its exit code and what to do', async () => {
    const { ended, out, err } = supervised('hopeless.mjs', 'die()')
    expect(await ended).toEqual([137, null])
    expect(out().match(/life/g)).toHaveLength(5)
    expect(err()).toContain('given up')
    expect(err()).toContain('slipstream doctor')
  }, 20_000)
})

describe('what is a failure', () => {
  const end = { code: 137, signal: 'SIGKILL', isAsked: false, said: new Set<string>(), livedMs: 50 }

  test('a kill that somebody ordered does not count, a short life does, a long one forgives', () => {
    expect(quickDeaths(3, { ...end, said: new Set(['listening', 'kill']) })).toBe(3)
    expect(quickDeaths(3, end)).toBe(4)
    expect(quickDeaths(3, { ...end, livedMs: 60_000 })).toBe(0)
  })

  test('waits double from the second failure on', () => {
    expect([0, 1, 2, 3, 4].map(waitMsAfter)).toEqual([0, 0, 500, 1000, 2000])
  })

  test('a signal that asks politely is obeyed', () => {
    expect(isToBeRevived({ ...end, signal: 'SIGTERM' })).toBe(false)
    expect(isToBeRevived({ ...end, signal: 'SIGSEGV' })).toBe(true)
  })
})
