// slipstream up: everything in one process: pipeline, page, REST and WebSocket, over recorded flights or over one's own.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { buildWeb } from '../adapters/web-build.ts'
import { Running, type RunningReplay } from '../app/running.ts'
import { programVersion } from '../app/version.ts'
import { type App, openApp, openingCommands, openReplay, replaySpecOf } from '../app.ts'
import { LiveClock } from '../jobs/live-clock.ts'
import { Pace } from '../jobs/pace.ts'
import type { Replay, ReplayProgress } from '../jobs/replay.ts'
import { Failure } from '../lib/failure.ts'
import { seconds } from '../lib/time.ts'
import { buildServer, listen } from '../server/server.ts'
import type { Command, CommandIo } from './command.ts'
import { newSpec, seedModel } from './replay.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const demo = { from: '2013-01-01', to: '2013-12-31', fastUntil: '2013-02-06', speed: '1' }

export const command: Command = {
  name: 'up',
  summary: 'start everything in one process: pipeline, page, REST and WebSocket',
  usage: 'slipstream up [--empty] [--speed HOURS] [--fast-until DAY] [--port P] [--data-dir DIR] [--no-open]',
  flags: {
    empty: { type: 'boolean', about: 'your own data: events come from producers, event time is the wall clock' },
    from: { type: 'string', value: 'DAY', about: `first day replayed (default ${demo.from})` },
    to: { type: 'string', value: 'DAY', about: `last day replayed (default ${demo.to})` },
    'fast-until': { type: 'string', value: 'DAY', about: `full speed until this day (default ${demo.fastUntil})` },
    speed: {
      type: 'string',
      value: 'HOURS',
      about: `event hours a second after that; max: full speed (default ${demo.speed})`,
    },
    paused: { type: 'boolean', about: 'stop at the end of the fast part and wait for resume or step' },
    model: { type: 'string', value: 'FILE', about: `model in force at first (default ${seedModel}); none: no model` },
    'no-open': { type: 'boolean', about: 'do not open the page in a browser' },
  },
  examples: [
    'slipstream up',
    'slipstream up --fast-until 2013-03-07 --speed 2',
    'slipstream up --empty --data-dir ~/my-flights',
  ],
  run,
}

async function run(io: CommandIo): Promise<number> {
  const signal = io.interruption()
  const app = await openApp({ config: io.config, onTrouble: (where, error) => io.err(`${where}: ${said(error)}`) })
  await app.engine.start()
  const source = io.flags.empty ? await liveSource(io, app) : await replaySource(io, app)
  const program = new Running({ app, version: programVersion, replay: source.replay })
  await program.start()
  const web = await buildWeb({ root, out: `${root}.slipstream/web` })
  const { logLevel, rateLimit, host, port } = io.config
  const server = buildServer({
    program,
    webFolder: web.folder,
    logLevel,
    rateLimitPerMinute: rateLimit,
    airports: app.airports,
  })
  try {
    const url = `http://${host === '127.0.0.1' ? 'localhost' : host}:${await listen({ server, port, host })}`
    io.err(`slipstream ${programVersion}: page and API on ${url}  (Ctrl-C stops, state is kept)`)
    if (io.json) io.record({ event: 'ready', url, pipeline: app.stageSettings.version })
    if (!io.flags['no-open'] && io.isTty) openBrowser(url)
    source.start()
    await ended(io, signal, program)
  } finally {
    source.stop()
    await server.close()
    await program.stop()
    await source.ended()
    await app.close()
  }
  return 0
}

type Source = {
  replay: RunningReplay | null
  start(): void
  stop(): void
  ended(): Promise<void>
}

async function liveSource(io: CommandIo, app: App): Promise<Source> {
  const model = io.flags.model ?? seedModel
  const opening = model === 'none' ? [] : await openingCommands(app, String(model), 0)
  const { log, codec, blobs, clock, partitions } = app
  const onTrouble = (error: unknown) => io.err(`clock: ${said(error)}`)
  const live = new LiveClock({ log, codec, blobs, clock, partitions, everyMs: seconds(10), opening, onTrouble })
  let started: Promise<void> = Promise.resolve()
  return {
    replay: null,
    start: () => {
      started = live.start().catch(onTrouble)
    },
    stop: () => undefined,
    ended: async () => {
      await started
      await live.stop()
    },
  }
}

async function replaySource(io: CommandIo, app: App): Promise<Source> {
  const { flags, config } = io
  const held = await replaySpecOf(app.blobs)
  const spec = held ?? newSpec({ ...flags, from: flags.from ?? demo.from, to: flags.to ?? demo.to }, config)
  const fastUntil = Date.parse(`${String(flags['fast-until'] ?? demo.fastUntil)}T05:00:00Z`)
  const speed = String(flags.speed ?? demo.speed)
  const hoursPerSecond = speed === 'max' ? null : Number(speed)
  if (Number.isNaN(fastUntil))
    throw new Failure('USAGE', '--fast-until takes a day, as 2013-02-06', { field: 'fast-until' })
  if (hoursPerSecond !== null && !(hoursPerSecond > 0)) {
    throw new Failure('USAGE', '--speed takes event hours a second, or max', { field: 'speed' })
  }
  const pace = new Pace({ clock: app.clock, fastUntil, hoursPerSecond })
  if (flags.paused) pace.order('pause')
  let progress: ReplayProgress = { items: 0, mark: null, done: false }
  const onProgress = (now: ReplayProgress) => {
    progress = { ...now }
  }
  const replay: Replay = await openReplay(app, spec, { mayAdvance: mark => pace.mayAdvance(mark), onProgress })
  progress = replay.progress
  let running: Promise<unknown> = Promise.resolve()
  return {
    replay: { spec, pace, progress: () => progress },
    start: () => {
      running = replay.run().catch((error: unknown) => {
        if (!(error instanceof Failure && error.code === 'NOT_RUNNING')) io.err(`replay: ${said(error)}`)
      })
    },
    stop: () => pace.stop(),
    ended: async () => {
      await Promise.race([running, app.clock.sleep(seconds(2))])
      await replay.close()
    },
  }
}

/** Tells how it goes until the end is asked for. */
async function ended(io: CommandIo, signal: AbortSignal, program: Running): Promise<void> {
  while (!signal.aborted) {
    const { eventTime, eventsPerSecond, totals, balance, ready, notReadyBecause, model } = program.status()
    const at = eventTime === null ? 'no event yet' : new Date(eventTime).toISOString().slice(0, 16)
    const { predictions, rejected } = totals
    if (io.json) {
      io.record({
        event: 'progress',
        eventTime,
        eventsPerSecond,
        predictions,
        rejected,
        ready,
        model: model?.version ?? null,
      })
    }
    const state = ready ? `model ${model?.version}` : `not ready: ${notReadyBecause}`
    io.progress(
      `${at}  ${eventsPerSecond} events/s  ${predictions} predictions  ${rejected} dead letters  balance ${balance.even ? 'even' : 'NOT EVEN'}  ${state}`,
    )
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, 1000)
      signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
    })
  }
}

function openBrowser(url: string): void {
  const command = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open'
  spawn(command, [url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref()
}

function said(error: unknown): string {
  return error instanceof Failure
    ? `${error.code}: ${error.message}`
    : String(error instanceof Error ? error.message : error)
}
