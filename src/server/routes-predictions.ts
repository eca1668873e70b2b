import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { type Airports, unknownAirport } from '../flights/airports.ts'
import { Failure } from '../lib/failure.ts'
import { answers } from './answers.ts'
import { check, joined } from './check.ts'
import { livePredictions, ref } from './components.ts'
import { airportCode, carrierCode, flightId, flightNumber } from './fields.ts'
import { instantSchema, toInstant } from './instant.ts'
import { notReady } from './not-ready.ts'
import { each, oneOrMany, unchecked } from './one-or-many.ts'
import type { Answer, Ask, Program } from './program.ts'
import { Type } from './type.ts'

/** Flights asked about in one request. */
const asksMax = 1_000

const knownFlight = Type.Object(
  { flightId },
  { additionalProperties: false, title: 'KnownFlight', description: 'A flight that was scheduled here.' },
)

const plannedFlight = Type.Object(
  {
    carrier: carrierCode,
    flightNumber,
    origin: airportCode,
    destination: airportCode,
    scheduledDepartureAt: instantSchema,
    scheduledArrivalAt: Type.Optional(instantSchema),
    horizonMinutes: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2_880,
        description: 'Minutes before departure; left out: the nearest of the model.',
      }),
    ),
  },
  { additionalProperties: false, title: 'PlannedFlight', description: 'Any flight, as planned.' },
)

/** Flights explained in one request: each takes about a millisecond of everybody's time. */
const explainedMax = 50

const explainQuery = Type.Object(
  {
    explain: Type.Optional(
      Type.Union([Type.Literal('true'), Type.Literal('false')], {
        description: `Whether each answer says why, in words; for at most ${explainedMax} flights.`,
      }),
    ),
  },
  { additionalProperties: false },
)

const askSchema = {
  tags: ['predictions'],
  operationId: 'predict',
  summary: 'Predict one flight or a batch, from the present frame and the champion',
  querystring: explainQuery,
  body: oneOrMany(Type.Union([plannedFlight, knownFlight]), asksMax),
  response: answers(
    {
      200: Type.Object({
        answers: Type.Array(ref<Answer>('Answer'), { description: 'One a flight, in the order asked.' }),
      }),
    },
    ...([400, 413, 415, 422, 429, 503] as const),
  ),
}

const querySchema = Type.Object(
  {
    flightId: Type.Optional(flightId),
    origin: Type.Optional(airportCode),
    destination: Type.Optional(airportCode),
    carrier: Type.Optional(carrierCode),
    limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }),
  },
  { additionalProperties: false },
)

const recentSchema = {
  tags: ['predictions'],
  operationId: 'recentPredictions',
  summary: 'Predictions of the stream, newest first',
  querystring: Type.Partial(querySchema, { additionalProperties: false }),
  response: answers({ 200: livePredictions }, 400, 429, 503),
}

export function predictionRoutes(
  app: FastifyInstance,
  { program, airports }: { program: Program; airports: Airports },
): void {
  app.post('/v1/predictions', { schema: askSchema, validatorCompiler: unchecked }, async request => {
    const explain = check(explainQuery, request.query).explain === 'true'
    const asks = each({
      body: request.body,
      countMax: asksMax,
      parse: (item, field) => parseAsk(item, field, airports),
    })
    if (explain && asks.length > explainedMax) {
      throw new Failure('FIELD_TYPE', `${asks.length} flights cannot be explained at once`, {
        field: 'explain',
        help: `Ask about ${explainedMax} at most with explain=true.`,
      })
    }
    const { ready, notReadyBecause } = program.status()
    if (!ready) throw notReady(notReadyBecause)
    return { answers: await program.predict(asks, { explain }) }
  })
  app.get<{ Querystring: Partial<Static<typeof querySchema>> }>(
    '/v1/predictions',
    { schema: recentSchema },
    request => {
      const { limit = 100, ...filter } = request.query
      return { predictions: program.recentPredictions({ ...filter, limit }) }
    },
  )
}

function parseAsk(item: unknown, field: string, airports: Airports): Ask {
  const isById = typeof item === 'object' && item !== null && 'flightId' in item
  if (isById) return check(knownFlight, item, field)
  const { scheduledDepartureAt, scheduledArrivalAt, ...rest } = check(plannedFlight, item, field)
  for (const end of ['origin', 'destination'] as const) {
    if (!airports.has(rest[end])) throw unknownAirport(rest[end], airports, joined(field, end))
  }
  if (rest.origin === rest.destination) {
    throw new Failure('FIELD_TYPE', 'the destination is the origin', { field: joined(field, 'destination') })
  }
  const departureAt = toInstant(scheduledDepartureAt, joined(field, 'scheduledDepartureAt'))
  if (scheduledArrivalAt === undefined) return { ...rest, scheduledDepartureAt: departureAt }
  const arrivalField = joined(field, 'scheduledArrivalAt')
  const arrivalAt = toInstant(scheduledArrivalAt, arrivalField)
  if (arrivalAt > departureAt) return { ...rest, scheduledDepartureAt: departureAt, scheduledArrivalAt: arrivalAt }
  throw new Failure('TIME_IMPOSSIBLE', 'the arrival is not after the departure', { field: arrivalField })
}
