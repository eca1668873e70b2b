// What every listener of /v1/live shares: the newest predictions, what is going on at each airport, and risk and
// outcome by departure hour. Fed by the program's callbacks, asked by live-socket.ts. No clock, no sockets.
//
// `flush` closes a round: it answers with what has changed since the flush before, and `snapshot` with the whole as of
// the last flush. So a snapshot followed by the deltas of all later flushes is the whole again, for every listener.
//
// Bounded: flights are dropped 72 event hours after their planned departure, the newest predictions are a ring, and
// what waits for a flush is capped (the oldest go, and are counted).

import type { Airports } from '../flights/airports.ts'
import { LoopWaiting } from './live-loop.ts'
import type { LoopChange, LoopNews, LoopNow } from './loop.ts'
import type { Grade, LivePrediction, Status } from './program.ts'

/** An airport over the last 6 event hours, as origin or destination. */
export type AirportNow = {
  code: string
  name: string
  latitude: number
  longitude: number
  /** Flights predicted. */
  flights: number
  /** Mean probability, 0..1. */
  risk: number
  /** Of those flights that have landed, the share 15 minutes late or more; null before any has. */
  lateShare: number | null
  /** Flights that became known as cancelled. */
  cancelled: number
}

/** One hour of planned departures. */
export type RiskPoint = {
  /** Start of the event hour. */
  at: number
  /** Flights predicted or skipped. */
  flights: number
  meanProbability: number | null
  lateShare: number | null
  cancelledShare: number | null
}

export type LiveFilter = {
  readonly flightId?: string
  readonly origin?: string
  readonly destination?: string
  readonly carrier?: string
}

export type Flush = {
  readonly status: Status
  /** Newest first. */
  readonly predictions: readonly LivePrediction[]
  readonly grades: readonly { readonly grade: Grade; readonly flight: LivePrediction | null }[]
  readonly airports: readonly AirportNow[]
  readonly risk: readonly RiskPoint[]
  readonly loop: LoopNews | null
  /** Predictions that found no room in this round. */
  readonly overflow: number
}

export type Snapshot = {
  readonly status: Status
  readonly predictions: readonly LivePrediction[]
  readonly airports: readonly AirportNow[]
  readonly risk: readonly RiskPoint[]
  readonly loop: LoopNow
}

export interface LiveHub {
  predicted(prediction: LivePrediction): void
  graded(grade: Grade): void
  changed(change: LoopChange): void
  flush(status: Status): Flush
  /** The whole as of the last flush; at most `predictionsMax` predictions. */
  snapshot(filter: LiveFilter, predictionsMax: number): Snapshot
}

const hourMs = 3_600_000
const airportWindowMs = 6 * hourMs
const riskWindowMs = 72 * hourMs

/** Predictions after which old flights are dropped even if nobody listens, and so nothing is flushed. */
const forgetEvery = 5_000

type Flight = {
  latest: LivePrediction
  /** One a horizon. */
  readonly said: LivePrediction[]
  cancelledAt: number | null
}

export type LiveHubOptions = {
  airports: Airports
  status: Status
  /** What somebody who comes now needs to know of the loop. */
  loop: () => LoopNow
  /** Predictions kept for snapshots. */
  recentMax?: number
  /** Predictions, and grades, that may wait for a flush. */
  waitingMax?: number
  flightsMax?: number
}

export function createLiveHub(options: LiveHubOptions): LiveHub {
  const { airports, recentMax = 2_000, waitingMax = 5_000, flightsMax = 200_000 } = options
  const flights = new Map<string, Flight>()
  const recent = new Ring<LivePrediction>(recentMax)
  const waiting = new Ring<LivePrediction>(waitingMax)
  const waitingGrades = new Ring<Grade>(waitingMax)
  const waitingLoop = new LoopWaiting()
  const airportsNow = new Changes<AirportNow>(airport => airport.code)
  const riskNow = new Changes<RiskPoint>(point => String(point.at))
  let status = options.status
  let eventTime = status.eventTime ?? 0
  let sinceForgot = 0

  function tidy(): void {
    sinceForgot = 0
    forget(flights, eventTime, flightsMax)
  }

  return {
    predicted(given) {
      const prediction = { ...given }
      eventTime = Math.max(eventTime, prediction.at)
      recent.push(prediction)
      waiting.push(prediction)
      remember(flights, prediction)
      sinceForgot += 1
      if (sinceForgot >= forgetEvery) tidy()
    },
    graded(grade) {
      eventTime = Math.max(eventTime, grade.at)
      waitingGrades.push(grade)
      const flight = flights.get(grade.flightId)
      if (flight === undefined) return
      for (const said of flight.said) said.grade = grade
      if (grade.kind === 'CANCELLED') flight.cancelledAt ??= grade.at
    },
    changed: change => waitingLoop.changed(change),
    flush(statusNow) {
      status = statusNow
      eventTime = Math.max(eventTime, status.eventTime ?? 0)
      tidy()
      const overflow = waiting.lost
      const grades = waitingGrades.take().map(grade => ({ grade, flight: flights.get(grade.flightId)?.latest ?? null }))
      return {
        status,
        predictions: waiting.take().reverse(),
        grades,
        airports: airportsNow.update(airportsOf(flights.values(), airports, eventTime), closedAirport),
        risk: riskNow.update(riskOf(flights.values())),
        loop: waitingLoop.take(),
        overflow,
      }
    },
    snapshot(filter, predictionsMax) {
      const matching = recent.newest(prediction => matches(filter, prediction), predictionsMax)
      return { status, predictions: matching, airports: airportsNow.all(), risk: riskNow.all(), loop: options.loop() }
    },
  }
}

export function matches(filter: LiveFilter, prediction: LivePrediction): boolean {
  return (
    (filter.flightId === undefined || filter.flightId === prediction.flightId) &&
    (filter.origin === undefined || filter.origin === prediction.origin) &&
    (filter.destination === undefined || filter.destination === prediction.destination) &&
    (filter.carrier === undefined || filter.carrier === prediction.carrier)
  )
}

function remember(flights: Map<string, Flight>, prediction: LivePrediction): void {
  const known = flights.get(prediction.flightId)
  const cancelledAt = cancelledAtOf(prediction)
  if (known === undefined) {
    flights.set(prediction.flightId, { latest: prediction, said: [prediction], cancelledAt })
    return
  }
  const same = known.said.findIndex(said => said.horizonMinutes === prediction.horizonMinutes)
  if (same >= 0) known.said.splice(same, 1)
  prediction.grade ??= known.latest.grade
  known.said.push(prediction)
  known.latest = prediction
  known.cancelledAt ??= cancelledAt
}

function cancelledAtOf({ skipped, at, grade }: LivePrediction): number | null {
  if (skipped === 'CANCELLED') return at
  return grade?.kind === 'CANCELLED' ? grade.at : null
}

/** Drops flights that left the widest window, then the oldest known if there are still too many. */
function forget(flights: Map<string, Flight>, eventTime: number, flightsMax: number): void {
  for (const [id, flight] of flights) {
    const isOver = flight.latest.scheduledDepartureAt < hourOf(eventTime) - riskWindowMs
    if (isOver || flights.size > flightsMax) flights.delete(id)
  }
}

const hourOf = (at: number) => Math.floor(at / hourMs) * hourMs

class Tally {
  flights = 0
  predicted = 0
  probabilitySum = 0
  landed = 0
  late = 0
  cancelled = 0

  add({ latest, cancelledAt }: Flight): void {
    this.flights += 1
    if (cancelledAt !== null) this.cancelled += 1
    if (latest.probability === null) return
    this.predicted += 1
    this.probabilitySum += latest.probability
    if (latest.grade === null || latest.grade.label === null) return
    this.landed += 1
    if (latest.grade.label) this.late += 1
  }

  get risk(): number | null {
    return this.predicted === 0 ? null : rounded(this.probabilitySum / this.predicted)
  }

  get lateShare(): number | null {
    return this.landed === 0 ? null : rounded(this.late / this.landed)
  }
}

function riskOf(flights: Iterable<Flight>): RiskPoint[] {
  const hours = new Map<number, Tally>()
  for (const flight of flights) tallyAt(hours, hourOf(flight.latest.scheduledDepartureAt)).add(flight)
  return [...hours]
    .sort(([a], [b]) => a - b)
    .map(([at, tally]) => ({
      at,
      flights: tally.flights,
      meanProbability: tally.risk,
      lateShare: tally.lateShare,
      cancelledShare: rounded(tally.cancelled / tally.flights),
    }))
}

function airportsOf(flights: Iterable<Flight>, airports: Airports, eventTime: number): AirportNow[] {
  const from = eventTime - airportWindowMs
  const tallies = new Map<string, Tally>()
  const cancelled = new Map<string, number>()
  for (const flight of flights) {
    const ends = [flight.latest.origin, flight.latest.destination]
    if (flight.latest.at > from && flight.latest.probability !== null) {
      for (const code of ends) tallyAt(tallies, code).add(flight)
    }
    if (flight.cancelledAt !== null && flight.cancelledAt > from) {
      for (const code of ends) {
        tallyAt(tallies, code)
        cancelled.set(code, (cancelled.get(code) ?? 0) + 1)
      }
    }
  }
  return [...tallies].flatMap(([code, tally]) => {
    const place = airports.get(code)
    // Without a place there is nothing to draw; the predictions themselves still show the code.
    if (place === undefined) return []
    const { predicted, risk, lateShare } = tally
    const now = { flights: predicted, risk: risk ?? 0, lateShare, cancelled: cancelled.get(code) ?? 0 }
    return [{ code, name: place.name, latitude: place.latitude, longitude: place.longitude, ...now }]
  })
}

function tallyAt<Key>(tallies: Map<Key, Tally>, key: Key): Tally {
  const known = tallies.get(key)
  if (known !== undefined) return known
  const tally = new Tally()
  tallies.set(key, tally)
  return tally
}

const closedAirport = (airport: AirportNow): AirportNow => ({
  ...airport,
  flights: 0,
  risk: 0,
  lateShare: null,
  cancelled: 0,
})

/** Ten-thousandths are the resolution of a probability here, and keep unchanged values equal. */
const rounded = (share: number) => Math.round(share * 10_000) / 10_000

/** The last `max` of what was pushed, and how many were lost since they were last taken. */
class Ring<T> {
  readonly #max: number
  #items: T[] = []
  #from = 0
  lost = 0

  constructor(max: number) {
    this.#max = max
  }

  push(item: T): void {
    this.#items.push(item)
    if (this.#items.length - this.#from > this.#max) {
      this.#from += 1
      this.lost += 1
    }
    if (this.#from > this.#max) {
      this.#items = this.#items.slice(this.#from)
      this.#from = 0
    }
  }

  take(): T[] {
    const taken = this.#items.slice(this.#from)
    this.#items = []
    this.#from = 0
    this.lost = 0
    return taken
  }

  newest(isWanted: (item: T) => boolean, max: number): T[] {
    const found: T[] = []
    for (let index = this.#items.length - 1; index >= this.#from && found.length < max; index--) {
      const item = this.#items[index]
      if (item !== undefined && isWanted(item)) found.push(item)
    }
    return found
  }
}

/** Keeps values by key and says which are new or other than before. */
class Changes<T> {
  readonly #keyOf: (value: T) => string
  #known = new Map<string, { value: T; text: string }>()

  constructor(keyOf: (value: T) => string) {
    this.#keyOf = keyOf
  }

  /** `gone` makes the last word about a value that is no longer there; without it a value leaves in silence. */
  update(values: readonly T[], gone?: (value: T) => T): T[] {
    const next = new Map<string, { value: T; text: string }>()
    const changed: T[] = []
    for (const value of values) {
      const key = this.#keyOf(value)
      const text = JSON.stringify(value)
      next.set(key, { value, text })
      if (this.#known.get(key)?.text !== text) changed.push(value)
    }
    if (gone !== undefined) {
      for (const [key, { value }] of this.#known) if (!next.has(key)) changed.push(gone(value))
    }
    this.#known = next
    return changed
  }

  all(): T[] {
    return [...this.#known.values()].map(({ value }) => value)
  }
}
