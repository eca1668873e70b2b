// score: predicts each flight at its horizons and settles it when it is over.
//
// At one instant t: events at t; due instants at t by (flight id, horizon); flights that close at t. So a due instant or
// a closing fires when the timeline has gone past it. A prediction due at T uses exactly the frames that end at or before
// floor(T) - one window, and the models that the last of them names; until the process has that frame, the task parks.
// It never puts another model, or another pipeline's frame, in the place of what the frame names.
//
// Features are logged with the outcome as they were seen (log and wait), so training and serving cannot disagree.

import {
  closesAs,
  closesAt,
  type Flight,
  fold,
  type PackedFlight,
  type Plan,
  packFlight,
  replan,
  schedule,
  unpackFlight,
} from '../flights/life.ts'
import { Heap } from '../lib/heap.ts'
import { floorTo } from '../lib/time.ts'
import type { FlightFacts, OutcomeRow, SkipReason, TimelineEntry, Watermark } from '../records.ts'
import type { Behaviour, Input, Output, Stage, StageIo } from '../runtime/stage.ts'
import type { Table } from '../runtime/table.ts'
import { outcomeOf } from './outcome.ts'
import { Scoring } from './scoring.ts'
import type { StageSettings } from './settings.ts'

/** A flight that is not over, and the horizons that have not fired: minutes to instant. */
export type OpenFlight = { flight: Flight; due: Record<string, number>; isOver: boolean }
type Due = { at: number; id: string; horizon: number; open: OpenFlight }
type Closing = { at: number; id: string; open: OpenFlight }
type Counts = {
  /** Start of the first window; before its end the air space is empty. */
  origin: number | null
  /** Event time reached. */
  now: number
  /** Running number of outcomes. */
  number: number
  flights: number
  predicted: number
  LANDED: number
  CANCELLED: number
  GIVEN_UP: number
  skipped: Record<SkipReason, number>
}

export const score: Stage<StageSettings> = {
  name: 'score',
  layout: 1,
  open: (io, settings) => new Score(io, settings),
}

class Score implements Behaviour {
  readonly #settings: StageSettings
  readonly #io: StageIo
  readonly #timeline: Input
  readonly #predictions: Output
  readonly #outcomes: Output
  readonly #flights: Table<OpenFlight>
  readonly #rows: Table<OutcomeRow>
  readonly #counts: Table<Counts>
  readonly #c: Counts
  readonly #scoring: Scoring
  readonly #due = new Heap<Due>(comesBefore)
  readonly #closings = new Heap<Closing>((a, b) => a.at < b.at || (a.at === b.at && a.id < b.id))

  constructor(io: StageIo, settings: StageSettings) {
    this.#settings = settings
    this.#io = io
    this.#timeline = io.input('flights.timeline')
    this.#predictions = io.output('flights.predictions')
    this.#outcomes = io.output('flights.outcomes')
    this.#flights = io.table<OpenFlight>('flights', { pack: packOpen, unpack: unpackOpen })
    this.#rows = io.table<OutcomeRow>('rows')
    this.#counts = io.table<Counts>('counts')
    this.#c = this.#counts.get('') ?? startCounts()
    this.#scoring = new Scoring(io, settings)
    for (const [id, open] of this.#flights.entries()) this.#index(id, open)
    if (this.#c.origin !== null) io.reached(this.#c.now)
  }

  step(): boolean {
    const record = this.#timeline.peek()
    if (!record) return false
    const entry = record.value as TimelineEntry | Watermark
    this.#c.origin ??= floorTo(entry.at, this.#settings.windowMs)
    const due = this.#nextDue()
    const closing = this.#nextClosing()
    // the instant's due flights come before its closings
    const dueFirst = due && (!closing || due.at <= closing.at)
    const at = dueFirst ? due.at : (closing?.at ?? Number.POSITIVE_INFINITY)
    this.#reach(Math.min(at, entry.at))
    if (at < entry.at) {
      if (dueFirst) return this.#fire(due)
      this.#settle((closing as Closing).id, at)
      return true
    }
    this.#timeline.take()
    if (record.name === 'TimelineEntry') this.#enter(entry as TimelineEntry)
    return true
  }

  beforeCommit(): void {
    this.#counts.set('', this.#c)
  }

  balance(): Record<string, number> {
    const { flights, predicted, LANDED, CANCELLED, GIVEN_UP, skipped } = this.#c
    let notYetDue = 0
    for (const [, open] of this.#flights.entries()) notYetDue += Object.keys(open.due).length
    const horizons = flights * this.#settings.horizonsMinutes.length
    const open = this.#flights.size
    return {
      flights,
      settled: LANDED + CANCELLED,
      cancelled: CANCELLED,
      givenUp: GIVEN_UP,
      open,
      horizons,
      predicted,
      notYetDue,
      ...skipped,
    }
  }

  lookup(id: string): OpenFlight | undefined {
    return this.#flights.get(id)
  }

  /** Event time only rises: what was due before its flight was known is answered when the flight is. */
  #reach(at: number): void {
    if (at > this.#c.now) this.#c.now = at
    this.#io.reached(this.#c.now)
  }

  #enter(entry: TimelineEntry): void {
    const { type, id, at, flight: facts } = entry
    if (!facts) return
    const open = this.#flights.get(id)
    if (type === 'FlightScheduled') {
      if (open) return
      this.#c.flights++
      const flight = schedule(planOf(facts), at)
      const due = Object.fromEntries(this.#settings.horizonsMinutes.map(horizon => [horizon, 0]))
      this.#plan(id, { flight, due, isOver: false })
      return
    }
    // what is told of a flight that has closed
    if (!open) return
    if (type === 'FlightRescheduled') {
      replan(open.flight, planOf(facts), at)
      this.#plan(id, open)
      return
    }
    fold(open.flight, type, entry, at)
    this.#flights.set(id, open)
    if (type === 'FlightArrived') this.#settle(id, at)
  }

  /** Sets the instants of every horizon that has not fired, from the present plan. */
  #plan(id: string, open: OpenFlight): void {
    for (const horizon of Object.keys(open.due)) open.due[horizon] = open.flight.departureAt - Number(horizon) * 60_000
    this.#flights.set(id, open)
    this.#index(id, open)
  }

  #index(id: string, open: OpenFlight): void {
    for (const [horizon, at] of Object.entries(open.due)) this.#due.push({ at, id, horizon: Number(horizon), open })
    this.#closings.push({ at: closesAt(open.flight), id, open })
  }

  /** The next due instant that still stands: a reschedule or a landing leaves old ones behind. */
  #nextDue(): Due | undefined {
    for (;;) {
      const due = this.#due.peek()
      if (!due || (!due.open.isOver && due.open.due[due.horizon] === due.at)) return due
      this.#due.pop()
    }
  }

  #nextClosing(): Closing | undefined {
    for (;;) {
      const closing = this.#closings.peek()
      if (!closing || (!closing.open.isOver && closesAt(closing.open.flight) === closing.at)) return closing
      this.#closings.pop()
    }
  }

  #fire(due: Due): boolean {
    const { at, id, horizon, open } = due
    const { flight } = open
    const reason = skipReason(flight, at)
    if (reason) this.#skip(id, flight, due, { reason, at: Math.max(at, flight.plannedAt) })
    else {
      const frameTo = this.#frameOf(at)
      const made = this.#scoring.make({ id, flight, due, frameTo })
      if (made === null) return false
      this.#rows.set(`${id}/${horizon}`, made.row)
      if (made.prediction) {
        this.#c.predicted++
        this.#predictions.emit('Prediction', id, made.prediction)
      } else this.#skip(id, flight, due, { reason: 'NO_MODEL', at })
    }
    delete open.due[horizon]
    this.#flights.set(id, open)
    return true
  }

  /** End of the last frame that a prediction due at `at` may use; null while the air space is empty. */
  #frameOf(at: number): number | null {
    const { windowMs } = this.#settings
    const need = floorTo(at, windowMs) - windowMs
    return need > (this.#c.origin as number) ? need : null
  }

  // oxlint-disable-next-line max-params
  #skip(
    id: string,
    flight: Flight,
    due: Pick<Due, 'at' | 'horizon'>,
    { reason, at }: { reason: SkipReason; at: number },
  ): void {
    this.#c.skipped[reason]++
    const { carrier, flightNumber, origin, destination, departureAt: scheduledDepartureAt } = flight
    const about = { flightId: id, carrier, flightNumber, origin, destination, scheduledDepartureAt }
    this.#predictions.emit('PredictionSkipped', id, {
      ...about,
      horizonMinutes: due.horizon,
      at,
      dueAt: due.at,
      reason,
    })
  }

  #settle(id: string, at: number): void {
    const open = this.#flights.get(id) as OpenFlight
    const { flight, due } = open
    open.isOver = true
    const left = Object.entries(due).sort(([a], [b]) => Number(a) - Number(b))
    for (const [horizon, dueAt] of left) {
      this.#skip(id, flight, { horizon: Number(horizon), at: dueAt }, { reason: 'SETTLED', at })
    }
    const rows: OutcomeRow[] = []
    for (const horizon of this.#settings.horizonsMinutes) {
      const row = this.#rows.get(`${id}/${horizon}`)
      if (!row) continue
      rows.push(row)
      this.#rows.delete(`${id}/${horizon}`)
    }
    this.#c.number++
    this.#c[closesAs(flight)]++
    this.#outcomes.emit('FlightOutcome', id, outcomeOf({ id, flight, at, rows, number: this.#c.number }))
    this.#flights.delete(id)
  }
}

function planOf(facts: FlightFacts): Plan {
  const { carrier, flightNumber, origin, destination, distanceMiles, departureAt, arrivalAt } = facts
  const about = { carrier, flightNumber, origin, destination, distanceMiles }
  return { ...about, scheduledDepartureAt: departureAt, scheduledArrivalAt: arrivalAt }
}

type PackedOpen = [due: Record<string, number>, flight: PackedFlight]

function packOpen({ due, flight }: OpenFlight): PackedOpen {
  return [due, packFlight(flight)]
}

function unpackOpen([due, flight]: PackedOpen): OpenFlight {
  return { due, flight: unpackFlight(flight), isOver: false }
}

function skipReason(flight: Flight, dueAt: number): SkipReason | null {
  if (dueAt < flight.plannedAt) return 'KNOWN_AFTER'
  if (flight.departedKnownAt !== null) return 'DEPARTED'
  return flight.cancelledAt === null ? null : 'CANCELLED'
}

function comesBefore(a: Due, b: Due): boolean {
  if (a.at !== b.at) return a.at < b.at
  if (a.id !== b.id) return a.id < b.id
  return a.horizon < b.horizon
}

function startCounts(): Counts {
  const skipped = { DEPARTED: 0, CANCELLED: 0, KNOWN_AFTER: 0, SETTLED: 0, NO_MODEL: 0 }
  return { origin: null, now: 0, number: 0, flights: 0, predicted: 0, LANDED: 0, CANCELLED: 0, GIVEN_UP: 0, skipped }
}
