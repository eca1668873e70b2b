// A Program over invented flights, for tests of the doors and for work on the page: it looks and moves like the replay
// of February 2013 in New York, blizzard on the 8th and 9th included. Seeded: the same seed gives the same flights.
// `advance` moves its event time; nothing here reads a clock.

import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import type { Airports } from '../../src/flights/airports.ts'
import { Failure } from '../../src/lib/failure.ts'
import { Heap } from '../../src/lib/heap.ts'
import type { AlertSilence, Ask, Grade, LivePrediction, NewEvent, Program, Status } from '../../src/server/program.ts'
import { dayOf, type FakeFlight, flightIdOf } from './fake-flights.ts'
import { createFakeLoop, type FakeLoop } from './fake-loop.ts'
import { balanceOf, partitionCount, stagesOf, tasksOf } from './fake-status.ts'
import { topicFiles } from './fake-topics.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const horizonMinutes = 120

export type FakeProgram = Program & {
  /** Moves event time on and calls the listeners. */
  advance(eventMs: number): void
  /** Event milliseconds that `wallMs` of wall time are worth now: 0 while paused. */
  eventMsFor(wallMs: number): number
  emit(prediction: LivePrediction): void
  emitGrade(grade: Grade): void
  setReady(ready: boolean): void
  /** Makes the next calls of publish and predict throw. */
  failWith(error: Error | undefined): void
  readonly published: NewEvent[]
  readonly loop: FakeLoop
  /** How often it was killed; each time it lives again at once. */
  readonly kills: number
}

export type FakeOptions = {
  seed?: number
  /** Start of event time, epoch milliseconds. */
  startAt?: number
  hasReplay?: boolean
  /** When what was said before is there; at once unless given. */
  past?: Promise<void>
  supervised?: boolean
}

/** Midnight in New York at the start of 6 February 2013. */
export const fakeStartAt = Date.UTC(2013, 1, 6, 5)

type Due = { readonly at: number; readonly order: number; readonly flight: FakeFlight }

const isBefore = (a: Due, b: Due) => a.order < b.order

const dueAtOf = ({ scheduledDepartureAt }: FakeFlight) => scheduledDepartureAt - horizonMinutes * minuteMs

export function createFakeProgram({
  seed = 1,
  startAt = fakeStartAt,
  hasReplay = true,
  past = Promise.resolve(),
  supervised = true,
}: FakeOptions = {}): FakeProgram {
  const predictionListeners = new Set<(p: LivePrediction) => void>()
  const gradeListeners = new Set<(g: Grade) => void>()
  const published: NewEvent[] = []
  const flights = new Map<string, FakeFlight>()
  /** When something is next to be said of a flight. */
  const due = new Heap<Due>(isBefore)
  const recent: LivePrediction[] = []
  let days = 0
  let eventTime = startAt
  let ready = true
  let kills = 0
  let failure: Error | undefined
  const silences: AlertSilence[] = []
  const loop = createFakeLoop(startAt)
  const counts = { events: 0, predictions: 0, skipped: 0, outcomes: 0, cancelled: 0, hits: 0, misses: 0, flights: 0 }
  const replay = {
    paused: false,
    hoursPerSecond: 1 as number | null,
    from: '2013-01-01',
    to: '2013-12-31',
    done: false,
  }

  /** Flights enter the schedule 48 hours ahead, a day at a time. */
  function schedule(): void {
    while (startAt + (days - 1) * 24 * hourMs < eventTime + 48 * hourMs) {
      for (const flight of dayOf({ seed, at: startAt + (days - 1) * 24 * hourMs })) {
        flights.set(flight.id, flight)
        counts.flights += 1
        const order = counts.flights
        for (const at of [dueAtOf(flight), flight.cancelledAt ?? flight.arrivesAt]) due.push({ at, order, flight })
        counts.events += 1
      }
      days += 1
    }
  }

  function emit(prediction: LivePrediction): void {
    recent.unshift(prediction)
    recent.length = Math.min(recent.length, 1_000)
    counts[prediction.probability === null ? 'skipped' : 'predictions'] += 1
    for (const listener of predictionListeners) listener(prediction)
  }

  function emitGrade(grade: Grade): void {
    counts.outcomes += 1
    const prediction = recent.find(said => said.flightId === grade.flightId)
    if (prediction !== undefined) {
      prediction.grade = grade
      if (grade.label !== null) counts[grade.label === prediction.late ? 'hits' : 'misses'] += 1
    }
    for (const listener of gradeListeners) listener(grade)
  }

  function advance(eventMs: number): void {
    const until = eventTime + eventMs
    while (eventTime < until) {
      eventTime = Math.min(eventTime + minuteMs, until)
      schedule()
      const now: Due[] = []
      while (due.firstAt <= eventTime) now.push(due.pop() as Due)
      now.sort((a, b) => a.order - b.order)
      for (const { flight } of now) if (flights.get(flight.id) === flight) step(flight)
      loop.advanceTo(eventTime)
    }
  }

  function step(flight: FakeFlight): void {
    const dueAt = dueAtOf(flight)
    if (!flight.isSaid && dueAt <= eventTime) {
      flight.isSaid = true
      if (dueAt >= startAt) emit(predictionOf(flight, dueAt))
      if (flight.isGraded) flights.delete(flight.id)
    }
    if (flight.cancelledAt !== null) {
      if (flight.cancelledAt > eventTime || flight.isGraded) return
      flight.isGraded = true
      counts.cancelled += 1
      emitGrade({
        flightId: flight.id,
        at: flight.cancelledAt,
        kind: 'CANCELLED',
        arrivalDelayMinutes: null,
        label: null,
      })
    } else if (flight.arrivesAt <= eventTime) {
      const { arrivalDelayMinutes } = flight
      const label = arrivalDelayMinutes >= 15
      counts.events += 2
      emitGrade({ flightId: flight.id, at: flight.arrivesAt, kind: 'LANDED', arrivalDelayMinutes, label })
    } else return
    counts.events += 1
    if (flight.isSaid) flights.delete(flight.id)
  }

  function status(): Status {
    const isMoving = !replay.paused
    return {
      version: '0.1.0',
      pipeline: 'p-7c1e',
      ready,
      notReadyBecause: ready ? null : 'no model is in force before the first frame',
      supervised,
      lives: 1 + kills,
      eventTime,
      replay: hasReplay ? { ...replay, at: eventTime, fastUntil: null } : null,
      model: ready ? { version: 'seed-2013-01', hash: 'ab'.repeat(32), horizonMinutes: [horizonMinutes] } : null,
      stages: stagesOf({ eventTime, isMoving, position: counts.events }),
      eventsPerSecond: isMoving ? 160 + Math.round(40 * Math.sin(eventTime / (3 * hourMs))) : 0,
      totals: {
        events: counts.events,
        predictions: counts.predictions,
        skipped: counts.skipped,
        outcomes: counts.outcomes,
        rejected: 3,
        late: 12,
      },
      balance: balanceOf(counts),
      quality: {
        n: counts.hits + counts.misses,
        auc: 0.71,
        logLoss: 0.482,
        brier: 0.154,
        hits: counts.hits,
        misses: counts.misses,
      },
      training: null,
      loop: loop.status(),
    }
  }

  const checkFailure = () => {
    if (failure !== undefined) throw failure
  }

  return {
    status,
    tasks: () => tasksOf(status().stages),
    async publish(events) {
      checkFailure()
      published.push(...events)
      counts.events += events.length
      return events.map(({ value }) => {
        const { flightId, station } = value as { flightId?: string; station?: string }
        const key = flightId ?? station ?? ''
        return { key, partition: key.length % partitionCount }
      })
    },
    async predict(asks, { explain } = { explain: false }) {
      checkFailure()
      return asks.map((ask, index) => ({
        ...answerOf({ ask, index, eventTime, known: flights }),
        ...(explain && { explanation }),
      }))
    },
    past: () => past,
    recentPredictions({ limit, ...wanted }) {
      const entries = Object.entries(wanted)
      return recent
        .filter(said => entries.every(([key, value]) => said[key as keyof LivePrediction] === value))
        .slice(0, limit)
    },
    async askTraining(why) {
      if (failure !== undefined) throw failure
      const effectiveFrom = Math.ceil(eventTime / (24 * hourMs)) * 24 * hourMs
      const cut = Array.from({ length: partitionCount }, () => Math.floor(counts.outcomes / partitionCount))
      return { id: `o-${new Date(eventTime).toISOString().slice(0, 16)}`, at: eventTime, effectiveFrom, why, cut }
    },
    async silence({ kind, hours, reason }) {
      silences.unshift({ kind, from: eventTime, until: eventTime + hours * hourMs, reason })
      return silences
    },
    silences: () => silences,
    async topics() {
      return topicFiles().map(({ partitions, ...topic }) => ({
        ...topic,
        partitions: Array.from({ length: partitions === 1 ? 1 : partitionCount }, (_, partition) => ({
          partition,
          first: 0,
          next: counts.events + partition,
        })),
      }))
    },
    control({ action, hoursPerSecond }) {
      if (!hasReplay)
        throw new Failure('USAGE', 'nothing is being replayed', { help: 'Start with `slipstream up --source FOLDER`.' })
      if (action === 'pause') replay.paused = true
      if (action === 'resume') replay.paused = false
      if (action === 'speed') replay.hoursPerSecond = hoursPerSecond ?? null
      if (action === 'step') advance(hourMs)
      return status().replay
    },
    onPrediction(listener) {
      predictionListeners.add(listener)
      return () => predictionListeners.delete(listener)
    },
    onGrade(listener) {
      gradeListeners.add(listener)
      return () => gradeListeners.delete(listener)
    },
    advance,
    eventMsFor: wallMs => (replay.paused ? 0 : (wallMs / 1_000) * (replay.hoursPerSecond ?? 24) * hourMs),
    emit,
    emitGrade,
    setReady(isReady) {
      ready = isReady
    },
    failWith(error) {
      failure = error
    },
    published,
    loop,
    kill() {
      kills += 1
    },
    get kills() {
      return kills
    },
  }
}

function predictionOf(flight: FakeFlight, at: number): LivePrediction {
  const { id: flightId, carrier, flightNumber, origin, destination, scheduledDepartureAt, probability } = flight
  const plan = { flightId, carrier, flightNumber, origin, destination, scheduledDepartureAt, at, horizonMinutes }
  if (flight.cancelledAt !== null && flight.cancelledAt <= at) {
    const nothing = { probability: null, late: null, low: null, high: null, model: null, grade: null }
    return { ...plan, ...nothing, skipped: 'CANCELLED' }
  }
  const low = Math.max(0, Math.round((probability - 0.12) * 10_000) / 10_000)
  const high = Math.min(1, Math.round((probability + 0.15) * 10_000) / 10_000)
  return {
    ...plan,
    probability,
    late: probability >= 0.35,
    low,
    high,
    skipped: null,
    model: 'seed-2013-01',
    grade: null,
  }
}

const explanation = {
  base: -1.2,
  margin: -0.79,
  reasons: [{ feature: 'legArrivalDelay', contribution: 0.41, text: "the aircraft's last leg landed 38 minutes late" }],
}

function answerOf(given: { ask: Ask; index: number; eventTime: number; known: ReadonlyMap<string, FakeFlight> }) {
  const { ask, index, eventTime, known } = given
  const isKnown = 'flightId' in ask
  if (isKnown && !known.has(ask.flightId)) {
    throw new Failure('UNKNOWN_FLIGHT', `no flight ${ask.flightId} is known`, { field: `[${index}].flightId` })
  }
  return {
    flightId: isKnown ? ask.flightId : flightIdOf(ask),
    probability: 0.3127,
    late: false,
    low: 0.2011,
    high: 0.4502,
    model: 'seed-2013-01',
    modelHash: 'ab'.repeat(32),
    frameTo: eventTime,
    horizonMinutes: isKnown ? horizonMinutes : (ask.horizonMinutes ?? horizonMinutes),
    missing: isKnown ? [] : ['aircraftPreviousLegDelayMinutes'],
  }
}

const projectFolder = path.join(import.meta.dirname, '../..')

/** The airports of the bundle. */
export function fakeAirports(): Airports {
  const file = path.join(projectFolder, 'data/nycflights13/airports.csv.gz')
  const [, ...lines] = zlib.gunzipSync(fs.readFileSync(file)).toString('utf8').trim().split('\n')
  return new Map(
    lines.map(line => {
      const [code = '', name = '', latitude, longitude, , , , zone = ''] =
        line.match(/("[^"]*"|[^,]*)(?:,|$)/g)?.map(cellOf) ?? []
      return [code, { code, name, latitude: Number(latitude), longitude: Number(longitude), zone }] as const
    }),
  )
}

const cellOf = (text: string) => text.replace(/,$/, '').replace(/^"(.*)"$/, '$1')
