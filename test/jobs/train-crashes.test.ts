import { afterAll, describe, expect, test } from 'vitest'
import { WorkersThreads } from '../../src/adapters/workers-threads.ts'
import { trainingAttemptsMax } from '../../src/jobs/train-crashes.ts'
import { isGivenUp } from '../../src/jobs/train-queue.ts'
import { Failure } from '../../src/lib/failure.ts'
import {
  answerAll,
  ask,
  commandsIn,
  flights,
  happen,
  jobOn,
  modelIn,
  requestOf,
  ToyTrainer,
  worldOf,
} from './training.ts'

const workers = new WorkersThreads()
afterAll(() => workers.close())

const deadly = `data:text/javascript,${encodeURIComponent('export async function* work() { process.exit(3) }')}`

/** A trainer whose thread ends in the middle, as one that runs out of memory does: `times` times, then it works. */
function dying(times: number): ToyTrainer {
  const trainer = new ToyTrainer()
  trainer.before = async () => {
    if (trainer.sets.length > times) return
    await workers.run(deadly, null)[Symbol.asyncIterator]().next()
  }
  return trainer
}

async function asked(faults: Parameters<typeof worldOf>[1] = {}) {
  const world = await worldOf(2, faults)
  await happen(world, flights(300))
  await ask(world, requestOf(world))
  return world
}

describe('a training whose thread dies', () => {
  test('each time is given up, with the reason on record, and what comes after it is answered', async () => {
    const world = await asked()
    await ask(world, requestOf(world, { id: 'r2' }))
    const trainer = dying(trainingAttemptsMax)
    const { train, troubles } = await answerAll(world, { trainer })
    const [failed, made, ...more] = await commandsIn(world)
    expect(more).toEqual([])
    expect(failed).toMatchObject({
      id: 'train r1',
      verb: 'DECLINE',
      version: 'r1',
      card: null,
      evidence: '{"attempts":3,"code":"TRAINING_FAILED"}',
    })
    expect(failed?.reason).toMatch(
      /^TRAINING_FAILED: the training crashed 3 times, the last time with "the thread .* 3"$/,
    )
    expect(made).toMatchObject({ verb: 'REGISTER', version: 'r2' })
    expect([failed, made].map(command => command && isGivenUp(command))).toEqual([true, false])
    expect(trainer.sets.length).toBe(trainingAttemptsMax + 1)
    expect(troubles.length).toBe(trainingAttemptsMax)
    expect(train.state()).toMatchObject({ trained: 1, declined: 1, waiting: 0 })
  })

  test('twice, and then works, is answered with the model that it would have been at once', async () => {
    const world = await asked()
    const { trainer, troubles } = await answerAll(world, { trainer: dying(2) })
    const undisturbed = await asked()
    await answerAll(undisturbed)
    expect((await modelIn(world)).command).toEqual((await modelIn(undisturbed)).command)
    expect([trainer.sets.length, troubles.length]).toEqual([3, 2])
  })

  test('in one process after the other is given up after as many as in one', async () => {
    const world = await asked()
    let attempts = 0
    for (let life = 0; life < trainingAttemptsMax; life++) {
      const trainer = dying(1)
      const job = jobOn(world, { trainer, retryMs: 60_000 })
      await job.train.open()
      await expect.poll(() => job.troubles.length, { timeout: 10_000 }).toBe(1)
      await job.train.close()
      attempts += trainer.sets.length
    }
    expect(await commandsIn(world)).toEqual([])
    const { trainer } = await answerAll(world)
    expect([attempts, trainer.sets.length]).toEqual([3, 0])
    expect((await commandsIn(world)).map(isGivenUp)).toEqual([true])
  })

  test('is not what a job does that is closed, or whose log or blobs fail, however often', async () => {
    const world = await asked()
    for (let life = 0; life < trainingAttemptsMax; life++) {
      const trainer = new ToyTrainer()
      trainer.before = signal =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))
      const job = jobOn(world, { trainer })
      await job.train.open()
      await expect.poll(() => trainer.sets.length).toBe(1)
      await job.train.close()
    }
    let failures = 0
    const blobs = {
      ...world.blobs,
      put: async (address: string, bytes: Uint8Array) => {
        if (failures++ <= trainingAttemptsMax) throw new Failure('LOG_UNREACHABLE', 'the disk is full')
        await world.blobs.put(address, bytes)
      },
    }
    const { troubles } = await answerAll(world, { blobs })
    expect(troubles.length).toBe(trainingAttemptsMax + 1)
    expect((await commandsIn(world)).map(({ verb }) => verb)).toEqual(['REGISTER'])
  })

  test.each(['before', 'after'] as const)(
    'counts right when nobody knows what became of the note of a crash: %s its commit',
    async when => {
      let armed = true
      const trainer = dying(9)
      const world = await asked({
        // its first commit is that of the note of the first crash
        onCommit: (task, _, at) => {
          if (task !== 'train' || at !== when || !armed) return
          armed = false
          throw new Failure('COMMIT_UNKNOWN', at)
        },
      })
      await answerAll(world, { trainer })
      // one that was not noted is no attempt
      expect(trainer.sets.length).toBe(trainingAttemptsMax + (when === 'before' ? 1 : 0))
      expect((await commandsIn(world)).map(isGivenUp)).toEqual([true])
    },
  )
})
