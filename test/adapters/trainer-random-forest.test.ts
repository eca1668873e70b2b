import { expect, test } from 'vitest'
import { TrainerRandomForest } from '../../src/adapters/trainer-random-forest.ts'
import { WorkersThreads } from '../../src/adapters/workers-threads.ts'
import type { Workers } from '../../src/runtime/workers.ts'
import { describeTrainer, flightSet } from '../contracts/trainer.ts'

describeTrainer('ml-random-forest', () => {
  const workers = new WorkersThreads()
  return {
    trainer: new TrainerRandomForest(workers),
    parameters: { trees: 4, rowsPerTree: 300, maxDepth: 5, leafRows: 8, binsMax: 12, smoothingRows: 10 },
    close: () => workers.close(),
  }
})

test('a thread that dies is an error, as is one that ends without a model', async () => {
  const workers = new WorkersThreads()
  const training = new TrainerRandomForest(workers).train(flightSet(400))
  await workers.close()
  await expect(training).rejects.toThrow(/closed/)
  const silent: Workers = {
    async *run() {},
    close: async () => undefined,
  }
  await expect(new TrainerRandomForest(silent).train(flightSet(10))).rejects.toThrow(/without a model/)
})
