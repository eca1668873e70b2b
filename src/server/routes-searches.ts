import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { answers } from './answers.ts'
import type { Ordered, SearchDetail, SearchInfo } from './loop.ts'
import type { Program } from './program.ts'
import { listOf, ref, strict } from './shapes.ts'
import { Type } from './type.ts'

const params = Type.Object(
  {
    search: Type.String({ minLength: 1, maxLength: 200, pattern: '^[A-Za-z0-9_-]+$', description: 'Id of a search.' }),
  },
  strict,
)

const listSchema = {
  tags: ['models'],
  operationId: 'searches',
  summary: 'Searches, newest first, with how far they are and the best trial so far',
  response: answers({ 200: Type.Object({ searches: listOf(ref<SearchInfo>('SearchInfo')) }, strict) }, 429, 503),
}

const schema = {
  tags: ['models'],
  operationId: 'search',
  summary: 'One search with its plan and all of its trials',
  params,
  response: answers({ 200: ref<SearchDetail>('SearchDetail') }, 400, 404, 429, 503),
}

const offerSchema = {
  tags: ['models'],
  operationId: 'offerSearch',
  summary: 'Make the best of a search a challenger',
  params,
  body: Type.Object({}, strict),
  response: answers(
    { 200: ref<Ordered>('Ordered'), 202: ref<Ordered>('Ordered') },
    ...([400, 404, 409, 413, 415, 429, 503] as const),
  ),
}

export function searchRoutes(app: FastifyInstance, { loop }: Program): void {
  app.get('/v1/searches', { schema: listSchema }, async () => ({ searches: [...(await loop.searches())] }))
  app.get<{ Params: Static<typeof params> }>('/v1/searches/:search', { schema }, ({ params: { search } }) =>
    loop.search(search),
  )
  app.post<{ Params: Static<typeof params> }>(
    '/v1/searches/:search/offer',
    { schema: offerSchema },
    async ({ params: { search } }, reply) => {
      const ordered = await loop.offer(search)
      return reply.code(ordered.decision === null ? 202 : 200).send(ordered)
    },
  )
}
