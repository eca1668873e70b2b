// What the routes say of themselves, as one OpenAPI document. It is made when somebody asks for it: what makes it takes a
// tenth of a second to load, which every start would wait for.

import fastify, { type FastifyInstance, type RouteOptions } from 'fastify'
import { components } from './components.ts'
import type { EventKinds } from './events.ts'

type Described = Pick<RouteOptions, 'method' | 'url'> & { readonly schema: RouteOptions['schema'] | undefined }

/** Call before any route is added: it collects their schemas. */
export function addOpenApi(app: FastifyInstance, { version, kinds }: { version: string; kinds: EventKinds }): void {
  const schemas = [...components, ...[...kinds.values()].map(({ schema }) => schema)]
  for (const schema of schemas) app.addSchema(schema)
  const routes: Described[] = []
  app.addHook('onRoute', ({ method, url, schema }) => {
    if (method !== 'HEAD') routes.push({ method, url, schema })
  })
  let document: Promise<object> | undefined
  app.register(async scope => {
    scope.get('/openapi.json', { schema: { hide: true } }, () => (document ??= documentOf(version, schemas, routes)))
  })
}

/** By a server with the same routes that serves nobody. */
async function documentOf(version: string, schemas: readonly object[], routes: readonly Described[]): Promise<object> {
  const { default: swagger } = await import('@fastify/swagger')
  const app = fastify({ exposeHeadRoutes: false })
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => () => '')
  for (const schema of schemas) app.addSchema(schema)
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
    for (const route of routes) scope.route({ ...route, schema: route.schema ?? {}, handler: async () => undefined })
  })
  await app.ready()
  return app.swagger()
}
