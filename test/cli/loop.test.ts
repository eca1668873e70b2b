// The commands about drift and models, against the real server over an invented loop.

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Models, Ordered } from '../../src/server/loop.ts'
import { buildServer, listen } from '../../src/server/server.ts'
import { createFakeProgram, fakeAirports } from '../server/fake-program.ts'
import { cli, documentOf } from './cli.ts'

const hourMs = 3_600_000
const stormAt = Date.UTC(2013, 1, 8)
const seed = 'seed-2013-01'
const challenger = 'm-2013-02-09T03'

const program = createFakeProgram()
const server = buildServer({
  program,
  airports: fakeAirports(),
  webFolder: null,
  logLevel: 'silent',
  rateLimitPerMinute: 0,
})
let url = ''

beforeAll(async () => {
  program.loop.advanceTo(stormAt + 5 * 24 * hourMs)
  url = `http://127.0.0.1:${await listen({ server, port: 0, host: '127.0.0.1' })}`
})
afterAll(() => server.close())

const run = (...words: string[]) => cli([...words, '--url', url])

describe('drift status', () => {
  test('shows columns and the open alert, and fails only when it is told to', async () => {
    const { code, out } = await run('drift', 'status')
    expect(code).toBe(0)
    expect(out).toContain('alert DATASET_DRIFT since 2013-02-09T03:00:00Z')
    expect(out).toMatch(/columns drifted, \d+\.\d % unusual \(alert from 25\.0 %\)/)
    const failed = await run('drift', 'status', '--fail-on', 'drift', '--json')
    expect(failed.code).toBe(4)
    expect(documentOf(failed)).toMatchObject({ report: { span: 'DAY' }, alerts: [{ kind: 'DATASET_DRIFT' }] })
  })

  test('passes while no alert is open', async () => {
    const quiet = createFakeProgram()
    const other = buildServer({
      program: quiet,
      airports: fakeAirports(),
      webFolder: null,
      logLevel: 'silent',
      rateLimitPerMinute: 0,
    })
    onTestFinished(() => other.close())
    const at = `http://127.0.0.1:${await listen({ server: other, port: 0, host: '127.0.0.1' })}`
    const { code, out } = await cli(['drift', 'status', '--fail-on', 'drift', '--url', at])
    expect([code, out.includes('no alert is open')]).toEqual([0, true])
  })

  test.each([
    [['--span', 'month'], 'span'],
    [['--fail-on', 'alert'], 'fail-on'],
  ])('%j is refused', async (words, field) => {
    const { code, err } = await run('drift', 'status', ...words, '--json')
    expect(code).toBe(2)
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'USAGE', field } })
  })
})

test('drift show draws both sides of a column', async () => {
  const { out } = await run('drift', 'show', 'originHourPlanned')
  expect(out).toContain('TRAINING')
  expect(out).toMatch(/#{5,}/)
  const { code, err } = await run('drift', 'show', 'gate')
  expect([code, err.includes('error[FIELD_TYPE]')]).toEqual([1, true])
})

describe('drift thresholds', () => {
  test('says of each column from where on it is drifted and unusual, and how near it is', async () => {
    const { out } = await run('drift', 'thresholds')
    expect(out).toMatch(/COLUMN +METHOD +DRIFTED FROM +UNUSUAL FROM +NOW +TIMES/)
    expect(out).toContain('a shifted day from 25.0 % of the columns unusual (setting unusualPercent)')
    const one = documentOf<{ rules: object; columns: object[] }>(
      await run('drift', 'thresholds', 'originWind', '--json'),
    )
    expect(one).toMatchObject({
      rules: { unusualShareMax: 0.25, rowsMin: 200 },
      columns: [{ column: 'originWind', threshold: 0.1, mayAlert: true }],
    })
  })

  test('of a column that there is not is refused with its neighbour', async () => {
    const { code, err } = await run('drift', 'thresholds', 'originWnd')
    expect([code, err.includes('error[FIELD_TYPE]'), err.includes('originWind')]).toEqual([1, true, true])
  })
})

describe('drift silence', () => {
  test('is ordered with a reason, and listed', async () => {
    expect((await run('drift', 'silence')).out).toBe('nothing is silenced\n')
    const { out } = await run('drift', 'silence', 'prediction-drift', '--reason', 'The storm is known.')
    expect(out).toMatch(/PREDICTION_DRIFT +\S+Z +\S+Z +The storm is known\./)
    const listed = documentOf<{ silences: { from: number; until: number }[] }>(await run('drift', 'silence', '--json'))
    expect(listed).toMatchObject({ silences: [{ kind: 'PREDICTION_DRIFT', reason: 'The storm is known.' }] })
    expect(listed.silences.map(({ from, until }) => until - from)).toEqual([24 * hourMs])
  })

  test.each([
    [['weather', '--reason', 'x'], 'KIND'],
    [['all'], 'reason'],
    [['all', '--reason', 'x', '--hours', 'ten'], 'hours'],
  ])('%j is refused', async (words, field) => {
    const { code, err } = await run('drift', 'silence', ...words, '--json')
    expect([code, JSON.parse(err)]).toMatchObject([2, { error: { code: 'USAGE', field } }])
  })
})

test.each(['trials', 'why'])('runs search refuses --%s of a search that has begun', async name => {
  const { code, err } = await cli(['runs', 'search', '--resume', 's-2013-06-03T0400', `--${name}`, '9'])
  expect(code).toBe(2)
  expect(err).toContain(`--${name} was settled when s-2013-06-03T0400 began`)
})

describe('runs', () => {
  type Trainings = { training: object | null; requests: { id: string; by: string }[] }

  test('ls lists trainings with what came of them', async () => {
    const { out } = await run('runs', 'ls')
    expect(out).toMatch(new RegExp(`${challenger} +2013-02-09T03:00:00Z +DRIFT +model made +the columns have shifted`))
    const { requests, training } = documentOf<Trainings>(await run('runs', 'ls', '--limit', '1', '--json'))
    expect([training, requests.map(({ id }) => id)]).toEqual([null, [challenger]])
  })

  test('show says who asked, what for, and what came of it', async () => {
    const { out } = await run('runs', 'show', challenger)
    expect(out).toMatch(/asked +2013-02-09T03:00:00Z by DRIFT: the columns have shifted/)
    expect(out).toMatch(/answer +REGISTER: /)
    expect(out).toMatch(/model +challenger, of [\d,]+ rows/)
    const shown = documentOf(await run('runs', 'show', challenger, '--json'))
    expect(shown).toMatchObject({ request: { id: challenger }, training: null, model: { version: challenger } })
  })

  test('a search is among them, and shows its trials and the best of each algorithm', async () => {
    const search = 's-2013-02-07T0000'
    expect((await run('runs', 'ls')).out).toMatch(
      new RegExp(`${search} +\\S+ +SEARCH +model made +The best of 12 trials`),
    )
    const { out } = await run('runs', 'show', search)
    expect(out).toMatch(/\* 1 +boosting +4 +0\.4310/)
    expect(out).toMatch(/forest +1 stopped/)
    expect(out).toMatch(/boosting +3 +[123] +1 +0\.4310/)
    const shown = documentOf<{ trials: unknown[] }>(await run('runs', 'show', search, '--json'))
    expect(shown.trials).toHaveLength(12)
  })

  test('a training that was never asked for is refused with its neighbour', async () => {
    const { code, err } = await run('runs', 'show', 'm-2013-02-09T04')
    expect([code, err.includes(`no training "m-2013-02-09T04"`), err.includes(challenger)]).toEqual([2, true, true])
    expect((await run('runs', 'ls', '--limit', 'all')).code).toBe(2)
  })
})

describe('models', () => {
  test('ls, show and compare tell what the registry knows', async () => {
    expect((await run('models', 'ls')).out).toMatch(new RegExp(`${challenger}\\s+challenger`))
    expect((await run('models', 'show', challenger)).out).toContain(
      'answers     m-2013-02-09T03: the columns have shifted',
    )
    const { out: card } = await run('models', 'show', seed)
    expect(card).toMatch(/On 6,190 rows held out, 9 days/)
    expect(card).toMatch(/BY CARRIER +ROWS/)
    expect(card).toContain('carrier 9E: of 400 flights 12 % were late')
    expect(card).toMatch(/legArrivalDelay +0\.3100 +30\.0 % +#{24}/)
    const { out } = await run('models', 'compare', seed, challenger)
    expect(out).toMatch(/auc +0\.74300 +0\.75200 +0\.00900/)
    expect(out).toContain(`${challenger} against ${seed} over`)
  })

  test('an order needs a reason, and says how to give it', async () => {
    const { code, err } = await run('models', 'promote', challenger)
    expect(code).toBe(2)
    expect(err).toContain(`slipstream models promote ${challenger} --reason "why"`)
  })

  test('of a version that there is not is refused by name', async () => {
    const { code, err } = await run('models', 'reject', 'nope', '--reason', 'x')
    expect([code, err.includes('error[MODEL_UNKNOWN]')]).toEqual([1, true])
  })

  test('an order that is held says so, one that is decided against why', async () => {
    program.loop.hold(true)
    const held = await run('models', 'promote', challenger, '--reason', 'it knows snow')
    program.loop.hold(false)
    expect(held.out).toContain('held until the step of the replay ends')
    const refused = await run('models', 'promote', seed, '--reason', 'again')
    expect([refused.code, refused.err.includes(`${seed} is the champion already`)]).toEqual([1, true])
  })

  test('promote and rollback change who is in force', async () => {
    const promoted = await run('models', 'promote', challenger, '--reason', 'it knows snow', '--json')
    expect(documentOf<Ordered>(promoted).decision).toMatchObject({ champion: challenger, because: 'it knows snow' })
    await run('models', 'rollback', seed, '--reason', 'snow is over')
    expect(documentOf<Models>(await run('models', 'ls', '--json')).champion).toBe(seed)
  })
})

describe('watch', () => {
  test('gives frames as lines of JSON', async () => {
    const { code, out } = await run('watch', 'drift', '--json', '--count', '1')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      type: 'snapshot',
      drift: { metrics: { columnsCompared: expect.anything() } },
    })
  })

  test('gives one line an update off a terminal, and a block on one', async () => {
    expect((await run('watch', 'drift', '--count', '1')).out).toMatch(/columns drifted, \d+ % unusual/)
    const block = await cli(['watch', 'drift', '--count', '1', '--url', url], { tty: true })
    expect(block.out).toContain('COLUMN')
  })

  test('of a view that there is not, or with nobody there, ends with the reason', async () => {
    expect((await run('watch', 'weather')).code).toBe(2)
    const { code, err } = await cli(['watch', '--url', 'http://127.0.0.1:1'])
    expect([code, err.includes('error[NOT_RUNNING]')]).toEqual([3, true])
  })
})

test('status names alerts and how unusual the columns are', async () => {
  const { out } = await run('status')
  expect(out).toContain('alerts      DATASET_DRIFT since 2013-02-09T03:00:00Z')
  expect(out).toMatch(/drift +\d+ % of the columns unusual/)
})

describe('models import', () => {
  const file = join(import.meta.dirname, '../golden/forest/written-boosting.txt')
  const words = ['models', 'import', '--model', file, '--reason', 'made by hand']

  test('registers a model file, and says who the challengers are', async () => {
    const ran = await run(...words, '--trained-from', '2013-01-01T05:00Z', '--trained-to', '2013-02-01T05:00Z')
    expect(ran.out).toContain('import-abababab is registered; challengers from 2013-02-')
    expect(documentOf<Ordered>(await run(...words, '--json')).decision?.because).toBe('made by hand')
  })

  test('needs a reason and instants', async () => {
    expect(await run(...words.slice(0, -2))).toMatchObject({ code: 2 })
    expect(await run(...words, '--trained-from', 'noon')).toMatchObject({ code: 2 })
  })
})
