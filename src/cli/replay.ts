// slipstream replay: the whole embedded pipeline over recorded days, at full speed, and what came of it.

import { type App, openApp, openReplay, type ReplaySpec, replaySpecOf } from '../app.ts'
import type { Config } from '../config.ts'
import { canonicalDigests } from '../jobs/canonical.ts'
import { monthlyMetrics } from '../jobs/monthly.ts'
import { Failure } from '../lib/failure.ts'
import type { ModelDecision } from '../records.ts'
import { readAll, topicDigest } from '../runtime/digest.ts'
import { balanceOf } from '../stages/balance.ts'
import type { Command, CommandIo } from './command.ts'

export const seedModel = 'data/models/seed.forest'
/** Midnight in New York: nothing predicts what the seed model was trained on. */
export const seedModelFrom = '2013-02-01T05:00:00Z'

export const command: Command = {
  name: 'replay',
  summary: 'run the whole pipeline over recorded days, at full speed',
  usage: 'slipstream replay --from DAY --to DAY [--source DIR] [--partitions N] [--inject DOSES] [--resume] [--json]',
  flags: {
    from: { type: 'string', about: 'first local scheduled day, as 2013-01-01' },
    to: { type: 'string', about: 'last local scheduled day, inclusive' },
    resume: { type: 'boolean', about: 'go on with the replay that the data folder holds' },
    inject: {
      type: 'string',
      about: 'spoil the input: late=0.01,duplicate=0.01,conflict=0.001,future=0.0001,garbage=0.0001',
    },
    seed: { type: 'string', about: 'of the spoiling; the same seed spoils the same way (default 1)' },
    model: { type: 'string', about: `model file in force (default ${seedModel}); none: no model` },
    'model-from': { type: 'string', about: `from when on the model is in force (default ${seedModelFrom})` },
    'no-digests': { type: 'boolean', about: 'leave the digests out (they read every topic again)' },
  },
  examples: [
    'slipstream replay --from 2013-02-01 --to 2013-02-10 --data-dir /tmp/february',
    'slipstream replay --resume --data-dir /tmp/february --json',
  ],
  run,
}

async function run(io: CommandIo): Promise<number> {
  const app = await openApp({
    config: io.config,
    onTrouble: (where, error) => io.err(`${where}: ${error instanceof Error ? error.message : String(error)}`),
  })
  try {
    const spec = await specOf(io, app)
    const { seconds, events, done } = await play(app, spec, { io, signal: io.interruption() })
    if (!done) {
      io.err('interrupted; go on with --resume')
      return 130
    }
    const summary = await summarize(app, { seconds, events, digests: io.flags['no-digests'] !== true })
    if (io.json) io.document(summary)
    else print(io, summary)
    return summary.balanced ? 0 : 4
  } finally {
    await app.close()
  }
}

/** What to replay: from the flags, or from the data folder when going on. */
async function specOf({ flags, config }: CommandIo, { blobs }: App): Promise<ReplaySpec> {
  const held = await replaySpecOf(blobs)
  if (flags.resume) {
    if (held) return held
    throw new Failure('USAGE', `${config.dataDir} holds no replay to go on with`, {
      help: 'Leave out --resume to start one.',
    })
  }
  if (held) {
    throw new Failure('USAGE', `${config.dataDir} holds a replay already`, {
      help: 'Go on with it (--resume), or name another --data-dir.',
    })
  }
  return newSpec(flags, config)
}

export function newSpec(flags: CommandIo['flags'], config: Config): ReplaySpec {
  const text = (name: string, otherwise?: string): string => {
    const value = flags[name] ?? otherwise
    if (typeof value !== 'string')
      throw new Failure('USAGE', `replay needs --${name}`, {
        field: name,
        help: 'Days are local scheduled days, as 2013-02-01.',
      })
    return value
  }
  const model = text('model', seedModel)
  return {
    source: config.source,
    from: text('from'),
    to: text('to'),
    inject: text('inject', ''),
    seed: Number(text('seed', '1')),
    model: model === 'none' ? null : model,
    modelFrom: text('model-from', seedModelFrom),
  }
}

type Played = { seconds: number; events: number; done: boolean }

async function play(
  app: App,
  spec: ReplaySpec,
  { io, signal }: { io: CommandIo; signal: AbortSignal },
): Promise<Played> {
  await app.engine.start()
  let events = 0
  const replay = await openReplay(app, spec, {
    mayAdvance: async () => !signal.aborted,
    onProgress: ({ items, mark }) => {
      events = items
      const at = mark === null ? 'opening' : new Date(mark).toISOString().slice(0, 10)
      io.progress(`${at}  ${items.toLocaleString('en')} events`)
    },
  })
  const before = replay.progress.items
  const startedAt = performance.now()
  const done = await replay.run()
  const seconds = (performance.now() - startedAt) / 1000
  await replay.close()
  return { seconds, events: events - before, done }
}

type Summary = Awaited<ReturnType<typeof summarize>>

async function summarize(
  app: App,
  { seconds, events, digests }: { seconds: number; events: number; digests: boolean },
) {
  const { log, codec, airports, engine, stageSettings } = app
  const source = { log, codec }
  const counts = (stage: string) => engine.tasks.filter(task => task.stage === stage).map(task => task.balance())
  const balance = balanceOf(counts('ingest'), counts('score'))
  const horizonMinutes = stageSettings.horizonsMinutes.includes(120)
    ? 120
    : (stageSettings.horizonsMinutes[0] as number)
  const metrics = await monthlyMetrics(source, { airports, horizonMinutes })
  const { total } = balance
  return {
    events: total.in,
    seconds,
    secondsTraining: 0,
    eventsPerSecond: Math.round(events / seconds),
    predictions: total.predicted,
    outcomes: total.settled + total.givenUp,
    deadLetters: total.rejected,
    late: total.late,
    balance: { ...total, partitions: balance.partitions },
    balanced: balance.even,
    peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    digests: digests ? await allDigests(app) : {},
    canonical: digests ? await canonicalDigests(source, metrics) : {},
    models: await modelsOf(app, metrics),
    metrics,
  }
}

async function allDigests({ log, codec }: App): Promise<Record<string, string>> {
  const names = (await log.topics()).map(({ name }) => name).filter(name => !name.endsWith('.changelog'))
  const digests: Record<string, string> = {}
  for (const name of names.sort()) digests[name] = await topicDigest({ log, codec }, name)
  return digests
}

/** Who was promoted, when it took effect, and how it did in the months it was in force. */
async function modelsOf({ log, codec }: App, metrics: Record<string, { auc: number | null; n: number }>) {
  const models: { version: string; promotedAt: string; auc: number | null }[] = []
  for await (const record of readAll(log, 'models.registry', 0)) {
    if (!record.value) continue
    const { name, value } = codec.decode(record.value)
    if (name !== 'ModelDecision') continue
    const { accepted, verb, version, effectiveFrom } = value as ModelDecision
    if (!accepted || (verb !== 'PROMOTE' && verb !== 'ROLL_BACK')) continue
    models.push({ version, promotedAt: new Date(effectiveFrom).toISOString(), auc: meanAuc(metrics) })
  }
  return models
}

function meanAuc(metrics: Record<string, { auc: number | null; n: number }>): number | null {
  const months = Object.values(metrics).filter(({ auc }) => auc !== null)
  const n = months.reduce((sum, month) => sum + month.n, 0)
  return n === 0 ? null : months.reduce((sum, month) => sum + (month.auc as number) * month.n, 0) / n
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
  io.out(`balance ${balanced ? 'even' : 'NOT EVEN'}, peak memory ${peakRssMiB} MiB`)
  for (const [month, { auc, logLoss, brier, ece, n }] of Object.entries(metrics)) {
    const shown = [auc, logLoss, brier, ece].map(value => value?.toFixed(4) ?? '-').join('  ')
    io.out(`${month}  ${String(n).padStart(6)}  AUC, log loss, Brier, ECE: ${shown}`)
  }
  for (const [topic, digest] of Object.entries(summary.digests)) io.out(`${digest}  ${topic}`)
}
