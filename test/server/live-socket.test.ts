import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import type { LiveLimits } from '../../src/server/live-socket.ts'
import { listen } from '../../src/server/server.ts'
import { openDoors } from './doors.ts'
import type { FakeOptions } from './fake-program.ts'
import { hourMs, landed, prediction } from './live-samples.ts'

type Frame = { seq: number; type: string; dropped?: number; code?: string; field?: string } & {
  [part in 'predictions' | 'grades' | 'airports' | 'risk']?: { flightId: string; carrier?: string }[]
} & { status?: { replay: { paused: boolean } } }

async function openLive(live: Partial<LiveLimits> = {}, fake: FakeOptions = {}) {
  const { server, program } = openDoors({ live: { flushEveryMs: 5, ...live }, fake })
  onTestFinished(() => server.close())
  const port = await listen({ server, port: 0, host: '127.0.0.1' })
  return { server, program, port, url: `ws://127.0.0.1:${port}/v1/live` }
}

/** A client that keeps its frames; `until` resolves with the first that fits, from the first on. */
function listenTo(url: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(url, { headers })
  onTestFinished(() => socket.terminate())
  const frames: Frame[] = []
  let wake = () => {}
  socket.on('message', data => {
    frames.push(JSON.parse((data as Buffer).toString()) as Frame)
    wake()
  })
  const closed = new Promise<number>(resolve => socket.on('close', resolve))
  const until = async (fits: (frame: Frame) => boolean): Promise<Frame> => {
    for (;;) {
      const found = frames.find(fits)
      if (found !== undefined) return found
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
  return { socket, frames, until, closed, send: (message: unknown) => socket.send(JSON.stringify(message)) }
}

/** Status of a refused upgrade. */
function refusal(url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  const socket = new WebSocket(url, { headers })
  onTestFinished(() => socket.terminate())
  return new Promise((resolve, reject) => {
    socket.on('open', () => reject(new Error('it was let in')))
    socket.on('error', () => {})
    socket.on('unexpected-response', (_, answer) => {
      let body = ''
      answer.on('data', chunk => {
        body += String(chunk)
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
    })
  })
}

const isSnapshot = (frame: Frame) => frame.type === 'snapshot'
const countsUp = (frames: readonly Frame[]) => frames.every((frame, index) => frame.seq === index)

describe('a listener', () => {
  test('that comes before the past is read gets its first frame with the past in it', async () => {
    const { promise: past, resolve } = Promise.withResolvers<void>()
    const { program, url } = await openLive({}, { past })
    const client = listenTo(url)
    await once(client.socket, 'open')
    client.socket.ping()
    await once(client.socket, 'pong')
    expect(client.frames).toEqual([])
    program.advance(12 * hourMs)
    resolve()
    const first = await client.until(() => true)
    expect(first).toMatchObject({ seq: 0, type: 'snapshot' })
    expect(first.predictions).toHaveLength(60)
  })

  test('gets a snapshot and then deltas, numbered without a gap', async () => {
    const { program, url } = await openLive()
    program.advance(12 * hourMs)
    const client = listenTo(url)
    const snapshot = await client.until(isSnapshot)
    expect(snapshot.seq).toBe(0)
    expect(snapshot.predictions).toHaveLength(60)
    expect(snapshot.risk?.length).toBeGreaterThan(0)
    program.emit(prediction({ flightId: 'new' }))
    await client.until(frame => frame.type === 'delta' && frame.predictions?.[0]?.flightId === 'new')
    program.emitGrade(landed('new', 40))
    await client.until(frame => frame.grades?.[0]?.flightId === 'new')
    await client.until(frame => frame.seq === 20)
    expect(countsUp(client.frames)).toBe(true)
    expect(client.frames.filter(isSnapshot)).toHaveLength(1)
  })

  test('gets what passes its filter, and another gets the rest too', async () => {
    const { program, url } = await openLive()
    const filtered = listenTo(`${url}?topics=predictions&carrier=DL`)
    const open = listenTo(url)
    await Promise.all([filtered.until(isSnapshot), open.until(isSnapshot)])
    program.emit(prediction({ flightId: 'ua', carrier: 'UA' }))
    program.emit(prediction({ flightId: 'dl', carrier: 'DL' }))
    const delta = await filtered.until(frame => frame.predictions?.[0]?.flightId === 'dl')
    expect(delta.predictions).toHaveLength(1)
    expect(delta).not.toHaveProperty('status')
    const all = await open.until(frame => frame.type === 'delta' && frame.predictions !== undefined)
    expect(all.predictions?.map(one => one.flightId)).toEqual(['dl', 'ua'])
  })

  test('gets missed frames again, or a snapshot where they are no longer kept', async () => {
    const { url } = await openLive({ flushEveryMs: 50 })
    const client = listenTo(url)
    await client.until(frame => frame.seq === 3)
    client.send({ type: 'resume', seq: 1 })
    const repeated = await client.until(frame => client.frames.filter(other => other.seq === frame.seq).length > 1)
    expect(repeated.seq).toBe(2)
    client.send({ type: 'resume', seq: 999_999 })
    const again = await client.until(frame => isSnapshot(frame) && frame.seq > 0)
    expect(again.predictions).toBeDefined()
  })

  test('pauses its own frames and steers the replay', async () => {
    const { program, url } = await openLive()
    const client = listenTo(url)
    await client.until(isSnapshot)
    client.send({ type: 'control', action: 'pause' })
    await client.until(frame => frame.status?.replay.paused === true)
    expect(program.status().replay?.paused).toBe(true)
    client.send({ type: 'pause' })
    client.send({ type: 'resume' })
    await client.until(frame => isSnapshot(frame) && frame.seq > 0)
    expect(countsUp(client.frames)).toBe(true)
  })
})

test('a slow listener is sent no more than its share, hurts nobody and gets a snapshot when it reads again', async () => {
  const waitingBytesMax = 100_000
  const { program, url } = await openLive({ waitingBytesMax })
  // A big status fills the buffers of the machine between both ends soon.
  const status = { ...program.status(), notReadyBecause: 'x'.repeat(400_000) }
  program.status = () => status
  const slow = listenTo(url)
  const fast = listenTo(url)
  await Promise.all([slow.until(isSnapshot), fast.until(isSnapshot)])
  slow.socket.pause()
  const before = slow.frames.length
  const seqAt = fast.frames.length
  for (let seq = seqAt; seq < seqAt + 60; seq++) {
    program.emit(prediction({ flightId: `while-${seq}` }))
    await fast.until(frame => frame.seq === seq)
  }
  expect(slow.frames).toHaveLength(before)
  slow.socket.resume()
  const snapshot = await slow.until(frame => isSnapshot(frame) && frame.seq > 0)
  expect(snapshot.dropped).toBeGreaterThan(0)
  await slow.until(frame => frame.type === 'delta' && frame.seq > snapshot.seq)
  // What it was not sent took no number; the other was sent everything.
  expect(countsUp(slow.frames)).toBe(true)
  expect(slow.frames.length).toBeLessThan(fast.frames.length)
  expect(countsUp(fast.frames)).toBe(true)
  const seen = fast.frames.flatMap(frame => frame.predictions ?? []).map(one => one.flightId)
  for (let seq = seqAt; seq < seqAt + 60; seq++) expect(seen).toContain(`while-${seq}`)
  expect(fast.frames.filter(isSnapshot)).toHaveLength(1)
}, 30_000)

test('a listener that answers no ping is cut off, one that does stays', async () => {
  const { url } = await openLive({ pingEveryMs: 20 })
  const deaf = new WebSocket(url, { autoPong: false })
  onTestFinished(() => deaf.terminate())
  const alive = listenTo(url)
  await new Promise(resolve => deaf.once('close', resolve))
  const { length } = alive.frames
  await alive.until(frame => frame.seq > length)
  expect(alive.socket.readyState).toBe(WebSocket.OPEN)
})

describe('a bad message', () => {
  test.each([
    ['{"type":', 'REQUEST_MALFORMED', undefined],
    ['{"type":"subscribe"}', 'FIELD_TYPE', 'type'],
    ['{"type":"control","action":"hop"}', 'FIELD_TYPE', 'action'],
  ])('%s gets an error frame, and the frames go on', async (text, code, field) => {
    const { url } = await openLive()
    const client = listenTo(url)
    await client.until(isSnapshot)
    client.socket.send(text)
    const error = await client.until(frame => frame.type === 'error')
    expect(error.code).toBe(code)
    expect(error.field).toBe(field)
    await client.until(frame => frame.seq > error.seq)
    expect(countsUp(client.frames)).toBe(true)
  })

  test('in bytes gets an error frame', async () => {
    const { url } = await openLive()
    const client = listenTo(url)
    await client.until(isSnapshot)
    client.socket.send(Buffer.from('{"type":"pause"}'))
    expect((await client.until(frame => frame.type === 'error')).code).toBe('REQUEST_MALFORMED')
  })

  test('that the program cannot obey gets its failure', async () => {
    const { program, url } = await openLive()
    program.control = () => {
      throw new Error('the password is hunter2')
    }
    const client = listenTo(url)
    await client.until(isSnapshot)
    client.send({ type: 'control', action: 'pause' })
    const error = await client.until(frame => frame.type === 'error')
    expect(error.code).toBe('UNEXPECTED')
    expect(JSON.stringify(error)).not.toContain('hunter2')
  })

  test('of more than 16 KB, or many at once, ends the connection, not the server', async () => {
    const { url } = await openLive()
    const large = listenTo(url)
    await large.until(isSnapshot)
    large.send({ type: 'resume', pad: 'x'.repeat(16_384) })
    const eager = listenTo(url)
    await eager.until(isSnapshot)
    for (let i = 0; i < 30; i++) eager.send({ type: 'resume' })
    expect(await large.closed).toBe(1009)
    expect(await eager.closed).toBe(1008)
    await listenTo(url).until(isSnapshot)
  })
})

describe('a connection', () => {
  test('may come from its own page or a program, not from a page elsewhere', async () => {
    const { port, url } = await openLive()
    await listenTo(url, { origin: `http://127.0.0.1:${port}` }).until(isSnapshot)
    for (const origin of ['http://evil.example', `http://127.0.0.1:${port + 1}`, 'null']) {
      const { status, body } = await refusal(url, { origin })
      expect(status).toBe(403)
      expect(JSON.parse(body)).toMatchObject({ code: 'HOST_REFUSED', field: 'origin' })
    }
    const renamed = await refusal(url, { host: 'evil.example', origin: 'http://evil.example' })
    expect(renamed.status).toBe(403)
  })

  test('with a wrong filter, or to another address, is refused with the reason', async () => {
    const { port, url } = await openLive()
    const wrong = await refusal(`${url}?origin=newark`)
    expect(wrong.status).toBe(400)
    expect(JSON.parse(wrong.body)).toMatchObject({ code: 'FIELD_TYPE', field: 'origin' })
    expect((await refusal(`ws://127.0.0.1:${port}/v1/events`)).status).toBe(404)
  })

  test('beyond the limit is refused until another has gone', async () => {
    const { url } = await openLive({ listenersMax: 1 })
    const first = listenTo(url)
    await first.until(isSnapshot)
    expect((await refusal(url)).status).toBe(429)
    first.socket.close()
    await first.closed
    expect((await listenTo(url).until(isSnapshot)).seq).toBe(0)
  })

  test('that breaks off in the middle of its request leaves the server whole', async () => {
    const { port, url } = await openLive()
    const raw = connect(port, '127.0.0.1')
    raw.write('GET /v1/live HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
    // No key: the answer is a refusal.
    await new Promise(resolve => raw.once('data', resolve))
    raw.resetAndDestroy()
    expect((await listenTo(url).until(isSnapshot)).seq).toBe(0)
  })

  test('is told when the server stops', async () => {
    const { server, url } = await openLive()
    const client = listenTo(url)
    await client.until(isSnapshot)
    await server.close()
    expect(await client.closed).toBe(1001)
  })
})
