import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { Failure } from '../lib/failure.ts'
import { answers } from './answers.ts'
import { alerts, span } from './components-loop.ts'
import { instantSchema, toInstant } from './instant.ts'
import type { Alert, ColumnReport, DriftHistory, DriftOverview, DriftReport, TrainingRequest } from './loop.ts'
import type { Program } from './program.ts'
import { listOf, nullable, ref, strict } from './shapes.ts'
import { Type } from './type.ts'

const spanQuery = Type.Object({ span: Type.Optional(span) }, strict)
const reportQuery = Type.Object({ span: Type.Optional(span), at: Type.Optional(instantSchema) }, strict)
/** All that is kept: the hours of 4 weeks. */
const windowsMax = 672
const windowsDefault = 168
const columnQuery = Type.Object(
  {
    span: Type.Optional(span),
    from: Type.Optional(instantSchema),
    to: Type.Optional(instantSchema),
    limit: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: windowsMax,
        default: windowsDefault,
        description: 'Windows of the series, the newest of those that end from `from` up to and with `to`.',
      }),
    ),
  },
  strict,
)
const columnParams = Type.Object({ name: Type.String({ minLength: 1, maxLength: 100 }) }, strict)
const alertQuery = Type.Object(
  { open: Type.Optional(Type.Unsafe<'true' | 'false'>({ type: 'string', enum: ['true', 'false'] })) },
  strict,
)

const overview = Type.Object(
  {
    report: nullable(ref<DriftReport>('DriftReport')),
    alerts: listOf(ref<Alert>('Alert'), 'The open ones.'),
    requests: listOf(ref<TrainingRequest>('TrainingRequest'), 'Trainings asked for, newest first.'),
  },
  { ...strict, description: 'No report: no window with a model in force has ended yet.' },
)

const reportSchema = {
  tags: ['drift'],
  operationId: 'drift',
  summary: 'How the last day or week compares with the training of the model in force',
  querystring: reportQuery,
  response: answers({ 200: overview }, 400, 429, 503),
}

const historySchema = {
  tags: ['drift'],
  operationId: 'driftHistory',
  summary: 'The windows of the last 4 weeks: share of drifted columns, and performance',
  querystring: spanQuery,
  response: answers({ 200: ref<DriftHistory>('DriftHistory') }, 400, 429, 503),
}

const columnSchema = {
  tags: ['drift'],
  operationId: 'driftColumn',
  summary: 'One column: its score over time, reference beside current, missing values, unseen categories',
  params: columnParams,
  querystring: columnQuery,
  response: answers({ 200: ref<ColumnReport>('ColumnReport') }, 400, 429, 503),
}

const alertsSchema = {
  tags: ['drift'],
  operationId: 'alerts',
  summary: 'Alerts, newest first; all unless open=true',
  querystring: alertQuery,
  response: answers({ 200: alerts }, 400, 429, 503),
}

export function driftRoutes(app: FastifyInstance, { loop }: Program): void {
  app.get<{ Querystring: Static<typeof reportQuery> }>('/v1/drift', { schema: reportSchema }, async ({ query }) => {
    const { span: wanted = 'DAY', at } = query
    const report = await loop.drift({ span: wanted, ...(at === undefined ? {} : { at: toInstant(at, 'at') }) })
    return { report, alerts: loop.alerts({ open: true }), requests: loop.requests() } satisfies DriftOverview
  })
  app.get<{ Querystring: Static<typeof spanQuery> }>('/v1/drift/history', { schema: historySchema }, ({ query }) =>
    loop.history(query.span ?? 'DAY'),
  )
  app.get<{ Params: Static<typeof columnParams>; Querystring: Static<typeof columnQuery> }>(
    '/v1/drift/columns/:name',
    { schema: columnSchema },
    async ({ params, query }) => {
      const wanted = windowsWanted(query)
      const report = await loop.column(params.name, query.span ?? 'DAY')
      return { ...report, series: windowsOf(report.series, wanted) }
    },
  )
  app.get<{ Querystring: Static<typeof alertQuery> }>('/v1/alerts', { schema: alertsSchema }, ({ query }) => ({
    alerts: loop.alerts({ open: query.open === 'true' }),
  }))
}

type Windows = { from: number; to: number; limit: number }

function windowsWanted({ from, to, limit = windowsDefault }: Static<typeof columnQuery>): Windows {
  const wanted = {
    from: from === undefined ? Number.NEGATIVE_INFINITY : toInstant(from, 'from'),
    to: to === undefined ? Number.POSITIVE_INFINITY : toInstant(to, 'to'),
    limit,
  }
  if (wanted.from <= wanted.to) return wanted
  throw new Failure('FIELD_TYPE', 'from lies behind to', {
    field: 'from',
    help: 'Windows are given by their ends, oldest first.',
  })
}

/** The newest of the windows that end within the bounds, oldest first. */
function windowsOf(series: ColumnReport['series'], { from, to, limit }: Windows): ColumnReport['series'] {
  const within = series.to.flatMap((end, place) => (end >= from && end <= to ? [place] : []))
  const places = within.slice(Math.max(0, within.length - limit))
  const [first = 0] = places
  const cut = <T>(values: readonly T[]): T[] => values.slice(first, first + places.length)
  return {
    to: cut(series.to),
    score: cut(series.score),
    drifted: cut(series.drifted),
    missingShare: cut(series.missingShare),
  }
}
