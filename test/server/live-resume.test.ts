import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { Listener, type Round, roundOf } from '../../src/server/live-frames.ts'
import { createLiveHub } from '../../src/server/live-hub.ts'
import { LiveSessions } from '../../src/server/live-sessions.ts'
import type { LiveLimits } from '../../src/server/live-socket.ts'
import { parseSubscription } from '../../src/server/live-subscription.ts'
import { listen } from '../../src/server/server.ts'
import { Link } from '../../src/web/link.ts'
import { airports, openDoors } from './doors.ts'
import { createFakeProgram } from './fake-program.ts'
import { hourMs, noLoop, prediction } from './live-samples.ts'

type Frame = {
  seq: number
  type: string
  session?: string
  predictions?: { flightId: string }[]
  drift?: { metrics?: object; alerts?: { id: string }[]; requests?: object[] } | null
}

async function openLive(live: Partial<LiveLimits> = {}) {
  const { server, program } = openDoors({ live: { flushEveryMs: 5, ...live } })
  onTestFinished(() => server.close())
  const port = await listen({ server, port: 0, host: '127.0.0.1' })
  return { program, url: `ws://127.0.0.1:${port}/v1/live?topics=predictions,drift` }
}

function listenTo(url: string) {
  const socket = new WebSocket(url)
  onTestFinished(() => socket.terminate())
  const frames: Frame[] = []
  let wake = () => {}
  socket.on('message', data => {
    frames.push(JSON.parse((data as Buffer).toString()) as Frame)
    wake()
  })
  const closed = new Promise(resolve => socket.on('close', resolve))
  const until = async (fits: (frame: Frame) => boolean): Promise<Frame> => {
    for (;;) {
      const found = frames.find(fits)
      if (found !== undefined) return found
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
  return { socket, frames, until, closed }
}

const isSnapshot = ({ type }: Frame) => type === 'snapshot'
const says = (flightId: string) => (frame: Frame) => frame.predictions?.some(one => one.flightId === flightId) === true

describe('a listener whose socket broke', () => {
  /** Sees flight `a`, then is gone while `b` is said. */
  async function broken(limits: Partial<LiveLimits> = {}) {
    const { program, url } = await openLive(limits)
    const first = listenTo(url)
    const { session = '' } = await first.until(isSnapshot)
    program.emit(prediction({ flightId: 'a' }))
    const { seq } = await first.until(says('a'))
    const other = listenTo(url)
    await other.until(isSnapshot)
    first.socket.terminate()
    await first.closed
    program.emit(prediction({ flightId: 'b' }))
    await other.until(says('b'))
    return { program, url, session, seq }
  }

  test("is the page's own link: it misses nothing, and gets one snapshot", async () => {
    const { program, url } = await openLive()
    const opened: WebSocket[] = []
    const got: Frame[] = []
    const link = new Link({
      open: resume => {
        const socket = new WebSocket(resume === null ? url : `${url}&resume=${resume}`)
        opened.push(socket)
        return socket as never
      },
      onFrames: frames => got.push(...(frames as never as Frame[])),
      onState: () => undefined,
      isAwaited: () => true,
      random: Math.random,
      now: Date.now,
    })
    onTestFinished(() => link.stop())
    const saw = (id: string) => expect.poll(() => got.some(says(id)), { timeout: 10_000 }).toBe(true)
    await expect.poll(() => got.length, { timeout: 10_000 }).toBeGreaterThan(0)
    for (const id of ['a', 'b', 'c']) {
      program.emit(prediction({ flightId: id }))
      await saw(id)
      opened.at(-1)?.terminate()
      program.emit(prediction({ flightId: `${id} while away` }))
      await saw(`${id} while away`)
    }
    expect(opened.length).toBe(4)
    expect(got.filter(isSnapshot).length).toBe(1)
    expect(got.map(({ seq }) => seq)).toEqual(got.map((_, at) => at))
  })

  test('goes on with the frames that it missed, numbered on, without a snapshot', async () => {
    const { program, url, session, seq } = await broken()
    const again = listenTo(`${url}&resume=${session}:${seq}`)
    const missed = await again.until(says('b'))
    expect(missed).toMatchObject({ type: 'delta', seq: seq + 1 })
    program.emit(prediction({ flightId: 'c' }))
    expect(await again.until(says('c'))).toMatchObject({ type: 'delta', seq: seq + 2 })
    expect(again.frames.some(isSnapshot)).toBe(false)
  })

  test.each([
    ['where none are kept', { sessionsMax: 0 }, ''],
    ['with another filter', {}, '&carrier=UA'],
  ])('gets a snapshot of a new session %s', async (_, limits, more) => {
    const { url, session, seq } = await broken(limits)
    const again = listenTo(`${url}${more}&resume=${session}:${seq}`)
    const snapshot = await again.until(() => true)
    expect(snapshot).toMatchObject({ type: 'snapshot', seq: 0 })
    expect(snapshot.session).not.toBe(session)
  })

  test('may say in a message where it was', async () => {
    const { url, session, seq } = await broken()
    const again = listenTo(url)
    await again.until(isSnapshot)
    again.socket.send(JSON.stringify({ type: 'resume', session, seq }))
    expect(await again.until(says('b'))).toBeDefined()
    await again.until(frame => frame.type === 'delta' && frame.seq === seq + 1)
  })

  test('takes its place from a socket that is not known to be broken yet', async () => {
    const { program, url } = await openLive()
    const first = listenTo(url)
    const { session, seq } = await first.until(isSnapshot)
    const second = listenTo(`${url}&resume=${session}:${seq}`)
    await first.closed
    program.emit(prediction({ flightId: 'x' }))
    expect(await second.until(says('x'))).toMatchObject({ seq: seq + 1 })
    second.socket.terminate()
    await second.closed
    const third = listenTo(`${url}&resume=${session}:${seq}`)
    expect(await third.until(says('x'))).toMatchObject({ seq: seq + 1 })
  })

  test('is refused when it names no frame of a session', async () => {
    const { url } = await openLive()
    const socket = new WebSocket(`${url}&resume=nonsense`)
    onTestFinished(() => socket.terminate())
    const status = await new Promise(resolve => {
      socket.on('error', () => {})
      socket.on('unexpected-response', (_, answer) => resolve(answer.statusCode))
    })
    expect(status).toBe(400)
  })
})

describe('sessions', () => {
  const status = createFakeProgram().status()

  function flowing(session: string) {
    const hub = createLiveHub({ airports, status, loop: () => noLoop })
    const listener = new Listener(parseSubscription(new URLSearchParams('topics=status')), session)
    const round = (): Round => roundOf(hub.flush(status))
    const about = { hub, limits: { waitingBytesMax: 1_000_000 } }
    listener.advance(round(), { ...about, waitingBytes: 0, send: () => undefined })
    return { listener, round, about }
  }

  test('end when the first frame that can have been missed is no longer kept', () => {
    const sessions = new LiveSessions({ sessionsMax: 2, sessionRoundsMax: 10_000 })
    const { listener, round, about } = flowing('s')
    sessions.keep(listener)
    let rounds = 0
    for (; listener.keeps(0); rounds++) sessions.advance(round(), about)
    expect(sessions.size).toBe(1)
    expect(rounds).toBeGreaterThan(20)
    sessions.advance(round(), about)
    expect(sessions.size).toBe(0)
  })

  test('are no more than there may be: the oldest goes', () => {
    const sessions = new LiveSessions({ sessionsMax: 2, sessionRoundsMax: 5 })
    const listeners = ['a', 'b', 'c'].map(name => flowing(name).listener)
    for (const listener of listeners) sessions.keep(listener)
    const { subscription } = listeners[0] as Listener
    expect(sessions.take('a', subscription)).toBeUndefined()
    expect(sessions.take('c', subscription)).toBe(listeners[2])
    expect(sessions.take('c', subscription)).toBeUndefined()
  })

  test('of one that has paused or was behind are not kept', () => {
    const sessions = new LiveSessions({ sessionsMax: 2, sessionRoundsMax: 5 })
    const { listener } = flowing('s')
    listener.pause()
    sessions.keep(listener)
    expect(sessions.size).toBe(0)
  })
})

describe('the topic drift', () => {
  test('has the loop in the snapshot, and then what is new of it', async () => {
    const { program, url } = await openLive()
    program.advance(60 * hourMs)
    const client = listenTo(url.replace('predictions,', ''))
    const snapshot = await client.until(isSnapshot)
    expect(snapshot.drift?.metrics).toMatchObject({ columnsCompared: expect.any(Number) as number })
    expect(snapshot.drift?.alerts).toEqual([])
    program.advance(24 * hourMs)
    const delta = await client.until(frame => frame.type === 'delta' && frame.drift?.alerts !== undefined)
    expect(delta.drift?.alerts).toHaveLength(1)
    expect(delta.drift?.requests).toHaveLength(1)
    expect(delta).not.toHaveProperty('predictions')
  })

  test('is not sent to those who did not ask for it', async () => {
    const { program, url } = await openLive()
    const client = listenTo(url.replace(',drift', ''))
    expect((await client.until(isSnapshot)).drift).toBeNull()
    program.advance(2 * hourMs)
    program.emit(prediction({ flightId: 'z' }))
    expect(await client.until(says('z'))).not.toHaveProperty('drift')
  })
})
