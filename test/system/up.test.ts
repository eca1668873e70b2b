// `slipstream up` as a process: what somebody sees over REST and WebSocket, and how it starts and ends.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { partitionOf } from '../../src/runtime/partition.ts'
import type { LivePrediction, Replay, Status } from '../../src/server/program.ts'
import { cli } from '../cli/cli.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const hourMs = 3_600_000
const minuteMs = 60_000

let root: string
let folders = 0
const running = new Set<Up>()

type Up = {
  readonly child: ChildProcess
  /** Where it listens, once it does. */
  readonly url: Promise<string>
  readonly ended: Promise<number | null>
  readonly err: () => string
}

function newFolder(): string {
  return join(root, `${folders++}`)
}

function up(...flags: string[]): Up {
  const args = ['up', '--no-open', '--json', '--rate-limit', '1000000', ...flags]
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stderr.on('data', bytes => (err += String(bytes)))
  const url = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', bytes => {
      out += String(bytes)
      const [, found] = /"event":"ready","url":"([^"]+)"/.exec(out) ?? []
      if (found !== undefined) resolve(found.replace('localhost', '127.0.0.1'))
    })
    child.once('close', () => reject(new Error(`it ended before it listened: ${err}`)))
  })
  // not every test waits for it
  url.catch(() => undefined)
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const started: Up = { child, url, ended, err: () => err }
  running.add(started)
  void ended.then(() => running.delete(started))
  return started
}

/** Ctrl-C. @returns exit code, and how long it took */
async function interrupt({ child, ended }: Up): Promise<{ code: number | null; ms: number }> {
  const startedAt = performance.now()
  child.kill('SIGINT')
  return { code: await ended, ms: performance.now() - startedAt }
}

async function get<T>(url: string): Promise<{ status: number; body: T }> {
  const response = await fetch(url)
  return { status: response.status, body: (await response.json()) as T }
}

async function post<T>(url: string, body: unknown): Promise<{ status: number; body: T }> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, body: (await response.json()) as T }
}

/** Asks until the answer is as wished; the time limit of the test ends it otherwise. */
async function until<T>(ask: () => Promise<T>, isWished: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (isWished(answer)) return answer
    await sleep(100)
  }
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'slipstream-up-'))
})

afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL')
  await Promise.all([...running].map(({ ended }) => ended))
  rmSync(root, { recursive: true, force: true })
})

describe('over recorded flights', () => {
  const ofJanuary = ['--from', '2013-01-01', '--to', '2013-01-10', '--model-from', '2013-01-01T12:00:00Z']
  const pace = ['--fast-until', '2013-01-02', '--speed', '6']
  let folder: string
  let program: Up
  let url: string

  const status = async () => (await get<Status>(`${url}/v1/pipeline`)).body
  const control = async (command: unknown) => (await post<Replay>(`${url}/v1/pipeline/control`, command)).body
  const predictionsOf = async (query: string) =>
    (await get<{ predictions: LivePrediction[] }>(`${url}/v1/predictions?${query}`)).body.predictions
  let flightId: string

  beforeAll(async () => {
    folder = newFolder()
    program = up('--port', '0', '--data-dir', folder, ...ofJanuary, ...pace)
    url = await program.url
  })

  test('it is alive at once and ready once a model is in force', async () => {
    expect((await get(`${url}/health/live`)).status).toBe(200)
    await until(
      () => get(`${url}/health/ready`),
      ({ status: code }) => code === 200,
    )
    const { ready, model, replay } = await status()
    expect(ready).toBe(true)
    expect(model).toMatchObject({ version: expect.stringMatching(/^seed-/) as string, horizonMinutes: [120] })
    expect(replay).toMatchObject({
      from: '2013-01-01',
      to: '2013-01-10',
      hoursPerSecond: 6,
      paused: false,
      done: false,
    })
  })

  test('its page is served', async () => {
    const response = await fetch(`${url}/`)
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(await response.text()).toContain('<script')
  })

  test('predictions move over the socket: a snapshot first, then deltas in order', async () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/live`)
    type Frame = { seq: number; type: string; predictions?: LivePrediction[] }
    const frames: Frame[] = []
    const hasPrediction = ({ type, predictions = [] }: Frame) =>
      type === 'delta' && predictions.some(({ probability }) => probability !== null)
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('message', data => {
        frames.push(JSON.parse((data as Buffer).toString()) as Frame)
        if (hasPrediction(frames.at(-1) as Frame)) resolve()
      })
    })
    socket.close()
    expect(frames[0]).toMatchObject({ seq: 0, type: 'snapshot' })
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index))
  })

  test('event time moves steadily, not in leaps', async () => {
    const seen: number[] = []
    const covered = () => (seen.at(-1) ?? 0) - (seen[0] ?? 0)
    for (; covered() < 12 * hourMs; await sleep(50)) {
      const { eventTime } = await status()
      if (eventTime !== seen.at(-1)) seen.push(eventTime as number)
    }
    // were whole units of 2,000 records waited for, there would be one leap of about 13 hours
    expect(seen.length).toBeGreaterThan(3)
  })

  test('predictions are listed with the newest first', async () => {
    const listed = await until(
      () => predictionsOf('origin=JFK&limit=20'),
      ({ length }) => length === 20,
    )
    expect(listed.every(({ origin }) => origin === 'JFK')).toBe(true)
    const times = listed.map(({ at }) => at)
    expect(times).toEqual(times.toSorted((a, b) => b - a))
    const probabilities = listed.flatMap(({ probability }) => probability ?? [])
    expect(probabilities.every(probability => probability >= 0 && probability <= 1)).toBe(true)
  })

  test('paused, it stands; a step is one event hour', async () => {
    expect(await control({ action: 'pause' })).toMatchObject({ paused: true })
    const { replay: before } = await settled(status)
    await sleep(700)
    const { replay: still } = await status()
    expect(still?.at).toBe(before?.at)
    await control({ action: 'step' })
    const { replay: after } = await until(status, ({ replay }) => replay?.at === (before?.at ?? 0) + hourMs)
    expect(after?.paused).toBe(true)
  })

  test("a flight of one's own is predicted two hours before it leaves", async () => {
    const departure = ((await status()).replay?.at ?? 0) + 6 * hourMs
    flightId = `ZZ-7-JFK-BOS-${new Date(departure).toISOString().slice(0, 16)}Z`
    const { status: code, body } = await post(`${url}/v1/events`, {
      type: 'FlightScheduled',
      flightId,
      carrier: 'ZZ',
      flightNumber: 7,
      origin: 'JFK',
      destination: 'BOS',
      scheduledDepartureAt: new Date(departure).toISOString(),
      scheduledArrivalAt: new Date(departure + 70 * minuteMs).toISOString(),
      distanceMiles: 187,
    })
    expect(body).toMatchObject({ accepted: [{ key: flightId, partition: partitionOf(flightId, 2) }] })
    expect(code).toBe(202)
    await control({ action: 'speed' })
    await control({ action: 'resume' })
    const [prediction] = await until(
      () => predictionsOf(`flightId=${flightId}`),
      ({ length }) => length > 0,
    )
    await control({ action: 'pause' })
    expect(prediction).toMatchObject({ carrier: 'ZZ', horizonMinutes: 120, at: departure - 2 * hourMs, skipped: null })
    expect(prediction?.probability).toBeGreaterThan(0)
  })

  test('an event that cannot be is refused with the field that is wrong', async () => {
    const { status: code, body } = await post(`${url}/v1/events`, {
      type: 'FlightCancelled',
      flightId,
      reason: 5,
    })
    expect(body).toMatchObject({ code: 'FIELD_TYPE', field: 'reason' })
    expect(code).toBe(400)
  })

  test('a port in use is named, and the exit code is 1', async () => {
    const { port } = new URL(url)
    const second = up('--port', port, '--data-dir', newFolder())
    expect(await second.ended).toBe(1)
    expect(JSON.parse(lastLine(second.err()))).toMatchObject({
      error: { code: 'PORT_IN_USE', message: expect.stringContaining(port) as string },
    })
  })

  test('a folder in use is named, and the exit code is 5', async () => {
    const second = up('--port', '0', '--data-dir', folder)
    expect(await second.ended).toBe(5)
    expect(JSON.parse(lastLine(second.err()))).toMatchObject({ error: { code: 'DATA_DIR_LOCKED' } })
  })

  test('Ctrl-C ends it within 5 s, and a second start goes on where it was', async () => {
    const before = await status()
    const { code, ms } = await interrupt(program)
    expect(code).toBe(0)
    expect(ms).toBeLessThan(5000)

    program = up('--port', '0', '--data-dir', folder, ...pace, '--paused')
    url = await program.url
    const after = await until(status, ({ ready }) => ready)
    expect(after.totals.events).toBeGreaterThanOrEqual(before.totals.events)
    expect(after.totals.predictions).toBeGreaterThanOrEqual(before.totals.predictions)
    expect(after.eventTime).toBeGreaterThanOrEqual(before.eventTime as number)
    expect(after.balance.even).toBe(true)
    expect(after.replay).toMatchObject({ paused: true, from: '2013-01-01', to: '2013-01-10' })
    expect(await predictionsOf(`flightId=${flightId}`)).toHaveLength(1)
  })

  test('slipstream down ends it from elsewhere, and then nobody has the folder', async () => {
    const { code, out } = await cli(['down', '--data-dir', folder, '--json'])
    expect([code, JSON.parse(out)]).toEqual([0, { pid: program.child.pid, dataDir: folder }])
    expect(await program.ended).toBe(0)
    const again = await cli(['down', '--data-dir', folder])
    expect([again.code, again.err]).toEqual([3, expect.stringContaining('error[NOT_RUNNING]')])
  })

  /** The status once nothing more moves. */
  async function settled(ask: () => Promise<Status>): Promise<Status> {
    let last = await ask()
    for (;;) {
      await sleep(500)
      const now = await ask()
      if (now.replay?.at === last.replay?.at && now.eventTime === last.eventTime) return now
      last = now
    }
  }
})

describe('paused from the start', () => {
  afterEach(async () => {
    for (const each of running) await interrupt(each)
  })

  test('it runs through the fast part, in which it is not paused, and stops at its end', async () => {
    const days = ['--from', '2013-01-01', '--to', '2013-01-10', '--fast-until', '2013-01-06']
    const url = await up('--port', '0', '--data-dir', newFolder(), ...days, '--paused').url
    const pausesAt = Date.parse('2013-01-06T05:00Z')
    const onItsWay: (boolean | undefined)[] = []
    const { body } = await until(
      () => get<Status>(`${url}/v1/pipeline`),
      ({ body: { replay } }) => {
        if (replay?.at !== pausesAt) onItsWay.push(replay?.paused)
        return replay?.at === pausesAt
      },
    )
    expect(onItsWay.length).toBeGreaterThan(0)
    expect(onItsWay).not.toContain(true)
    await sleep(500)
    expect((await get<Status>(`${url}/v1/pipeline`)).body.replay).toMatchObject({ at: pausesAt, paused: true })
    expect(body.totals.events).toBeGreaterThan(1000)
  })
})

describe("over data of one's own", () => {
  afterEach(async () => {
    for (const each of running) await interrupt(each)
  })

  test('it says why it is not ready, takes events, and its clock ticks', async () => {
    const url = await up('--empty', '--port', '0', '--data-dir', newFolder(), '--no-open').url
    const ready = await get<{ code: string; detail: string }>(`${url}/health/ready`)
    expect(ready.status).toBe(503)
    expect(ready.body).toMatchObject({
      code: 'NOT_READY',
      detail: expect.stringMatching(/restored|frame|model/) as string,
    })

    const status = async () => (await get<Status>(`${url}/v1/pipeline`)).body
    const first = await until(status, ({ eventTime }) => eventTime !== null)
    expect(first.replay).toBeNull()
    const departure = Math.ceil(Date.now() / hourMs + 5) * hourMs
    const { status: code } = await post(`${url}/v1/events`, {
      type: 'FlightScheduled',
      flightId: `ZZ-8-JFK-BOS-${new Date(departure).toISOString().slice(0, 16)}Z`,
      carrier: 'ZZ',
      flightNumber: 8,
      origin: 'JFK',
      destination: 'BOS',
      scheduledDepartureAt: departure,
      scheduledArrivalAt: departure + 70 * minuteMs,
    })
    expect(code).toBe(202)
    await until(status, ({ totals }) => totals.events === 1)
    const later = await until(status, ({ eventTime }) => (eventTime ?? 0) > (first.eventTime ?? 0))
    expect(later.balance.even).toBe(true)
    expect(later.totals.rejected).toBe(0)
    const { body } = await post<{ code: string }>(`${url}/v1/pipeline/control`, { action: 'pause' })
    expect(body.code).toBe('USAGE')
  })

  test('a port of another program is named', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const started = up('--empty', '--port', String(port), '--data-dir', newFolder())
    expect(await started.ended).toBe(1)
    expect(JSON.parse(lastLine(started.err()))).toMatchObject({ error: { code: 'PORT_IN_USE' } })
    other.close()
  })
})

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
