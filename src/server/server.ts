// The doors over HTTP: one Fastify instance with every route, the live socket and the page. It knows the pipeline only
// as a `Program`. `buildServer` does not listen, so that tests can inject requests; `listen` does.

import rateLimit from '@fastify/rate-limit'
import fastify, { type FastifyInstance, LogController } from 'fastify'
import type { Airports } from '../flights/airports.ts'
import { Failure } from '../lib/failure.ts'
import { type EventKinds, readEventKinds } from './events.ts'
import { createLiveHub } from './live-hub.ts'
import { type LiveLimits, LiveSocket } from './live-socket.ts'
import { addMetrics } from './metrics.ts'
import { addOpenApi } from './openapi.ts'
import { addPressure } from './pressure.ts'
import { addProblems } from './problem.ts'
import type { Program } from './program.ts'
import { validatorCompiler } from './query.ts'
import { driftRoutes } from './routes-drift.ts'
import { eventRoutes } from './routes-events.ts'
import { healthRoutes } from './routes-health.ts'
import { modelRoutes } from './routes-models.ts'
import { pipelineRoutes } from './routes-pipeline.ts'
import { predictionRoutes } from './routes-predictions.ts'
import { searchRoutes } from './routes-searches.ts'
import { silenceRoutes } from './routes-silences.ts'
import { trainingRoutes } from './routes-trainings.ts'
import { type WarehouseDoor, warehouseRoutes } from './routes-warehouse.ts'
import { addSecurityHeaders, checkHost, checkOrigin } from './security.ts'
import { addWebPage, sendPage } from './web-page.ts'

export type ServerOptions = {
  program: Program
  /** Places and codes of airports: for the map, and to refuse events that name another. */
  airports: Airports
  /** Folder of the built page; null: no page. */
  webFolder: string | null
  logLevel: string
  /** Requests to /v1 a minute and client address; 0: no limit. */
  rateLimitPerMinute: number
  /** Names besides localhost under which it may be reached on the loopback address. */
  hostNames?: readonly string[]
  /** Wall clock, epoch milliseconds. */
  now?: () => number
  live?: Partial<LiveLimits>
  /** undefined: there is none. */
  warehouse?: WarehouseDoor | undefined
  /** Where log lines go; standard error unless given. */
  logTo?: { write(line: string): void }
}

const bodyBytesMax = 1_048_576

export function buildServer(options: ServerOptions): FastifyInstance {
  const { program, hostNames = [], webFolder } = options
  const app = fastify({
    logger: { level: options.logLevel, stream: options.logTo ?? process.stderr },
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytesMax,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    // set later, Fastify would have loaded its own by then; the types know none but those
    schemaController: {
      compilersFactory: {
        buildValidator: () => validatorCompiler as never,
        buildSerializer: () => () => data => JSON.stringify(data),
      },
    },
  })
  // JSON alone: a page elsewhere could send text without the browser asking first.
  app.removeContentTypeParser('text/plain')
  addProblems(app, (request, reply) => (webFolder === null ? undefined : sendPage(webFolder, request, reply)))
  app.addHook('onRequest', async request => checkHost(request.raw, hostNames))
  addSecurityHeaders(app)
  const kinds = readEventKinds()
  addOpenApi(app, { version: program.status().version, kinds })
  const live = addLive(app, options)
  addMetrics(app, { program, listenerCount: () => live.listenerCount })
  app.register(async scope => healthRoutes(scope, program))
  app.register(scope => addV1(scope, options, kinds))
  if (webFolder !== null) addWebPage(app, webFolder)
  return app
}

async function addV1(app: FastifyInstance, options: ServerOptions, kinds: EventKinds): Promise<void> {
  const { program, airports, rateLimitPerMinute, now = Date.now } = options
  if (rateLimitPerMinute > 0) {
    await app.register(rateLimit, {
      max: rateLimitPerMinute,
      timeWindow: 60_000,
      errorResponseBuilder: (_, { max, ttl }) =>
        new Failure('TOO_MANY_REQUESTS', `more than ${max} requests in a minute`, {
          help: `Wait ${Math.ceil(ttl / 1_000)} s. A batch counts as one request.`,
        }),
    })
  }
  await addPressure(app)
  eventRoutes(app, { program, airports, now, kinds })
  predictionRoutes(app, { program, airports })
  pipelineRoutes(app, program)
  silenceRoutes(app, program)
  trainingRoutes(app, program)
  warehouseRoutes(app, options.warehouse)
  driftRoutes(app, program)
  modelRoutes(app, program)
  searchRoutes(app, program)
}

function addLive(app: FastifyInstance, { program, airports, hostNames = [], live = {} }: ServerOptions): LiveSocket {
  const hub = createLiveHub({ airports, status: program.status(), loop: () => program.loop.now() })
  const stops = [program.loop.onChange(change => hub.changed(change))]
  let isFilled = false
  // After a restart there is a past: without it the page would be empty until the next flight.
  const fill = () => {
    for (const prediction of program.recentPredictions({ limit: 2_000 }).toReversed()) hub.predicted(prediction)
    stops.push(
      program.onPrediction(prediction => hub.predicted(prediction)),
      program.onGrade(grade => hub.graded(grade)),
    )
    isFilled = true
  }
  // a past that cannot be read is told by whoever started the program
  program.past().then(fill, () => undefined)
  const socket = new LiveSocket({
    server: app.server,
    program,
    hub,
    isFilled: () => isFilled,
    limits: live,
    admit(request) {
      checkHost(request, hostNames)
      checkOrigin(request)
    },
    onError: error => app.log.error({ err: error }, 'live socket'),
  })
  app.addHook('preClose', async () => {
    for (const stop of stops) stop()
    await socket.close()
  })
  return socket
}

export type ListenOptions = {
  server: FastifyInstance
  /** 0: any free port. */
  port: number
  host: string
}

/** @returns the port. @throws Failure PORT_IN_USE */
export async function listen({ server, port, host }: ListenOptions): Promise<number> {
  try {
    const address = await server.listen({ port, host, listenTextResolver: address => `listening at ${address}` })
    return Number(new URL(address).port)
  } catch (error) {
    throw listenFailure(error, port, host)
  }
}

function listenFailure(error: unknown, port: number, host: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') {
    const help = `Stop the other program, or take another port: --port ${port < 65_535 ? port + 1 : 8080}.`
    return new Failure('PORT_IN_USE', `port ${port} of ${host} is used by another program`, { help, cause: error })
  }
  if (code === 'EACCES') {
    const help = 'Ports below 1024 belong to the administrator: take a higher one, such as --port 8080.'
    return new Failure('PORT_IN_USE', `port ${port} of ${host} may not be used`, { help, cause: error })
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    const help = 'Use --host 127.0.0.1 for this machine alone, or 0.0.0.0 for all its addresses.'
    return new Failure('USAGE', `${host} is no address of this machine`, { field: 'host', help, cause: error })
  }
  return error
}
