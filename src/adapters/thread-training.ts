// A training in a thread of the workers port, whatever the algorithm: the module yields how far it is, then the packed model
// that the rows held out may grade unless that is the one to use, and last the packed model to use.

import { unpack } from '../forest/flat.ts'
import type { Model } from '../forest/model.ts'
import type { TrainerOptions, TrainingProgress } from '../runtime/trainer.ts'
import type { Workers } from '../runtime/workers.ts'

/** Told of before anybody listens; more than a busy event loop leaves untaken for long. */
const ahead = 16

export type TrainingItem = TrainingProgress | { readonly graded: Uint8Array } | Uint8Array

export type ThreadWork = {
  readonly module: string
  readonly input: unknown
  /** A thread without a limit takes what it can get before it collects. */
  readonly heapMegabytes: number
}

export async function trainInThread(
  workers: Workers,
  { module, input, heapMegabytes }: ThreadWork,
  { signal, onProgress, onGraded }: TrainerOptions<Model>,
): Promise<Model> {
  signal?.throwIfAborted()
  const work = workers.run<TrainingItem>(module, input, { ahead, heapMegabytes })
  const items = work[Symbol.asyncIterator]()
  // ends the thread in the middle of a tree; the `next` that waits for it then finds the end
  const stop = () => void items.return?.()
  signal?.addEventListener('abort', stop)
  let isGraded = false
  try {
    for (;;) {
      const { done, value } = await items.next()
      signal?.throwIfAborted()
      if (done) throw new Error('the trainer ended without a model')
      if (value instanceof Uint8Array) {
        const model = unpack(value)
        if (!isGraded) onGraded?.(model)
        return model
      }
      if ('graded' in value) {
        isGraded = true
        onGraded?.(unpack(value.graded))
      } else onProgress?.(value)
    }
  } finally {
    signal?.removeEventListener('abort', stop)
    await items.return?.()
  }
}
