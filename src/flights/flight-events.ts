// What a producer would have published about a flight or a station while it happened, each with the instant from which
// it could be known (`at`).
//
//   FlightScheduled    48 hours before the planned departure; names no aircraft
//   AircraftAssigned   assignment.ts
//   FlightCancelled    at the planned departure: the file has neither reason nor hour
//   FlightDeparted     at the departure, FlightArrived at the arrival
//   FlightDiverted     at the arrival after all, for the file does not say when the course was changed; a flight of which
//                      nothing more is recorded gives no event
//   WeatherObserved    one hour after `time_hour`: the file cuts the time of an observation to the hour, so that the
//                      reading may be from any minute of it

import { hours } from '../lib/time.ts'
import type {
  AircraftAssigned,
  FlightArrived,
  FlightCancelled,
  FlightDeparted,
  FlightDiverted,
  FlightScheduled,
  RecordName,
  Records,
} from '../records.ts'
import type { Plane } from './assignment.ts'
import type { Item } from './event-order.ts'
import type { FlightRecord } from './row.ts'
import type { WeatherRecord } from './weather-row.ts'

const scheduleKnownMs = hours(48)
const weatherKnownMs = hours(1)

/** When the flight's plan is known. */
export function scheduleKnownAt(flight: FlightRecord): number {
  return flight.scheduledDepartureAt - scheduleKnownMs
}

/**
 * The flight's events, in no order. None is known before `scheduleKnownAt`.
 * @param assignedAt when its aircraft is told, or null
 */
export function flightEvents(flight: FlightRecord, assignedAt: number | null, plane: Plane | undefined): Item[] {
  const { flightId, tail, departedAt, arrivedAt, divertedAt } = flight
  const items = [scheduled(flight)]
  if (assignedAt !== null && tail !== null) items.push(assigned(flightId, tail, assignedAt, plane))
  if (departedAt === null) items.push(cancelled(flight))
  else items.push(departed(flightId, departedAt, tail))
  if (arrivedAt !== null) items.push(arrived(flightId, arrivedAt))
  else if (divertedAt !== null) items.push(diverted(flightId, divertedAt))
  return items
}

export function weatherEvent({ station, observedAt, reading }: WeatherRecord): Item {
  const at = observedAt + weatherKnownMs
  return item('WeatherObserved', station, { station, at, revision: 1, observedAt, ...reading })
}

function scheduled(flight: FlightRecord): Item {
  const { flightId, carrier, flightNumber, origin, destination, distanceMiles } = flight
  const value: FlightScheduled = {
    flightId,
    at: scheduleKnownAt(flight),
    revision: 1,
    carrier,
    flightNumber,
    origin,
    destination,
    scheduledDepartureAt: flight.scheduledDepartureAt,
    scheduledArrivalAt: flight.scheduledArrivalAt,
    distanceMiles,
  }
  return item('FlightScheduled', flightId, value)
}

function assigned(flightId: string, tail: string, at: number, plane: Plane | undefined): Item {
  const { builtYear = null, seats = null } = plane ?? {}
  const value: AircraftAssigned = { flightId, at, revision: 1, tail, builtYear, seats }
  return item('AircraftAssigned', flightId, value)
}

function cancelled({ flightId, scheduledDepartureAt }: FlightRecord): Item {
  const value: FlightCancelled = { flightId, at: scheduledDepartureAt, revision: 1, reason: null }
  return item('FlightCancelled', flightId, value)
}

function departed(flightId: string, departedAt: number, tail: string | null): Item {
  const value: FlightDeparted = { flightId, at: departedAt, revision: 1, departedAt, tail }
  return item('FlightDeparted', flightId, value)
}

function arrived(flightId: string, arrivedAt: number): Item {
  const value: FlightArrived = { flightId, at: arrivedAt, revision: 1, arrivedAt }
  return item('FlightArrived', flightId, value)
}

function diverted(flightId: string, at: number): Item {
  const value: FlightDiverted = { flightId, at, revision: 1, divertedTo: null }
  return item('FlightDiverted', flightId, value)
}

function item<Name extends RecordName>(name: Name, key: string, value: Records[Name] & { at: number }): Item {
  return { deliveredAt: value.at, key, name, value }
}
