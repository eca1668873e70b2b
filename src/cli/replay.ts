// slipstream replay: the whole embedded pipeline over recorded days, at full speed, and what came of it.

import { jobsFor } from '../app/sharing.ts'
import { newSpec, refuseLiveEvents, refuseOtherReplay, seedModelFrom, seedModelName } from '../app/sources.ts'
import { type Pace, type Summary, summarize } from '../app/summary.ts'
import { type OpenTrain, openTrain } from '../app/train.ts'
import { openWarehouse, type WarehouseProcess } from '../app/warehouse.ts'
import { type App, isOurs, openApp, openReplay, type ReplaySpec, replaySpecOf } from '../app.ts'
import { Failure } from '../lib/failure.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { type Narration, narrated, sayPartitions } from './narration.ts'

const againMs = 1000

export const command: Command = {
  name: 'replay',
  summary: 'run the whole pipeline over recorded days, at full speed',
  usage:
    'slipstream replay --from DAY --to DAY [--source DIR] [--partitions N] [--threads N] [--inject DOSES] [--warehouse chdb] [--resume] [--json]',
  flags: {
    from: { type: 'string', about: 'first local scheduled day, as 2013-01-01' },
    to: { type: 'string', about: 'last local scheduled day, inclusive' },
    resume: {
      type: 'boolean',
      about: 'go on with the replay that the data folder holds, or start it if it holds none',
    },
    inject: {
      type: 'string',
      about: 'spoil the input: late=0.01,duplicate=0.01,conflict=0.001,future=0.0001,garbage=0.0001',
    },
    seed: { type: 'string', about: 'of the spoiling; the same seed spoils the same way (default 1)' },
    model: { type: 'string', about: `model file in force (default ${seedModelName}); none: no model` },
    'model-from': { type: 'string', about: `from when on the model is in force (default ${seedModelFrom})` },
    'no-digests': { type: 'boolean', about: 'leave the digests out (they read every topic again)' },
  },
  examples: [
    'slipstream replay --from 2013-02-01 --to 2013-02-10 --data-dir /tmp/february',
    'slipstream replay --resume --data-dir /tmp/february --json',
  ],
  run: io => narrated(io, 'replay', narration => run(io, narration)),
}

async function run(io: CommandIo, narration: Narration): Promise<number> {
  namedArgs(io, command.usage, [])
  // what cannot be replayed is refused before a folder is made for it
  if (!io.flags['resume']) newSpec(io.flags, io.config)
  const app = await openApp({
    config: io.config,
    part: { jobs: jobsFor(io.config), isAsked: false },
    onTrouble: narration.trouble,
  })
  narration.keep()
  sayPartitions(io, narration, app)
  let warehouse: WarehouseProcess | undefined
  try {
    const spec = await specOf(io, app)
    warehouse = await openWarehouse(io.config, {
      auto: false,
      sharing: app.sharing,
      clock: app.clock,
      onTrouble: narration.troubleOf('warehouse'),
    })
    const { done, ...played } = await play(app, spec, { narration, signal: io.interruption() })
    if (!done) {
      narration.say('interrupted; go on with --resume')
      return 130
    }
    // another process may be the one that fills it
    const behind = warehouse && isOurs(app, 'sink') ? await catchUp(warehouse) : undefined
    const summary = await summarize(app, { ...played, digests: io.flags['no-digests'] !== true })
    if (io.json) io.document(behind ? { ...summary, warehouse: behind } : summary)
    else print(io, summary)
    if (behind) io.out(`the warehouse was filled ${behind.secondsAfter.toFixed(1)} s after that`)
    return summary.balanced ? 0 : 4
  } finally {
    await warehouse?.close()
    await app.close()
  }
}

/** How long after the last event every row was in its table. */
async function catchUp(warehouse: WarehouseProcess): Promise<{ secondsAfter: number }> {
  const startedAt = performance.now()
  await warehouse.caughtUp()
  return { secondsAfter: (performance.now() - startedAt) / 1000 }
}

/** What to replay: from the flags, or from the data folder when going on. */
async function specOf({ flags, config }: CommandIo, app: App): Promise<ReplaySpec> {
  const held = await replaySpecOf(app.blobs)
  if (!held) await refuseLiveEvents(app)
  if (flags.resume) {
    if (held) {
      refuseOtherReplay(held, app, flags)
      return held
    }
    // killed before it had begun
    if (flags.from !== undefined && flags.to !== undefined) return newSpec(flags, config)
    throw new Failure('USAGE', `${config.dataDir} holds no replay to go on with`, {
      help: 'Say what to replay: --from and --to.',
    })
  }
  if (held) {
    throw new Failure('USAGE', `${config.dataDir} holds a replay already`, {
      help: 'Go on with it (--resume), or name another --data-dir.',
    })
  }
  return newSpec(flags, config)
}

type Played = Pace & { done: boolean }

async function play(
  app: App,
  spec: ReplaySpec,
  { narration, signal }: { narration: Narration; signal: AbortSignal },
): Promise<Played> {
  await app.engines.start()
  const training = await openTrain(app, { onTrouble: narration.troubleOf('train') })
  try {
    return await replayed({ app, spec, narration, signal, ...training })
  } finally {
    await training.close()
  }
}

type Playing = OpenTrain & { app: App; spec: ReplaySpec; narration: Narration; signal: AbortSignal }

async function replayed({ app, spec, narration, signal, train, close }: Playing): Promise<Played> {
  let items = 0
  let eventsTraining = 0
  const replay = await openReplay(app, spec, {
    train,
    mayAdvance: async () => !signal.aborted,
    again: async error => {
      narration.trouble('replay', error)
      await app.clock.sleep(againMs, signal)
      return !signal.aborted
    },
    onProgress: progress => {
      const { open } = train.state()
      if (open) eventsTraining += progress.items - items
      items = progress.items
      const at = progress.mark === null ? 'opening' : new Date(progress.mark).toISOString().slice(0, 10)
      const training = open ? `  training ${open.id}: ${Math.round(open.progress * 100)} %` : ''
      narration.progress(`${at}  ${items.toLocaleString('en')} events${training}`)
    },
  })
  const before = replay.progress.items
  items = before
  // who waits for everybody to catch up is told too
  const onAbort = () => void Promise.all([app.engines.stop(app.config.stopSeconds * 1000), close()])
  signal.addEventListener('abort', onAbort, { once: true })
  const startedAt = performance.now()
  const done = await replay.run().catch((error: unknown) => {
    if (signal.aborted && error instanceof Failure && error.code === 'NOT_RUNNING') return false
    throw error
  })
  const seconds = (performance.now() - startedAt) / 1000
  await replay.close()
  return { seconds, secondsTraining: train.state().secondsTraining, events: items - before, eventsTraining, done }
}

function print(io: CommandIo, summary: Summary): void {
  const { events, seconds, eventsPerSecond, predictions, outcomes, deadLetters, late, balanced, peakRssMiB, metrics } =
    summary
  io.out(
    `${events.toLocaleString('en')} events in ${seconds.toFixed(1)} s: ${eventsPerSecond.toLocaleString('en')} a second`,
  )
  io.out(
    `${predictions.toLocaleString('en')} predictions, ${outcomes.toLocaleString('en')} outcomes, ${deadLetters} dead letters, ${late} late`,
  )
  const { trainings, promotions, rejections, alerts } = summary
  io.out(`${alerts} alerts, ${trainings} trainings, ${promotions} promotions, ${rejections} rejections`)
  io.out(`balance ${balanced ? 'even' : 'NOT EVEN'}, peak memory ${peakRssMiB} MiB`)
  for (const [month, { auc, logLoss, brier, ece, n }] of Object.entries(metrics)) {
    const shown = [auc, logLoss, brier, ece].map(value => value?.toFixed(4) ?? '-').join('  ')
    io.out(`${month}  ${String(n).padStart(6)}  AUC, log loss, Brier, ECE: ${shown}`)
  }
  for (const [topic, digest] of Object.entries(summary.digests)) io.out(`${digest}  ${topic}`)
}
