import { expect, test } from 'vitest'
import { TrainerForest } from '../../src/adapters/trainer-forest.ts'
import { WorkersThreads } from '../../src/adapters/workers-threads.ts'
import { hashOf, pack } from '../../src/forest/flat.ts'
import type { Model } from '../../src/forest/model.ts'
import type { Workers } from '../../src/runtime/workers.ts'
import { describeTrainer, flightSet } from '../contracts/trainer.ts'

describeTrainer('histogram trees', () => {
  const workers = new WorkersThreads()
  return {
    trainer: new TrainerForest(workers),
    parameters: { numIterations: 30, minDataInLeaf: 10 },
    close: () => workers.close(),
  }
})

test('two threads train the same model as one', async () => {
  const workers = new WorkersThreads()
  const set = flightSet(12_000, { parameters: { numIterations: 5 } })
  const [one, two] = [await new TrainerForest(workers).train(set), await new TrainerForest(workers, 2).train(set)]
  await workers.close()
  expect(hashOf(pack(two))).toBe(hashOf(pack(one)))
})

test('what is to be used is grown anew on all rows, with as many more trees', async () => {
  const workers = new WorkersThreads()
  const trainer = new TrainerForest(workers)
  const set = flightSet(800, { parameters: { numIterations: 30, minDataInLeaf: 10 } })
  const told: Model[] = []
  const model = await trainer.train(set, { onGraded: graded => told.push(graded) })
  const turned = set.labels.map((label, row) => (row < set.heldOutFrom ? label : 1 - label))
  const other = await trainer.train({ ...set, labels: turned })
  await workers.close()
  expect([told[0]?.trees.roots.length, model.trees.roots.length]).toEqual([30, 40])
  expect(model.trainedOn.rows).toBe(800)
  expect(model.trees.leafCovers?.reduce((sum, rows) => sum + rows, 0)).toBe(40 * 0.6 * 800)
  expect(other.trees).not.toEqual(model.trees)
})

test('a thread that dies is an error, as is one that ends without a model', async () => {
  const workers = new WorkersThreads()
  const training = new TrainerForest(workers).train(flightSet(400))
  await workers.close()
  await expect(training).rejects.toThrow(/closed/)
  const silent: Workers = {
    async *run() {},
    close: async () => undefined,
  }
  await expect(new TrainerForest(silent).train(flightSet(10))).rejects.toThrow(/without a model/)
})
