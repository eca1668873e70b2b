import { describe, expect, test } from 'vitest'
import { Failure } from '../../src/lib/failure.ts'
import type { ColumnReport, DriftReport, Models } from '../../src/server/loop.ts'
import { openDoors, post } from './doors.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const model = 'seed-2013-01'
const challenger = 'm-2013-02-09T03'

/** The fake program as of some days after the storm began, when the new model stands in the shadow. */
function doorsAt(days: number) {
  const doors = openDoors()
  doors.program.loop.advanceTo(Date.UTC(2013, 1, 8) + days * dayMs)
  return doors
}

describe('GET /v1/drift', () => {
  test('is the trailing day, the furthest column first, with the open alerts and what was asked', async () => {
    const { server } = doorsAt(2.5)
    const answer = await server.inject('/v1/drift')
    const { report, alerts, requests } = answer.json<{ report: DriftReport; alerts: object[]; requests: object[] }>()
    expect(report).toMatchObject({ span: 'DAY', datasetDrift: true })
    const severities = report.columns.map(({ severity }) => severity ?? -1)
    expect(severities).toEqual(severities.toSorted((a, b) => b - a))
    expect([alerts, requests]).toMatchObject([[{ kind: 'DATASET_DRIFT', resolvedAt: null }], [{ by: 'DRIFT' }]])
  })

  test('of an instant is the window that had ended by then', async () => {
    const { server } = doorsAt(2)
    const answer = await server.inject('/v1/drift?span=WEEK&at=2013-02-06T12:00:00Z')
    expect(answer.json()).toMatchObject({ report: { span: 'WEEK', to: Date.UTC(2013, 1, 6) } })
  })

  test.each([
    ['/v1/drift?span=HOUR', 'span'],
    ['/v1/drift?at=noon', 'at'],
    ['/v1/drift?columns=a', 'columns'],
    ['/v1/drift/columns/gate', 'name'],
    ['/v1/drift/columns/originWind?limit=673', 'limit'],
    ['/v1/drift/columns/originWind?limit=-1', 'limit'],
    ['/v1/drift/columns/originWind?from=noon', 'from'],
    ['/v1/drift/columns/originWind?from=2013-02-09T00:00:00Z&to=2013-02-08T00:00:00Z', 'from'],
    ['/v1/alerts?open=maybe', 'open'],
  ])('%s is refused', async (url, field) => {
    const { server } = doorsAt(2)
    const answer = await server.inject(url)
    expect(answer.json()).toMatchObject({ status: 400, code: 'FIELD_TYPE', field })
  })
})

describe("a column's series", () => {
  const seriesOf = async (query: string) => {
    const { server } = doorsAt(13)
    const answer = await server.inject(`/v1/drift/columns/originWind${query}`)
    return answer.json<ColumnReport>().series
  }

  test('is the newest windows, a week of hours unless told otherwise', async () => {
    const all = await seriesOf('?limit=672')
    const some = await seriesOf('')
    expect(all.to.length).toBeGreaterThan(168)
    expect(some).toEqual({
      to: all.to.slice(-168),
      score: all.score.slice(-168),
      drifted: all.drifted.slice(-168),
      missingShare: all.missingShare.slice(-168),
    })
    expect(await seriesOf('?limit=0')).toEqual({ to: [], score: [], drifted: [], missingShare: [] })
  })

  test('lies within the bounds that are asked for, both included', async () => {
    const { to, score } = await seriesOf('?limit=672')
    const [first, last] = [to.at(-40) as number, to.at(-31) as number]
    const within = await seriesOf(`?from=${new Date(first).toISOString()}&to=${new Date(last).toISOString()}`)
    expect(within).toMatchObject({ to: to.slice(-40, -30), score: score.slice(-40, -30) })
    const newest = await seriesOf(`?to=${new Date(last).toISOString()}&limit=3`)
    expect(newest.to).toEqual(to.slice(-33, -30))
    expect((await seriesOf('?to=1990-01-01T00:00:00Z')).to).toEqual([])
  })
})

test('GET /v1/alerts gives all, or the open ones', async () => {
  const { server } = doorsAt(13)
  expect((await server.inject('/v1/alerts')).json()).toMatchObject({ alerts: [{ resolvedMessage: expect.anything() }] })
  expect((await server.inject('/v1/alerts?open=true')).json()).toEqual({ alerts: [] })
})

describe('POST /v1/models', () => {
  test('registers a model file', async () => {
    const { server } = doorsAt(5)
    const answer = await post(server, '/v1/models', {
      model: 'dHJlZQo=',
      reason: 'made by hand',
      trainedFrom: '2013-01-01T05:00Z',
    })
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({ decision: { verb: 'REGISTER', because: 'made by hand' } })
  })

  test.each([
    ['no base64', { model: '*', reason: 'x' }, 'model'],
    ['no reason', { model: 'dHJlZQo=', reason: ' ' }, 'reason'],
    ['no instant', { model: 'dHJlZQo=', reason: 'x', trainedTo: 'noon' }, 'trainedTo'],
  ])('refuses what has %s', async (_, body, field) => {
    const { server } = doorsAt(5)
    expect((await post(server, '/v1/models', body)).json()).toMatchObject({ status: 400, field })
  })
})

describe('an order', () => {
  const order = (url: string, reason: unknown = 'it knows snow', days = 5) => {
    const { server, program } = doorsAt(days)
    return { server, program, answer: () => post(server, `/v1/models/${url}`, { reason }) }
  }

  test('answers with the decision', async () => {
    const { server, answer } = order(`${challenger}/promote`)
    const { statusCode, json } = await answer()
    expect(statusCode).toBe(200)
    expect(json()).toMatchObject({ decision: { verb: 'PROMOTE', by: 'OPERATOR', because: 'it knows snow' } })
    expect((await server.inject('/v1/models')).json<Models>().champion).toBe(challenger)
  })

  test('that is held answers 202 without a decision', async () => {
    const { program, answer } = order(`${challenger}/reject`)
    program.loop.hold(true)
    const { statusCode, json } = await answer()
    expect(statusCode).toBe(202)
    expect(json()).toMatchObject({ decision: null, command: expect.any(String) as string })
  })

  test('decided against answers 409, why, and what to do', async () => {
    const { answer } = order(`${model}/promote`)
    const { statusCode, json } = await answer()
    expect(statusCode).toBe(409)
    expect(json()).toMatchObject({ code: 'COMMAND_REFUSED', detail: `${model} is the champion already` })
  })

  test.each(['promote', 'rollback', 'reject'])('%s of a version that there is not answers 404', async word => {
    const { statusCode, json } = await order(`nope/${word}`).answer()
    expect(statusCode).toBe(404)
    expect(json()).toMatchObject({ code: 'MODEL_UNKNOWN', field: 'version' })
  })

  test.each([
    ['', 'FIELD_TYPE'],
    ['  ', 'FIELD_TYPE'],
    [undefined, 'FIELD_MISSING'],
    ['x'.repeat(501), 'FIELD_TYPE'],
  ])('for the reason %j is refused', async (reason, code) => {
    const { server } = doorsAt(5)
    const answer = await post(server, `/v1/models/${challenger}/promote`, { reason })
    expect(answer.json()).toMatchObject({ status: 400, code, field: 'reason' })
  })

  test('that the log does not take answers 503', async () => {
    const { program, answer } = order(`${challenger}/promote`)
    program.loop.command = () => Promise.reject(new Failure('LOG_UNREACHABLE', 'the log does not answer'))
    expect((await answer()).statusCode).toBe(503)
  })
})

describe('GET /v1/models', () => {
  test('names champion and challengers, decisions newest first, and the last shadow test', async () => {
    const { server } = doorsAt(6)
    const models = (await server.inject('/v1/models')).json<Models>()
    expect(models).toMatchObject({ champion: model, challengers: [challenger], shadowTests: [{ challenger }] })
    expect(models.decisions.map(({ verb }) => verb)).toEqual(['REGISTER', 'PROMOTE', 'REGISTER'])
  })

  test('of one version has what concerns it', async () => {
    const { server } = doorsAt(6)
    const answer = await server.inject(`/v1/models/${challenger}`)
    expect(answer.json()).toMatchObject({ model: { role: 'challenger' }, request: { id: challenger }, decisions: [{}] })
  })

  test.each([
    ['versions=a', 400, 'FIELD_TYPE'],
    ['versions=a,b,c', 400, 'FIELD_TYPE'],
    ['', 400, 'FIELD_MISSING'],
    [`versions=${model},nope`, 404, 'MODEL_UNKNOWN'],
  ])('compare?%s is refused', async (query, status, code) => {
    const { server } = doorsAt(6)
    expect((await server.inject(`/v1/models/compare?${query}`)).json()).toMatchObject({ status, code })
  })
})
