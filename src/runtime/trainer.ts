/** The trainer port: an algorithm that makes a model of labelled rows, off the event loop. */
export interface Trainer<TrainingSet, Model> {
  /**
   * The model to use, whose trees have seen all rows if that is the algorithm's way. The same set gives the same model, bit
   * by bit, on every machine and in any number of threads. The set is not changed.
   * Rejects with the signal's reason once it aborts, and leaves nothing behind.
   */
  train(set: TrainingSet, options?: TrainerOptions<Model>): Promise<Model>
}

export type TrainerOptions<Model> = {
  readonly signal?: AbortSignal
  /**
   * Told once, before `train` resolves, of the model that the rows held out may grade: it was not grown on them. The one to
   * use has its calibration, interval and threshold.
   */
  readonly onGraded?: (graded: Model) => void
  readonly onProgress?: (progress: TrainingProgress) => void
}

/** Steps of the algorithm, such as trees: `done` rises up to `of`. */
export type TrainingProgress = { readonly done: number; readonly of: number }
