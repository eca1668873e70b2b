import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Failure } from '../../src/lib/failure.ts'
import { listen } from '../../src/server/server.ts'
import { openDoors, post, wallNow } from './doors.ts'
import { fakeStartAt } from './fake-program.ts'

const hourMs = 3_600_000

const cancelled = { type: 'FlightCancelled', flightId: 'UA-1', at: '2013-02-08T18:00:00Z' }

const flight = {
  carrier: 'UA',
  flightNumber: 1545,
  origin: 'EWR',
  destination: 'IAH',
  scheduledDepartureAt: '2013-02-08T22:15:00Z',
}

const problemType = 'application/problem+json'

describe('POST /v1/trainings', () => {
  test('asks for a training and says what it will be on', async () => {
    const { server } = openDoors()
    const answer = await post(server, '/v1/trainings', { why: 'New routes.' })
    expect(answer.statusCode).toBe(202)
    expect(answer.json()).toMatchObject({
      id: 'o-2013-02-06T05:00',
      at: fakeStartAt,
      why: 'New routes.',
      cut: [0, 0, 0, 0],
    })
    expect((await post(server, '/v1/trainings', {})).json()).toMatchObject({ why: 'An operator asked for it.' })
  })

  test('is refused while one is open, and unless the reason is a text', async () => {
    const { server, program } = openDoors()
    expect((await post(server, '/v1/trainings', { why: '' })).json()).toMatchObject({
      code: 'FIELD_TYPE',
      field: 'why',
    })
    program.failWith(new Failure('TRAINING_OPEN', 'the training m-1 is open'))
    const answer = await post(server, '/v1/trainings', {})
    expect([answer.statusCode, answer.json()]).toMatchObject([409, { code: 'TRAINING_OPEN' }])
  })
})

describe('POST /v1/events', () => {
  test('takes one event', async () => {
    const { server, program } = openDoors()
    const answer = await post(server, '/v1/events', cancelled)
    expect(answer.statusCode).toBe(202)
    expect(answer.json()).toEqual({ accepted: [{ key: 'UA-1', partition: 0 }] })
    expect(program.published).toHaveLength(1)
  })

  test('takes a batch whole or not at all', async () => {
    const { server, program } = openDoors()
    const good = await post(server, '/v1/events', [cancelled, { ...cancelled, flightId: 'UA-22' }])
    expect(good.json<{ accepted: unknown[] }>().accepted).toHaveLength(2)
    const bad = await post(server, '/v1/events', [cancelled, { ...cancelled, flightId: 22 }])
    expect(bad.statusCode).toBe(400)
    expect(bad.json()).toMatchObject({ code: 'FIELD_TYPE', field: '[1].flightId', pointer: '/1/flightId' })
    expect(program.published).toHaveLength(2)
  })

  test('reads a missing `at` as the event time of a replay, and live as the wall clock', async () => {
    const { at: _, ...withoutAt } = cancelled
    const replay = openDoors()
    await post(replay.server, '/v1/events', withoutAt)
    expect(replay.program.published[0]?.value).toMatchObject({ at: fakeStartAt })
    const live = openDoors({ fake: { hasReplay: false } })
    await post(live.server, '/v1/events', withoutAt)
    expect(live.program.published[0]?.value).toMatchObject({ at: wallNow })
  })

  test('answers 503 and when to come back while the log does not answer', async () => {
    const { server, program } = openDoors()
    program.failWith(new Failure('LOG_UNREACHABLE', 'the log does not answer'))
    const answer = await post(server, '/v1/events', cancelled)
    expect(answer.statusCode).toBe(503)
    expect(answer.headers['retry-after']).toBe('2')
    expect(answer.json()).toMatchObject({ code: 'LOG_UNREACHABLE' })
  })
})

describe('a body that cannot be read', () => {
  const send = (payload: string, type = 'application/json') => {
    const { server } = openDoors()
    return server.inject({ method: 'POST', url: '/v1/events', payload, headers: { 'content-type': type } })
  }

  test.each([
    ['broken JSON', '{"type":', 400, 'REQUEST_MALFORMED'],
    ['no JSON at all', '', 400, 'REQUEST_MALFORMED'],
    ['JSON that reaches for the prototype', '{"__proto__":{"type":"FlightCancelled"}}', 400, 'REQUEST_MALFORMED'],
    ['null', 'null', 400, 'REQUEST_MALFORMED'],
    ['over 1 MB', JSON.stringify({ ...cancelled, reason: 'x'.repeat(1_048_576) }), 413, 'RECORD_TOO_LARGE'],
  ])('%s', async (_, payload, status, code) => {
    const answer = await send(payload)
    expect(answer.statusCode).toBe(status)
    expect(answer.headers['content-type']).toBe(problemType)
    expect(answer.json()).toMatchObject({ status, code })
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream'])('%s', async type => {
    const answer = await send(JSON.stringify(cancelled), type)
    expect(answer.statusCode).toBe(415)
    expect(answer.json()).toMatchObject({ code: 'MEDIA_TYPE' })
  })
})

describe('POST /v1/predictions', () => {
  test('answers one flight and a batch', async () => {
    const { server } = openDoors()
    const one = await post(server, '/v1/predictions', flight)
    expect(one.statusCode).toBe(200)
    expect(one.json()).toMatchObject({ answers: [{ flightId: 'UA-1545-EWR-IAH-2013-02-08T22:15Z', late: false }] })
    const two = await post(server, '/v1/predictions', [flight, { ...flight, horizonMinutes: 30 }])
    expect(two.json()).toMatchObject({ answers: [{ horizonMinutes: 120 }, { horizonMinutes: 30 }] })
  })

  test.each([
    ['a flight that nobody knows', { flightId: 'nope' }, 422, 'UNKNOWN_FLIGHT', '[0].flightId'],
    ['an airport that nobody knows', { ...flight, origin: 'QQQ' }, 422, 'AIRPORT_UNKNOWN', 'origin'],
    ['a carrier that is none', { ...flight, carrier: 'united' }, 400, 'FIELD_TYPE', 'carrier'],
    ['a flight to where it starts', { ...flight, destination: 'EWR' }, 400, 'FIELD_TYPE', 'destination'],
    [
      'an arrival before the departure',
      { ...flight, scheduledArrivalAt: '2013-02-08T22:00Z' },
      422,
      'TIME_IMPOSSIBLE',
      'scheduledArrivalAt',
    ],
    ['a field too many beside the id', { flightId: 'x', carrier: 'UA' }, 400, 'FIELD_TYPE', 'carrier'],
    ['no departure', { ...flight, scheduledDepartureAt: undefined }, 400, 'FIELD_MISSING', 'scheduledDepartureAt'],
  ])('refuses %s', async (_, ask, ...[status, code, field]) => {
    const { server } = openDoors()
    const answer = await post(server, '/v1/predictions', ask)
    expect(answer.json()).toMatchObject({ status, code, field })
  })

  test('says why when it is asked to, for at most 50 flights', async () => {
    const { server } = openDoors()
    const why = await post(server, '/v1/predictions?explain=true', flight)
    expect(why.json()).toMatchObject({ answers: [{ explanation: { reasons: [{ feature: 'legArrivalDelay' }] } }] })
    const not = await post(server, '/v1/predictions?explain=false', flight)
    expect(not.json<{ answers: object[] }>().answers[0]).not.toHaveProperty('explanation')
    const many = await post(
      server,
      '/v1/predictions?explain=true',
      Array.from({ length: 51 }, () => flight),
    )
    expect(many.json()).toMatchObject({ status: 400, code: 'FIELD_TYPE', field: 'explain' })
    const odd = await post(server, '/v1/predictions?explain=maybe', flight)
    expect(odd.json()).toMatchObject({ status: 400, field: 'explain' })
  })

  test('answers 503 and why until predictions can be served', async () => {
    const { server, program } = openDoors()
    program.setReady(false)
    const answer = await post(server, '/v1/predictions', flight)
    expect(answer.statusCode).toBe(503)
    expect(answer.headers['retry-after']).toBe('2')
    expect(answer.json()).toMatchObject({ code: 'NOT_READY', detail: program.status().notReadyBecause })
  })
})

describe('GET /v1/predictions', () => {
  test('filters and limits, newest first', async () => {
    const { server, program } = openDoors()
    program.advance(12 * hourMs)
    const answer = await server.inject('/v1/predictions?origin=EWR&limit=5')
    const { predictions } = answer.json<{ predictions: { origin: string; at: number }[] }>()
    expect(predictions.map(prediction => prediction.origin)).toEqual(Array.from({ length: 5 }, () => 'EWR'))
    expect(predictions.map(one => one.at)).toEqual(predictions.map(one => one.at).sort((a, b) => b - a))
  })

  test.each([
    ['limit=0', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['origin=newark', 'origin'],
    ['gate=C7', 'gate'],
  ])('refuses %s', async (query, field) => {
    const { server } = openDoors()
    const answer = await server.inject(`/v1/predictions?${query}`)
    expect(answer.json()).toMatchObject({ status: 400, code: 'FIELD_TYPE', field })
  })
})

describe('the pipeline', () => {
  test('is steered, and says where it stands', async () => {
    const { server, program } = openDoors()
    const paused = await post(server, '/v1/pipeline/control', { action: 'pause' })
    expect(paused.json()).toMatchObject({ paused: true, at: fakeStartAt })
    await post(server, '/v1/pipeline/control', { action: 'speed', hoursPerSecond: 6 })
    expect((await server.inject('/v1/pipeline')).json()).toEqual(program.status())
    expect(program.status().replay).toMatchObject({ paused: true, hoursPerSecond: 6 })
  })

  test('cannot be steered where nothing is replayed', async () => {
    const { server } = openDoors({ fake: { hasReplay: false } })
    const answer = await post(server, '/v1/pipeline/control', { action: 'pause' })
    expect(answer.json()).toMatchObject({ status: 400, code: 'USAGE' })
  })

  test.each([
    [{ action: 'hop' }, 'action'],
    [{ action: 'speed', hoursPerSecond: 0 }, 'hoursPerSecond'],
  ])('refuses %j', async (command, field) => {
    const { server } = openDoors()
    expect((await post(server, '/v1/pipeline/control', command)).json()).toMatchObject({ status: 400, field })
  })

  test('is killed under supervision, once the answer is out', async () => {
    const { server, program } = openDoors()
    const answer = await server.inject({ method: 'POST', url: '/v1/pipeline/kill' })
    expect([answer.statusCode, answer.json()]).toEqual([202, { lives: 1 }])
    expect(program.kills).toBe(1)
    expect(program.status().lives).toBe(2)
  })

  test('is not killed where nobody would start it again', async () => {
    const { server, program } = openDoors({ fake: { supervised: false } })
    const answer = await server.inject({ method: 'POST', url: '/v1/pipeline/kill' })
    expect(answer.json()).toMatchObject({ status: 409, code: 'NOT_SUPERVISED' })
    expect(answer.json<{ help: string }>().help).toContain('npm start')
    expect(program.kills).toBe(0)
  })

  test.each([
    ['another machine', { remoteAddress: '192.0.2.7' }],
    ['a page of another origin', { headers: { origin: 'http://evil.example' } }],
  ])('is not killed by %s', async (_, from) => {
    const { server, program } = openDoors()
    const answer = await server.inject({ method: 'POST', url: '/v1/pipeline/kill', ...from })
    expect(answer.json()).toMatchObject({ status: 403, code: 'HOST_REFUSED' })
    expect(program.kills).toBe(0)
  })

  test('lists its topics', async () => {
    const { server } = openDoors()
    const { topics } = (await server.inject('/v1/topics')).json<{ topics: { name: string }[] }>()
    expect(topics.map(topic => topic.name)).toContain('flights.events')
  })
})

describe('health', () => {
  test('lives before it is ready', async () => {
    const { server, program } = openDoors()
    program.setReady(false)
    expect((await server.inject('/health/live')).statusCode).toBe(200)
    const ready = await server.inject('/health/ready')
    expect(ready.statusCode).toBe(503)
    expect(ready.json()).toMatchObject({ code: 'NOT_READY' })
    program.setReady(true)
    expect((await server.inject('/health/ready')).statusCode).toBe(200)
  })
})

describe('an address', () => {
  test('that is none gets 404', async () => {
    const { server } = openDoors()
    const answer = await server.inject('/v1/nothing?secret=1')
    expect(answer.headers['content-type']).toBe(problemType)
    expect(answer.json()).toMatchObject({
      status: 404,
      code: 'ROUTE_UNKNOWN',
      detail: 'there is nothing at /v1/nothing',
    })
  })

  test('with another method gets 405 and the methods that it takes', async () => {
    const { server } = openDoors()
    const answer = await server.inject('/v1/events')
    expect(answer.statusCode).toBe(405)
    expect(answer.headers['allow']).toBe('POST')
  })
})

test('an error without a name is 500 and says nothing; the log has it under the same id', async () => {
  const lines: string[] = []
  const { server, program } = openDoors({ logLevel: 'error', logTo: { write: line => lines.push(line) } })
  program.failWith(new Error('the password is hunter2'))
  const answer = await post(server, '/v1/events', cancelled)
  expect(answer.statusCode).toBe(500)
  expect(answer.body).not.toContain('hunter2')
  const { code, instance } = answer.json<{ code: string; instance: string }>()
  expect(code).toBe('UNEXPECTED')
  const [line] = lines.map(text => JSON.parse(text) as { reqId: string; err: { message: string } })
  expect(`request:${line?.reqId}`).toBe(instance)
  expect(line?.err.message).toContain('hunter2')
})

test('headers do not reach the log', async () => {
  const lines: string[] = []
  const { server, program } = openDoors({ logLevel: 'trace', logTo: { write: line => lines.push(line) } })
  program.failWith(new Error('broken'))
  const headers = { authorization: 'Bearer sesame', cookie: 'session=sesame' }
  await server.inject({ method: 'POST', url: '/v1/events', payload: cancelled, headers })
  expect(lines.length).toBeGreaterThan(0)
  expect(lines.join('')).not.toContain('sesame')
})

test('one address may not ask without end, but health goes on answering', async () => {
  const { server } = openDoors({ rateLimitPerMinute: 2 })
  const answers = [
    await server.inject('/v1/topics'),
    await server.inject('/v1/topics'),
    await server.inject('/v1/topics'),
  ]
  expect(answers.map(answer => answer.statusCode)).toEqual([200, 200, 429])
  expect(answers[2]?.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS' })
  expect(Number(answers[2]?.headers['retry-after'])).toBeGreaterThan(0)
  expect((await server.inject('/health/live')).statusCode).toBe(200)
})

describe('listening', () => {
  test('on a port in use says so and what to do', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const { server } = openDoors()
    onTestFinished(() => server.close())
    await expect(listen({ server, port, host: '127.0.0.1' })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      help: expect.stringContaining('--port') as string,
    })
  })

  test('on an address of another machine says so', async () => {
    const { server } = openDoors()
    onTestFinished(() => server.close())
    await expect(listen({ server, port: 0, host: '192.0.2.1' })).rejects.toMatchObject({ code: 'USAGE', field: 'host' })
  })

  test('on a free port answers there, and a client that only holds the line does not stop it from closing', async () => {
    const { server } = openDoors()
    const port = await listen({ server, port: 0, host: '127.0.0.1' })
    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200)
    const idle = connect(port, '127.0.0.1')
    await new Promise(resolve => idle.once('connect', resolve))
    const isGone = new Promise(resolve => idle.once('close', resolve))
    await server.close()
    await isGone
    await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow('fetch failed')
  })
})
