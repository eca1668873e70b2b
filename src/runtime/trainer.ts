/** The trainer port: an algorithm that makes a model of labelled rows, off the event loop. */
export interface Trainer<TrainingSet, Model> {
  /**
   * The same set gives the same model, bit by bit, on every machine and in any number of threads. The set is not changed.
   * Rejects with the signal's reason once it aborts, and leaves nothing behind.
   */
  train(set: TrainingSet, options?: TrainerOptions): Promise<Model>
}

export type TrainerOptions = {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: TrainingProgress) => void
}

/** Steps of the algorithm, such as trees: `done` rises up to `of`. */
export type TrainingProgress = { readonly done: number; readonly of: number }
