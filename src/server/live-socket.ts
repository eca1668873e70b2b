// The live socket: one snapshot, then deltas at most every 250 ms, to every listener what it asked for.
//
// A frame's `seq` rises by 1 per connection. A listener that reads too slowly is not sent deltas any more (they would
// only pile up here); once its buffer has drained it gets a new snapshot, and `dropped` says how many predictions it
// missed. One that answers no ping is cut off. So a slow listener costs the others nothing.

import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { Failure, failureIn } from '../lib/failure.ts'
import { Listener, roundOf } from './live-frames.ts'
import type { LiveHub } from './live-hub.ts'
import { parseMessage, parseSubscription, type Subscription } from './live-subscription.ts'
import { pathOf, type Problem, problemOf, problemType } from './problem.ts'
import type { Program } from './program.ts'

export const livePath = '/v1/live'

export type LiveLimits = {
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
}

export type LiveSocketOptions = {
  server: Server
  program: Program
  hub: LiveHub
  /** @throws Failure HOST_REFUSED for a request that may not connect */
  admit: (request: IncomingMessage) => void
  onError: (error: unknown) => void
  limits?: Partial<LiveLimits>
}

export interface LiveSocket {
  listenerCount(): number
  /** Says goodbye to every listener and takes no more; resolves once they are gone. */
  close(): Promise<void>
}

type Connection = {
  readonly socket: WebSocket
  readonly listener: Listener
  /** It has answered the last ping. */
  isAlive: boolean
  messagesThisSecond: number
  errors: number
}

export function openLiveSocket(options: LiveSocketOptions): LiveSocket {
  const { server, program, hub } = options
  const limits = { ...defaultLimits, ...options.limits }
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.messageBytesMax, perMessageDeflate: false })
  const connections = new Set<Connection>()
  let timers: NodeJS.Timeout[] = []
  let isClosed = false

  function round(): void {
    try {
      const flushed = roundOf(hub.flush(program.status()))
      for (const { socket, listener } of connections) {
        listener.advance(flushed, { hub, waitingBytes: socket.bufferedAmount, limits, send: text => socket.send(text) })
      }
    } catch (error) {
      options.onError(error)
    }
  }

  function connect(socket: WebSocket, subscription: Subscription): void {
    const connection = { socket, listener: new Listener(subscription), isAlive: true, messagesThisSecond: 0, errors: 0 }
    connections.add(connection)
    socket.on('pong', () => {
      connection.isAlive = true
    })
    socket.on('message', (data, isBinary) => receive(connection, data, isBinary))
    // Without a listener a broken frame of one client would end the process.
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      connections.delete(connection)
      if (connections.size === 0) stopTimers()
    })
    if (timers.length === 0) startTimers()
  }

  function receive(connection: Connection, data: RawData, isBinary: boolean): void {
    const { socket, listener } = connection
    connection.messagesThisSecond += 1
    if (connection.messagesThisSecond > limits.messagesPerSecondMax) return socket.close(1008, 'too many messages')
    try {
      if (isBinary) throw new Failure('REQUEST_MALFORMED', 'messages are JSON in text frames')
      const message = parseMessage(String(data))
      if (message.type === 'pause') listener.pause()
      else if (message.type === 'resume') for (const text of listener.resume(message.seq)) socket.send(text)
      else {
        const { type: _, ...command } = message
        program.control(command)
      }
    } catch (error) {
      if (failureIn(error) === undefined) options.onError(error)
      socket.send(listener.errorFrame(problemOf(failureIn(error) ?? new Failure('UNEXPECTED', 'unexpected'))))
      connection.errors += 1
      if (connection.errors >= limits.errorsMax) socket.close(1008, 'too many bad messages')
    }
  }

  function startTimers(): void {
    // The first listener need not wait for the timer.
    round()
    const flush = setInterval(round, limits.flushEveryMs)
    const ping = setInterval(() => {
      for (const connection of connections) {
        if (!connection.isAlive) connection.socket.terminate()
        connection.isAlive = false
        if (connection.socket.readyState === connection.socket.OPEN) connection.socket.ping()
      }
    }, limits.pingEveryMs)
    const second = setInterval(() => {
      for (const connection of connections) connection.messagesThisSecond = 0
    }, 1_000)
    timers = [flush, ping, second]
    for (const timer of timers) timer.unref()
  }

  function stopTimers(): void {
    for (const timer of timers) clearInterval(timer)
    timers = []
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const subscription = admitted(request, socket)
    if (subscription !== undefined) sockets.handleUpgrade(request, socket, head, ws => connect(ws, subscription))
  }

  function admitted(request: IncomingMessage, socket: Duplex): Subscription | undefined {
    try {
      const url = request.url ?? '/'
      if (pathOf(url) !== livePath) throw new Failure('ROUTE_UNKNOWN', `there is no socket at ${pathOf(url)}`)
      options.admit(request)
      if (isClosed) throw new Failure('NOT_RUNNING', 'Slipstream is stopping')
      if (connections.size >= limits.listenersMax) throw new Failure('TOO_MANY_REQUESTS', 'too many live sockets are open')
      return parseSubscription(new URLSearchParams(url.slice(livePath.length)))
    } catch (error) {
      const failure = failureIn(error)
      if (failure === undefined) options.onError(error)
      refuse(socket, problemOf(failure ?? new Failure('UNEXPECTED', 'unexpected')))
      return undefined
    }
  }

  server.on('upgrade', upgrade)
  return {
    listenerCount: () => connections.size,
    close() {
      isClosed = true
      stopTimers()
      return closeAll([...connections].map(({ socket }) => socket))
    },
  }
}

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
