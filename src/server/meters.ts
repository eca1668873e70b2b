// What /metrics says. It needs prom-client, so it is loaded when somebody wants to know (metrics.ts).

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Program, StageState, Status } from './program.ts'
import { taskMetrics } from './task-metrics.ts'

export type Meters = {
  /** Seconds of a request, by method, route and status. */
  readonly durations: Histogram<'method' | 'route' | 'status'>
  readonly contentType: string
  /** All of them as text, brought up to date. */
  readonly scrape: (program: Pick<Program, 'status' | 'tasks'>, listeners: number) => Promise<string>
}

/** Begins to measure the process: collections of garbage and lags of the event loop count from here on. */
export function openMeters(): Meters {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Durations of HTTP requests by route.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5],
    registers: [register],
  })
  const update = pipelineMetrics(register)
  const updateTasks = taskMetrics(register)
  return {
    durations,
    contentType: register.contentType,
    scrape(program, listeners) {
      update(program.status(), listeners)
      updateTasks(program.tasks())
      return register.metrics()
    },
  }
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
