import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { Failure } from '../lib/failure.ts'
import { answers } from './answers.ts'
import { instantSchema, toInstant } from './instant.ts'
import type { ModelComparison, ModelDetail, ModelOrder, Models, Ordered } from './loop.ts'
import type { Program } from './program.ts'
import { ref, strict } from './shapes.ts'
import { Type } from './type.ts'

const versionName = Type.String({ minLength: 1, maxLength: 200, description: 'Version of a model.' })
const versionParams = Type.Object({ version: versionName }, strict)
const compareQuery = Type.Object(
  { versions: Type.String({ maxLength: 401, description: 'Two versions with a comma between them.' }) },
  strict,
)
const orderBody = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S', description: 'Why; it is kept for good.' }) },
  strict,
)

/** A forest of 1,000 trees with 255 leaves takes some 15 MB as LightGBM's text, a third more as base64. */
const uploadBytesMax = 64 * 1_048_576

const uploadBody = Type.Object(
  {
    model: Type.String({
      minLength: 1,
      pattern: '^[A-Za-z0-9+/]+={0,2}$',
      description: "The file, base64: Slipstream's own, LightGBM's text, XGBoost's JSON or UBJSON.",
    }),
    reason: Type.String({
      minLength: 1,
      maxLength: 500,
      pattern: '\\S',
      description: 'Where it comes from and why; it is kept for good.',
    }),
    trainedFrom: Type.Optional(instantSchema),
    trainedTo: Type.Optional(instantSchema),
  },
  strict,
)

const uploadSchema = {
  tags: ['models'],
  operationId: 'registerModel',
  summary: 'Register a model file, which becomes a challenger',
  body: uploadBody,
  response: answers(
    { 200: ref<Ordered>('Ordered'), 202: ref<Ordered>('Ordered') },
    ...([400, 409, 413, 415, 422, 429, 503] as const),
  ),
}

const modelsSchema = {
  tags: ['models'],
  operationId: 'models',
  summary: 'Versions with their cards, who is champion and challenger, decisions, shadow tests',
  response: answers({ 200: ref<Models>('Models') }, 429, 503),
}

const modelSchema = {
  tags: ['models'],
  operationId: 'model',
  summary: 'One version: card, decisions about it, its shadow tests, the request that it answers',
  params: versionParams,
  response: answers({ 200: ref<ModelDetail>('ModelDetail') }, 400, 404, 429, 503),
}

const compareSchema = {
  tags: ['models'],
  operationId: 'compareModels',
  summary: 'Two versions side by side, and their shadow test if one was held against the other',
  querystring: compareQuery,
  response: answers({ 200: ref<ModelComparison>('ModelComparison') }, 400, 404, 429, 503),
}

const orders = {
  promote: { verb: 'PROMOTE', operationId: 'promoteModel', summary: 'Make a version the champion' },
  rollback: { verb: 'ROLL_BACK', operationId: 'rollBackModel', summary: 'Go back to a version that was the champion' },
  reject: { verb: 'REJECT', operationId: 'rejectModel', summary: 'Take a challenger out of the shadow' },
} as const satisfies Record<string, { verb: ModelOrder['verb']; operationId: string; summary: string }>

const orderedAnswers = answers(
  { 200: ref<Ordered>('Ordered'), 202: ref<Ordered>('Ordered') },
  ...([400, 404, 409, 413, 415, 429, 503] as const),
)

export function modelRoutes(app: FastifyInstance, { loop }: Program): void {
  app.get('/v1/models', { schema: modelsSchema }, () => loop.models())
  app.post<{ Body: Static<typeof uploadBody> }>(
    '/v1/models',
    { schema: uploadSchema, bodyLimit: uploadBytesMax },
    async ({ body: { model, reason, trainedFrom, trainedTo } }, reply) => {
      const ordered = await loop.register({
        bytes: Buffer.from(model, 'base64'),
        reason,
        ...(trainedFrom === undefined ? {} : { trainedFrom: toInstant(trainedFrom, 'trainedFrom') }),
        ...(trainedTo === undefined ? {} : { trainedTo: toInstant(trainedTo, 'trainedTo') }),
      })
      return reply.code(ordered.decision === null ? 202 : 200).send(ordered)
    },
  )
  app.get<{ Querystring: Static<typeof compareQuery> }>(
    '/v1/models/compare',
    { schema: compareSchema },
    ({ query }) => {
      const [first = '', second = '', ...more] = query.versions.split(',').map(version => version.trim())
      if (first !== '' && second !== '' && more.length === 0) return loop.compare([first, second])
      const help = 'Write versions=a,b with two versions of GET /v1/models.'
      throw new Failure('FIELD_TYPE', 'versions does not name two versions', { field: 'versions', help })
    },
  )
  app.get<{ Params: Static<typeof versionParams> }>('/v1/models/:version', { schema: modelSchema }, ({ params }) =>
    loop.model(params.version),
  )
  for (const [word, { verb, ...about }] of Object.entries(orders)) {
    const schema = { tags: ['models'], ...about, params: versionParams, body: orderBody, response: orderedAnswers }
    app.post<{ Params: Static<typeof versionParams>; Body: Static<typeof orderBody> }>(
      `/v1/models/:version/${word}`,
      { schema },
      async ({ params, body }, reply) => {
        const ordered = await loop.command({ verb, version: params.version, reason: body.reason })
        // Held until the step of the replay ends: nothing is decided yet.
        return reply.code(ordered.decision === null ? 202 : 200).send(ordered)
      },
    )
  }
}
