// /metrics for Prometheus. What the program counts is read at the scrape; only the durations of requests are kept here.

import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { answers } from './answers.ts'
import type { Program, StageState, Status } from './program.ts'
import { taskMetrics } from './task-metrics.ts'
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
  const register = new Registry()
  collectDefaultMetrics({ register })
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Durations of HTTP requests by route.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5],
    registers: [register],
  })
  app.addHook('onResponse', async (request, reply) => {
    // The route as written, never the address as sent: that would be a label for every one of them.
    const labels = { method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode }
    durations.observe(labels, reply.elapsedTime / 1_000)
  })
  const update = pipelineMetrics(register)
  const updateTasks = taskMetrics(register)
  app.register(async scope => {
    scope.get('/metrics', { schema }, async (_, reply) => {
      update(program.status(), listenerCount())
      updateTasks(program.tasks())
      return reply.type(register.contentType).send(await register.metrics())
    })
  })
}

const states: readonly StageState[] = ['running', 'idle', 'parked', 'restoring', 'failed']

function pipelineMetrics(register: Registry): (status: Status, listeners: number) => void {
  const registers = [register]
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `slipstream_${name}`, help, labelNames, registers })
  const ready = gauge('ready', 'Predictions can be served: 1 or 0.')
  const eventTime = gauge('event_time_seconds', 'The watermark, Unix time.')
  const eventsPerSecond = gauge('events_per_second', 'Events taken in a second.')
  const even = gauge('balance_even', 'The balance sheet adds up: 1 or 0.')
  const listening = gauge('live_listeners', 'Open live sockets.')
  const records = gauge('stage_records_per_second', 'Records handled in a second.', ['stage'])
  const state = gauge('stage_state', '1 for the state that the stage is in.', ['stage', 'state'])
  const lag = gauge('stage_lag_records', 'Records not read yet.', ['stage', 'partition'])
  const watermark = gauge('stage_watermark_seconds', 'Event time reached, Unix time.', ['stage', 'partition'])
  const quality = gauge('quality', 'Of the predictions graded over the last 7 event days.', ['metric'])
  const totals = new Counter({
    name: 'slipstream_records_total',
    help: 'Records by kind.',
    labelNames: ['kind'],
    registers,
  })

  return (status, listeners) => {
    for (const perStage of [state, records, lag, watermark, quality, totals, eventTime]) perStage.reset()
    ready.set(Number(status.ready))
    even.set(Number(status.balance.even))
    eventsPerSecond.set(status.eventsPerSecond)
    listening.set(listeners)
    eventTime.set(status.eventTime === null ? Number.NaN : status.eventTime / 1_000)
    for (const stage of status.stages) {
      records.set({ stage: stage.name }, stage.recordsPerSecond)
      for (const one of states) state.set({ stage: stage.name, state: one }, Number(stage.state === one))
      for (const partition of stage.partitions) {
        const labels = { stage: stage.name, partition: partition.partition }
        lag.set(labels, partition.lag)
        if (partition.watermark !== null) watermark.set(labels, partition.watermark / 1_000)
      }
    }
    for (const [kind, count] of Object.entries(status.totals)) totals.inc({ kind }, count)
    for (const [metric, value] of Object.entries(status.quality)) if (value !== null) quality.set({ metric }, value)
  }
}
