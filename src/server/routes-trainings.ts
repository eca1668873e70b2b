import type { FastifyInstance } from 'fastify'
import { answers } from './answers.ts'
import { ref } from './components.ts'
import type { Program, TrainingAsked } from './program.ts'
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

export function trainingRoutes(app: FastifyInstance, program: Program): void {
  app.post<{ Body: { why?: string } }>('/v1/trainings', { schema }, async (request, reply) => {
    const asked = await program.askTraining(request.body.why ?? 'An operator asked for it.')
    return reply.code(202).send(asked)
  })
}
