import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Static } from 'typebox'
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import * as components from '../../src/server/components.ts'
import * as loopComponents from '../../src/server/components-loop.ts'
import * as searches from '../../src/server/components-search.ts'
import { eventNames } from '../../src/server/events.ts'
import { parseInstant } from '../../src/server/instant.ts'
import type * as loop from '../../src/server/loop.ts'
import type { Problem } from '../../src/server/problem.ts'
import type {
  Answer,
  Explanation,
  Grade,
  LivePrediction,
  Status,
  TaskFacts,
  TopicInfo,
  TrainingAsked,
} from '../../src/server/program.ts'
import { type Doors, openDoors, post } from './doors.ts'

type Operation = {
  operationId?: string
  summary?: string
  tags?: string[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>
}

type Document = {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

let doors: Doors
let document: Document
const ajv = new Ajv2020({ strict: false, allErrors: true })
ajv.addFormat('date-time', text => parseInstant(text) !== undefined)
ajv.addFormat('uri', text => URL.canParse(text))

beforeAll(async () => {
  doors = openDoors()
  doors.program.advance(36 * 3_600_000)
  const answer = await doors.server.inject('/openapi.json')
  document = answer.json<Document>()
  ajv.addSchema({ ...document, $id: 'openapi' })
})

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  )

/** JSON pointer of the schema of an answer, for ajv. */
function validatorAt(...steps: string[]) {
  const pointer = steps.map(step => step.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')
  const validate = ajv.getSchema(`openapi#/${encodeURI(pointer)}`)
  if (validate === undefined) throw new Error(`nothing at ${pointer}`)
  return validate
}

describe('/openapi.json', () => {
  test('is version 3.1 and has every route', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(
      operations()
        .map(({ name }) => name)
        .sort(),
    ).toEqual([
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
      'GET /v1/alerts',
      'GET /v1/alerts/silences',
      'GET /v1/drift',
      'GET /v1/drift/columns/{name}',
      'GET /v1/drift/history',
      'GET /v1/models',
      'GET /v1/models/compare',
      'GET /v1/models/{version}',
      'GET /v1/pipeline',
      'GET /v1/pipeline/tasks',
      'GET /v1/predictions',
      'GET /v1/searches',
      'GET /v1/searches/{search}',
      'GET /v1/topics',
      'GET /v1/trainings',
      'GET /v1/warehouse',
      'POST /v1/alerts/silences',
      'POST /v1/events',
      'POST /v1/models',
      'POST /v1/models/{version}/promote',
      'POST /v1/models/{version}/reject',
      'POST /v1/models/{version}/rollback',
      'POST /v1/pipeline/control',
      'POST /v1/pipeline/kill',
      'POST /v1/predictions',
      'POST /v1/searches/{search}/offer',
      'POST /v1/sql',
      'POST /v1/trainings',
    ])
  })

  test('names, sums up and tags every operation, each under its own id', () => {
    const ids = operations().map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { name, operation } of operations()) {
      expect(operation.operationId, name).toMatch(/^[a-zA-Z]+$/)
      expect(operation.summary, name).toBeTruthy()
      expect(operation.tags, name).toHaveLength(1)
    }
  })

  test('describes for every operation a good answer and problems with their schema', () => {
    for (const { name, operation } of operations()) {
      const statuses = Object.keys(operation.responses)
      expect(
        statuses.filter(status => status.startsWith('2')),
        name,
      ).not.toHaveLength(0)
      expect(statuses, name).toContain('500')
      for (const [status, { description, content }] of Object.entries(operation.responses)) {
        expect(description, `${name} ${status}`).toBeTruthy()
        expect(Object.keys(content ?? {}), `${name} ${status}`).toHaveLength(1)
        if (status.startsWith('2')) continue
        expect(content, `${name} ${status}`).toEqual({
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        })
      }
    }
  })

  test('describes every body that is taken', () => {
    for (const { name, operation } of operations()) {
      const takesBody = name.startsWith('POST') && name !== 'POST /v1/pipeline/kill'
      expect(Object.keys(operation.requestBody?.content ?? {}), name).toEqual(takesBody ? ['application/json'] : [])
      const refusals = ['400', '413', '415'].filter(status => status in operation.responses)
      expect(refusals.length === 3, name).toBe(takesBody)
    }
  })

  test('has the events of the contract, with their docs', () => {
    for (const name of eventNames) {
      const schema = document.components.schemas[name] as { properties: Record<string, object>; description: string }
      expect(schema.description, name).toBeTruthy()
      const { type: _, ...properties } = schema.properties
      for (const [field, property] of Object.entries(properties)) {
        expect(property, `${name}.${field}`).toHaveProperty('description')
      }
    }
  })

  test('has no reference that leads nowhere, and only schemas that are schemas', () => {
    const text = JSON.stringify(document)
    for (const [, pointer = ''] of text.matchAll(/"\$ref":"([^"]*)"/g)) {
      expect(document.components.schemas).toHaveProperty(pointer.replace('#/components/schemas/', ''))
    }
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      expect(ajv.validateSchema(schema), `${name}: ${ajv.errorsText()}`).toBe(true)
      expect(() => validatorAt('components', 'schemas', name), name).not.toThrow()
    }
  })
})

const cancelled = { type: 'FlightCancelled', flightId: 'UA-1', at: '2013-02-08T18:00:00Z' }
const flight = {
  carrier: 'UA',
  flightNumber: 1,
  origin: 'EWR',
  destination: 'IAH',
  scheduledDepartureAt: 1_360_361_700_000,
}

/** What stands for the names in an address. */
const sample = { version: 'seed-2013-01', name: 'originHourPlanned', search: 's-2013-02-07T0000' }
const queryOf = (path: string) => (path === '/v1/models/compare' ? '?versions=seed-2013-01,seed-2013-01' : '')

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

async function expectKept(method: string, path: string, payload: unknown): Promise<number> {
  const { server } = doors
  const url =
    Object.entries(sample).reduce((text, [name, value]) => text.replace(`{${name}}`, value), path) + queryOf(path)
  const answer = method === 'get' ? await server.inject(url) : await post(server, url, payload)
  const type = String(answer.headers['content-type']).split(';')[0] ?? ''
  const validate = validatorAt('paths', path, method, 'responses', String(answer.statusCode), 'content', type, 'schema')
  expect(validate(answer.json()), JSON.stringify(validate.errors)).toBe(true)
  return answer.statusCode
}

test.each([
  '/v1/pipeline',
  '/v1/pipeline/tasks',
  '/v1/topics',
  '/v1/predictions',
  '/v1/drift',
  '/v1/drift/history',
  '/v1/drift/columns/{name}',
  '/v1/alerts',
  '/v1/models',
  '/v1/models/{version}',
  '/v1/searches',
  '/v1/searches/{search}',
  '/v1/models/compare',
  '/health/live',
  '/health/ready',
])('GET %s answers as it published', async path => {
  expect(await expectKept('get', path, undefined)).toBe(200)
})

test.each<[string, unknown, number]>([
  ['/v1/events', cancelled, 202],
  ['/v1/events', [cancelled, { ...cancelled, at: undefined }], 202],
  ['/v1/events', { ...cancelled, gate: 'C7' }, 400],
  ['/v1/events', [], 400],
  ['/v1/predictions', flight, 200],
  ['/v1/predictions', [flight, { flightId: 'nope' }], 422],
  ['/v1/predictions', { ...flight, carrier: undefined }, 400],
  ['/v1/pipeline/control', { action: 'pause' }, 200],
  ['/v1/pipeline/control', { action: 'hop' }, 400],
  ['/v1/models', { model: 'dHJlZQo=', reason: 'by hand' }, 200],
  ['/v1/searches/{search}/offer', {}, 200],
  ['/v1/models', { model: 'dHJlZQo=' }, 400],
  ['/v1/models/{version}/promote', { reason: 'it did better' }, 409],
  ['/v1/models/{version}/promote', { reason: ' ' }, 400],
  ['/v1/models/{version}/reject', {}, 400],
])('POST %s with %j takes and answers what it published', async (path, payload, status) => {
  expect(await expectKept('post', path, payload)).toBe(status)
  const takes = validatorAt('paths', path, 'post', 'requestBody', 'content', 'application/json', 'schema')
  // 422 is for what has the right shape.
  expect(takes(asJson(payload))).toBe(status !== 400)
})

test('the schemas and the types of the program say the same', () => {
  expectTypeOf<Static<typeof components.status>>().toEqualTypeOf<Status>()
  expectTypeOf<Static<typeof components.livePrediction>>().toEqualTypeOf<LivePrediction>()
  expectTypeOf<Static<typeof components.grade>>().toEqualTypeOf<Grade>()
  expectTypeOf<Static<typeof components.explanation>>().toEqualTypeOf<Explanation>()
  expectTypeOf<Static<typeof components.answer>>().toEqualTypeOf<Answer>()
  expectTypeOf<Static<typeof components.taskFacts>>().toEqualTypeOf<TaskFacts>()
  expectTypeOf<Static<typeof components.topicInfo>>().toEqualTypeOf<TopicInfo>()
  expectTypeOf<Static<typeof components.problem>>().toEqualTypeOf<Problem>()
  expectTypeOf<Static<typeof components.trainingAsked>>().toEqualTypeOf<TrainingAsked>()
  expectTypeOf<Static<typeof loopComponents.driftReport>>().toEqualTypeOf<loop.DriftReport>()
  expectTypeOf<Static<typeof loopComponents.driftHistory>>().toEqualTypeOf<loop.DriftHistory>()
  expectTypeOf<Static<typeof loopComponents.columnReport>>().toEqualTypeOf<loop.ColumnReport>()
  expectTypeOf<Static<typeof loopComponents.alert>>().toEqualTypeOf<loop.Alert>()
  expectTypeOf<Static<typeof loopComponents.trainingRequest>>().toEqualTypeOf<loop.TrainingRequest>()
  expectTypeOf<Static<typeof loopComponents.decision>>().toEqualTypeOf<loop.Decision>()
  expectTypeOf<Static<typeof loopComponents.shadowTest>>().toEqualTypeOf<loop.ShadowTest>()
  expectTypeOf<Static<typeof loopComponents.models>>().toEqualTypeOf<loop.Models>()
  expectTypeOf<Static<typeof loopComponents.modelDetail>>().toEqualTypeOf<loop.ModelDetail>()
  expectTypeOf<Static<typeof loopComponents.modelComparison>>().toEqualTypeOf<loop.ModelComparison>()
  expectTypeOf<Static<typeof loopComponents.ordered>>().toEqualTypeOf<loop.Ordered>()
  expectTypeOf<Static<typeof searches.modelReport>>().toExtend<loop.ModelReport>()
  expectTypeOf<Static<typeof searches.searchDetail>>().toExtend<loop.SearchDetail>()
  const others = loopComponents.loopComponents.length + searches.searchComponents.length
  expect(components.components).toHaveLength(9 + others)
})
