import { describe, expect, test } from 'vitest'
import type { Reference } from '../../src/drift/reference.ts'
import { rowsOf } from '../../src/forest/training-set.ts'
import { Failure } from '../../src/lib/failure.ts'
import { days, hours } from '../../src/lib/time.ts'
import type { Blobs } from '../../src/runtime/blobs.ts'
import { saidIn, say } from './logs.ts'
import {
  answerAll,
  ask,
  commandsIn,
  flights,
  happen,
  jobOn,
  modelIn,
  outcomeOf,
  requestOf,
  start,
  ToyTrainer,
  type World,
  worldOf,
} from './training.ts'

async function asked(partitions = 2, count = 300): Promise<World> {
  const world = await worldOf(partitions)
  await happen(world, flights(count))
  await ask(world, requestOf(world))
  return world
}

/** Delays of the rows that a trainer was given. */
const given = ({ sets }: ToyTrainer) => sets.flatMap(set => rowsOf(set, 0, set.labels.length))

describe('a training', () => {
  test('answers with a model that says where it came from', async () => {
    const world = await asked()
    const { train } = await answerAll(world)
    const { command, model } = await modelIn(world)
    expect(command).toMatchObject({
      id: 'train r1',
      by: 'TRAINER',
      verb: 'REGISTER',
      version: 'r1',
      hour: start + days(60),
      compare: false,
      reason: 'The columns have drifted.',
      card: { featureSet: 'table', trainedFrom: start, trainedTo: start + hours(299) + 1, rows: 240, parent: 'v0' },
    })
    expect(model.trainedOn).toMatchObject({ cut: start + days(60), why: 'The columns have drifted.' })
    expect(train.state()).toMatchObject({ open: null, waiting: 0, trained: 1, declined: 0 })
    const [record] = await saidIn(world.log, 'models.commands')
    expect(record?.key).toBe('r1')
  })

  test('has metrics of the rows held out, with intervals, and the sketches of its rows', async () => {
    const world = await asked()
    await answerAll(world)
    const { model, command } = await modelIn(world)
    const metrics = JSON.parse(command.card?.metrics ?? '')
    // the toy says 0.3 of everybody: no order; 20 of 60 late: (20 x 0.49 + 40 x 0.09) / 60
    expect(metrics).toMatchObject({ heldOutRows: 60, heldOutDays: 3, heldOut: { n: 60, auc: 0.5 } })
    expect(metrics.heldOut.brier).toBeCloseTo(13.4 / 60, 12)
    const [low, high] = metrics.interval95.brier
    expect(low).toBeLessThanOrEqual(metrics.heldOut.brier)
    expect(high).toBeGreaterThanOrEqual(metrics.heldOut.brier)
    const { report, ...short } = model.trainedOn.metrics as { report: unknown }
    expect(short).toEqual(metrics)
    expect(report).toMatchObject({ figures: { n: 60, late: 0.33333, said: 0.3 }, importance: null })
    const { columns, target, prediction } = model.reference as unknown as Reference
    expect(columns.map(({ name, resolution }) => [name, resolution])).toEqual([
      ['delay', 0.1],
      ['carrier', 1],
    ])
    expect(columns[1]?.sketch).toEqual({ missing: 100, values: [], categories: ['B6', 'UA'], counts: [100, 100] })
    expect(target).toEqual({ late: 100, punctual: 200 })
    // of those held out alone
    expect(prediction).toEqual({ missing: 0, values: [3000], categories: [], counts: [60] })
  })

  test('is on columns that vary, without the season in a part of a year', async () => {
    const world = await asked()
    const { trainer } = await answerAll(world)
    expect(trainer.sets[0]?.features.map(({ name }) => name)).toEqual(['delay', 'carrier'])
    const long = await worldOf(1)
    await happen(long, [...flights(300), ...flights(300, 366 * 24)])
    await ask(long, requestOf(long, { at: start + days(385) }))
    const { trainer: second } = await answerAll(long, { parameters: { windowDays: 400 } })
    expect(second.sets[0]?.features.map(({ name }) => name)).toEqual(['delay', 'month', 'carrier'])
  })

  test('is the same, byte by byte, for any number of partitions', async () => {
    const hashes: unknown[] = []
    for (const partitions of [1, 2, 4, 7]) {
      const world = await asked(partitions)
      await answerAll(world, { parameters: { rowsMax: 200 } })
      hashes.push((await modelIn(world)).command.card?.hash)
    }
    expect(new Set(hashes).size).toBe(1)
  })

  test('keeps no two flights of one departure apart, and holds out the last', async () => {
    const world = await worldOf(1)
    const twins = flights(300).map((flight, n) => ({
      ...flight,
      scheduledDepartureAt: start + hours(Math.floor(n / 7)),
    }))
    await happen(world, twins)
    await ask(world, requestOf(world))
    const { trainer } = await answerAll(world)
    // a fifth from row 240 on, whose departure begins at row 34 x 7
    expect(trainer.sets[0]?.heldOutFrom).toBe(238)
  })
})

describe('the rows of a training', () => {
  test('end at the cut: what came after it never enters', async () => {
    const world = await asked(2)
    await happen(world, [outcomeOf(900, { scheduledDepartureAt: start, label: true })])
    await ask(world, requestOf(world, { id: 'r2', cut: [10, 150] }))
    await ask(world, requestOf(world, { id: 'r3', cut: [0, 120] }))
    const { trainer } = await answerAll(world)
    expect(trainer.sets.map(({ labels }) => labels.length)).toEqual([300, 160, 120])
    expect(given(trainer).length).toBe(580)
  })

  test('are waited for when they are not in sight yet', async () => {
    const world = await worldOf(1)
    await happen(world, flights(150))
    await ask(world, requestOf(world, { cut: [200] }))
    const job = jobOn(world)
    await job.train.open()
    const answered = job.train.answered()
    await happen(world, flights(80, 150))
    await answered
    await job.train.close()
    expect(job.trainer.sets.map(({ labels }) => labels.length)).toEqual([200])
  })

  test('are labelled, of this feature table, and with features; those of flights that may still fly are left out', async () => {
    const world = await worldOf(2)
    const at = start + days(60)
    const [one] = outcomeOf(0).rows
    await happen(world, [
      ...flights(120),
      outcomeOf(200, { label: null }),
      outcomeOf(201, { featureSet: 'another' }),
      outcomeOf(202, { rows: [] }),
      outcomeOf(203, { rows: [{ ...one, features: [] } as never] }),
      outcomeOf(204, { scheduledDepartureAt: at - hours(36) }),
      outcomeOf(205, { scheduledDepartureAt: at - days(30) - 1 }),
      outcomeOf(206, { scheduledDepartureAt: at - days(30) }),
      outcomeOf(207, { scheduledDepartureAt: at - hours(36) - 1 }),
    ])
    await ask(world, requestOf(world))
    const { trainer } = await answerAll(world, { parameters: { windowDays: 30, rowsMin: 2, heldOutShare: 0.5 } })
    // flights 206 (late no, 206 % 3 = 2) and 207 (late) alone lie in the window
    expect(trainer.sets).toEqual([])
    expect((await commandsIn(world))[0]).toMatchObject({ verb: 'DECLINE', evidence: '{"labelledRows":2}' })
  })

  test('are a sample when there are many, of the same flights whatever comes first', async () => {
    const sampled = async (turn: boolean) => {
      const world = await worldOf(1)
      await happen(world, turn ? flights(300).toReversed() : flights(300))
      await ask(world, requestOf(world))
      const { trainer } = await answerAll(world, { parameters: { rowsMax: 150 } })
      return trainer.sets[0]
    }
    const set = await sampled(false)
    expect(set?.labels.length).toBe(150)
    expect(await sampled(true)).toEqual(set)
  })
})

describe('a refusal', () => {
  const refused = async (world: World) => {
    const { trainer, train } = await answerAll(world)
    expect(trainer.sets).toEqual([])
    expect(train.state()).toMatchObject({ trained: 0, declined: 1, waiting: 0 })
    const [command, ...more] = await commandsIn(world)
    expect(more).toEqual([])
    expect(command).toMatchObject({ id: 'train r1', by: 'TRAINER', verb: 'DECLINE', version: 'r1', card: null })
    return command?.reason
  }

  test('says how many rows there were', async () => {
    expect(await refused(await asked(2, 99))).toBe('99 labelled rows up to the cut; it takes 100')
  })

  test('says that all flights ended alike', async () => {
    const never = await worldOf(1)
    await happen(
      never,
      flights(200).map(flight => ({ ...flight, label: false })),
    )
    await ask(never, requestOf(never))
    expect(await refused(never)).toBe('none of the 160 flights to train on was late')
    const lately = await worldOf(1)
    await happen(
      lately,
      flights(200).map((flight, n) => ({ ...flight, label: n >= 160 || n % 3 === 0 })),
    )
    await ask(lately, requestOf(lately))
    expect(await refused(lately)).toBe('all of the 40 flights held out were late')
  })

  test('says that the cut is of another number of partitions', async () => {
    const world = await worldOf(2)
    await happen(world, flights(200))
    await ask(world, requestOf(world, { cut: [100] }))
    expect(await refused(world)).toBe('the cut has 1 partitions, flights.outcomes 2')
  })
})

describe('the training job', () => {
  test('answers each request once, in their order, also when one is repeated', async () => {
    const world = await asked()
    await ask(world, requestOf(world, { id: 'r2' }))
    await ask(world, requestOf(world))
    await answerAll(world)
    await answerAll(world)
    expect((await commandsIn(world)).map(({ version }) => version)).toEqual(['r1', 'r2'])
  })

  test('hears of a request while it runs', async () => {
    const world = await worldOf(2)
    await happen(world, flights(300))
    const { train } = jobOn(world)
    await train.open()
    await train.answered()
    await ask(world, requestOf(world))
    await train.answered()
    expect((await commandsIn(world)).map(({ id }) => id)).toEqual(['train r1'])
    await train.close()
  })

  test('waits with what it finds until it may begin, and can be closed before', async () => {
    const world = await asked()
    const begin = Promise.withResolvers<void>()
    const never = jobOn(world, { after: Promise.withResolvers<void>().promise })
    await never.train.open()
    await never.train.close()
    const { train, trainer } = jobOn(world, { after: begin.promise })
    await train.open()
    const answered = train.answered()
    await new Promise(resolve => setImmediate(resolve))
    expect([never.trainer.sets.length, trainer.sets.length]).toEqual([0, 0])
    begin.resolve()
    await answered
    expect(trainer.sets).toHaveLength(1)
    await train.close()
  })

  test('does not train for what the registry has decided, though the command is gone', async () => {
    const world = await asked()
    const claim = await world.log.claim('register')
    await claim.commit([{ topic: 'models.registry', partition: 0, key: 'decision/train r1', value: null }])
    const { trainer } = await answerAll(world)
    expect(trainer.sets).toEqual([])
  })

  test('takes no notice of what others ask of the registry', async () => {
    const world = await asked()
    await answerAll(world)
    const { command } = await modelIn(world)
    const other = await asked()
    await say(other.log, 'models.commands', { name: 'ModelCommand', value: { ...command, by: 'OPERATOR' } })
    await say(other.log, 'models.commands', { name: 'StepEnded', value: { at: start } })
    const { trainer } = await answerAll(other)
    expect(trainer.sets.length).toBe(1)
  })

  test('says how far it is', async () => {
    const world = await asked()
    const job = jobOn(world)
    const states: unknown[] = []
    job.trainer.before = () => void states.push(job.train.state())
    await job.train.open()
    await job.train.answered()
    await job.train.close()
    expect(states).toMatchObject([{ open: { id: 'r1', progress: 0.5, rows: 300 }, waiting: 1, trained: 0 }])
    expect(job.train.state().secondsTraining).toBeGreaterThanOrEqual(0)
  })

  test('asks for room once its rows are there, before it trains, and says when it is over', async () => {
    const world = await asked()
    const trainer = new ToyTrainer()
    const said: unknown[] = []
    const makeRoom = () => {
      said.push(['room', trainer.sets.length])
      return () => void said.push(['over', trainer.sets.length])
    }
    await answerAll(world, { trainer, makeRoom })
    expect(said).toEqual([
      ['room', 0],
      ['over', 1],
    ])
  })

  test('leaves nothing when it is closed in the middle, and tells who waits', async () => {
    const world = await asked()
    const job = jobOn(world)
    job.trainer.before = signal =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))
    await job.train.open()
    const refused = job.train.answered().catch((error: unknown) => error)
    while (job.trainer.sets.length === 0) await new Promise(resolve => setTimeout(resolve, 1))
    await job.train.close()
    expect(await refused).toMatchObject({ code: 'NOT_RUNNING' })
    expect(await commandsIn(world)).toEqual([])
    expect(await world.blobs.list('')).toEqual([])
    expect(job.troubles).toEqual([])
    await answerAll(world)
    expect((await modelIn(world)).command.version).toBe('r1')
  })

  test('is told when another process has taken it over', async () => {
    const world = await asked()
    const job = jobOn(world)
    job.trainer.before = async () => void (await world.log.claim('train'))
    await job.train.open()
    await expect(job.train.answered()).rejects.toMatchObject({ code: 'TASK_FENCED' })
    await job.train.close()
    expect(await commandsIn(world)).toEqual([])
  })
})

describe('a training job that fails somewhere', () => {
  /** Fails once at `point`. */
  async function failing(point: string): Promise<{ world: World; trainer: ToyTrainer; blobs: Blobs }> {
    let armed = false
    const fail = (at: string, code: 'COMMIT_UNKNOWN' | 'LOG_UNREACHABLE' = 'LOG_UNREACHABLE') => {
      if (!armed || at !== point) return
      armed = false
      throw new Failure(code, at)
    }
    const world = await worldOf(2, {
      onCommit: (task, _, when) => (task === 'train' ? fail(`commit ${when}`, 'COMMIT_UNKNOWN') : undefined),
      onClaim: (task, _, when) => (task === 'train' ? fail(`claim ${when}`) : undefined),
      onRead: topic => fail(`read ${topic}`),
    })
    await happen(world, flights(300))
    await ask(world, requestOf(world))
    const trainer = new ToyTrainer()
    trainer.before = () => fail('train')
    const blobs: Blobs = {
      put: async (address, bytes) => {
        fail('blob')
        await world.blobs.put(address, bytes)
      },
      get: address => world.blobs.get(address),
      list: prefix => world.blobs.list(prefix),
      delete: address => world.blobs.delete(address),
    }
    armed = true
    return { world, trainer, blobs }
  }

  const undisturbed = asked().then(async world => {
    await answerAll(world)
    return (await modelIn(world)).command
  })
  const inWork = ['read flights.outcomes', 'train', 'blob', 'commit before', 'commit after']
  const atStart = [
    'claim before',
    'claim after',
    'read retrain.requests',
    'read models.commands',
    'read models.registry',
  ]

  test.each(inWork)('tries again after "%s", and gives the same answer once', async point => {
    const { world, ...parts } = await failing(point)
    const { troubles } = await answerAll(world, parts)
    expect(troubles.map(error => (error as Failure).message)).toEqual([point])
    expect(await commandsIn(world)).toEqual([await undisturbed])
    // what was made is not made again only because it is unknown whether it was committed
    expect(parts.trainer.sets.length).toBe(point === 'train' || point === 'blob' ? 2 : 1)
  })

  test.each([...inWork, ...atStart])('killed at "%s", it is found unanswered by the next', async point => {
    const { world, ...parts } = await failing(point)
    const first = jobOn(world, parts)
    await first.train.open().catch(() => undefined)
    await first.train.close()
    await answerAll(world)
    expect(await commandsIn(world)).toEqual([await undisturbed])
  })
})
