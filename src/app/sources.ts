// Sources: what makes event time advance in a running process: a replay at some pace, or the wall clock.

import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type App, isOurs, openingCommands, openReplay, type ReplaySpec, replaySpecOf, sourceFolder } from '../app.ts'
import type { Config } from '../config.ts'
import { parseDay } from '../flights/calendar.ts'
import { parseDoses } from '../flights/spoil.ts'
import { LiveClock } from '../jobs/live-clock.ts'
import { Pace } from '../jobs/pace.ts'
import { type Replay, type ReplayProgress, replayChangelog } from '../jobs/replay.ts'
import type { Train } from '../jobs/train.ts'
import { Failure } from '../lib/failure.ts'
import { seconds } from '../lib/time.ts'
import type { ControlCommand } from '../server/program.ts'
import type { RunningReplay } from './running.ts'
import type { Supervision } from './supervision.ts'

/** Flags of a command by name without dashes, as typed. */
type Flags = Readonly<Record<string, string | boolean | undefined>>

/** As help names it. */
export const seedModelName = 'data/models/seed.forest'
export const seedModel: string = fileURLToPath(new URL(`../../${seedModelName}`, import.meta.url))
/** Midnight in New York: nothing predicts what the seed model was trained on. */
export const seedModelFrom = '2013-02-01T05:00:00Z'
export const demo = { from: '2013-01-01', to: '2013-12-31', fastUntil: '2013-02-06', speed: '1' } as const

export type Source = {
  replay: RunningReplay | null
  start(): void
  stop(): void
  ended(): Promise<void>
}

export type SourceOptions = {
  readonly flags: Flags
  readonly train: Train
  readonly onTrouble: (error: unknown) => void
  /** Tells the life before's pace, which counts more than the flags do, and is told of this one's. */
  readonly supervision: Supervision | null
}

export async function liveSource(app: App, { flags, onTrouble }: SourceOptions): Promise<Source> {
  if (await replaySpecOf(app.blobs)) {
    throw new Failure('USAGE', 'the data folder holds a replay, whose event time is not the wall clock', {
      field: 'empty',
      help: 'Name another --data-dir for your own events, or leave --empty out to go on with the replay.',
    })
  }
  const model = flags.model ?? seedModel
  const opening = model === 'none' ? [] : await openingCommands(app, String(model), 0)
  const { log, codec, blobs, clock, partitions } = app
  const shared = app.sharing ? { isOurs: () => isOurs(app, 'clock') } : {}
  const settings = { partitions, everyMs: seconds(10), opening, onTrouble, ...shared }
  const live = new LiveClock({ log, codec, blobs, clock, ...settings })
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

export async function replaySource(app: App, { flags, train, onTrouble, supervision }: SourceOptions): Promise<Source> {
  const { config } = app
  const held = await replaySpecOf(app.blobs)
  if (held) refuseOtherReplay(held, app, flags)
  else await refuseLiveEvents(app)
  const spec = held ?? newSpec({ ...flags, from: flags.from ?? demo.from, to: flags.to ?? demo.to }, config)
  const fastUntil = Date.parse(`${String(flags['fast-until'] ?? demo.fastUntil)}T05:00:00Z`)
  const speed = String(flags.speed ?? demo.speed)
  const hoursPerSecond = speed === 'max' ? null : Number(speed)
  if (Number.isNaN(fastUntil))
    throw new Failure('USAGE', '--fast-until takes a day, as 2013-02-06', { field: 'fast-until' })
  if (hoursPerSecond !== null && !(hoursPerSecond > 0)) {
    throw new Failure('USAGE', '--speed takes event hours a second, or max', { field: 'speed' })
  }
  const pace = new Pace({
    clock: app.clock,
    fastUntil,
    hoursPerSecond,
    pausesThere: flags.paused === true,
    ...(supervision?.pace ? { as: supervision.pace } : {}),
  })
  const order = ({ action, hoursPerSecond: speed }: ControlCommand) => {
    pace.order(action, speed)
    supervision?.paced(pace.standing)
  }
  let progress: ReplayProgress = { items: 0, mark: null, done: false }
  const onProgress = (now: ReplayProgress) => {
    progress = { ...now }
  }
  const ending = new AbortController()
  const replay: Replay = await openReplay(app, spec, {
    train,
    mayAdvance: (mark, publish) => pace.mayAdvance(mark, publish),
    onProgress,
    again: async error => {
      if (ending.signal.aborted) return false
      onTrouble(error)
      await app.clock.sleep(seconds(1), ending.signal)
      return !ending.signal.aborted
    },
  })
  progress = replay.progress
  if (progress.mark !== null) pace.goesOnFrom(progress.mark)
  let running: Promise<unknown> = Promise.resolve()
  return {
    replay: { spec, pace, order, progress: () => progress },
    start: () => {
      running = replay.run().catch((error: unknown) => {
        if (!(error instanceof Failure && error.code === 'NOT_RUNNING')) onTrouble(error)
      })
    },
    stop: () => {
      ending.abort()
      pace.stop()
    },
    ended: async () => {
      const waiting = new AbortController()
      await Promise.race([running, app.clock.sleep(seconds(2), waiting.signal)])
      waiting.abort()
      await replay.close()
    },
  }
}

/** @throws Failure USAGE: it is all judged here, before a folder is begun with it */
export function newSpec(flags: Flags, config: Config): ReplaySpec {
  const text = (name: string, otherwise?: string): string => {
    const value = flags[name] ?? otherwise
    if (typeof value !== 'string')
      throw new Failure('USAGE', `replay needs --${name}`, {
        field: name,
        help: 'Days are local scheduled days, as 2013-02-01.',
      })
    return value
  }
  const from = text('from')
  const to = text('to')
  const inject = text('inject', '')
  const firstDay = parseDay(from, 'from')
  const lastDay = parseDay(to, 'to')
  if (firstDay > lastDay) {
    const help = 'Give the first day as --from and the last as --to.'
    throw new Failure('USAGE', `the days end before they start: ${from} to ${to}`, { field: 'to', help })
  }
  parseDoses(inject)
  const model = text('model', seedModel)
  const modelFrom = text('model-from', seedModelFrom)
  const seed = Number(text('seed', '1'))
  if (Number.isNaN(Date.parse(modelFrom))) {
    throw new Failure('USAGE', '--model-from takes an instant, as 2013-02-01T05:00Z', { field: 'model-from' })
  }
  if (!Number.isInteger(seed)) throw new Failure('USAGE', '--seed takes a whole number', { field: 'seed' })
  return {
    source: sourceFolder(config.source),
    from,
    to,
    inject,
    seed,
    model: model === 'none' ? null : model,
    modelFrom,
  }
}

/**
 * Among events of the wall clock those of a replay would all be years late, and nothing would come of them.
 * @throws Failure USAGE when somebody else than a replay has let event time advance
 */
export async function refuseLiveEvents({ log }: Pick<App, 'log'>): Promise<void> {
  const topics = (await log.topics()).map(({ name }) => name)
  // from another folder on the same cluster a replay may have begun
  if (!topics.includes('flights.events') || topics.includes(replayChangelog)) return
  const { records } = await log.read('flights.events', 0, 0, { bytesMax: 1_000_000 })
  if (!records.some(({ key }) => key === 'mark')) return
  throw new Failure('USAGE', 'the data folder holds events of the wall clock (up --empty), not of a replay', {
    field: 'dataDir',
    help: 'Name another --data-dir for the replay, or go on with `slipstream up --empty`.',
  })
}

/**
 * A folder goes on with the replay that it was begun with: flags may repeat what that is, and not change it.
 * @throws Failure USAGE
 */
export function refuseOtherReplay(held: ReplaySpec, { partitions }: Pick<App, 'partitions'>, flags: Flags): void {
  const begun: Readonly<Record<string, string>> = {
    source: held.source,
    from: held.from,
    to: held.to,
    inject: held.inject,
    seed: String(held.seed),
    model: resolve(held.model ?? 'none'),
    'model-from': held.modelFrom,
    partitions: String(partitions),
  }
  const asGiven = (name: string, value: string) =>
    name === 'source' ? sourceFolder(value) : name === 'model' ? resolve(value) : value
  for (const [name, was] of Object.entries(begun)) {
    const given = flags[name]
    if (typeof given !== 'string' || asGiven(name, given) === was) continue
    throw new Failure('USAGE', `the data folder holds a replay with --${name} ${was || '""'}, not ${given}`, {
      field: name,
      help: `Leave --${name} out to go on with it, or name another --data-dir.`,
    })
  }
}
