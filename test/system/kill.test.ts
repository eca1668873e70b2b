// "kill me": `npm start`'s own process is killed with kill -9 over the API, and is back by itself with nothing lost and
// nothing doubled.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { isInstalled } from '../../bin/bootstrap.mjs'
import { journalReader } from '../../src/app/journal.ts'
import { openStores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import type { Prediction } from '../../src/records.ts'
import type { Status } from '../../src/server/program.ts'
import { skipUnless } from '../skips.ts'

const project = join(import.meta.dirname, '..', '..')
// otherwise `npm start` would install below the feet of the other tests
const { describe } = skipUnless(
  isInstalled({ dev: true }),
  'npm start installs what package-lock.json asks for first',
  'npm ci',
)
let child: ChildProcess | undefined
let folder: string

afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

describe('kill me', () => {
  test('a killed pipeline is back with the balance sheet even, at its pace, and predicts on', async () => {
    folder = mkdtempSync(join(tmpdir(), 'slipstream-kill-'))
    const port = await freePort()
    const days = ['--from', '2013-01-01', '--to', '2013-01-10', '--fast-until', '2013-01-03', '--speed', '1']
    const flags = ['--port', `${port}`, '--data-dir', folder, '--no-open', '--rate-limit', '1000000', ...days]
    const model = ['--model-from', '2013-01-01T12:00:00Z']
    const started = spawn(process.execPath, [join(project, 'bin', 'start.mjs'), ...flags, ...model], {
      cwd: project,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child = started
    let said = ''
    started.stderr.on('data', bytes => (said += String(bytes)))
    const url = `http://127.0.0.1:${port}`
    const post = (path: string, body?: unknown) => {
      const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      return fetch(`${url}${path}`, { method: 'POST', ...(body === undefined ? {} : json) })
    }
    /** The first status that is as wished. */
    const until = async (isWished: (status: Status) => boolean): Promise<Status> => {
      for (; ; await sleep(50)) {
        if (started.exitCode !== null) throw new Error(`it ended: ${said}`)
        const response = await fetch(`${url}/v1/pipeline`).catch(() => null)
        const status = response?.ok ? ((await response.json()) as Status) : null
        if (status && isWished(status)) return status
      }
    }

    const first = await until(({ ready, totals }) => ready && totals.predictions > 1000)
    expect(first).toMatchObject({ supervised: true, lives: 1 })
    await post('/v1/pipeline/control', { action: 'speed', hoursPerSecond: 3 })
    const before = await until(({ totals }) => totals.predictions > first.totals.predictions)

    const killed = await post('/v1/pipeline/kill')
    expect([killed.status, await killed.json()]).toEqual([202, { lives: 1 }])
    const back = await until(({ lives, ready }) => lives === 2 && ready)
    expect(said).toContain('SIGKILL')
    expect(back.balance.even).toBe(true)
    expect(back.totals.predictions).toBeGreaterThanOrEqual(before.totals.predictions)
    expect(back.replay).toMatchObject({ hoursPerSecond: 3, paused: false })

    const { totals } = await until(status => status.totals.predictions > back.totals.predictions)
    started.kill('SIGINT')
    expect(await once(started, 'close')).toEqual([0, null])
    const { records, distinct } = await predictionsIn(folder)
    expect(distinct).toBe(records)
    expect(records).toBeGreaterThanOrEqual(totals.predictions + totals.skipped)
    const lines = journalReader(configure({ dataDir: folder }).config).last(1000, () => true)
    const marks = lines.map(({ message }) => message).filter(message => /^up (begins|ends)/.test(message))
    expect(marks).toEqual([
      expect.stringMatching(/^up begins: .*process \d+$/),
      expect.stringMatching(/^up begins: .*life 2: the one before was killed or crashed$/),
      expect.stringMatching(/^up ends: process \d+, exit code 0$/),
    ])
  })
})

/** Predictions and skips in the topic, and how many there are when each flight and horizon counts once. */
async function predictionsIn(dataDir: string): Promise<{ records: number; distinct: number }> {
  const { log, codec, close } = await openStores(configure({ dataDir }).config, 'reader')
  const keys: string[] = []
  const partitions = (await log.topics()).find(({ name }) => name === 'flights.predictions')?.partitions ?? 0
  for (let partition = 0; partition < partitions; partition++) {
    for (let from = 0; ; ) {
      const { records, next } = await log.read('flights.predictions', partition, from, { bytesMax: 1_000_000 })
      for (const { value } of records) {
        if (!value) continue
        const { name, value: said } = codec.decode(value)
        if (name === 'Watermark') continue
        const { flightId, horizonMinutes } = said as Prediction
        keys.push(`${flightId} ${horizonMinutes}`)
      }
      if (next === from) break
      from = next
    }
  }
  await close()
  return { records: keys.length, distinct: new Set(keys).size }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
