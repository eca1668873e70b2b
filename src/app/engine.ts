// One engine over the stores of a data folder, with the models it scores by. Built alike in every thread of the program.

import { airViewFold } from '../features/air-view.ts'
import { features } from '../features/table.ts'
import { unpack } from '../forest/flat.ts'
import { compile } from '../forest/score.ts'
import { ArtefactStore } from '../runtime/artefacts.ts'
import type { Blobs } from '../runtime/blobs.ts'
import { Budget } from '../runtime/budget.ts'
import type { Clock } from '../runtime/clock.ts'
import { Engine } from '../runtime/engine.ts'
import { dealtTo } from '../runtime/engines.ts'
import type { Log } from '../runtime/log.ts'
import type { Ownership } from '../runtime/ownership.ts'
import type { Codec } from '../runtime/schemas.ts'
import type { Fold } from '../runtime/shared-view.ts'
import type { Pipeline } from '../runtime/topology.ts'
import type { ReadyModel } from '../stages/scoring.ts'
import type { StageSettings } from '../stages/settings.ts'
import { fittingReference, preparedReference } from '../stages/window-metrics.ts'

/** How big the pieces of work are, for one engine. */
export type WorkSizes = {
  readonly unitSteps: number
  readonly unitBytes: number
  readonly fetchBytes: number
  readonly snapshotBytes: number
  readonly bufferBytes: number
}

export type EngineParts = {
  readonly pipeline: Pipeline<StageSettings>
  readonly settings: StageSettings
  readonly partitions: number
  readonly sizes: WorkSizes
  /** Which of the program's engines this is, and of how many. */
  readonly index: number
  readonly count: number
  readonly stores: { readonly log: Log; readonly codec: Codec; readonly blobs: Blobs; readonly clock: Clock }
  readonly onTrouble: (where: string, error: unknown) => void
  /** Who says what this engine runs; without it, its share of the partitions. */
  readonly ownership?: Ownership
  readonly isAsked?: boolean
}

export function buildEngine({ stores, sizes, onTrouble, index, count, ...parts }: EngineParts): {
  engine: Engine<StageSettings>
  models: ArtefactStore<ReadyModel>
} {
  const { bufferBytes, ...unitSizes } = sizes
  let engine: Engine<StageSettings> | undefined
  const models = new ArtefactStore<ReadyModel>({
    blobs: stores.blobs,
    clock: stores.clock,
    read: readModel,
    onLoaded: () => engine?.wakeAll(),
    onTrouble: (hash, error) => onTrouble(`model ${hash.slice(0, 12)}`, error),
    retryMs: 1000,
  })
  engine = new Engine<StageSettings>({
    ...parts,
    ...stores,
    ...unitSizes,
    artefacts: models,
    budget: new Budget(bufferBytes),
    folds: [airViewFold(parts.settings.airports) as Fold<unknown>],
    onTrouble,
    backoffMs: { first: 50, max: 5000 },
    ...(parts.ownership ? {} : { runs: dealtTo(index, count) }),
  })
  return { engine, models }
}

export function readModel(bytes: Uint8Array): ReadyModel {
  const model = unpack(bytes)
  const found = fittingReference(model.reference)
  let reference: ReadyModel['reference'] | undefined
  return {
    scorer: compile(model, features),
    threshold: model.threshold,
    // made ready for the judge alone
    get reference() {
      return (reference ??= preparedReference(found, model.trainedOn.metrics))
    },
  }
}
