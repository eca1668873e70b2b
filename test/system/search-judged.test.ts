// A search on the outcomes of a replay that stands still, and its best in the replay that goes on: a challenger by the
// name of the search, in shadow on the champion's flights, tested by the judge on the sums of their days.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documentOf } from '../../scripts/proof/children.ts'
import { BlobsMemory } from '../../src/adapters/blobs-memory.ts'
import { searchedAgain } from '../../src/app/retrain.ts'
import { seedModel } from '../../src/app/sources.ts'
import { openApp, openReplay, openStores, type ReplaySpec } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import type { Trial } from '../../src/forest/search/search.ts'
import type { StoredSearch } from '../../src/forest/search/stored.ts'
import type { RecordName, Records } from '../../src/records.ts'
import { readAll } from '../../src/runtime/digest.ts'

const searchedAt = Date.parse('2013-04-05T05:00Z')
const search = ['--trials', '3', '--folds', '2', '--gap-hours', '6', '--families', 'logistic,boosting']

let root: string
let dataDir: string
let spec: ReplaySpec

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'slipstream-search-'))
  dataDir = join(root, 'data')
  const { source } = configure({ dataDir }).config
  const days = { from: '2013-04-01', to: '2013-04-06' }
  spec = { source, ...days, inject: '', seed: 1, model: seedModel, modelFrom: '2013-04-01T05:00:00Z' }
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Nobody trains, so that nobody competes. */
async function replayedUntil(until: number): Promise<void> {
  const failed: unknown[] = []
  const { config } = configure({ dataDir, retrainDays: '0' })
  const app = await openApp({ config, onTrouble: (where, error) => failed.push(where, error) })
  try {
    await app.engines.start()
    const mayAdvance = async (mark: number) => mark < until
    const replay = await openReplay(app, spec, { mayAdvance, onProgress: () => undefined })
    await replay.run()
    await app.engines.caughtUp()
    await replay.close()
  } finally {
    await app.close()
  }
  expect(failed).toEqual([])
}

async function saidOf<N extends RecordName>(topic: string, name: N): Promise<Records[N][]> {
  const { log, codec, close } = await openStores(configure({ dataDir }).config, 'reader')
  const said: Records[N][] = []
  for await (const { value } of readAll(log, topic, 0)) {
    const record = value && codec.decode(value)
    if (record?.name === name) said.push(record.value as Records[N])
  }
  await close()
  return said
}

/** What is said when the best trial has found other parameters than those that the model was trained with. */
async function verifiedWithOther(search: string, trial: number) {
  const stores = await openStores(configure({ dataDir }).config, 'reader')
  const file = join(dataDir, 'blobs', 'searches', search, 'trials', String(trial).padStart(4, '0'))
  const found = JSON.parse(readFileSync(file, 'utf8')) as Trial
  writeFileSync(file, JSON.stringify({ ...found, point: { ...found.point, lambdaL2: 777 } }))
  try {
    return await searchedAgain(stores, { ...stores, blobs: new BlobsMemory() }, { onProgress: () => undefined })
  } finally {
    await stores.close()
  }
}

test('the best of a search is a challenger by its name, judged on the stream, and trained again to the same bits', async () => {
  await replayedUntil(searchedAt)
  const { plan, result } = await documentOf<StoredSearch>(['runs', 'search', '--data-dir', dataDir, ...search])
  const { id, champion } = plan
  await replayedUntil(Number.POSITIVE_INFINITY)

  const card = (await saidOf('models.registry', 'ModelVersion')).find(({ version }) => version === id)?.card
  expect(card).toEqual(result?.card)
  expect(champion).toMatch(/^seed-/)
  expect(card?.parent).toBe(champion)
  expect(JSON.parse(card?.parameters ?? '')).toMatchObject({ search: id, trial: result?.trial })

  const decisions = (await saidOf('models.registry', 'ModelDecision')).filter(({ version }) => version === id)
  const challengers = [{ version: id, hash: card?.hash }]
  expect(decisions).toMatchObject([
    {
      id: `search ${id}`,
      verb: 'REGISTER',
      by: 'OPERATOR',
      accepted: true,
      champion: { version: champion },
      challengers,
    },
  ])
  expect(JSON.parse(decisions[0]?.evidence ?? '')).toMatchObject({ search: id, trials: 3, trial: result?.trial })

  const tests = (await saidOf('drift.metrics', 'ShadowTested')).filter(({ challenger }) => challenger === id)
  expect(tests.map(({ days }) => days)).toEqual(tests.map((_, at) => at + 1))
  expect(tests[0]).toMatchObject({ champion, verdict: 'WAIT', because: '1 of 7 days' })
  expect(tests[0]?.rows).toBeGreaterThan(500)

  type Verdict = { equal: boolean; compared: Record<string, number> }
  const verdict = await documentOf<Verdict>(['verify', '--retrain', '--data-dir', dataDir])
  expect(verdict).toMatchObject({ equal: true, compared: { searches: 1 } })

  expect(await verifiedWithOther(id, result?.trial ?? 0)).toMatchObject({
    compared: 0,
    difference: { topic: 'models.commands', key: id, what: expect.stringMatching(/^hash: recorded /) },
  })
})
