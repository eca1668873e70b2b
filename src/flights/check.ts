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

const checks = {
  FlightScheduled: (event, airports) =>
    flightHead(event) ??
    carrier(event) ??
    whole(event, 'flightNumber', 1, 9999) ??
    airport(event, 'origin', airports) ??
    airport(event, 'destination', airports) ??
    (event['origin'] === event['destination']
      ? wrong('FIELD_TYPE', 'destination', `is ${String(event['origin'])}, where the flight starts`)
      : null) ??
    plan(event) ??
    wholeOrNull(event, 'distanceMiles', 1, 15_000),
  FlightRescheduled: event => flightHead(event) ?? plan(event),
  AircraftAssigned: event =>
    flightHead(event) ??
    text(event, 'tail') ??
    wholeOrNull(event, 'builtYear', 1900, 2100) ??
    wholeOrNull(event, 'seats', 1, 1000),
  FlightCancelled: event => flightHead(event) ?? textOrNull(event, 'reason'),
  FlightDeparted: event => flightHead(event) ?? happened(event, 'departedAt') ?? textOrNull(event, 'tail'),
  FlightDiverted: (event, airports) =>
    flightHead(event) ?? (isNull(event['divertedTo']) ? null : airport(event, 'divertedTo', airports)),
  FlightArrived: event => flightHead(event) ?? happened(event, 'arrivedAt'),
  WeatherObserved: (event, airports) =>
    airport(event, 'station', airports) ??
    instant(event, 'at') ??
    revision(event) ??
    happened(event, 'observedAt') ??
    reading(event),
} as const satisfies Record<string, Check>

function reading(event: Values): Failure | null {
  return (
    numberOrNull(event, 'temperatureFahrenheit', -130, 150) ??
    numberOrNull(event, 'dewPointFahrenheit', -150, 120) ??
    numberOrNull(event, 'humidityPercent', 0, 100) ??
    numberOrNull(event, 'windDirectionDegrees', 0, 360) ??
    numberOrNull(event, 'windMilesPerHour', 0, 260) ??
    numberOrNull(event, 'gustMilesPerHour', 0, 260) ??
    numberOrNull(event, 'precipitationInches', 0, 20) ??
    numberOrNull(event, 'pressureMillibars', 850, 1100) ??
    numberOrNull(event, 'visibilityMiles', 0, 200)
  )
}

function flightHead(event: Values): Failure | null {
  return text(event, 'flightId', idLengthMax) ?? instant(event, 'at') ?? revision(event)
}

function revision(event: Values): Failure | null {
  return event['revision'] === undefined ? null : whole(event, 'revision', 0, revisionMax)
}

function plan(event: Values): Failure | null {
  const failure = instant(event, 'scheduledDepartureAt') ?? instant(event, 'scheduledArrivalAt')
  if (failure !== null) return failure
  const blockMs = (event['scheduledArrivalAt'] as number) - (event['scheduledDepartureAt'] as number)
  if (blockMs <= 0) return wrong('TIME_IMPOSSIBLE', 'scheduledArrivalAt', 'is not after the departure')
  if (blockMs > longestBlockMs)
    return wrong('TIME_IMPOSSIBLE', 'scheduledArrivalAt', 'is over 24 hours after departure')
  return null
}

/** An instant at which something happened: it cannot have been known before. */
function happened(event: Values, field: string): Failure | null {
  const failure = instant(event, field)
  if (failure !== null || (event[field] as number) <= (event['at'] as number)) return failure
  return wrong('TIME_IMPOSSIBLE', field, 'is after `at`, the instant from which it could be known', {
    help: 'Set `at` to when you learned of it, at or after the time that it reports.',
  })
}

function instant(event: Values, field: string): Failure | null {
  const value = event[field]
  if (typeof value === 'number' && value >= earliestAt && value < latestAt && Number.isInteger(value)) return null
  if (typeof value !== 'number') return absent(event, field) ?? wrongType(event, field, 'epoch milliseconds')
  if (!Number.isInteger(value)) return wrong('TIME_IMPOSSIBLE', field, `is ${value}, not a whole millisecond`)
  return wrong('TIME_IMPOSSIBLE', field, `is ${value}, not an instant of 1980 to 2099`, {
    help: 'Instants are milliseconds since 1970-01-01T00:00Z.',
  })
}

function airport(event: Values, field: string, airports: Airports): Failure | null {
  const code = event[field]
  if (typeof code !== 'string' || code === '') return text(event, field)
  const known = airports.get(code)
  return known !== undefined && known.zone !== '' ? null : unknownAirport(code, airports, field)
}

function carrier(event: Values): Failure | null {
  const code = event['carrier']
  if (typeof code === 'string' && carrierPattern.test(code)) return null
  return text(event, 'carrier') ?? wrong('FIELD_TYPE', 'carrier', 'is not two or three capital letters or digits')
}

function text(event: Values, field: string, lengthMax = textLengthMax): Failure | null {
  const value = event[field]
  if (typeof value !== 'string') return absent(event, field) ?? wrongType(event, field, 'text')
  if (value === '') return wrong('FIELD_MISSING', field, 'is empty')
  return value.length <= lengthMax ? null : wrong('FIELD_TYPE', field, `is longer than ${lengthMax} characters`)
}

function textOrNull(event: Values, field: string): Failure | null {
  return isNull(event[field]) ? null : text(event, field)
}

function whole(event: Values, field: string, least: number, most: number): Failure | null {
  const value = event[field]
  if (typeof value === 'number' && value >= least && value <= most && Number.isInteger(value)) return null
  return absent(event, field) ?? wrongRange(event, field, `a whole number from ${least} to ${most}`)
}

function wholeOrNull(event: Values, field: string, least: number, most: number): Failure | null {
  return isNull(event[field]) ? null : whole(event, field, least, most)
}

function numberOrNull(event: Values, field: string, least: number, most: number): Failure | null {
  const value = event[field]
  if (isNull(value) || (typeof value === 'number' && value >= least && value <= most)) return null
  return wrongRange(event, field, `a number from ${least} to ${most}`)
}

function absent(event: Values, field: string): Failure | null {
  return isNull(event[field]) ? wrong('FIELD_MISSING', field, 'is missing') : null
}

function wrongRange(event: Values, field: string, wanted: string): Failure {
  const value = event[field]
  return typeof value === 'number'
    ? wrong('FIELD_TYPE', field, `is ${value}, not ${wanted}`)
    : wrongType(event, field, wanted)
}

function wrongType(event: Values, field: string, wanted: string): Failure {
  return wrong('FIELD_TYPE', field, `is ${kindOf(event[field])}, not ${wanted}`)
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
