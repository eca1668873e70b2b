import { describe, expect, test } from 'vitest'
import { ClockWall } from '../../src/adapters/clock-wall.ts'
import { growTrees } from '../../src/adapters/trainer-random-forest-grow.ts'
import { unpack } from '../../src/forest/flat.ts'
import { familiesWith } from '../../src/forest/search/families.ts'
import type { Trial } from '../../src/forest/search/search.ts'
import type { SearchWish } from '../../src/forest/search/stored.ts'
import { type SearchHooks, search } from '../../src/jobs/search.ts'
import { offerOf, SearchStore } from '../../src/jobs/search-store.ts'
import { hours } from '../../src/lib/time.ts'
import { codec } from './logs.ts'
import { flights, happen, outcomeOf, start, table, type World, worldOf } from './training.ts'

const rows = 1500
const wish: SearchWish = {
  seed: 3,
  trials: 9,
  sampler: 'tpe',
  families: ['boosting', 'logistic', 'ml-random-forest'],
  folds: 2,
  gapHours: 36,
  why: 'A test.',
  rowsMax: 5000,
  trainRowsMax: 5000,
  windowDays: 400,
  settledHours: 36,
  heldOutShare: 0.2,
}

/** Flights that are late with UA, and more often with a high delay. */
async function landed(partitions = 2): Promise<World> {
  const world = await worldOf(partitions)
  const outcomes = Array.from({ length: rows }, (_, n) => {
    const isLate = (n * 7) % 10 < (n % 3 === 0 ? 6 : 2) + (n % 50 > 25 ? 2 : 0)
    return outcomeOf(n, { label: isLate })
  })
  await happen(world, outcomes)
  return world
}

type Run = { readonly signal?: AbortSignal; readonly onTrial?: SearchHooks['onTrial']; readonly crashAt?: number }

async function searched(world: World, asked: SearchWish | string, { signal, onTrial, crashAt = 0 }: Run = {}) {
  const blobs = {
    get: world.blobs.get.bind(world.blobs),
    list: world.blobs.list.bind(world.blobs),
    delete: world.blobs.delete.bind(world.blobs),
    put: async (address: string, bytes: Uint8Array) => {
      if (address.endsWith(`/trials/${String(crashAt).padStart(4, '0')}`)) throw new Error('killed')
      await world.blobs.put(address, bytes)
    },
  }
  const about = { features: table, featureSet: 'table', horizonsMinutes: [120], clock: new ClockWall() }
  const hooks = { onPlan: () => undefined, onTrial: onTrial ?? (() => undefined), onProgress: () => undefined }
  const families = familiesWith(growTrees)
  return await search({ log: world.log, codec, blobs, families, ...about }, asked, {
    signal: signal ?? new AbortController().signal,
    ...hooks,
  })
}

const withoutClock = (trials: readonly Trial[]) => trials.map(trial => ({ ...trial, seconds: 0 }))

describe('a search', () => {
  test('grades every algorithm on folds before the rows held out, and trains the best as a challenger', async () => {
    const world = await landed()
    const { plan, trials, result } = await searched(world, wish)
    expect(plan).toMatchObject({ id: 's-2013-03-04T1400', cut: [750, 750], at: start + hours(rows + 2), rows: 1466 })
    expect(trials.map(({ family }) => family)).toEqual([...wish.families, ...wish.families, ...wish.families])
    const best = Math.min(...trials.filter(({ state }) => state === 'complete').map(({ loss }) => loss))
    expect(trials.find(({ number }) => number === result?.trial)?.loss).toBe(best)
    const model = unpack(await world.blobs.get(result?.card.artefact ?? ''))
    expect(model.trainedOn).toMatchObject({
      rows: 1172,
      why: 'A test.',
      parameters: { search: plan.id, trial: result?.trial },
    })
    // 294 rows that no trial has seen, and 36 hours before them
    for (const { folds } of trials) for (const fold of folds) expect(fold.rows + fold.graded).toBeLessThan(1172 - 72)
    expect(JSON.parse(result?.card.metrics ?? '')).toMatchObject({ heldOutRows: 294 })
    expect(offerOf({ plan, trials, result })).toMatchObject({
      id: `search ${plan.id}`,
      by: 'OPERATOR',
      verb: 'REGISTER',
      version: plan.id,
      hour: plan.at,
      card: { hash: result?.card.hash },
    })
  }, 60_000)

  test('killed at any trial goes on behind the last one stored, and ends as if it had not been', async () => {
    const calm = await searched(await landed(), wish)
    for (const crashAt of [1, 4, 9]) {
      const world = await landed()
      await expect(searched(world, wish, { crashAt })).rejects.toThrow('killed')
      const store = new SearchStore(world.blobs)
      const [id = ''] = await store.list()
      expect((await store.read(id)).trials.length).toBe(crashAt - 1)
      expect(() => offerOf({ ...calm, result: null })).toThrow('has no result yet')
      const made: number[] = []
      const { trials, result } = await searched(world, id, { onTrial: ({ number }) => made.push(number) })
      expect(made).toEqual(Array.from({ length: 10 - crashAt }, (_, at) => crashAt + at))
      expect(withoutClock(trials)).toEqual(withoutClock(calm.trials))
      expect(result).toEqual(calm.result)
      // at its end, it has nothing left to do
      await searched(world, id, { onTrial: () => expect.unreachable() })
    }
  }, 120_000)

  test('is the same for any number of partitions, and another with another seed', async () => {
    const short = { ...wish, trials: 4, families: ['logistic'] as const }
    const [one, three] = [await searched(await landed(1), short), await searched(await landed(3), short)]
    expect(withoutClock(three.trials)).toEqual(withoutClock(one.trials))
    expect(three.result?.card.hash).toBe(one.result?.card.hash)
    const other = await searched(await landed(1), { ...short, seed: 4 })
    expect(withoutClock(other.trials)).not.toEqual(withoutClock(one.trials))
  }, 60_000)

  test('trains the best on more rows than its trials had', async () => {
    const { plan, trials, result } = await searched(await landed(), { ...wish, trials: 2, rowsMax: 1200 })
    expect(plan.rows).toBeLessThanOrEqual(1200)
    for (const { folds } of trials) expect(folds.at(-1)?.rows).toBeLessThan(960)
    expect(result?.card.rows).toBe(1172)
  }, 60_000)

  test('gives up on a signal, and refuses rows that are too few, or others than it began with', async () => {
    const world = await landed()
    const stop = new AbortController()
    const stopped = searched(world, wish, { signal: stop.signal, onTrial: () => stop.abort(new Error('enough')) })
    await expect(stopped).rejects.toThrow('enough')
    const [id = ''] = await new SearchStore(world.blobs).list()
    const other = await worldOf(2)
    await happen(other, flights(rows))
    await expect(searched({ ...other, blobs: world.blobs }, id)).rejects.toMatchObject({ code: 'ROWS_UNFIT' })
    const few = await worldOf(1)
    await expect(searched(few, wish)).rejects.toMatchObject({
      code: 'ROWS_UNFIT',
      message: 'there are no outcomes yet',
    })
    await happen(few, flights(500))
    await expect(searched(few, wish)).rejects.toMatchObject({ code: 'ROWS_UNFIT' })
    await expect(searched(world, 's-none')).rejects.toMatchObject({ code: 'SEARCH_UNKNOWN' })
  }, 60_000)
})
