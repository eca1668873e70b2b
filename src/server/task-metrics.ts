// Metrics of the tasks of a process, whether it has doors or is a worker.

import { Counter, Gauge, type Registry } from 'prom-client'
import type { TaskFacts } from './program.ts'

/** @returns what brings them up to date */
export function taskMetrics(register: Registry): (tasks: readonly TaskFacts[]) => void {
  const registers = [register]
  const task = ['stage', 'partition']
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name: `slipstream_${name}`, help, labelNames, registers })
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `slipstream_${name}`, help, labelNames, registers })
  const lag = gauge('task_lag_records', 'Records not read yet, by topic.', [...task, 'topic'])
  const restore = gauge('task_restore_seconds', 'How long the last restoring of its state took here.', task)
  const taken = counter('task_taken_total', 'Times its state was restored here.', task)
  const letGo = counter('task_let_go_total', 'Times it was handed over to another process.', task)
  const fenced = counter('task_fenced_total', 'Times another owner was found to have claimed it.', task)
  const aborted = counter('units_aborted_total', 'Units of work thrown away, by code.', [...task, 'code'])

  return tasks => {
    for (const one of [lag, restore, taken, letGo, fenced, aborted]) one.reset()
    for (const { stage, partition, lags, tally } of tasks) {
      const labels = { stage, partition }
      for (const { topic, lag: count } of lags) lag.set({ ...labels, topic }, count)
      if (!tally) continue
      if (tally.restoreSeconds !== null) restore.set(labels, tally.restoreSeconds)
      taken.inc(labels, tally.taken)
      letGo.inc(labels, tally.letGo)
      fenced.inc(labels, tally.fenced)
      for (const [code, count] of Object.entries(tally.aborted)) aborted.inc({ ...labels, code }, count)
    }
  }
}
