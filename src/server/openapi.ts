import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { components } from './components.ts'
import type { EventKinds } from './events.ts'

/** Call before any route is added: it collects their schemas. */
export function addOpenApi(app: FastifyInstance, { version, kinds }: { version: string; kinds: EventKinds }): void {
  for (const schema of components) app.addSchema(schema)
  for (const { schema } of kinds.values()) app.addSchema(schema)
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Slipstream',
        version,
        description:
          'Predictions of flight delays while the flights happen. Besides these routes there is a WebSocket at /v1/live (docs/api.md).',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'events', description: 'Flights and weather in.' },
        { name: 'predictions', description: 'Predictions out.' },
        { name: 'drift', description: 'The stream beside what the model was trained on.' },
        { name: 'models', description: 'Versions, and what is decided of them.' },
        { name: 'pipeline', description: 'The pipeline and its topics.' },
        { name: 'health', description: 'For those who operate it.' },
      ],
    },
    hideUntagged: true,
    refResolver: {
      buildLocalReference: (json, _, __, index) => (typeof json['$id'] === 'string' ? json['$id'] : `schema-${index}`),
    },
  })
  app.register(async scope => {
    scope.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
  })
}
