// Outcomes of invented flights on a log in memory, a trainer that takes no time, and the training job over both.

import { createHash } from 'node:crypto'
import { ClockWall } from '../../src/adapters/clock-wall.ts'
import type { LogFaults } from '../../src/adapters/log-memory.ts'
import { defineFeatures } from '../../src/features/define.ts'
import { unpack } from '../../src/forest/flat.ts'
import type { Model, ModelFeature } from '../../src/forest/model.ts'
import type { TrainingSet } from '../../src/forest/training-set.ts'
import { Train, type TrainOptions, type TrainParameters } from '../../src/jobs/train.ts'
import { days, hours } from '../../src/lib/time.ts'
import type { FlightOutcome, ModelCommand, RetrainRequest } from '../../src/records.ts'
import type { Blobs } from '../../src/runtime/blobs.ts'
import type { Log } from '../../src/runtime/log.ts'
import type { Trainer } from '../../src/runtime/trainer.ts'
import { modelOf } from '../forest/models.ts'
import { codec, logWith, saidIn, say } from './logs.ts'

export const start = Date.UTC(2013, 0, 1)

const about = { uses: [], source: 'flight', mayAlert: true, about: '' } as const
export const table = defineFeatures([
  { ...about, name: 'delay', kind: 'numeric', resolution: 0.1, unit: 'min', value: () => null },
  { ...about, name: 'month', kind: 'numeric', resolution: 1, unit: 'month', value: () => null },
  { ...about, name: 'carrier', kind: 'categorical', value: () => null },
  { ...about, name: 'never', kind: 'numeric', resolution: 1, unit: 'min', value: () => null },
])

/** Flight n leaves n hours after the start; every third is late. */
export function outcomeOf(n: number, changes: Partial<FlightOutcome> = {}): FlightOutcome {
  const departureAt = start + hours(n)
  const features = [n % 50, 1 + (n % 12), ['UA', 'B6', null][n % 3] ?? null, null]
  const row = {
    horizonMinutes: 120,
    dueAt: departureAt - hours(2),
    frameTo: null,
    skipped: null,
    features,
    outputs: [],
  }
  return {
    flightId: `F${n}`,
    number: 0,
    at: departureAt + hours(3),
    kind: 'LANDED',
    carrier: 'UA',
    flightNumber: n,
    origin: 'EWR',
    destination: 'IAH',
    scheduledDepartureAt: departureAt,
    departureAt,
    arrivalAt: departureAt + hours(2),
    departedAt: departureAt,
    arrivedAt: departureAt + hours(3),
    arrivalDelayMinutes: 60,
    label: n % 3 === 0,
    featureSet: 'table',
    rows: [row],
    ...changes,
  }
}

export type World = {
  readonly log: Log
  readonly blobs: Blobs
  readonly partitions: number
  /** Running number reached in each partition. */
  readonly numbers: number[]
}

export async function worldOf(partitions: number, faults: LogFaults = {}): Promise<World> {
  return { ...(await logWith(partitions, faults)), partitions, numbers: Array.from({ length: partitions }, () => 0) }
}

/** Outcomes, dealt out to the partitions, each preceded by a watermark. */
export async function happen({ log, partitions, numbers }: World, outcomes: readonly FlightOutcome[]): Promise<void> {
  const claim = await log.claim('score')
  const appends = outcomes.flatMap((outcome, index) => {
    const partition = index % partitions
    const number = (numbers[partition] as number) + 1
    numbers[partition] = number
    const place = { topic: 'flights.outcomes', partition, key: outcome.flightId }
    return [
      { ...place, value: codec.encode('Watermark', { at: outcome.at }) },
      { ...place, value: codec.encode('FlightOutcome', { ...outcome, number }) },
    ]
  })
  await claim.commit(appends)
}

export function flights(count: number, from = 0): FlightOutcome[] {
  return Array.from({ length: count }, (_, n) => outcomeOf(from + n))
}

export function requestOf({ numbers }: World, changes: Partial<RetrainRequest> = {}): RetrainRequest {
  return {
    id: 'r1',
    at: start + days(60),
    effectiveFrom: start + days(61),
    by: 'DRIFT',
    why: 'The columns have drifted.',
    alert: null,
    champion: 'v0',
    cut: [...numbers],
    ...changes,
  }
}

export async function ask({ log }: World, request: RetrainRequest): Promise<void> {
  await say(log, 'retrain.requests', { name: 'RetrainRequest', value: request })
}

/** A model of one leaf that names, by hash, all that it was given. Counts its calls. */
export class ToyTrainer implements Trainer<TrainingSet, Model> {
  readonly sets: TrainingSet[] = []
  /** Called before each answer; may throw. */
  before: (signal: AbortSignal | undefined) => Promise<void> | void = () => undefined

  async train(
    set: TrainingSet,
    { signal, onProgress, onGraded }: Parameters<Trainer<TrainingSet, Model>['train']>[1] = {},
  ) {
    this.sets.push(set)
    onProgress?.({ done: 1, of: 2 })
    await this.before(signal)
    const { seed, origin, parent, features, horizonsMinutes, columns, labels } = set
    const given = createHash('sha256').update(JSON.stringify([features, columns, labels, set.heldOutFrom]))
    const parameters = { given: given.digest('hex') }
    const model = modelOf([0.3], {
      features: features.map(({ name, kind }): ModelFeature => {
        return kind === 'categorical' ? { name, kind, categories: ['UA', 'B6'] } : { name, kind }
      }),
      calibration: null,
      interval: null,
      horizonsMinutes,
      parent,
      trainedOn: { ...origin, rows: set.heldOutFrom, seed, parameters, metrics: {} },
    })
    onGraded?.(model)
    return model
  }
}

export type Job = { readonly train: Train; readonly trainer: ToyTrainer; readonly troubles: unknown[] }

export type JobChanges = {
  after?: Promise<void>
  readonly blobs?: Blobs
  readonly trainer?: ToyTrainer
  readonly parameters?: Partial<TrainParameters>
  /** 1 unless given. */
  readonly retryMs?: number
  readonly makeRoom?: () => () => void
}

export function jobOn({ log, blobs }: World, changes: JobChanges = {}): Job {
  const troubles: unknown[] = []
  const trainer = changes.trainer ?? new ToyTrainer()
  const options: TrainOptions = {
    log,
    codec,
    blobs: changes.blobs ?? blobs,
    clock: new ClockWall(),
    trainer,
    features: table,
    featureSet: 'table',
    horizonsMinutes: [120],
    parameters: { rowsMin: 100, ...changes.parameters },
    pollMs: 2,
    retryMs: changes.retryMs ?? 1,
    onTrouble: error => troubles.push(error),
    ...(changes.after ? { after: changes.after } : {}),
    ...(changes.makeRoom ? { makeRoom: changes.makeRoom } : {}),
  }
  return { train: new Train(options), trainer, troubles }
}

/** Opens a job, lets it answer all there is, and closes it. */
export async function answerAll(world: World, changes: JobChanges = {}): Promise<Job> {
  const job = jobOn(world, changes)
  await job.train.open()
  await job.train.answered()
  await job.train.close()
  return job
}

export async function commandsIn({ log }: Pick<World, 'log'>): Promise<ModelCommand[]> {
  return (await saidIn(log, 'models.commands')).map(({ value }) => value as ModelCommand)
}

/** The only answer, and its model. */
export async function modelIn(world: World): Promise<{ command: ModelCommand; model: Model }> {
  const [command, ...more] = await commandsIn(world)
  if (!command?.card || more.length > 0) throw new Error(`no single model: ${JSON.stringify([command, ...more])}`)
  return { command, model: unpack(await world.blobs.get(command.card.artefact)) }
}
