// slipstream up: everything in one process: pipeline, page, REST and WebSocket, over recorded flights or over one's own.

import { keepCompiled } from '../app/compile-cache.ts'
import { Running } from '../app/running.ts'
import { jobsFor } from '../app/sharing.ts'
import { demo, liveSource, replaySource, seedModelFrom, seedModelName } from '../app/sources.ts'
import { supervision } from '../app/supervision.ts'
import { openTrain } from '../app/train.ts'
import { programVersion } from '../app/version.ts'
import { openWarehouse } from '../app/warehouse.ts'
import { openWebhook } from '../app/webhook.ts'
import { type App, buildPage, openApp } from '../app.ts'
import { Failure } from '../lib/failure.ts'
import { openBrowser } from './browser.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { type Narration, narrated, sayPartitions } from './narration.ts'

const tellEveryMs = 1000

export const command: Command = {
  name: 'up',
  summary: 'start everything in one process: pipeline, page, REST and WebSocket',
  usage:
    'slipstream up [--empty] [--speed HOURS] [--fast-until DAY] [--port P] [--data-dir DIR] [--supervised] [--no-open]',
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
    model: {
      type: 'string',
      value: 'FILE',
      about: `model in force at first (default ${seedModelName}); none: no model`,
    },
    'model-from': { type: 'string', value: 'INSTANT', about: `from when on it is in force (default ${seedModelFrom})` },
    supervised: { type: 'boolean', about: 'start it again when it is killed or crashes, as npm start does' },
    'no-open': { type: 'boolean', about: 'do not open the page in a browser' },
  },
  examples: [
    'slipstream up',
    'slipstream up --fast-until 2013-03-07 --speed 2',
    'slipstream up --empty --data-dir ~/my-flights',
  ],
  run: io => narrated(io, 'up', narration => run(io, narration)),
}

async function run(io: CommandIo, narration: Narration): Promise<number> {
  namedArgs(io, command.usage, [])
  const signal = io.interruption()
  const supervisor = supervision()
  if (io.flags.supervised && !supervisor) {
    const help = 'A parent process has to be there first: node bin/slipstream.mjs up --supervised'
    throw new Failure('USAGE', '--supervised is for bin/slipstream.mjs', { field: 'supervised', help })
  }
  const isRevived = supervisor !== null && supervisor.lives > 1
  const part = { jobs: [...jobsFor(io.config), ...(io.flags.empty ? ['clock' as const] : [])], isAsked: true }
  const { trouble, troubleOf } = narration
  const app = await openApp({ config: io.config, part, onTrouble: trouble })
  narration.keep()
  sayPartitions(io, narration, app)
  const ends: (() => unknown)[] = [() => app.close()]
  try {
    // the doors' modules take as long to load as a thread takes to begin
    const [{ buildServer, listen }] = await Promise.all([import('../server/server.ts'), app.engines.start()])
    const calm = Promise.withResolvers<void>()
    const { train, close: closeTrain } = await openTrain(app, { onTrouble: troubleOf('train'), after: calm.promise })
    ends.push(closeTrain)
    const { silences, stop: stopWebhook } = await openWebhook(app, troubleOf('webhook'))
    ends.push(stopWebhook)
    const onTrouble = troubleOf(io.flags.empty ? 'clock' : 'replay')
    const options = { flags: io.flags, train, onTrouble, supervision: supervisor }
    const source = io.flags.empty ? await liveSource(app, options) : await replaySource(app, options)
    ends.push(() => source.ended())
    const program = new Running({
      app,
      train,
      silences,
      version: programVersion,
      replay: source.replay,
      supervision: supervisor,
      onTrouble: troubleOf('api'),
    })
    ends.push(() => program.stop())
    const { airports, clock, sharing } = app
    // a sink reads what is committed, however late: it shall not compete with what has to be back
    const hooks = { auto: true, sharing, clock, onTrouble: troubleOf('warehouse'), after: calm.promise }
    const warehouse = await openWarehouse(io.config, hooks)
    ends.push(() => warehouse?.close())
    const { logLevel, rateLimit: rateLimitPerMinute, host, port } = io.config
    const webFolder = (await buildPage()).folder
    const logTo = narration.serverLog
    const server = buildServer({ program, webFolder, logLevel, logTo, rateLimitPerMinute, airports, warehouse })
    ends.push(() => server.close())
    const url = `http://${host === '127.0.0.1' ? 'localhost' : host}:${await listen({ server, port, host })}`
    narration.say(`slipstream ${programVersion}: page and API on ${url}  (Ctrl-C stops, state is kept)`)
    supervisor?.listening()
    // nobody need wait for it, to be served
    program.start()
    program.calm().then(calm.resolve, troubleOf('api'))
    if (io.json) io.record({ event: 'ready', url, pipeline: app.stageSettings.version })
    // whoever waits for that line need not wait for the next one too
    await io.drained()
    if (!io.flags['no-open'] && !isRevived && io.isTty) openBrowser(url)
    ends.push(() => source.stop())
    source.start()
    await program.past()
    await untilAborted(io, signal, { app, program, narration })
  } finally {
    for (const end of ends.reverse()) await end()
  }
  return 0
}

/** Tells how it goes until the end is asked for. */
async function untilAborted(
  io: CommandIo,
  signal: AbortSignal,
  { app, program, narration }: { app: App; program: Running; narration: Narration },
): Promise<void> {
  let isKept = false
  for (; !signal.aborted; await app.clock.sleep(tellEveryMs, signal)) {
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
    if (ready && !isKept) keepCompiled()
    isKept ||= ready
    const state = ready ? `model ${model?.version}` : `not ready: ${notReadyBecause}`
    narration.progress(
      `${at}  ${eventsPerSecond} events/s  ${predictions} predictions  ${rejected} dead letters  balance ${balance.even ? 'even' : 'NOT EVEN'}  ${state}`,
    )
  }
}
