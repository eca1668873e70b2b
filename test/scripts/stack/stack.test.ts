// The stack's folder, without any of its real parts: what is kept when something is refused, fails or is interrupted.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isAlive, type StackProcess, startProcess, stopProcess } from '../../../scripts/stack/processes.ts'
import { type Stack, StackFolder } from '../../../scripts/stack/stack.ts'

let root: string
let broker: StackProcess

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'slipstream-stack-'))
  const args = ['-e', 'setInterval(() => {}, 1000)']
  broker = startProcess({ name: 'broker-1', command: process.execPath, args, log: path.join(root, 'log') })
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await stopProcess(broker)
  rmSync(root, { recursive: true, force: true })
})

function running(more: Partial<Stack> = {}): StackFolder {
  const stack: Stack = { brokers: 1, parts: ['kafka', 'registry'], processes: [broker], ...more }
  mkdirSync(path.join(root, 'stack', 'broker-1'), { recursive: true })
  writeFileSync(path.join(root, 'stack.json'), JSON.stringify(stack))
  return new StackFolder(root)
}

const kafka = { bootstrap: ['127.0.0.1:29092'] }
const up = { brokers: 1, parts: ['kafka', 'registry'], fresh: false, tell: () => undefined } as const

describe('up', () => {
  test('gives what runs, if all that is asked for has an address', async () => {
    const folder = running({ kafka, registry: { url: 'http://127.0.0.1:29081' } })
    expect(await folder.up(up)).toMatchObject({ kafka, processes: [broker] })
    expect(isAlive(broker)).toBe(true)
  })

  test('with another number of brokers is refused while what runs goes on', async () => {
    const folder = running({ kafka })
    await expect(folder.up({ ...up, parts: ['kafka'], brokers: 3 })).rejects.toThrow('that of one broker')
    expect(isAlive(broker)).toBe(true)
    expect(folder.read()?.processes).toEqual([broker])
  })

  test('does not take a start that was interrupted for one that is ready', async () => {
    vi.stubEnv('PATH', root)
    await expect(running({ kafka }).up(up)).rejects.toThrow('The stack needs')
  })
})

test('down stops what has begun and is not ready yet', async () => {
  expect(await running().down()).toEqual(['broker-1'])
  expect(isAlive(broker)).toBe(false)
})

test.each(['', '{', '{}', 'null', '[]'])('a file that says "%s" is one of nothing that runs', async text => {
  const folder = running()
  writeFileSync(folder.file, text)
  expect(folder.read()).toBeNull()
  expect(await folder.down()).toEqual([])
})
