import type { FastifyInstance } from 'fastify'
import { answers } from './answers.ts'
import { notReady } from './not-ready.ts'
import type { Program } from './program.ts'
import { Type } from './type.ts'

const liveSchema = {
  tags: ['health'],
  operationId: 'healthLive',
  summary: 'The process answers',
  response: answers({ 200: Type.Object({ live: Type.Literal(true) }) }),
}

const readySchema = {
  tags: ['health'],
  operationId: 'healthReady',
  summary: 'Predictions can be served',
  response: answers({ 200: Type.Object({ ready: Type.Literal(true) }) }, 503),
}

export function healthRoutes(app: FastifyInstance, program: Program): void {
  app.addHook('onSend', async (_, reply) => {
    reply.header('cache-control', 'no-store')
  })
  app.get('/health/live', { schema: liveSchema }, () => ({ live: true }))
  app.get('/health/ready', { schema: readySchema }, () => {
    const { ready, notReadyBecause } = program.status()
    if (ready) return { ready: true }
    throw notReady(notReadyBecause)
  })
}
