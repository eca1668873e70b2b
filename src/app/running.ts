// Running: the pipeline as the doors see it (src/server/program.ts).

import { readFileSync } from 'node:fs'
import type { App, ReplaySpec } from '../app.ts'
import { checkEvent } from '../flights/check.ts'
import { TrainingDesk } from '../jobs/ask-training.ts'
import type { Pace } from '../jobs/pace.ts'
import type { ReplayProgress } from '../jobs/replay.ts'
import type { Silence, Silences } from '../jobs/silences.ts'
import type { Train } from '../jobs/train.ts'
import { Failure } from '../lib/failure.ts'
import { hours } from '../lib/time.ts'
import { topics as pageOne } from '../pipeline.ts'
import type { TaskState } from '../runtime/lifecycle.ts'
import type { Append, Claim } from '../runtime/log.ts'
import { partitionOf } from '../runtime/partition.ts'
import { notReady } from '../server/not-ready.ts'
import type {
  Accepted,
  Answer,
  Ask,
  ControlCommand,
  Grade,
  LivePrediction,
  NewEvent,
  PredictionFilter,
  Program,
  SilenceOrder,
  StageState,
  StageStatus,
  Status,
  TaskFacts,
  TopicInfo,
  TrainingAsked,
} from '../server/program.ts'
import { notSupervised } from '../server/routes-pipeline.ts'
import { balanceOf } from '../stages/balance.ts'
import { answer, championNow } from './asking.ts'
import type { Explaining } from './explaining.ts'
import { LoopDoors } from './loop-doors.ts'
import type { Supervision } from './supervision.ts'
import { Tails } from './tails.ts'
import { factsOf, lagsAt } from './task-facts.ts'

export type RunningReplay = {
  readonly spec: ReplaySpec
  readonly pace: Pace
  readonly order: (command: ControlCommand) => void
  readonly progress: () => ReplayProgress
}

const calmMs = 3000
const calmPollMs = 50

export type RunningOptions = {
  readonly app: App
  readonly version: string
  /** null: events come from producers, event time from the wall clock. */
  readonly replay: RunningReplay | null
  readonly train: Pick<Train, 'state'>
  readonly silences: Silences
  readonly onTrouble: (error: unknown) => void
  readonly supervision: Supervision | null
}

type Sample = {
  at: number
  taken: Map<string, number>
  rates: Map<string, number>
  lags: Map<string, TaskFacts['lags']>
}

const sampleEveryMs = 1000

export class Running implements Program {
  readonly #app: App
  readonly #version: string
  readonly #replay: RunningReplay | null
  readonly #train: Pick<Train, 'state'>
  readonly #silences: Silences
  readonly #supervision: Supervision | null
  readonly #onTrouble: (error: unknown) => void
  readonly #tails: Tails
  readonly #desk: TrainingDesk
  #explaining: Promise<Explaining> | undefined
  readonly loop: LoopDoors
  readonly #stop = new AbortController()
  readonly #past = Promise.withResolvers<void>()
  #isRestored = false
  #claim: Promise<Claim> | undefined
  #sample: Sample = { at: 0, taken: new Map(), rates: new Map(), lags: new Map() }

  constructor({ app, version, replay, train, silences, supervision, onTrouble }: RunningOptions) {
    this.#app = app
    this.#version = version
    this.#replay = replay
    this.#train = train
    this.#silences = silences
    this.#supervision = supervision
    this.#onTrouble = onTrouble
    this.#tails = new Tails(app)
    const { latenessMs, stepMs } = app.stageSettings
    this.#desk = new TrainingDesk({ log: app.log, codec: app.codec, latenessMs, stepMs })
    this.loop = new LoopDoors({
      app,
      eventTime: () => this.#eventTime(),
      append: records => this.#append(records),
      onTrouble,
    })
  }

  /** What was said before is read piece by piece, so that all else may go on meanwhile: see `past`. */
  start(): void {
    const pasts = this.calm().then(() => Promise.all([this.#tails.start(this.#app.partitions), this.loop.start()]))
    pasts.then(() => this.#past.resolve(), this.#past.reject)
    void this.#keepSampling()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#tails.stop()
    this.loop.stop()
    await (await this.#claim)?.release()
    await this.#desk.close()
  }

  status(): Status {
    const { engines, stageSettings } = this.#app
    const champion = championNow(this.#app)
    const because = this.#restoring() ?? (typeof champion === 'string' ? champion : null)
    const counts = (stage: string) => engines.tasks.filter(task => task.stage === stage).map(task => task.balance())
    const { partitions, total, even } = balanceOf(counts('ingest'), counts('score'))
    const skipped = Object.values(total.skipped).reduce((sum, count) => sum + count, 0)
    const stages = this.#stages()
    return {
      version: this.#version,
      pipeline: stageSettings.version,
      ready: because === null,
      notReadyBecause: because,
      eventTime: this.#eventTime(),
      supervised: this.#supervision !== null,
      lives: this.#supervision?.lives ?? 1,
      replay: this.#replayStatus(),
      model:
        typeof champion === 'string'
          ? null
          : {
              version: champion.ref.version,
              hash: champion.ref.hash,
              horizonMinutes: [...stageSettings.horizonsMinutes],
            },
      stages,
      eventsPerSecond: stages.find(({ name }) => name === 'ingest')?.recordsPerSecond ?? 0,
      totals: {
        events: total.in,
        predictions: total.predicted,
        skipped,
        outcomes: total.settled + total.givenUp,
        rejected: total.rejected,
        late: total.late,
      },
      balance: { partitions, even },
      quality: this.#tails.quality(),
      training: this.#train.state().open,
      loop: this.loop.status(),
    }
  }

  tasks(): readonly TaskFacts[] {
    return factsOf(this.#app.engines, task => this.#sample.lags.get(task) ?? [])
  }

  /** Resolves once predictions are served, or after 3 s: what can wait leaves the processor to what has to be back. */
  async calm(): Promise<void> {
    const { signal } = this.#stop
    for (let waited = 0; waited < calmMs && !signal.aborted && !this.status().ready; waited += calmPollMs) {
      await this.#app.clock.sleep(calmPollMs, signal)
    }
  }

  /** Why the tasks are not all back from before the start yet, or null once they have been. */
  #restoring(): string | null {
    if (this.#isRestored) return null
    const task = this.#app.engines.tasks.find(({ state }) => state === 'created' || state === 'restoring')
    this.#isRestored = task === undefined
    return task ? `${task.name} is being restored` : null
  }

  async publish(events: readonly NewEvent[]): Promise<readonly Accepted[]> {
    const { codec, airports, partitions } = this.#app
    const records = events.map(({ name, value }, index): Append => {
      const wrong = checkEvent(name, value, airports)
      if (wrong) throw at(wrong, events.length > 1 ? index : null)
      const { flightId, station } = value as { flightId?: string; station?: string }
      const key = flightId ?? (station as string)
      return { topic: 'flights.events', partition: partitionOf(key, partitions), key, value: codec.encode(name, value) }
    })
    await this.#append(records)
    return records.map(({ key, partition }) => ({ key, partition }))
  }

  async #append(records: readonly Append[]): Promise<void> {
    const { log, sharing } = this.#app
    // each process that takes events has a claim of its own
    this.#claim ??= log.claim(sharing ? `api-${sharing.name}` : 'api')
    try {
      await (await this.#claim).commit(records)
    } catch (error) {
      this.#claim = undefined
      throw error
    }
  }

  /** Of the slowest task that scores. */
  #eventTime(): number | null {
    const reached = this.#app.engines.tasks.filter(({ stage }) => stage === 'score').map(task => task.reachedAt)
    const known = reached.filter(at => at !== null)
    return known.length > 0 ? Math.min(...known) : null
  }

  async predict(asks: readonly Ask[], { explain } = { explain: false }): Promise<readonly Answer[]> {
    // loaded when somebody asks why
    const opened = () => import('./explaining.ts').then(({ explainingIn }) => explainingIn(this.#app.blobs))
    const by = explain ? await (this.#explaining ??= opened()) : undefined
    return await Promise.all(asks.map((ask, index) => this.#answer(ask, asks.length > 1 ? index : null, by)))
  }

  async #answer(ask: Ask, index: number | null, by: Explaining | undefined): Promise<Answer> {
    try {
      return await answer(this.#app, ask, by)
    } catch (error) {
      throw error instanceof Failure ? at(error, index) : error
    }
  }

  past(): Promise<void> {
    return this.#past.promise
  }

  recentPredictions({ flightId, origin, destination, carrier, limit }: PredictionFilter): readonly LivePrediction[] {
    const fits = (wanted: string | undefined, is: string) => wanted === undefined || wanted === is
    return this.#tails.recent(
      one =>
        fits(flightId, one.flightId) &&
        fits(origin, one.origin) &&
        fits(destination, one.destination) &&
        fits(carrier, one.carrier),
      limit,
    )
  }

  async topics(): Promise<readonly TopicInfo[]> {
    const infos: TopicInfo[] = []
    for (const { name } of pageOne) {
      const contract = JSON.parse(readFileSync(new URL(`../../topics/${name}.json`, import.meta.url), 'utf8')) as Omit<
        TopicInfo,
        'partitions'
      >
      const spec = (await this.#app.log.topics()).find(topic => topic.name === name)
      const partitions: TopicInfo['partitions'] = []
      for (let partition = 0; partition < (spec?.partitions ?? 0); partition++) {
        partitions.push({ partition, ...(await this.#app.log.bounds(name, partition)) })
      }
      const { doc, records, writtenBy, doors, cleanup } = contract
      infos.push({ name, doc, partitions, records, writtenBy, doors, cleanup })
    }
    return infos
  }

  async askTraining(why: string): Promise<TrainingAsked> {
    const reached = this.#stages().find(({ name }) => name === 'score')?.watermark ?? null
    if (reached === null) throw notReady('event time has not begun')
    const { id, at: asked, effectiveFrom, cut } = await this.#desk.ask({ at: reached, why })
    return { id, at: asked, effectiveFrom, why, cut }
  }

  async silence({ kind, hours: count, reason }: SilenceOrder): Promise<readonly Silence[]> {
    const from = this.#eventTime()
    if (from === null) throw notReady('event time has not begun')
    await this.#silences.add({ kind, from, until: from + hours(count), reason })
    return this.silences()
  }

  silences(): readonly Silence[] {
    return this.#silences.at(this.#eventTime() ?? 0)
  }

  control(command: ControlCommand): Status['replay'] {
    if (!this.#replay) throw new Failure('USAGE', 'nothing is replayed here: event time follows the wall clock')
    this.#replay.order(command)
    return this.#replayStatus()
  }

  kill(): void {
    if (!this.#supervision) throw notSupervised()
    this.#supervision.kill()
  }

  onPrediction(listener: (prediction: LivePrediction) => void): () => void {
    return this.#tails.onPrediction(listener)
  }

  onGrade(listener: (grade: Grade) => void): () => void {
    return this.#tails.onGrade(listener)
  }

  #replayStatus(): Status['replay'] {
    if (!this.#replay) return null
    const { spec, pace, progress } = this.#replay
    const { mark, done } = progress()
    const { from, to } = spec
    return {
      paused: pace.paused,
      hoursPerSecond: pace.hoursPerSecond,
      from,
      to,
      at: mark ?? 0,
      done,
      fastUntil: pace.fastUntil,
    }
  }

  #stages(): StageStatus[] {
    const { engines } = this.#app
    const names = [...new Set(engines.tasks.map(task => task.stage))]
    return names.map(name => {
      const tasks = engines.tasks.filter(task => task.stage === name)
      const partitions = tasks.map(task => ({
        partition: task.partition,
        position: Object.values(task.position())[0] ?? 0,
        lag: this.#lagOf(task.name),
        watermark: task.reachedAt,
        state: stateOf(task.state, this.#lagOf(task.name), this.#sample.rates.get(task.name) ?? 0),
      }))
      const watermarks = partitions.map(({ watermark }) => watermark).filter(at => at !== null)
      return {
        name,
        recordsPerSecond: tasks.reduce((sum, task) => sum + (this.#sample.rates.get(task.name) ?? 0), 0),
        lag: partitions.reduce((sum, { lag }) => sum + lag, 0),
        state: worst(partitions.map(({ state }) => state)),
        watermark: watermarks.length > 0 ? Math.min(...watermarks) : null,
        why: tasks.find(task => task.why !== null)?.why ?? null,
        partitions,
      }
    })
  }

  #lagOf(task: string): number {
    return (this.#sample.lags.get(task) ?? []).reduce((sum, { lag }) => sum + lag, 0)
  }

  async #keepSampling(): Promise<void> {
    const { clock } = this.#app
    for (const { signal } = this.#stop; !signal.aborted; await clock.sleep(sampleEveryMs, signal)) {
      // a log that does not answer has no newer numbers; its stages tell of it
      await this.#look().catch((error: unknown) => signal.aborted || this.#onTrouble(error))
    }
  }

  async #look(): Promise<void> {
    const { engines, log, clock, sharing } = this.#app
    await sharing?.others.refresh()
    const now = clock.now()
    const before = this.#sample
    const next: Sample = { at: now, taken: new Map(), rates: new Map(), lags: new Map() }
    for (const task of engines.tasks) {
      const taken = task.takenCount
      next.taken.set(task.name, taken)
      const seconds = Math.max(0.001, (now - before.at) / 1000)
      const rate = before.at === 0 ? 0 : (taken - (before.taken.get(task.name) ?? 0)) / seconds
      next.rates.set(task.name, Math.round(rate))
    }
    const lags = engines.tasks.map(async task => next.lags.set(task.name, await lagsAt(task.position(), log)))
    await Promise.all(lags)
    this.#sample = next
  }
}

/** Parked with nothing to read is idle, unless it has only just caught up. */
function stateOf(state: TaskState, lag: number, rate: number): StageState {
  if (state === 'parked' && rate > 0) return 'running'
  if (state === 'parked') return lag === 0 ? 'idle' : 'parked'
  if (state === 'created' || state === 'restoring') return 'restoring'
  return state === 'running' ? 'running' : 'failed'
}

function worst(states: readonly string[]): StageState {
  const order: readonly StageState[] = ['failed', 'restoring', 'parked', 'running', 'idle']
  return order.find(state => states.includes(state)) ?? 'idle'
}

function at(failure: Failure, index: number | null): Failure {
  if (index === null) return failure
  const { code, message, field, help } = failure
  const where = field === undefined ? `${index}` : `${index}.${field}`
  return new Failure(code, message, help === undefined ? { field: where } : { field: where, help })
}
