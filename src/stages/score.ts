// score: predicts each flight at its horizons and settles it when it is over.
//
// At one instant t: events at t; due instants at t by (flight id, horizon); flights that close at t. So a due instant or
// a closing fires when the timeline has gone past it. A prediction due at T uses exactly the frames that end at or before
// floor(T) - one window, and the models that the last of them names; until the process has that frame, the task parks.
// It never puts another model, or another pipeline's frame, in the place of what the frame names.
//
// A watermark at the end of each hour says in the outcomes how far they are complete.
//
// Features are logged with the outcome as they were seen (log and wait), so training and serving cannot disagree. A logged
// row also says that its horizon has fired: the row of the flight, which lists the horizons that have not, is not written
// again for that.

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
import { floorTo, hours, minutes } from '../lib/time.ts'
import type { FlightFacts, OutcomeRow, SkipReason, TimelineEntry, Watermark } from '../records.ts'
import type { Behaviour, Input, Output, Stage, StageIo } from '../runtime/stage.ts'
import type { Table } from '../runtime/table.ts'
import { outcomeOf, packRow, unpackRow } from './outcome.ts'
import { Scoring } from './scoring.ts'
import type { StageSettings } from './settings.ts'

/** A flight that is not over, and the horizons that have not fired, in minutes. */
export type OpenFlight = { flight: Flight; due: number[]; isOver: boolean }
type Due = { at: number; id: string; horizon: number; open: OpenFlight }
type Closing = { at: number; id: string; open: OpenFlight }
type Counts = {
  /** Start of the first window; before its end the air space is empty. */
  origin: number | null
  /** Event time reached. */
  now: number
  /** Of the last watermark in the outcomes. */
  hour: number | null
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
  lookups: { table: 'flights', unpack: unpackOpen },
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
  readonly #due = new Heap<Due>((a, b) => a.id < b.id || (a.id === b.id && a.horizon < b.horizon))
  /** Horizons of open flights that have not fired; counted, for the balance is asked for many times a second. */
  #notYetDue = 0
  readonly #closings = new Heap<Closing>((a, b) => a.id < b.id)

  constructor(io: StageIo, settings: StageSettings) {
    this.#settings = settings
    this.#io = io
    this.#timeline = io.input('flights.timeline')
    this.#predictions = io.output('flights.predictions')
    this.#outcomes = io.output('flights.outcomes')
    this.#flights = io.table<OpenFlight>('flights', { pack: packOpen, unpack: unpackOpen })
    this.#rows = io.table<OutcomeRow>('rows', { pack: packRow, unpack: unpackRow })
    this.#counts = io.table<Counts>('counts')
    this.#c = this.#counts.get('') ?? startCounts()
    this.#scoring = new Scoring(io, settings)
    for (const [id, open] of this.#flights.entries()) {
      open.due = open.due.filter(horizon => !this.#rows.has(rowKey(id, horizon)))
      this.#notYetDue += open.due.length
      this.#index(id, open)
    }
    if (this.#c.origin !== null) io.reached(this.#c.now)
  }

  step(): boolean {
    const record = this.#timeline.peek()
    if (!record) return false
    const entry = record.value as TimelineEntry | Watermark
    this.#c.origin ??= floorTo(entry.at, this.#settings.windowMs)
    const due = this.#nextDue(entry.at)
    const closing = this.#nextClosing(entry.at)
    // the instant's due flights come before its closings
    if (due && (!closing || due.at <= closing.at)) {
      const said = this.#reach(due.at)
      return this.#fire(due) || said
    }
    if (closing) {
      this.#reach(closing.at)
      this.#settle(closing.id, closing.open, closing.at)
      return true
    }
    this.#reach(entry.at)
    this.#timeline.take()
    if (record.name === 'TimelineEntry') this.#enter(entry as TimelineEntry)
    return true
  }

  beforeCommit(): void {
    this.#counts.set('', this.#c)
  }

  balance(): Record<string, number> {
    const { flights, predicted, LANDED, CANCELLED, GIVEN_UP, skipped } = this.#c
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
      notYetDue: this.#notYetDue,
      ...skipped,
    }
  }

  lookup(id: string): OpenFlight | undefined {
    return this.#flights.get(id)
  }

  /**
   * Event time only rises: what was due before its flight was known is answered when the flight is.
   * @returns whether it has said so in the outcomes, which must not wait with a prediction that parks
   */
  #reach(at: number): boolean {
    const c = this.#c
    if (at > c.now) c.now = at
    this.#io.reached(c.now)
    const hour = floorTo(c.now, hours(1))
    if (c.hour !== null && hour <= c.hour) return false
    c.hour = hour
    this.#outcomes.emit('Watermark', 'watermark', { at: hour })
    return true
  }

  #enter(entry: TimelineEntry): void {
    const { type, id, at, flight: facts } = entry
    if (!facts) return
    const open = this.#flights.get(id)
    if (type === 'FlightScheduled') {
      if (open) return
      this.#c.flights++
      this.#notYetDue += this.#settings.horizonsMinutes.length
      const flight = schedule(planOf(facts), at)
      this.#plan(id, { flight, due: [...this.#settings.horizonsMinutes], isOver: false })
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
    if (type === 'FlightArrived') this.#settle(id, open, at)
    else this.#flights.set(id, open)
  }

  #plan(id: string, open: OpenFlight): void {
    this.#flights.set(id, open)
    this.#index(id, open)
  }

  /** Files the flight under the instants of its present plan. */
  #index(id: string, open: OpenFlight): void {
    for (const horizon of open.due) this.#due.push({ at: dueAt(open.flight, horizon), id, horizon, open })
    this.#closings.push({ at: closesAt(open.flight), id, open })
  }

  /** The first due instant before `end` that still stands: a reschedule or a landing leaves old ones behind. */
  #nextDue(end: number): Due | undefined {
    while (this.#due.firstAt < end) {
      const due = this.#due.peek() as Due
      const { isOver, flight, due: horizons } = due.open
      if (!isOver && horizons.includes(due.horizon) && dueAt(flight, due.horizon) === due.at) return due
      this.#due.pop()
    }
    return undefined
  }

  #nextClosing(end: number): Closing | undefined {
    while (this.#closings.firstAt < end) {
      const closing = this.#closings.peek() as Closing
      if (!closing.open.isOver && closesAt(closing.open.flight) === closing.at) return closing
      this.#closings.pop()
    }
    return undefined
  }

  #fire(due: Due): boolean {
    const { at, id, horizon, open } = due
    const { flight } = open
    const reason = skipReason(flight, at)
    if (reason) {
      this.#skip(id, flight, due, { reason, at: Math.max(at, flight.plannedAt) })
      this.#flights.set(id, open)
    } else {
      const made = this.#scoring.make({ id, flight, due, frameTo: this.#frameOf(at) })
      if (made === null) return false
      this.#rows.set(rowKey(id, horizon), made.row)
      if (made.prediction) {
        this.#c.predicted++
        this.#predictions.emit('Prediction', id, made.prediction)
      } else this.#skip(id, flight, due, { reason: 'NO_MODEL', at })
    }
    open.due.splice(open.due.indexOf(horizon), 1)
    this.#notYetDue--
    return true
  }

  /** End of the last frame that a prediction due at `at` may use; null while the air space is empty. */
  #frameOf(at: number): number | null {
    const { windowMs } = this.#settings
    const need = floorTo(at, windowMs) - windowMs
    return need > (this.#c.origin as number) ? need : null
  }

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

  #settle(id: string, open: OpenFlight, at: number): void {
    const { flight, due } = open
    open.isOver = true
    this.#notYetDue -= due.length
    for (const horizon of due.sort((a, b) => a - b)) {
      this.#skip(id, flight, { horizon, at: dueAt(flight, horizon) }, { reason: 'SETTLED', at })
    }
    const rows: OutcomeRow[] = []
    for (const horizon of this.#settings.horizonsMinutes) {
      const key = rowKey(id, horizon)
      const row = this.#rows.get(key)
      if (!row) continue
      rows.push(row)
      this.#rows.delete(key)
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

type PackedOpen = [due: number[], flight: PackedFlight]

function packOpen({ due, flight }: OpenFlight): PackedOpen {
  return [due, packFlight(flight)]
}

function unpackOpen([due, flight]: PackedOpen): OpenFlight {
  return { due, flight: unpackFlight(flight), isOver: false }
}

function dueAt(flight: Flight, horizon: number): number {
  return flight.departureAt - minutes(horizon)
}

/** Where the logged row of a horizon lies. */
function rowKey(id: string, horizon: number): string {
  return `${id}/${horizon}`
}

function skipReason(flight: Flight, dueAt: number): SkipReason | null {
  if (dueAt < flight.plannedAt) return 'KNOWN_AFTER'
  if (flight.departedKnownAt !== null) return 'DEPARTED'
  return flight.cancelledAt === null ? null : 'CANCELLED'
}

function startCounts(): Counts {
  const skipped = { DEPARTED: 0, CANCELLED: 0, KNOWN_AFTER: 0, SETTLED: 0, NO_MODEL: 0 }
  return {
    origin: null,
    now: 0,
    hour: null,
    number: 0,
    flights: 0,
    predicted: 0,
    LANDED: 0,
    CANCELLED: 0,
    GIVEN_UP: 0,
    skipped,
  }
}
