// The socket to /v1/live: reconnects, keeps the order, and hands on what came at most every 250 ms.
//
//   order     `seq` rises by 1 a connection. After a gap nothing is taken until the server has sent what was missed,
//             or a snapshot; if neither comes within 5 s the socket is opened again.
//   buffer    frames wait for the next flush, so that the page draws 4 times a second and not with every frame.
//   hidden    a page that nobody sees asks the server to pause; once seen again it gets a snapshot.
//   retries   after 0.5, 1, 2, 4, 8, 8 ... s, each with up to 30 % added, so that many pages do not come back at once.

import type { Frame } from './wire.ts'

export const flushEveryMs = 250

const answerWithinMs = 5_000

/** What the link needs of a WebSocket. */
export interface SocketLike {
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { reason?: string }) => void) | null
  send(text: string): void
  close(): void
}

export type LinkState =
  | { phase: 'connecting'; since: number }
  | { phase: 'open'; since: number }
  | { phase: 'down'; since: number; retryAt: number; attempt: number; why: string }

export type LinkOptions = {
  open: () => SocketLike
  onFrames: (frames: readonly Frame[]) => void
  onState: (state: LinkState) => void
  /** 0..1, for the jitter. */
  random: () => number
  now: () => number
}

export interface Link {
  /** Connects at once, if it is down. */
  retry(): void
  /** Tells whether anybody can see the page. */
  setHidden(isHidden: boolean): void
  stop(): void
}

/** `attempt` counts from 0; `random` is in 0..1. */
export function retryDelayMs(attempt: number, random: number): number {
  return Math.round(Math.min(500 * 2 ** attempt, 8_000) * (1 + 0.3 * random))
}

export function parseFrame(data: unknown): Frame | undefined {
  try {
    const frame = JSON.parse(String(data))
    const isKnown = frame?.type === 'snapshot' || frame?.type === 'delta' || frame?.type === 'error'
    return isKnown && typeof frame.seq === 'number' ? frame : undefined
  } catch {
    return undefined
  }
}

export function startLink(options: LinkOptions): Link {
  const { onFrames, onState, now } = options
  let socket: SocketLike | null = null
  let buffer: Frame[] = []
  let lastSeq = -1
  let isHidden = false
  let attempt = 0
  let downSince = 0
  let flushTimer: ReturnType<typeof setTimeout> | undefined
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let answerTimer: ReturnType<typeof setTimeout> | undefined

  function connect(): void {
    clearTimeout(retryTimer)
    if (downSince === 0) onState({ phase: 'connecting', since: now() })
    const opened = options.open()
    socket = opened
    lastSeq = -1
    opened.onopen = () => {
      if (isHidden) opened.send('{"type":"pause"}')
    }
    opened.onmessage = event => receive(event.data)
    opened.onclose = event => lost(event.reason)
  }

  function receive(data: unknown): void {
    const frame = parseFrame(data)
    if (frame === undefined) return
    if (frame.type === 'snapshot') {
      attempt = 0
      downSince = 0
      clearTimeout(answerTimer)
      answerTimer = undefined
      onState({ phase: 'open', since: now() })
    } else if (frame.seq !== lastSeq + 1) {
      if (frame.seq > lastSeq) askAgain()
      return
    }
    lastSeq = frame.seq
    // A snapshot makes what waits before it void.
    if (frame.type === 'snapshot') buffer = [frame]
    else buffer.push(frame)
    if (answerTimer !== undefined) {
      clearTimeout(answerTimer)
      answerTimer = undefined
    }
    flushTimer ??= setTimeout(flush, flushEveryMs)
  }

  function askAgain(): void {
    if (answerTimer !== undefined) return
    socket?.send(JSON.stringify({ type: 'resume', seq: Math.max(lastSeq, 0) }))
    answerTimer = setTimeout(() => {
      answerTimer = undefined
      lost('the server did not fill a gap in the stream')
    }, answerWithinMs)
  }

  function flush(): void {
    flushTimer = undefined
    const frames = buffer
    buffer = []
    if (frames.length > 0) onFrames(frames)
  }

  function lost(reason?: string): void {
    drop()
    downSince ||= now()
    const delay = retryDelayMs(attempt, options.random())
    attempt += 1
    const why = reason || 'the connection to the server is gone'
    onState({ phase: 'down', since: downSince, retryAt: now() + delay, attempt, why })
    retryTimer = setTimeout(connect, delay)
  }

  function drop(): void {
    clearTimeout(answerTimer)
    answerTimer = undefined
    clearTimeout(retryTimer)
    if (socket === null) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
    socket = null
  }

  connect()
  return {
    retry() {
      if (socket !== null && downSince === 0) return
      drop()
      connect()
    },
    setHidden(hidden) {
      if (hidden === isHidden) return
      isHidden = hidden
      // Not while connecting: `onopen` will say it.
      if (lastSeq >= 0) socket?.send(hidden ? '{"type":"pause"}' : '{"type":"resume"}')
    },
    stop() {
      drop()
      clearTimeout(flushTimer)
    },
  }
}
