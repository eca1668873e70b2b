// Silences: what somebody knows of already need not be told to the receiver of alerts for a while.

import type { FastifyInstance } from 'fastify'
import { answers } from './answers.ts'
import type { Program, SilenceOrder } from './program.ts'
import { instant, listOf, strict } from './shapes.ts'
import { Type } from './type.ts'

const kinds = ['DATASET_DRIFT', 'TARGET_DRIFT', 'PREDICTION_DRIFT', 'PERFORMANCE', 'ALL'] as const
const kind = Type.Unsafe<(typeof kinds)[number]>({ type: 'string', enum: [...kinds] })
const hoursMax = 24 * 28

const silences = Type.Object(
  {
    silences: listOf(
      Type.Object(
        { kind, from: instant('Start'), until: instant('End, not included'), reason: Type.String() },
        { ...strict, description: 'Of alerts that open within it, event time.' },
      ),
      'Those that last, newest first.',
    ),
  },
  strict,
)

const listSchema = {
  tags: ['drift'],
  operationId: 'silences',
  summary: 'What the webhook says nothing of for a while',
  response: answers({ 200: silences }, 429, 503),
}

const orderSchema = {
  tags: ['drift'],
  operationId: 'silence',
  summary: 'Let the webhook say nothing of alerts of a kind for some event hours; 0: let it say them again',
  body: Type.Object(
    {
      kind,
      hours: Type.Integer({ minimum: 0, maximum: hoursMax }),
      reason: Type.String({ minLength: 1, maxLength: 300 }),
    },
    strict,
  ),
  response: answers({ 200: silences }, 400, 413, 415, 429, 503),
}

export function silenceRoutes(app: FastifyInstance, program: Program): void {
  app.get('/v1/alerts/silences', { schema: listSchema }, () => ({ silences: program.silences() }))
  app.post<{ Body: SilenceOrder }>('/v1/alerts/silences', { schema: orderSchema }, async ({ body }) => ({
    silences: await program.silence(body),
  }))
}
