// /metrics for Prometheus. What the program counts is read at the scrape; only the durations of requests are kept here.

import type { FastifyInstance } from 'fastify'
import { answers } from './answers.ts'
import type { Program } from './program.ts'
import { Type } from './type.ts'

const schema = {
  tags: ['health'],
  operationId: 'metrics',
  summary: 'Metrics in the text format of Prometheus',
  response: answers({
    200: Type.Unsafe({
      description: 'Text format 0.0.4.',
      content: { 'text/plain': { schema: { type: 'string' } } },
    }),
  }),
}

export type MetricsOptions = { readonly program: Program; readonly listenerCount: () => number }

/** Call before any other route is added: the durations of all of them are measured. */
export function addMetrics(app: FastifyInstance, { program, listenerCount }: MetricsOptions): void {
  // what measures takes a while to load: once the start is over, or somebody wants to know; durations wait for it
  const { promise: wanted, resolve: want } = Promise.withResolvers<void>()
  const meters = wanted.then(async () => (await import('./meters.ts')).openMeters())
  program.past().then(want, want)
  app.addHook('onResponse', async (request, reply) => {
    // The route as written, never the address as sent: that would be a label for every one of them.
    const labels = { method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode }
    const seconds = reply.elapsedTime / 1_000
    const { durations } = await meters
    durations.observe(labels, seconds)
  })
  app.register(async scope => {
    scope.get('/metrics', { schema }, async (_, reply) => {
      want()
      const { contentType, scrape } = await meters
      return reply.type(contentType).send(await scrape(program, listenerCount()))
    })
  })
}
