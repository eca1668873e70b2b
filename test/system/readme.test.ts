// The README's journeys, run as they stand there against a running `slipstream up`; only the port is put in its place.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Models } from '../../src/server/loop.ts'
import type { LivePrediction, Status } from '../../src/server/program.ts'

const root = path.join(import.meta.dirname, '../..')
const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8')

/** The shell blocks below a heading. */
function shellUnder(heading: string): string[] {
  const section = readme.split(/^## /m).find(each => each.startsWith(`${heading}\n`)) ?? ''
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, code = '']) => code)
}

const [publish = ''] = shellUnder('Publish an event')
const [tail = '', listen = ''] = shellUnder('Consume predictions')
const [alarmed = ''] = shellUnder('Answer an alert')

let folder: string
let up: ChildProcess
let url: string

async function status(): Promise<Status> {
  return (await (await fetch(`${url}/v1/pipeline`)).json()) as Status
}

/** What the shell printed. */
async function run(code: string): Promise<string> {
  const here = code.replaceAll('localhost:8080', new URL(url).host)
  const env = { ...process.env, SLIPSTREAM_DATA_DIR: folder, SLIPSTREAM_PORT: new URL(url).port }
  const { stdout } = await promisify(execFile)('sh', ['-c', here], { cwd: root, env, timeout: 240_000 })
  return stdout
}

describe('the README, run as it stands', () => {
  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'slipstream-readme-'))
    const args = ['bin/slipstream.mjs', 'up', '--json', '--no-open', '--port', '0', '--data-dir', folder]
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
    up = child
    for await (const line of createInterface(child.stdout)) {
      const said = JSON.parse(line) as { event: string; url: string }
      if (said.event !== 'ready') continue
      url = said.url
      break
    }
    child.stdout.resume()
    // "once event time passes at one hour a second"
    for (;;) {
      const { ready, replay } = await status()
      if (ready && replay && replay.at > (replay.fastUntil ?? 0)) return
      await sleep(500)
    }
  }, 240_000)

  afterAll(async () => {
    if (up?.exitCode === null) {
      const ended = once(up, 'exit')
      up.kill('SIGINT')
      await ended
    }
    fs.rmSync(folder, { recursive: true, force: true })
  })

  test('each journey has at most ten lines', () => {
    const lengths = [publish, tail, listen, alarmed].map(code => code.trimEnd().split('\n').length)
    expect(Math.min(...lengths)).toBeGreaterThan(0)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(10)
    expect(publish && tail && listen && alarmed).not.toBe('')
  })

  test('a published flight is predicted', async () => {
    const out = await run(publish)
    const [accepted, found] = out.replace('}{', '}\n{').split('\n')
    expect(JSON.parse(accepted ?? '')).toMatchObject({
      accepted: [{ key: expect.stringMatching(/^UA-1545-EWR-IAH-/) }],
    })
    const { predictions } = JSON.parse(found ?? '') as { predictions: LivePrediction[] }
    expect(predictions).toMatchObject([{ flightNumber: 1545, origin: 'EWR', horizonMinutes: 120, skipped: null }])
    expect(predictions[0]?.probability).toBeGreaterThan(0)
  })

  test('the topic is followed', async () => {
    const lines = (await run(tail)).trimEnd().split('\n')
    type Line = { partition: number; offset: number; name: string }
    const records = lines.map(line => JSON.parse(line) as Line)
    expect(records).toHaveLength(4)
    for (const of of Object.values(Object.groupBy(records, ({ partition }) => partition))) {
      const offsets = of?.map(({ offset }) => offset) ?? []
      expect(offsets).toEqual(offsets.map((_, index) => (offsets[0] ?? 0) + index))
    }
    for (const { name } of records) expect(['Prediction', 'PredictionSkipped']).toContain(name)
  })

  test('the socket tells predictions and how flights ended', async () => {
    const out = await run(listen)
    expect(out).toMatch(/^predicted \S+-EWR-\S+ 0\.\d+$/m)
    expect(out).toMatch(/^LANDED \S+ -?\d+$/m)
  })

  test('an alert leads to a challenger, and an order to its promotion', async () => {
    const out = await run(alarmed)
    expect(out).toMatch(/^alert [A-Z_]+ since 2013-02-\d\dT/m)
    expect(out).toMatch(/ordered|promoted/)
    const [, challenger = ''] = out.match(/^(m-2013-\S+) +challenger/m) ?? []
    expect(challenger).toMatch(/^m-2013-02-/)
    // the order is held until the day of the replay ends
    for (;;) {
      const { champion } = (await (await fetch(`${url}/v1/models`)).json()) as Models
      if (champion === challenger) break
      await sleep(500)
    }
    const { decisions } = (await (await fetch(`${url}/v1/models`)).json()) as Models
    expect(decisions[0]).toMatchObject({ by: 'OPERATOR', verb: 'PROMOTE', version: challenger, accepted: true })
    expect(decisions[0]?.because).toBe('it has seen the storm')
  })
})
