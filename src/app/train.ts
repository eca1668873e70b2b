// The training job of an opened pipeline.

import { TrainerForest } from '../adapters/trainer-forest.ts'
import { WorkersThreads } from '../adapters/workers-threads.ts'
import { type App, isOurs } from '../app.ts'
import { featureSetHash, features } from '../features/table.ts'
import { Train, type TrainParameters } from '../jobs/train.ts'
import { collectGarbage, growHeaps } from './heaps.ts'

export type TrainHooks = {
  readonly onTrouble: (error: unknown) => void
  readonly parameters?: Partial<TrainParameters>
  /** Before it resolves nothing is trained. */
  readonly after?: Promise<void>
}

export type OpenTrain = { readonly train: Train; readonly close: () => Promise<void> }

/** While a replay waits for a training, nobody else has work; live, the stages have little. */
const trainingThreads = 2

/** Starts with the requests that have no answer. Close it before the pipeline. */
export async function openTrain(app: App, { onTrouble, parameters = {}, after }: TrainHooks): Promise<OpenTrain> {
  const { log, codec, blobs, clock, stageSettings } = app
  const workers = new WorkersThreads()
  const train = new Train({
    log,
    codec,
    blobs,
    clock,
    trainer: new TrainerForest(workers, trainingThreads),
    features,
    featureSet: featureSetHash,
    horizonsMinutes: stageSettings.horizonsMinutes,
    parameters,
    pollMs: 1000,
    retryMs: 5000,
    onTrouble,
    makeRoom() {
      growHeaps('slowly')
      collectGarbage()
      app.engines.collectGarbage()
      return () => growHeaps('freely')
    },
    ...(after ? { after } : {}),
    ...(app.sharing ? { isOurs: () => isOurs(app, 'train') } : {}),
  })
  let closing: Promise<void> | undefined
  const close = () => (closing ??= train.close().then(() => workers.close()))
  try {
    await train.open()
  } catch (error) {
    await close()
    throw error
  }
  return { train, close }
}
