// Life: what a flight is, folded from the events accepted of it. `ingest` and `score` use the same fold.
//
// A flight settles when it lands, whatever is missing. Every other flight closes 36 h after the latest of its first and
// present departure and its arrival, as cancelled or given up. A landed flight is remembered until 36 h after its
// landing and all its departures, so that a duplicate cannot raise it again. Departure, arrival or a reschedule
// reinstates a cancelled flight; a reschedule after departure moves nothing; a diversion settles nothing.

import { hours } from '../lib/time.ts'
import type { EventType, FlightFacts, TimelineEntry } from '../records.ts'

/** How long after its last planned instant an open flight is waited for. */
export const keepMs = hours(36)

/** 15 minutes late or more: BTS's ArrDel15. */
export const lateMinutes = 15

export type Flight = {
  carrier: string
  flightNumber: number
  origin: string
  destination: string
  distanceMiles: number | null
  /** When it entered the timeline, and when its present plan did. */
  scheduledAt: number
  plannedAt: number
  firstDepartureAt: number
  departureAt: number
  arrivalAt: number
  moves: number
  tail: string | null
  builtYear: number | null
  seats: number | null
  /** When each was known (not when it happened); null if not, or if reinstated. */
  cancelledAt: number | null
  departedKnownAt: number | null
  landedKnownAt: number | null
  departedAt: number | null
  arrivedAt: number | null
}

/** What an event says, apart from whom it is about; what its type has no word for is left out. */
export type Said = Partial<Pick<TimelineEntry, 'departedAt' | 'arrivedAt' | 'tail' | 'builtYear' | 'seats'>>

/** Planned departure and arrival. */
export type Planned = { readonly scheduledDepartureAt: number; readonly scheduledArrivalAt: number }

export type Plan = Planned & Pick<FlightFacts, 'carrier' | 'flightNumber' | 'origin' | 'destination' | 'distanceMiles'>

export function schedule(plan: Plan, at: number): Flight {
  return {
    carrier: plan.carrier,
    flightNumber: plan.flightNumber,
    origin: plan.origin,
    destination: plan.destination,
    distanceMiles: plan.distanceMiles,
    scheduledAt: at,
    plannedAt: at,
    firstDepartureAt: plan.scheduledDepartureAt,
    departureAt: plan.scheduledDepartureAt,
    arrivalAt: plan.scheduledArrivalAt,
    moves: 0,
    tail: null,
    builtYear: null,
    seats: null,
    cancelledAt: null,
    departedKnownAt: null,
    landedKnownAt: null,
    departedAt: null,
    arrivedAt: null,
  }
}

/** Applies a new plan, known at `at`, in place. After departure it moves nothing. */
export function replan(flight: Flight, plan: Planned, at: number): void {
  if (flight.departedKnownAt !== null || flight.landedKnownAt !== null) return
  flight.departureAt = plan.scheduledDepartureAt
  flight.arrivalAt = plan.scheduledArrivalAt
  flight.plannedAt = at
  flight.moves++
  flight.cancelledAt = null
}

/** Applies any other accepted event but a FlightScheduled, known at `at`, in place. */
export function fold(flight: Flight, type: EventType, said: Said, at: number): void {
  switch (type) {
    case 'AircraftAssigned':
      flight.tail = said.tail ?? null
      flight.builtYear = said.builtYear ?? null
      flight.seats = said.seats ?? null
      return
    case 'FlightCancelled':
      flight.cancelledAt = at
      return
    case 'FlightDeparted':
      flight.departedKnownAt = at
      flight.departedAt = said.departedAt ?? null
      flight.tail = said.tail ?? flight.tail
      flight.cancelledAt = null
      return
    case 'FlightArrived':
      flight.landedKnownAt = at
      flight.arrivedAt = said.arrivedAt ?? null
      flight.cancelledAt = null
      return
    case 'FlightScheduled':
    case 'FlightRescheduled':
    case 'FlightDiverted':
    case 'WeatherObserved':
  }
}

/** When the flight closes if nothing more happens. */
export function closesAt(flight: Flight): number {
  if (flight.landedKnownAt !== null) return flight.landedKnownAt
  const end = Math.max(flight.departureAt, flight.arrivalAt, flight.firstDepartureAt) + keepMs
  // a plan that is brought forward late, so that the flight should have closed by then, closes it when it is known
  return Math.max(end, flight.plannedAt)
}

export function closesAs(flight: Flight): 'LANDED' | 'CANCELLED' | 'GIVEN_UP' {
  if (flight.landedKnownAt !== null) return 'LANDED'
  return flight.cancelledAt === null ? 'GIVEN_UP' : 'CANCELLED'
}

/** After this instant nothing of the flight is remembered. */
export function forgottenAfter(flight: Flight): number {
  const end = closesAt(flight)
  if (flight.landedKnownAt === null) return end
  return Math.max(end, flight.departureAt, flight.firstDepartureAt) + keepMs
}

/** Whole minutes behind the arrival planned last, early is negative; null if it has not landed. */
export function arrivalDelayMinutes(flight: Flight): number | null {
  return flight.arrivedAt === null ? null : Math.floor((flight.arrivedAt - flight.arrivalAt) / 60_000)
}

/** What a fold may change and a timeline entry has to tell. */
export type Before = Pick<Flight, 'departureAt' | 'arrivalAt' | 'cancelledAt' | 'departedKnownAt' | 'landedKnownAt'>

/** Facts of a flight for its timeline entry: `before` is what was so before the entry was folded in. */
export function factsOf(flight: Flight, before: Before): FlightFacts {
  return {
    carrier: flight.carrier,
    flightNumber: flight.flightNumber,
    origin: flight.origin,
    destination: flight.destination,
    distanceMiles: flight.distanceMiles,
    scheduledAt: flight.scheduledAt,
    firstDepartureAt: flight.firstDepartureAt,
    departureAt: flight.departureAt,
    arrivalAt: flight.arrivalAt,
    previousDepartureAt: before.departureAt,
    previousArrivalAt: before.arrivalAt,
    wasCancelled: before.cancelledAt !== null,
    // a departure that is told after the landing changes no plan
    wasDeparted: before.departedKnownAt !== null || before.landedKnownAt !== null,
    departedAt: flight.departedAt,
    tail: flight.tail,
  }
}

/** A flight as a list: how it lies in a table. */
export type PackedFlight = readonly (string | number | null)[]

/** Short, for it is written with every event: instants count from the first departure, and what is not so is cut off. */
export function packFlight(flight: Flight): PackedFlight {
  const from = flight.firstDepartureAt
  const packed = [
    flight.carrier,
    flight.flightNumber,
    flight.origin,
    flight.destination,
    flight.distanceMiles,
    from,
    flight.scheduledAt - from,
    flight.arrivalAt - from,
    flight.tail,
    flight.builtYear,
    flight.seats,
    since(from, flight.departedKnownAt),
    since(from, flight.departedAt),
    since(from, flight.landedKnownAt),
    since(from, flight.arrivedAt),
    since(from, flight.cancelledAt),
    flight.moves || null,
    flight.plannedAt - flight.scheduledAt || null,
    flight.departureAt - from || null,
  ]
  while (packed.at(-1) === null) packed.pop()
  return packed
}

export function unpackFlight(packed: PackedFlight): Flight {
  const from = packed[5] as number
  const textAt = (place: number) => (packed[place] ?? null) as string | null
  const numberAt = (place: number) => (packed[place] ?? null) as number | null
  const instantAt = (place: number) => {
    const passed = numberAt(place)
    return passed === null ? null : from + passed
  }
  const scheduledAt = from + (packed[6] as number)
  return {
    carrier: packed[0] as string,
    flightNumber: packed[1] as number,
    origin: packed[2] as string,
    destination: packed[3] as string,
    distanceMiles: numberAt(4),
    scheduledAt,
    plannedAt: scheduledAt + (numberAt(17) ?? 0),
    firstDepartureAt: from,
    departureAt: from + (numberAt(18) ?? 0),
    arrivalAt: from + (packed[7] as number),
    moves: numberAt(16) ?? 0,
    tail: textAt(8),
    builtYear: numberAt(9),
    seats: numberAt(10),
    cancelledAt: instantAt(15),
    departedKnownAt: instantAt(11),
    landedKnownAt: instantAt(13),
    departedAt: instantAt(12),
    arrivedAt: instantAt(14),
  }
}

function since(from: number, at: number | null): number | null {
  return at === null ? null : at - from
}
