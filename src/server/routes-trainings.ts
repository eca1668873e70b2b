import type { FastifyInstance } from 'fastify'
import { answers } from './answers.ts'
import { trainingInWork } from './components.ts'
import type { TrainingRequest } from './loop.ts'
import type { Program, TrainingAsked } from './program.ts'
import { listOf, nullable, ref, strict } from './shapes.ts'
import { Type } from './type.ts'

const body = Type.Object(
  {
    why: Type.Optional(
      Type.String({ minLength: 1, maxLength: 300, description: 'As a sentence; kept with the model.' }),
    ),
  },
  { additionalProperties: false },
)

const schema = {
  tags: ['models'],
  operationId: 'askTraining',
  summary: 'Ask for a training on the outcomes so far',
  body,
  response: answers({ 202: ref<TrainingAsked>('TrainingAsked') }, 400, 409, 413, 415, 429, 503),
}

const listSchema = {
  tags: ['models'],
  operationId: 'trainings',
  summary: 'Trainings that were asked for, newest first, and the one in work',
  querystring: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })) }, strict),
  response: answers(
    {
      200: Type.Object(
        {
          training: nullable(trainingInWork),
          requests: listOf(ref<TrainingRequest>('TrainingRequest'), 'The last 200 are kept.'),
        },
        strict,
      ),
    },
    400,
    429,
    503,
  ),
}

export function trainingRoutes(app: FastifyInstance, program: Program): void {
  app.post<{ Body: { why?: string } }>('/v1/trainings', { schema }, async (request, reply) => {
    const asked = await program.askTraining(request.body.why ?? 'An operator asked for it.')
    return reply.code(202).send(asked)
  })
  app.get<{ Querystring: { limit?: number } }>('/v1/trainings', { schema: listSchema }, ({ query }) => ({
    training: program.status().training,
    requests: program.loop.requests().slice(0, query.limit ?? 50),
  }))
}
