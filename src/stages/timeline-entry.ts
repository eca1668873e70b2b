// Timeline entries: an accepted event with the facts of its flight, and the order they stand in.

import type { EventType, FlightFacts, TimelineEntry, WeatherObserved, WeatherReading } from '../records.ts'

/** Any event, seen through the fields that some of them have. */
export type AnyEvent = {
  readonly flightId?: string
  readonly station?: string
  readonly at: number
  readonly revision: number
  readonly scheduledDepartureAt?: number
  readonly scheduledArrivalAt?: number
  readonly departedAt?: number
  readonly arrivedAt?: number
  readonly tail?: string | null
  readonly builtYear?: number | null
  readonly seats?: number | null
  readonly reason?: string | null
  readonly divertedTo?: string | null
}

export type EntryOf = {
  readonly type: EventType
  readonly id: string
  readonly hash: string
  readonly event: AnyEvent
  /** When it enters the timeline. */
  readonly at: number
  readonly flight: FlightFacts | null
}

export function entryOf({ type, id, hash, event, at, flight }: EntryOf): TimelineEntry {
  return {
    at,
    claimedAt: event.at,
    type,
    id,
    revision: event.revision,
    hash,
    flight,
    departedAt: event.departedAt ?? null,
    arrivedAt: event.arrivedAt ?? null,
    tail: event.tail ?? null,
    builtYear: event.builtYear ?? null,
    seats: event.seats ?? null,
    reason: event.reason ?? null,
    divertedTo: event.divertedTo ?? null,
    weather: type === 'WeatherObserved' ? readingOf(event as WeatherObserved) : null,
  }
}

/** Whole tenths of every unit (precipitation: hundredths), so that nothing behind the timeline adds fractions. */
function readingOf(event: WeatherObserved): WeatherReading {
  return {
    observedAt: event.observedAt,
    temperatureFahrenheit: scaled(event.temperatureFahrenheit, 10),
    dewPointFahrenheit: scaled(event.dewPointFahrenheit, 10),
    humidityPercent: scaled(event.humidityPercent, 10),
    windDirectionDegrees: scaled(event.windDirectionDegrees, 10),
    windMilesPerHour: scaled(event.windMilesPerHour, 10),
    gustMilesPerHour: scaled(event.gustMilesPerHour, 10),
    precipitationInches: scaled(event.precipitationInches, 100),
    pressureMillibars: scaled(event.pressureMillibars, 10),
    visibilityMiles: scaled(event.visibilityMiles, 10),
  }
}

function scaled(value: number | null, by: number): number | null {
  return value === null ? null : Math.round(value * by)
}
