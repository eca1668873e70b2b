import type { FastifyInstance } from 'fastify'
import type { Airports } from '../flights/airports.ts'
import { Failure } from '../lib/failure.ts'
import { answers } from './answers.ts'
import { ref } from './components.ts'
import { type EventKinds, eventNames, eventsMax, parseEvents } from './events.ts'
import { oneOrMany, unchecked } from './one-or-many.ts'
import type { Program } from './program.ts'
import { Type } from './type.ts'

const anyEvent = Type.Unsafe({
  oneOf: eventNames.map(name => ref(name)),
  discriminator: { propertyName: 'type' },
})

const accepted = Type.Object(
  {
    accepted: Type.Array(Type.Object({ key: Type.String(), partition: Type.Integer({ minimum: 0 }) }), {
      description: 'In the order sent.',
    }),
  },
  { description: 'Written. Whether the stream takes it as new, a duplicate or a conflict is decided there.' },
)

const schema = {
  tags: ['events'],
  operationId: 'publishEvents',
  summary: 'Publish one event or a batch; a batch is taken whole or not at all',
  body: oneOrMany(anyEvent, eventsMax),
  response: answers({ 202: accepted }, 400, 413, 415, 422, 429, 503),
}

export type EventRoutes = {
  readonly program: Program
  readonly kinds: EventKinds
  readonly airports: Airports
  readonly now: () => number
}

export function eventRoutes(app: FastifyInstance, { program, kinds, airports, now }: EventRoutes): void {
  app.post('/v1/events', { schema, validatorCompiler: unchecked }, async (request, reply) => {
    const events = parseEvents(request.body, { kinds, airports, at: presentOf(program, now) })
    const written = await program.publish(events)
    return reply.code(202).send({ accepted: written })
  })
}

/** What "now" is for an event that does not say: in a replay the event time, live the wall clock. */
function presentOf(program: Program, now: () => number): number {
  const { replay, eventTime } = program.status()
  if (replay === null) return now()
  if (eventTime !== null) return eventTime
  throw new Failure('NOT_READY', 'the replay has not begun, so `at` cannot be left out yet', { field: 'at' })
}
