// What an event must hold to be one, judged on its own: types, ranges, times that can be. What depends on the flight's
// history (unknown flight, conflict, arrival before the actual departure) is judged where that history is.
//
// Runs for every event: nothing is thrown, nothing allocated while all is well. Fields that the schema gives a default
// (`revision`, whatever may be null) may be left out. Fields that are not in the schema are not looked at.

import { Failure, type FailureOptions } from '../lib/failure.ts'
import { hours } from '../lib/time.ts'
import { type Airports, unknownAirport } from './airports.ts'
import { dayNumberOf } from './calendar.ts'

type Values = Readonly<Record<string, unknown>>
type Check = (event: Values, airports: Airports) => Failure | null

const earliestAt = dayNumberOf({ year: 1980, month: 1, day: 1 }) * 86_400_000
const latestAt = dayNumberOf({ year: 2100, month: 1, day: 1 }) * 86_400_000
const longestBlockMs = hours(24)
const idLengthMax = 200
const textLengthMax = 100
const revisionMax = 0x7fff_ffff
const carrierPattern = /^[A-Z0-9]{2,3}$/

/**
 * @param value a decoded record or a JSON object
 * @returns why the event is refused, with the failing field, or null: nothing is wrong with it
 */
export function checkEvent(name: string, value: unknown, airports: Airports): Failure | null {
  const check = Object.hasOwn(checks, name) ? checks[name as keyof typeof checks] : undefined
  if (check === undefined) {
    return new Failure('SCHEMA_UNKNOWN', `${name} is no event of a flight or a station`, {
      help: `Events are ${Object.keys(checks).join(', ')}.`,
    })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new Failure('FLIGHT_MALFORMED', `a ${name} is an object, not ${kindOf(value)}`)
  }
  return check(value as Values, airports)
}

// Each check reads the fields of its own type itself: then it always meets one shape of record. A reader of any field of
// any event would look each of them up by name.
const checks = {
  FlightScheduled: (event, airports) =>
    head(event['flightId'], event['at'], event['revision']) ??
    carrier(event['carrier']) ??
    whole(event['flightNumber'], 'flightNumber', 1, 9999) ??
    airport(event['origin'], 'origin', airports) ??
    airport(event['destination'], 'destination', airports) ??
    (event['origin'] === event['destination']
      ? wrong('FIELD_TYPE', 'destination', `is ${String(event['origin'])}, where the flight starts`)
      : null) ??
    plan(event['scheduledDepartureAt'], event['scheduledArrivalAt']) ??
    wholeOrNull(event['distanceMiles'], 'distanceMiles', 1, 15_000),
  FlightRescheduled: event =>
    head(event['flightId'], event['at'], event['revision']) ??
    plan(event['scheduledDepartureAt'], event['scheduledArrivalAt']),
  AircraftAssigned: event =>
    head(event['flightId'], event['at'], event['revision']) ??
    text(event['tail'], 'tail') ??
    wholeOrNull(event['builtYear'], 'builtYear', 1900, 2100) ??
    wholeOrNull(event['seats'], 'seats', 1, 1000),
  FlightCancelled: event =>
    head(event['flightId'], event['at'], event['revision']) ?? textOrNull(event['reason'], 'reason'),
  FlightDeparted: event =>
    head(event['flightId'], event['at'], event['revision']) ??
    happened(event['departedAt'], 'departedAt', event['at']) ??
    textOrNull(event['tail'], 'tail'),
  FlightDiverted: (event, airports) =>
    head(event['flightId'], event['at'], event['revision']) ??
    (isNull(event['divertedTo']) ? null : airport(event['divertedTo'], 'divertedTo', airports)),
  FlightArrived: event =>
    head(event['flightId'], event['at'], event['revision']) ?? happened(event['arrivedAt'], 'arrivedAt', event['at']),
  WeatherObserved: (event, airports) =>
    airport(event['station'], 'station', airports) ??
    instant(event['at'], 'at') ??
    revision(event['revision']) ??
    happened(event['observedAt'], 'observedAt', event['at']) ??
    reading(event),
} as const satisfies Record<string, Check>

function reading(event: Values): Failure | null {
  return (
    numberOrNull(event['temperatureFahrenheit'], 'temperatureFahrenheit', -130, 150) ??
    numberOrNull(event['dewPointFahrenheit'], 'dewPointFahrenheit', -150, 120) ??
    numberOrNull(event['humidityPercent'], 'humidityPercent', 0, 100) ??
    numberOrNull(event['windDirectionDegrees'], 'windDirectionDegrees', 0, 360) ??
    numberOrNull(event['windMilesPerHour'], 'windMilesPerHour', 0, 260) ??
    numberOrNull(event['gustMilesPerHour'], 'gustMilesPerHour', 0, 260) ??
    numberOrNull(event['precipitationInches'], 'precipitationInches', 0, 20) ??
    numberOrNull(event['pressureMillibars'], 'pressureMillibars', 850, 1100) ??
    numberOrNull(event['visibilityMiles'], 'visibilityMiles', 0, 200)
  )
}

function head(flightId: unknown, at: unknown, number: unknown): Failure | null {
  return text(flightId, 'flightId', idLengthMax) ?? instant(at, 'at') ?? revision(number)
}

function revision(value: unknown): Failure | null {
  return value === undefined ? null : whole(value, 'revision', 0, revisionMax)
}

function plan(departure: unknown, arrival: unknown): Failure | null {
  const failure = instant(departure, 'scheduledDepartureAt') ?? instant(arrival, 'scheduledArrivalAt')
  if (failure !== null) return failure
  const blockMs = (arrival as number) - (departure as number)
  if (blockMs <= 0) return wrong('TIME_IMPOSSIBLE', 'scheduledArrivalAt', 'is not after the departure')
  if (blockMs > longestBlockMs)
    return wrong('TIME_IMPOSSIBLE', 'scheduledArrivalAt', 'is over 24 hours after departure')
  return null
}

/** An instant at which something happened: it cannot have been known before. */
function happened(value: unknown, field: string, knownAt: unknown): Failure | null {
  const failure = instant(value, field)
  if (failure !== null || (value as number) <= (knownAt as number)) return failure
  return wrong('TIME_IMPOSSIBLE', field, 'is after `at`, the instant from which it could be known', {
    help: 'Set `at` to when you learned of it, at or after the time that it reports.',
  })
}

function instant(value: unknown, field: string): Failure | null {
  if (typeof value === 'number' && value >= earliestAt && value < latestAt && Number.isInteger(value)) return null
  if (typeof value !== 'number') return absent(value, field) ?? wrongType(value, field, 'epoch milliseconds')
  if (!Number.isInteger(value)) return wrong('TIME_IMPOSSIBLE', field, `is ${value}, not a whole millisecond`)
  return wrong('TIME_IMPOSSIBLE', field, `is ${value}, not an instant of 1980 to 2099`, {
    help: 'Instants are milliseconds since 1970-01-01T00:00Z.',
  })
}

function airport(code: unknown, field: string, airports: Airports): Failure | null {
  if (typeof code !== 'string' || code === '') return text(code, field)
  const known = airports.get(code)
  return known !== undefined && known.zone !== '' ? null : unknownAirport(code, airports, field)
}

function carrier(code: unknown): Failure | null {
  if (typeof code === 'string' && carrierPattern.test(code)) return null
  return text(code, 'carrier') ?? wrong('FIELD_TYPE', 'carrier', 'is not two or three capital letters or digits')
}

function text(value: unknown, field: string, lengthMax = textLengthMax): Failure | null {
  if (typeof value !== 'string') return absent(value, field) ?? wrongType(value, field, 'text')
  if (value === '') return wrong('FIELD_MISSING', field, 'is empty')
  return value.length <= lengthMax ? null : wrong('FIELD_TYPE', field, `is longer than ${lengthMax} characters`)
}

function textOrNull(value: unknown, field: string): Failure | null {
  return isNull(value) ? null : text(value, field)
}

function whole(value: unknown, field: string, least: number, most: number): Failure | null {
  if (typeof value === 'number' && value >= least && value <= most && Number.isInteger(value)) return null
  return absent(value, field) ?? wrongRange(value, field, `a whole number from ${least} to ${most}`)
}

function wholeOrNull(value: unknown, field: string, least: number, most: number): Failure | null {
  return isNull(value) ? null : whole(value, field, least, most)
}

function numberOrNull(value: unknown, field: string, least: number, most: number): Failure | null {
  if (isNull(value) || (typeof value === 'number' && value >= least && value <= most)) return null
  return wrongRange(value, field, `a number from ${least} to ${most}`)
}

function absent(value: unknown, field: string): Failure | null {
  return isNull(value) ? wrong('FIELD_MISSING', field, 'is missing') : null
}

function wrongRange(value: unknown, field: string, wanted: string): Failure {
  return typeof value === 'number'
    ? wrong('FIELD_TYPE', field, `is ${value}, not ${wanted}`)
    : wrongType(value, field, wanted)
}

function wrongType(value: unknown, field: string, wanted: string): Failure {
  return wrong('FIELD_TYPE', field, `is ${kindOf(value)}, not ${wanted}`)
}

type Code = 'FIELD_MISSING' | 'FIELD_TYPE' | 'TIME_IMPOSSIBLE'

function wrong(code: Code, field: string, why: string, options: FailureOptions = {}): Failure {
  return new Failure(code, `${field} ${why}`, { ...options, field })
}

function isNull(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return 'text'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
