// What must hold of the loop in every run: outcomes are counted by the hour, once and without a gap, and what the judge
// makes of them follows from those counts.

import { days, hours } from '../../src/lib/time.ts'
import type {
  AlertOpened,
  AlertResolved,
  DriftMetrics,
  DriftPartial,
  FlightOutcome,
  RetrainRequest,
  Watermark,
} from '../../src/records.ts'
import { claim, values } from './claims.ts'
import type { Script } from './script.ts'
import type { Played } from './world.ts'

/** What one partition's outcomes show, hour by hour from the first watermark to the last. */
type Hour = { readonly from: number; rows: number; labelled: number; reached: number }

/** An outcome belongs to the hour that the watermark before it opened. */
function hoursOf(played: Played, partition: number): Hour[] {
  const counted: Hour[] = []
  for (const { name, value } of played.topics.get('flights.outcomes')?.[partition] ?? []) {
    if (name === 'Watermark') {
      const { at } = value as Watermark
      for (;;) {
        const last = counted.at(-1)
        if (last && last.from >= at) break
        counted.push({ from: last ? last.from + hours(1) : at, rows: 0, labelled: 0, reached: last?.reached ?? 0 })
      }
      continue
    }
    const { rows, label, number } = value as FlightOutcome
    const hour = counted.at(-1)
    // without one the claim on partials fails
    if (!hour) continue
    hour.rows += rows.length
    hour.labelled += label === null ? 0 : rows.length
    hour.reached = number
  }
  return counted
}

function partialsOf(played: Played): DriftPartial[][] {
  return (played.topics.get('drift.partials') ?? []).map(partition =>
    partition.map(({ value }) => value as DriftPartial),
  )
}

/** One partial per partition and hour, from the first hour to the last that was closed, which holds what a recount gives. */
function partialBreaches(played: Played): string[] {
  return partialsOf(played).flatMap((partials, partition) => {
    const said = partials.map(({ from, rows, labelled, reached }) => ({ from, rows, labelled, reached }))
    const recount = hoursOf(played, partition).slice(0, -1)
    const wrong = partials.find(each => each.partition !== partition || each.to !== each.from + hours(1))
    return [
      ...claim(
        JSON.stringify(said) === JSON.stringify(recount),
        () => `partition ${partition} counted ${JSON.stringify(said)}, not ${JSON.stringify(recount)}`,
      ),
      ...claim(!wrong, () => `a partial of partition ${partition} is of partition ${wrong?.partition} to ${wrong?.to}`),
    ]
  })
}

/** Each hour that all partitions have closed has its metrics and those of the day behind it, each UTC day its week's. */
function metricsBreaches(played: Played): string[] {
  const partitions = partialsOf(played)
  const closed = Math.min(...partitions.map(({ length }) => length))
  const ends = (partitions[0] ?? []).slice(0, closed).map(({ to }) => to)
  const rowsOf = (first: number, end: number) =>
    partitions.flatMap(partials => partials.slice(Math.max(0, first), end)).reduce((sum, { rows }) => sum + rows, 0)
  let sinceMidnight = 0
  const want = ends.flatMap((to, index) => {
    const isDayEnd = to % days(1) === 0
    if (isDayEnd) sinceMidnight = index + 1
    return [
      `HOUR ${to} ${rowsOf(index, index + 1)}`,
      `DAY ${to} ${rowsOf(index - 23, index + 1)}`,
      ...(isDayEnd ? [`WEEK ${to} ${rowsOf(sinceMidnight - 24 * 7, sinceMidnight)}`] : []),
    ]
  })
  const said = values<DriftMetrics>(played, 'drift.metrics', 'DriftMetrics').map(
    ({ span, to, rows }) => `${span} ${to} ${rows}`,
  )
  return claim(String(said) === String(want), () => `metrics are ${String(said)}, not ${String(want)}`)
}

/** Alerts of a kind open and resolve in turn, and a resolve names the one that is open. */
function alertBreaches(played: Played): string[] {
  const open = new Map<string, string>()
  return (played.topics.get('drift.metrics')?.[0] ?? []).flatMap(({ name, value }) => {
    const { kind, id } = value as AlertOpened & AlertResolved
    const isOpen = open.get(kind)
    if (name === 'AlertOpened') {
      open.set(kind, id)
      return claim(isOpen === undefined, () => `${id} opened while ${isOpen} was open`)
    }
    if (name !== 'AlertResolved') return []
    open.delete(kind)
    return claim(isOpen === id, () => `${id} resolved while ${isOpen ?? 'none'} was open`)
  })
}

/** A request is cut where its hour ends in each partition, and no other is made before it could be answered. */
function requestBreaches(played: Played, { latenessMs }: Script): string[] {
  const counted = (played.topics.get('flights.outcomes') ?? []).map((_, partition) => hoursOf(played, partition))
  const requests = values<RetrainRequest>(played, 'retrain.requests', 'RetrainRequest')
  const alerts = new Set(values<AlertOpened>(played, 'drift.metrics', 'AlertOpened').map(({ id }) => id))
  return requests.flatMap(({ id, at, cut, effectiveFrom, alert }, index) => {
    const want = counted.map(partition => partition.find(({ from }) => from + hours(1) === at)?.reached)
    const next = requests[index + 1]
    return [
      ...claim(String(cut) === String(want), () => `${id} is cut at ${cut.join()}, not ${want.join()}`),
      ...claim(effectiveFrom >= at + latenessMs, () => `${id} could be in force before it was decided`),
      ...claim(!next || next.at >= effectiveFrom + days(1), () => `${next?.id} was asked for while ${id} was open`),
      ...claim(alert === null || alerts.has(alert), () => `${id} answers ${alert}, which nobody sounded`),
    ]
  })
}

export function loopBreaches(played: Played, script: Script): string[] {
  return [
    ...partialBreaches(played),
    ...metricsBreaches(played),
    ...alertBreaches(played),
    ...requestBreaches(played, script),
  ]
}
