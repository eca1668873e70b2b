// The socket to /v1/live: reconnects, keeps the order, and hands on what came at most every 250 ms.
//
//   order     `seq` rises by 1 a session. After a break the session goes on where it was: the address names the last
//             frame, and the missed ones follow, or a snapshot of another session. After a gap nothing is taken until the server has sent what was missed,
//             or a snapshot; if neither comes within 5 s the socket is opened again.
//   buffer    frames wait for the next flush, so that the page draws 4 times a second and not with every frame.
//   hidden    a page that nobody sees asks the server to pause; once seen again it gets a snapshot.
//   retries   after 0.5, 1, 2, 4, 8, 8 ... s, each with up to 30 % added, so that many pages do not come back at once;
//             every 0.25 s while the server is awaited.

import type { Frame } from './wire.ts'

export const flushEveryMs = 250

const answerWithinMs = 5_000

const awaitedEveryMs = 250

/** What the link needs of a WebSocket. */
export interface SocketLike {
  onopen: ((event: never) => unknown) | null
  onmessage: ((event: never) => unknown) | null
  onclose: ((event: never) => unknown) | null
  send(text: string): void
  close(): void
}

export type LinkState =
  | { phase: 'connecting'; since: number }
  | { phase: 'open'; since: number }
  | { phase: 'down'; since: number; retryAt: number; attempt: number; why: string }

export type LinkOptions = {
  /** @param resume `session:seq` of the last frame, to go on after it; null the first time */
  open: (resume: string | null) => SocketLike
  onFrames: (frames: readonly Frame[]) => void
  onState: (state: LinkState) => void
  /** After so long without a connection: whether somebody is about to start the server again. */
  isAwaited?: (downMs: number) => boolean
  /** 0..1, for the jitter. */
  random: () => number
  now: () => number
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

type Timer = ReturnType<typeof setTimeout> | undefined

export class Link {
  readonly #options: LinkOptions
  #socket: SocketLike | null = null
  #buffer: Frame[] = []
  /** Of the last snapshot; null while there is nothing to go on from. */
  #session: string | null = null
  #lastSeq = -1
  /** Whether this socket has brought a frame. */
  #isFlowing = false
  #isHidden = false
  #attempt = 0
  /** 0 while it is up, or has never been. */
  #downSince = 0
  #flushTimer: Timer
  #retryTimer: Timer
  #answerTimer: Timer

  /** Connects at once. */
  constructor(options: LinkOptions) {
    this.#options = options
    this.#connect()
  }

  /** Connects at once, if it is down. */
  retry(): void {
    if (this.#downSince === 0) return
    this.#drop()
    this.#connect()
  }

  /** Tells whether anybody can see the page. */
  setHidden(isHidden: boolean): void {
    if (isHidden === this.#isHidden) return
    this.#isHidden = isHidden
    // Not while connecting: `onopen` will say it.
    if (this.#isFlowing) this.#socket?.send(isHidden ? '{"type":"pause"}' : '{"type":"resume"}')
  }

  stop(): void {
    this.#drop()
    clearTimeout(this.#flushTimer)
  }

  #connect(): void {
    const { open, onState, now } = this.#options
    if (this.#downSince === 0) onState({ phase: 'connecting', since: now() })
    const socket = open(this.#session === null ? null : `${this.#session}:${this.#lastSeq}`)
    this.#socket = socket
    this.#isFlowing = false
    socket.onopen = () => {
      if (this.#isHidden) socket.send('{"type":"pause"}')
    }
    socket.onmessage = (event: { data: unknown }) => this.#receive(event.data)
    socket.onclose = (event: { reason?: string }) => this.#lost(event.reason)
  }

  #receive(data: unknown): void {
    const frame = parseFrame(data)
    if (frame === undefined) return
    if (frame.type === 'snapshot') this.#session = frame.session
    // an error of a session that has not had its snapshot yet
    else if (this.#session === null) return
    else if (frame.seq !== this.#lastSeq + 1) {
      if (frame.seq > this.#lastSeq) this.#askAgain()
      return
    }
    if (!this.#isFlowing || frame.type === 'snapshot') this.#isUp()
    this.#isFlowing = true
    clearTimeout(this.#answerTimer)
    this.#answerTimer = undefined
    this.#lastSeq = frame.seq
    // A snapshot makes what waits before it void.
    if (frame.type === 'snapshot') this.#buffer = [frame]
    else this.#buffer.push(frame)
    this.#flushTimer ??= setTimeout(() => this.#flush(), flushEveryMs)
  }

  #isUp(): void {
    this.#attempt = 0
    this.#downSince = 0
    this.#options.onState({ phase: 'open', since: this.#options.now() })
  }

  #askAgain(): void {
    if (this.#answerTimer !== undefined) return
    this.#socket?.send(JSON.stringify({ type: 'resume', seq: Math.max(this.#lastSeq, 0) }))
    this.#answerTimer = setTimeout(() => {
      this.#session = null
      this.#lost('the server did not fill a gap in the stream')
    }, answerWithinMs)
  }

  #flush(): void {
    this.#flushTimer = undefined
    const frames = this.#buffer
    this.#buffer = []
    if (frames.length > 0) this.#options.onFrames(frames)
  }

  #lost(reason?: string): void {
    const { now, onState, random } = this.#options
    this.#drop()
    this.#downSince ||= now()
    const isAwaited = this.#options.isAwaited?.(now() - this.#downSince) ?? false
    const delay = isAwaited ? awaitedEveryMs : retryDelayMs(this.#attempt, random())
    if (!isAwaited) this.#attempt += 1
    const why = reason || 'the server does not answer'
    onState({ phase: 'down', since: this.#downSince, retryAt: now() + delay, attempt: this.#attempt, why })
    this.#retryTimer = setTimeout(() => this.#connect(), delay)
  }

  #drop(): void {
    clearTimeout(this.#answerTimer)
    this.#answerTimer = undefined
    clearTimeout(this.#retryTimer)
    if (this.#socket === null) return
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null
    this.#socket.close()
    this.#socket = null
  }
}
