// Process: one life of the program. The whole pipeline, the publisher and an operator on ports that go through its gate.

import { readdirSync, readFileSync } from 'node:fs'
import { CodecAvro } from '../../src/adapters/codec-avro.ts'
import { airViewFold } from '../../src/features/air-view.ts'
import { Replay, type SourceChunk } from '../../src/jobs/replay.ts'
import { assert } from '../../src/lib/assert.ts'
import { ArtefactStore } from '../../src/runtime/artefacts.ts'
import type { Blobs } from '../../src/runtime/blobs.ts'
import { Budget } from '../../src/runtime/budget.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import { Engine } from '../../src/runtime/engine.ts'
import { dealtTo, Engines } from '../../src/runtime/engines.ts'
import type { Log } from '../../src/runtime/log.ts'
import type { Codec, Schemas } from '../../src/runtime/schemas.ts'
import type { Fold } from '../../src/runtime/shared-view.ts'
import type { Pipeline } from '../../src/runtime/topology.ts'
import { balanceOf } from '../../src/stages/balance.ts'
import type { ReadyModel } from '../../src/stages/scoring.ts'
import type { LoopSettings, StageSettings } from '../../src/stages/settings.ts'
import type { Gate } from './gate.ts'
import { readModel } from './model.ts'
import { Operator } from './operator.ts'
import { Publisher } from './publisher.ts'
import { airports, type Script } from './script.ts'

const schemaFolder = new URL('../../schemas/', import.meta.url)
export const schemaTexts = readdirSync(schemaFolder)
  .sort()
  .map(file => readFileSync(new URL(file, schemaFolder), 'utf8'))

/** How big the pieces of work are; what none of it may show in the output. */
export type Sizes = {
  readonly unitSteps: number
  readonly unitBytes: number
  readonly fetchBytes: number
  readonly budgetBytes: number
  readonly snapshotBytes: number
  readonly unitRecords: number
  /** Among which the tasks are dealt out. */
  readonly engines: number
}

export type ProcessOptions = {
  readonly script: Script
  readonly partitions: number
  readonly sizes: Sizes
  readonly pipeline: Pipeline<StageSettings>
  readonly gate: Gate
  readonly log: Log
  readonly blobs: Blobs
  readonly schemas: Schemas
  /** Opened already; otherwise the process opens its own. */
  readonly codec: Codec | null
  readonly clock: Clock
  readonly onTrouble: (where: string, error: unknown) => void
  readonly onUneven: (task: string, balance: unknown) => void
}

export class Process {
  readonly gate: Gate
  engines: readonly Engine<StageSettings>[] = []
  /** What it is doing, for a report. */
  doing = 'opening'
  readonly #o: ProcessOptions

  constructor(options: ProcessOptions) {
    this.#o = options
    this.gate = options.gate
  }

  /** Resolves when everything is published and everybody has caught up. */
  async run(): Promise<void> {
    const { script, partitions, sizes, gate } = this.#o
    const log = gate.log(this.#o.log, task => this.#assertEven(task))
    const blobs = gate.blobs(this.#o.blobs)
    const codec = this.#o.codec ?? (await CodecAvro.open(gate.schemas(this.#o.schemas), schemaTexts))
    this.engines = Array.from({ length: sizes.engines }, (_, index) => this.#engineOn({ log, blobs, codec }, index))
    const engines = new Engines(this.engines, () => this.#o.clock.turn())
    await engines.start()
    const operator = new Operator({ script, log, blobs, codec })
    const caughtUp = async () => {
      this.doing = 'publisher waits until everybody has caught up'
      await engines.caughtUp()
      this.doing = 'publisher writes'
    }
    const mayAdvance = async (mark: number) => {
      this.doing = `publisher waits for the operator at ${new Date(mark).toISOString()}`
      await operator.mayAdvance(mark)
      this.doing = 'publisher writes'
      return true
    }
    const common = { log, blobs, codec, partitions, unitRecords: sizes.unitRecords, caughtUp, mayAdvance }
    const publisher = script.marks
      ? new Publisher({ script, ...common })
      : new Replay({
          ...common,
          stepMs: script.stepMs,
          source: skip => sourceOf(script, codec, skip),
          closedAt: script.endAt,
          opening: async () => script.opening,
          onProgress: () => undefined,
        })
    await publisher.open()
    const published = publisher.run()
    await Promise.race([published, Promise.all([operator.run(), published])])
  }

  get tasks() {
    return this.engines.flatMap(({ tasks }) => tasks)
  }

  #engineOn(ports: { log: Log; blobs: Blobs; codec: Codec }, index: number): Engine<StageSettings> {
    const { partitions, sizes, pipeline, clock, onTrouble } = this.#o
    let engine: Engine<StageSettings> | undefined
    const models = new ArtefactStore<ReadyModel>({
      blobs: ports.blobs,
      clock,
      read: readModel,
      onLoaded: () => engine?.wakeAll(),
      onTrouble: () => undefined,
      retryMs: 1000,
    })
    engine = new Engine<StageSettings>({
      ...ports,
      pipeline,
      settings: settingsOf(this.#o.script),
      partitions,
      clock,
      artefacts: models,
      budget: new Budget(sizes.budgetBytes),
      ...sizes,
      folds: [airViewFold() as Fold<unknown>],
      onTrouble,
      backoffMs: { first: 50, max: 1000 },
      runs: dealtTo(index, sizes.engines),
    })
    return engine
  }

  /** Called when a unit has just taken effect: the state is what was committed. */
  #assertEven(name: string): void {
    const task = this.tasks.find(each => each.name === name)
    if (!task) return
    const counts = task.balance()
    const even = task.stage === 'ingest' ? balanceOf([counts], [{}]).even : balanceOf([{}], [counts]).even
    if (!even) this.#o.onUneven(name, counts)
  }
}

/** Impatient, so that the few flights of a script raise alerts and ask for trainings. */
const loop: LoopSettings = {
  rowsMin: 1,
  driftedShare: 0.5,
  unusualShare: 0.5,
  clearShare: 0.35,
  patience: { openAfter: 1, resolveAfter: 1 },
  aucFall: 0.05,
  retrainDays: 1,
  alertsRetrain: true,
}

export function settingsOf({ latenessMs, stepMs, horizonsMinutes }: Script): StageSettings {
  const common = { version: '1-simulated', aheadMs: 3_600_000, windowMs: 600_000 }
  return { ...common, latenessMs, stepMs, horizonsMinutes, airports, loop }
}

/** The items of a script as the replay job reads them, a few at a time. */
async function* sourceOf({ items }: Script, codec: Codec, skip: number): AsyncGenerator<SourceChunk> {
  const chunkItems = 50
  for (let from = skip; from < items.length; from += chunkItems) {
    const some = items.slice(from, from + chunkItems)
    const parts = some.map(({ name, value }) => (name === null ? (value as Uint8Array) : codec.encode(name, value)))
    const ends = new Uint32Array(parts.length)
    let end = 0
    for (let i = 0; i < parts.length; i++) ends[i] = end += (parts[i] as Uint8Array).length
    assert(some.length > 0, 'a chunk holds items')
    const keys = some.map(({ key }) => key)
    yield { keys, deliveredAt: Float64Array.from(some, item => item.deliveredAt), ends, bytes: Buffer.concat(parts) }
  }
}
