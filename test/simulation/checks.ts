// What must hold for every run, whatever the script: the rules of docs/architecture.md as claims about what came out.

import { windowMs } from '../../src/features/partial.ts'
import { rankOf } from '../../src/flights/event-order.ts'
import { floorTo, hours } from '../../src/lib/time.ts'
import type {
  AirspaceFrame,
  FlightOutcome,
  ModelDecision,
  Prediction,
  PredictionSkipped,
  Rejected,
  RetrainRequest,
  TimelineEntry,
  Watermark,
} from '../../src/records.ts'
import type { AnyEvent } from '../../src/stages/timeline-entry.ts'
import { all, claim, values } from './claims.ts'
import { loopBreaches } from './loop-checks.ts'
import type { Script } from './script.ts'
import type { Entry, Played } from './world.ts'

/** Topics whose content differs, with the first record that does. */
export function differences(a: Played, b: Played): string[] {
  return Object.keys(a.digests).flatMap(topic => {
    if (a.digests[topic] === b.digests[topic]) return []
    return [`${topic}: ${firstDifference(a.topics.get(topic) ?? [], b.topics.get(topic) ?? [])}`]
  })
}

function firstDifference(a: readonly (readonly Entry[])[], b: readonly (readonly Entry[])[]): string {
  for (let partition = 0; partition < Math.max(a.length, b.length); partition++) {
    const [left, right] = [a[partition] ?? [], b[partition] ?? []]
    for (let at = 0; at < Math.max(left.length, right.length); at++) {
      const [one, other] = [shown(left[at]), shown(right[at])]
      if (one !== other) return `record ${at} of partition ${partition} is ${short(one)}, and ${short(other)}`
    }
  }
  return 'bytes alone'
}

export function shown(entry: Entry | undefined): string {
  return entry === undefined ? 'missing' : `${entry.name} ${entry.key} ${JSON.stringify(entry.value)}`
}

function short(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}...` : text
}

/** What must be the same for any number of partitions: running numbers and partitions are left out. */
export function whateverPartitions(played: Played): Record<string, string[]> {
  const flat = (topic: string, seen: (value: never) => unknown = value => value, name?: string) =>
    all(played, topic)
      .filter(entry => name === undefined || entry.name === name)
      .map(entry => shown({ ...entry, value: seen(entry.value as never) }))
      .sort()
  return {
    frames: (played.topics.get('airspace.frames')?.[0] ?? []).map(shown),
    predictions: flat('flights.predictions'),
    outcomes: flat('flights.outcomes', (outcome: FlightOutcome) => ({ ...outcome, number: 0 }), 'FlightOutcome'),
    rejected: flat('flights.rejected'),
    late: flat('flights.late'),
    registry: flat('models.registry'),
    metrics: (played.topics.get('drift.metrics')?.[0] ?? []).map(shown),
    requests: flat('retrain.requests', ({ cut, ...request }: RetrainRequest) => {
      return { ...request, cut: cut.reduce((sum, reached) => sum + reached, 0) }
    }),
  }
}

/** The timeline is sorted by (at, type, id, hash), a watermark stands behind what lies before it, nothing comes twice. */
export function timelineBreaches(played: Played): string[] {
  const hashes = new Map<string, number>()
  const breaches = (played.topics.get('flights.timeline') ?? []).flatMap((partition, number) => {
    const order = partition.map(({ name, value }) => {
      const { at, type, id, hash } = value as TimelineEntry
      if (name === 'Watermark') return [(value as Watermark).at, -1, '', ''] as const
      hashes.set(hash, (hashes.get(hash) ?? 0) + 1)
      return [at, rankOf(type), id, hash] as const
    })
    const at = order.findIndex((next, index) => index > 0 && comesBefore(next, order[index - 1] as typeof next))
    return claim(at < 0, () => `the timeline of partition ${number} is not sorted at record ${at}`)
  })
  const twice = [...hashes].find(([, count]) => count > 1)
  return [...breaches, ...claim(!twice, () => `a duplicate entered the timeline: ${twice?.[0]}`)]
}

type Rank = readonly [at: number, rank: number, id: string, hash: string]

function comesBefore(a: Rank, b: Rank): boolean {
  for (let i = 0; i < a.length; i++) {
    const [left, right] = [a[i] as number | string, b[i] as number | string]
    if (left !== right) return left < right
  }
  return false
}

/** One answer per flight and horizon, one outcome per flight, in the order of event time; every arrival is a label. */
export function flightBreaches(played: Played, script: Script): string[] {
  const entries = values<TimelineEntry>(played, 'flights.timeline', 'TimelineEntry')
  const flights = entries.filter(({ type }) => type === 'FlightScheduled').map(({ id }) => id)
  const answers = values<Prediction | PredictionSkipped>(played, 'flights.predictions')
  const given = answers.map(({ flightId, horizonMinutes }) => `${flightId} ${horizonMinutes}`).sort()
  const wanted = flights.flatMap(id => script.horizonsMinutes.map(horizon => `${id} ${horizon}`)).sort()
  const outcomes = values<FlightOutcome>(played, 'flights.outcomes', 'FlightOutcome')
  const byId = new Map(outcomes.map(outcome => [outcome.flightId, outcome]))
  const arrivals = entries.filter(({ type, id }) => type === 'FlightArrived' && byId.get(id)?.label === null)
  return [
    ...claim(
      String(given) === String(wanted),
      () => `answers are not one per flight and horizon: ${String(given)}; ${String(wanted)}`,
    ),
    ...claim(
      outcomes.length === flights.length && byId.size === flights.length,
      () => 'outcomes are not one per flight',
    ),
    ...claim(arrivals.length === 0, () => `an arrival did not settle its flight: ${arrivals[0]?.id}`),
    ...risingBreaches(played, 'flights.predictions'),
    ...risingBreaches(played, 'flights.outcomes'),
    ...numberBreaches(played),
  ]
}

function risingBreaches(played: Played, topic: string): string[] {
  return (played.topics.get(topic) ?? []).flatMap((partition, number) => {
    const at = partition.map(({ value }) => (value as { at: number }).at)
    const falls = at.findIndex((instant, index) => instant < (at[index - 1] ?? instant))
    return claim(falls < 0, () => `${topic}/${number} goes back in event time at record ${falls}`)
  })
}

function numberBreaches(played: Played): string[] {
  return (played.topics.get('flights.outcomes') ?? []).flatMap(partition => {
    const outcomes = partition.filter(({ name }) => name === 'FlightOutcome')
    const numbers = outcomes.map(({ value }) => (value as FlightOutcome).number)
    return claim(
      numbers.every((number, index) => number === index + 1),
      () => `outcomes are numbered ${numbers.join()}`,
    )
  })
}

/**
 * No label is lost: the arrival of a flight that stays without one was told when the flight was closed, or says that it
 * arrived before it left. And what was told no earlier than it could be known is not refused as FUTURE.
 */
export function refusalBreaches(played: Played, script: Script): string[] {
  const outcomes = new Map(
    values<FlightOutcome>(played, 'flights.outcomes', 'FlightOutcome').map(each => [each.flightId, each]),
  )
  const refused = values<Rejected>(played, 'flights.rejected').flatMap(({ reason, value, at }) => {
    const decoded = played.decode(value)
    return decoded ? [{ reason, refusedAt: at, name: decoded.name, event: decoded.value as AnyEvent }] : []
  })
  const plans = values<TimelineEntry>(played, 'flights.timeline').filter(({ type }) => type === 'FlightScheduled')
  const scheduled = new Map(plans.map(({ id, at }) => [id, at]))
  const impossible = new Set(
    refused.filter(({ reason }) => reason === 'TIME_IMPOSSIBLE').map(({ event }) => event.flightId),
  )
  const early = new Set(
    script.items.flatMap(({ key, name, value, deliveredAt }) => {
      const { at } = value as AnyEvent
      return at > deliveredAt ? [`${key} ${name} ${at}`] : []
    }),
  )
  return refused.flatMap(({ reason, refusedAt, name, event }) => {
    const outcome = outcomes.get(event.flightId ?? '')
    if (reason === 'FUTURE') {
      const id = `${event.flightId ?? event.station} ${name} ${event.at}`
      return claim(early.has(id), () => `refused as FUTURE, but punctual: ${id}`)
    }
    if (name !== 'FlightArrived' || !outcome || outcome.label !== null || impossible.has(event.flightId)) return []
    if (!['CONFLICT', 'SETTLED', 'EXPIRED'].includes(reason)) return []
    // the watermark is an hour old at most
    const enters = Math.max(event.at, refusedAt)
    const wasOpen = enters >= (scheduled.get(outcome.flightId) ?? 0) && enters + hours(1) <= outcome.at
    return claim(!wasOpen, () => `a label was lost: ${reason} ${outcome.flightId}`)
  })
}

/**
 * A frame names what the last accepted decision says that is in force when it starts: from its effectiveFrom on, or from
 * the first frame that was not sealed when it was made. Windows have no gap.
 */
export function frameBreaches(played: Played, script: Script): string[] {
  const decisions = values<ModelDecision>(played, 'models.registry', 'ModelDecision').filter(each => each.accepted)
  const inForceFrom = ({ id, effectiveFrom }: ModelDecision): number => {
    const endsAt = script.orders.find(({ command }) => command.id === id)?.stepEndsAt
    const sealedTo = endsAt === undefined ? 0 : floorTo(endsAt - script.latenessMs, windowMs)
    return Math.max(effectiveFrom, sealedTo)
  }
  const frames = values<AirspaceFrame>(played, 'airspace.frames')
  return frames.flatMap((frame, index) => {
    const last = decisions.filter(decision => inForceFrom(decision) <= frame.from).at(-1)
    const want = JSON.stringify([last?.champion ?? null, last?.challengers ?? []])
    const named = JSON.stringify([frame.champion, frame.challengers])
    const previous = frames[index - 1]
    return [
      ...claim(
        named === want,
        () => `the frame from ${new Date(frame.from).toISOString()} names ${named}, not ${want}`,
      ),
      ...claim(!previous || previous.to === frame.from, () => `there is no frame before ${frame.from}`),
      ...claim(frame.to - frame.from === windowMs, () => 'a frame is ten minutes long'),
    ]
  })
}

/** What a prediction names is what its frame names. */
export function predictionBreaches(played: Played): string[] {
  const frames = new Map(values<AirspaceFrame>(played, 'airspace.frames').map(frame => [frame.to, frame]))
  const first = values<AirspaceFrame>(played, 'airspace.frames')[0]?.from ?? 0
  return values<Prediction>(played, 'flights.predictions', 'Prediction').flatMap(each => {
    const { frameTo, dueAt, model } = each
    const need = floorTo(dueAt, windowMs) - windowMs
    return [
      ...claim(frameTo === (need > first ? need : null), () => `due at ${dueAt} it uses the frame up to ${frameTo}`),
      ...claim(
        frameTo === null || frames.get(frameTo)?.champion?.version === model,
        () => `${model} is not the champion`,
      ),
    ]
  })
}

/** Every claim at once. */
export function breaches(played: Played, script: Script): string[] {
  const { length: delivered } = script.items
  return [
    ...claim(
      played.balance.total.in === delivered,
      () => `${delivered} events were delivered, ${played.balance.total.in} came in`,
    ),
    ...timelineBreaches(played),
    ...flightBreaches(played, script),
    ...frameBreaches(played, script),
    ...predictionBreaches(played),
    ...refusalBreaches(played, script),
    ...loopBreaches(played, script),
  ]
}
