// The live socket: one snapshot, then deltas at most every 250 ms, to every listener what it asked for.
//
// A frame's `seq` rises by 1 per connection. A listener that reads too slowly is not sent deltas any more (they would
// only pile up here); once its buffer has drained it gets a new snapshot, and `dropped` says how many predictions it
// missed. One that answers no ping is cut off. So a slow listener costs the others nothing.
//
// A listener whose socket breaks may go on where it was: it connects with `resume`, or says so in a message, and gets
// the frames that it missed, if they are still kept; otherwise a snapshot.

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { Failure, failureIn } from '../lib/failure.ts'
import { Listener, roundOf } from './live-frames.ts'
import type { LiveHub } from './live-hub.ts'
import { LiveSessions, type SessionLimits } from './live-sessions.ts'
import { type LiveMessage, parseMessage, parseSubscription, type Resume } from './live-subscription.ts'
import { type Problem, pathOf, problemOf, problemType } from './problem.ts'
import type { Program } from './program.ts'

export const livePath = '/v1/live'

export type LiveLimits = SessionLimits & {
  flushEveryMs: number
  pingEveryMs: number
  /** Bytes that may wait for one listener before it counts as slow. */
  waitingBytesMax: number
  listenersMax: number
  messageBytesMax: number
  messagesPerSecondMax: number
  /** Bad messages after which a listener is cut off. */
  errorsMax: number
}

const defaultLimits: LiveLimits = {
  flushEveryMs: 250,
  pingEveryMs: 30_000,
  waitingBytesMax: 1_000_000,
  listenersMax: 200,
  messageBytesMax: 16_384,
  messagesPerSecondMax: 20,
  errorsMax: 20,
  sessionsMax: 100,
  sessionRoundsMax: 120,
}

export type LiveSocketOptions = {
  server: Server
  program: Program
  hub: LiveHub
  /** Until then listeners wait for their first frame. */
  isFilled: () => boolean
  /** @throws Failure HOST_REFUSED for a request that may not connect */
  admit: (request: IncomingMessage) => void
  onError: (error: unknown) => void
  limits?: Partial<LiveLimits>
}

type Connection = {
  readonly socket: WebSocket
  listener: Listener
  /** It has answered the last ping. */
  isAlive: boolean
  messagesThisSecond: number
  errors: number
}

export class LiveSocket {
  readonly #options: LiveSocketOptions
  readonly #limits: LiveLimits
  readonly #sockets: WebSocketServer
  readonly #connections = new Set<Connection>()
  readonly #sessions: LiveSessions
  #timers: NodeJS.Timeout[] = []
  #isClosed = false

  constructor(options: LiveSocketOptions) {
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#sessions = new LiveSessions(this.#limits)
    const { messageBytesMax } = this.#limits
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax, perMessageDeflate: false })
    options.server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  get listenerCount(): number {
    return this.#connections.size
  }

  /** Says goodbye to every listener and takes no more; resolves once they are gone. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#sessions.clear()
    this.#stopTimers()
    await closeAll([...this.#connections].map(({ socket }) => socket))
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const subscription = this.#admit(request, socket)
    if (subscription === undefined) return
    this.#sockets.handleUpgrade(request, socket, head, ws => this.#connect(ws, subscription))
  }

  #admit(request: IncomingMessage, socket: Duplex): ReturnType<typeof parseSubscription> | undefined {
    try {
      const url = request.url ?? '/'
      if (pathOf(url) !== livePath) throw new Failure('ROUTE_UNKNOWN', `there is no socket at ${pathOf(url)}`)
      this.#options.admit(request)
      if (this.#isClosed) throw new Failure('NOT_RUNNING', 'Slipstream is stopping')
      if (this.#connections.size >= this.#limits.listenersMax) {
        throw new Failure('TOO_MANY_REQUESTS', 'too many live sockets are open')
      }
      return parseSubscription(new URLSearchParams(url.slice(livePath.length)))
    } catch (error) {
      refuse(socket, this.#problemOf(error))
      return undefined
    }
  }

  #connect(socket: WebSocket, { resume, ...subscription }: ReturnType<typeof parseSubscription>): void {
    const listener = new Listener(subscription, randomUUID())
    const connection: Connection = { socket, listener, isAlive: true, messagesThisSecond: 0, errors: 0 }
    this.#connections.add(connection)
    socket.on('pong', () => {
      connection.isAlive = true
    })
    socket.on('message', (data, isBinary) => this.#receive(connection, data, isBinary))
    // Unheard, a broken frame of one listener would end the process.
    socket.on('error', () => socket.terminate())
    socket.on('close', code => {
      // Not in the set any more: another socket goes on with its listener.
      const isLast = this.#connections.delete(connection)
      if (isLast && code !== cutOff && !this.#isClosed) this.#sessions.keep(connection.listener)
      this.#stopIfAlone()
    })
    if (resume !== null) this.#resume(connection, resume)
    if (this.#timers.length === 0) this.#startTimers()
  }

  /** Goes on with the session, also where its former socket is not known to be broken yet. */
  #resume(connection: Connection, { session, seq }: Partial<Resume>): void {
    const { socket } = connection
    if (session !== undefined && session !== connection.listener.session) {
      for (const other of this.#connections) {
        if (other.listener.session !== session) continue
        this.#connections.delete(other)
        this.#sessions.keep(other.listener)
        other.socket.terminate()
      }
      const listener = this.#sessions.take(session, connection.listener.subscription)
      if (listener !== undefined) connection.listener = listener
      else seq = undefined
    }
    // To one that does not read, old frames would only pile up: it gets a snapshot once it has caught up.
    const isBehind = socket.bufferedAmount > this.#limits.waitingBytesMax / 4
    for (const text of connection.listener.resume(isBehind ? undefined : seq)) socket.send(text)
  }

  #receive(connection: Connection, data: RawData, isBinary: boolean): void {
    const { socket } = connection
    connection.messagesThisSecond += 1
    if (connection.messagesThisSecond > this.#limits.messagesPerSecondMax) {
      return socket.close(cutOff, 'too many messages')
    }
    try {
      if (isBinary || !Buffer.isBuffer(data)) throw new Failure('REQUEST_MALFORMED', 'messages are JSON in text frames')
      this.#obey(connection, parseMessage(data.toString('utf8')))
    } catch (error) {
      socket.send(connection.listener.errorFrame(this.#problemOf(error)))
      connection.errors += 1
      if (connection.errors >= this.#limits.errorsMax) socket.close(cutOff, 'too many bad messages')
    }
  }

  #obey(connection: Connection, message: LiveMessage): void {
    if (message.type === 'pause') return connection.listener.pause()
    if (message.type === 'resume') return this.#resume(connection, message)
    const { type: _, ...command } = message
    this.#options.program.control(command)
  }

  #round(): void {
    const { hub, isFilled, program, onError } = this.#options
    if (!isFilled()) return
    try {
      const round = roundOf(hub.flush(program.status()))
      for (const { socket, listener } of this.#connections) {
        const waitingBytes = socket.bufferedAmount
        listener.advance(round, { hub, waitingBytes, limits: this.#limits, send: text => socket.send(text) })
      }
      this.#sessions.advance(round, { hub, limits: this.#limits })
      this.#stopIfAlone()
    } catch (error) {
      onError(error)
    }
  }

  #startTimers(): void {
    const { flushEveryMs, pingEveryMs } = this.#limits
    this.#timers = [
      setInterval(() => this.#round(), flushEveryMs),
      setInterval(() => this.#ping(), pingEveryMs),
      setInterval(() => {
        for (const connection of this.#connections) connection.messagesThisSecond = 0
      }, 1_000),
    ]
    for (const timer of this.#timers) timer.unref()
    // The first listener need not wait for the timer.
    this.#round()
  }

  #stopIfAlone(): void {
    if (this.#connections.size === 0 && this.#sessions.size === 0) this.#stopTimers()
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers = []
  }

  #ping(): void {
    for (const connection of this.#connections) {
      const { socket, isAlive } = connection
      if (!isAlive) socket.terminate()
      else if (socket.readyState === socket.OPEN) socket.ping()
      connection.isAlive = false
    }
  }

  #problemOf(error: unknown): Problem {
    const failure = failureIn(error)
    if (failure === undefined) this.#options.onError(error)
    return problemOf(failure ?? new Failure('UNEXPECTED', 'unexpected'))
  }
}

/** Close code for a listener that breaks the rules. */
const cutOff = 1008

/** Milliseconds that a listener has to say goodbye. */
const goodbyeMs = 500

async function closeAll(sockets: readonly WebSocket[]): Promise<void> {
  const gone = sockets.map(socket => new Promise<void>(resolve => socket.once('close', () => resolve())))
  for (const socket of sockets) socket.close(1001, 'Slipstream is stopping')
  const timer = setTimeout(() => {
    for (const socket of sockets) socket.terminate()
  }, goodbyeMs)
  await Promise.all(gone)
  clearTimeout(timer)
}

function refuse(socket: Duplex, problem: Problem): void {
  const body = JSON.stringify(problem)
  const lines = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    'connection: close',
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  if (problem.status === 429 || problem.status === 503) lines.push('retry-after: 2')
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`)
}
