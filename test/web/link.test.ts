import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Link, type LinkState, parseFrame, retryDelayMs, type SocketLike } from '../../src/web/link.ts'
import type { Frame } from '../../src/web/wire.ts'
import { deltaOf, snapshotOf } from './samples.ts'

class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { reason?: string }) => void) | null = null
  readonly sent: string[] = []
  isClosed = false
  send(text: string): void {
    this.sent.push(text)
  }
  close(): void {
    this.isClosed = true
  }
  get(...frames: Frame[]): void {
    for (const frame of frames) this.onmessage?.({ data: JSON.stringify(frame) })
  }
}

let sockets: FakeSocket[]
/** What each socket was opened with. */
let resumed: (string | null)[]
let flushes: (readonly Frame[])[]
let states: LinkState[]
let link: Link

const socket = () => sockets.at(-1) ?? expect.unreachable('no socket was opened')
const seqs = () => flushes.map(frames => frames.map(frame => frame.seq))

beforeEach(() => {
  vi.useFakeTimers()
  sockets = []
  flushes = []
  states = []
  resumed = []
  link = new Link({
    open(resume) {
      resumed.push(resume)
      sockets.push(new FakeSocket())
      return socket()
    },
    onFrames: frames => flushes.push(frames),
    onState: state => states.push(state),
    random: () => 0,
    now: Date.now,
  })
})

afterEach(() => {
  link.stop()
  vi.useRealTimers()
})

describe('a server that is about to be back', () => {
  test('is asked for four times a second, and as any other once it is not awaited any more', () => {
    link.stop()
    sockets = []
    link = new Link({
      open() {
        sockets.push(new FakeSocket())
        return socket()
      },
      onFrames: () => {},
      onState: state => states.push(state),
      isAwaited: downMs => downMs < 600,
      random: () => 0,
      now: Date.now,
    })
    for (const [waitMs, opened] of [
      [0, 1],
      [250, 2],
      [250, 3],
      [250, 4],
      [250, 4],
      [250, 5],
    ] as const) {
      vi.advanceTimersByTime(waitMs)
      expect(sockets).toHaveLength(opened)
      if (sockets.length === opened && !socket().isClosed) socket().onclose?.({})
    }
  })
})

describe('frames', () => {
  test('of 250 ms are handed on together', () => {
    socket().get(snapshotOf(), deltaOf(1), deltaOf(2))
    expect(flushes).toEqual([])
    vi.advanceTimersByTime(250)
    socket().get(deltaOf(3))
    vi.advanceTimersByTime(250)
    expect(seqs()).toEqual([[0, 1, 2], [3]])
  })

  test('after a gap are not taken until the missing ones came', () => {
    socket().get(snapshotOf(), deltaOf(1), deltaOf(4), deltaOf(5))
    expect(socket().sent).toEqual(['{"type":"resume","seq":1}'])
    socket().get(deltaOf(2), deltaOf(3), deltaOf(4), deltaOf(5), deltaOf(6))
    vi.advanceTimersByTime(250)
    expect(seqs()).toEqual([[0, 1, 2, 3, 4, 5, 6]])
  })

  test('before a snapshot are void', () => {
    socket().get(snapshotOf(), deltaOf(1), deltaOf(3), snapshotOf({ seq: 4 }), deltaOf(5))
    vi.advanceTimersByTime(250)
    expect(seqs()).toEqual([[4, 5]])
  })

  test('a gap that stays open for 5 s opens the socket again', () => {
    socket().get(snapshotOf(), deltaOf(2))
    vi.advanceTimersByTime(5_000)
    expect(states.at(-1)).toMatchObject({ phase: 'down', why: 'the server did not fill a gap in the stream' })
    vi.advanceTimersByTime(500)
    expect(sockets).toHaveLength(2)
  })

  test('that cannot be read are passed over', () => {
    expect(parseFrame('{"seq":')).toBeUndefined()
    expect(parseFrame('{"seq":1,"type":"other"}')).toBeUndefined()
    expect(parseFrame('null')).toBeUndefined()
    expect(parseFrame('{"seq":"1","type":"delta"}')).toBeUndefined()
  })
})

describe('a lost connection', () => {
  test('is tried again after 0.5, 1, 2, 4, 8, 8 s', () => {
    const waits: number[] = []
    for (let attempt = 0; attempt < 6; attempt++) {
      socket().onclose?.({})
      const state = states.at(-1)
      waits.push(state?.phase === 'down' ? state.retryAt - Date.now() : -1)
      vi.advanceTimersByTime(waits.at(-1) ?? 0)
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000])
    expect(sockets).toHaveLength(7)
  })

  test('waits up to 30 % longer, so that many pages do not come at once', () => {
    expect([retryDelayMs(2, 0), retryDelayMs(2, 1)]).toEqual([2_000, 2_600])
  })

  test('is down since it was lost, through all tries, and up with the next snapshot', () => {
    const lostAt = Date.now()
    socket().onclose?.({ reason: 'Slipstream is stopping' })
    vi.advanceTimersByTime(500)
    socket().onclose?.({})
    expect(states.at(-1)).toMatchObject({ phase: 'down', since: lostAt, attempt: 2 })
    link.retry()
    socket().get(snapshotOf())
    expect(states.at(-1)?.phase).toBe('open')
  })

  test('starts its waits over once it was up', () => {
    socket().onclose?.({})
    vi.advanceTimersByTime(500)
    socket().get(snapshotOf())
    socket().onclose?.({})
    expect(states.at(-1)).toMatchObject({ phase: 'down', attempt: 1 })
  })

  test('is not opened twice by a retry while it is up', () => {
    socket().get(snapshotOf())
    link.retry()
    expect(sockets).toHaveLength(1)
  })
})

describe('a connection that comes back', () => {
  const lose = () => {
    socket().onclose?.({})
    vi.advanceTimersByTime(500)
  }

  test('names the last frame, and takes the missed ones without a snapshot', () => {
    socket().get(snapshotOf({ session: 'abc' }), deltaOf(1), deltaOf(2))
    lose()
    expect(resumed).toEqual([null, 'abc:2'])
    expect(states.at(-1)?.phase).toBe('down')
    socket().get(deltaOf(3), deltaOf(4))
    expect(states.at(-1)?.phase).toBe('open')
    vi.advanceTimersByTime(250)
    expect(seqs().flat()).toEqual([0, 1, 2, 3, 4])
    lose()
    expect(resumed.at(-1)).toBe('abc:4')
  })

  test('takes the snapshot of another session, as of a pipeline that was killed', () => {
    socket().get(snapshotOf({ session: 'abc' }), deltaOf(1))
    lose()
    socket().get(snapshotOf({ session: 'def' }), deltaOf(1))
    vi.advanceTimersByTime(250)
    expect(seqs().at(-1)).toEqual([0, 1])
    lose()
    expect(resumed).toEqual([null, 'abc:1', 'def:1'])
  })

  test('has nothing to go on from before its first snapshot, or after a gap that stayed open', () => {
    lose()
    expect(resumed).toEqual([null, null])
    socket().get(snapshotOf({ session: 'abc' }), deltaOf(2))
    vi.advanceTimersByTime(5_500)
    expect(resumed).toEqual([null, null, null])
  })

  test('tells the server that nobody sees it on the new socket', () => {
    socket().get(snapshotOf())
    lose()
    link.setHidden(true)
    expect(socket().sent).toEqual([])
    socket().onopen?.()
    expect(socket().sent).toEqual(['{"type":"pause"}'])
  })
})

test('a hidden page asks the server to pause, and to go on once it is seen', () => {
  socket().get(snapshotOf())
  link.setHidden(true)
  link.setHidden(true)
  link.setHidden(false)
  expect(socket().sent).toEqual(['{"type":"pause"}', '{"type":"resume"}'])
})

test('a page hidden before it is connected pauses as soon as it is', () => {
  link.setHidden(true)
  expect(socket().sent).toEqual([])
  socket().onopen?.()
  expect(socket().sent).toEqual(['{"type":"pause"}'])
})
