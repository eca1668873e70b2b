// One row of flights.csv: what the airline planned, and what became of it, as instants.
//
//   departure planned   clock time at the origin on the row's day
//   arrival planned     the first time the destination's clock shows it, 15 minutes or more after that departure
//   departed, arrived   planned + delay: never the clock alone, a late flight may leave on another day
//   diverted            an arrival time without a delay: the first time the clock shows it after the actual departure
//   cancelled           no departure time

import { Failure } from '../lib/failure.ts'
import { minutes } from '../lib/time.ts'
import { type Airports, airportAt } from './airports.ts'
import { type CalendarDay, dayNumberOf, isCalendarDay, minuteText } from './calendar.ts'
import { type Columns, text, textOrNull, whole, wholeOrNull } from './columns.ts'
import { instantOf, nextInstantOf } from './local-time.ts'

export const flightColumns = [
  'year',
  'month',
  'day',
  'dep_time',
  'sched_dep_time',
  'dep_delay',
  'arr_time',
  'sched_arr_time',
  'arr_delay',
  'carrier',
  'flight',
  'tailnum',
  'origin',
  'dest',
  'distance',
] as const

type FlightColumns = Columns<(typeof flightColumns)[number]>

/** What the file says of one flight. Instants are epoch milliseconds; null: it did not happen or was not recorded. */
export type FlightRecord = {
  flightId: string
  /** Of the planned departure, at the origin, counted from 1970-01-01. */
  dayNumber: number
  carrier: string
  flightNumber: number
  origin: string
  destination: string
  distanceMiles: number | null
  /** The aircraft that flew, or was to fly. */
  tail: string | null
  scheduledDepartureAt: number
  scheduledArrivalAt: number
  departedAt: number | null
  arrivedAt: number | null
  /** When it reached its destination all the same. */
  divertedAt: number | null
}

const shortestBlockMs = minutes(15)

/** @throws Failure SOURCE_UNREADABLE, AIRPORT_UNKNOWN or TIME_IMPOSSIBLE with the column as `field` */
export function flightRecordOf(cells: readonly string[], columns: FlightColumns, airports: Airports): FlightRecord {
  const date = dateOf(cells, columns)
  const origin = text(cells, columns, 'origin')
  const destination = text(cells, columns, 'dest')
  const zoneFrom = airportAt(origin, airports, 'origin').zone
  const zoneTo = airportAt(destination, airports, 'dest').zone
  const departureClock = whole(cells, columns, 'sched_dep_time')
  const arrivalClock = whole(cells, columns, 'sched_arr_time')

  const scheduledDepartureAt = inColumn('sched_dep_time', () => instantOf({ ...date, hhmm: departureClock }, zoneFrom))
  const scheduledArrivalAt = inColumn('sched_arr_time', () =>
    nextInstantOf(arrivalClock, zoneTo, scheduledDepartureAt + shortestBlockMs),
  )
  const departedAt = departureOf(cells, columns, scheduledDepartureAt)
  const arrivalDelayMinutes = wholeOrNull(cells, columns, 'arr_delay')
  const arrivedClock = wholeOrNull(cells, columns, 'arr_time')
  if (departedAt === null && (arrivalDelayMinutes ?? arrivedClock) !== null) {
    throw new Failure('TIME_IMPOSSIBLE', 'arr_time or arr_delay is given for a flight that did not depart', {
      field: 'arr_time',
    })
  }
  const carrier = text(cells, columns, 'carrier')
  const flightNumber = whole(cells, columns, 'flight')
  return {
    flightId: flightIdOf({ carrier, flightNumber, origin, destination, scheduledDepartureAt }),
    dayNumber: dayNumberOf(date),
    carrier,
    flightNumber,
    origin,
    destination,
    distanceMiles: wholeOrNull(cells, columns, 'distance'),
    tail: textOrNull(cells, columns, 'tailnum'),
    scheduledDepartureAt,
    scheduledArrivalAt,
    departedAt,
    arrivedAt: arrivalDelayMinutes === null ? null : scheduledArrivalAt + minutes(arrivalDelayMinutes),
    divertedAt:
      departedAt === null || arrivedClock === null || arrivalDelayMinutes !== null
        ? null
        : inColumn('arr_time', () => nextInstantOf(arrivedClock, zoneTo, departedAt + shortestBlockMs)),
  }
}

type Planned = {
  carrier: string
  flightNumber: number
  origin: string
  destination: string
  scheduledDepartureAt: number
}

/** `UA-1545-EWR-IAH-2013-01-01T10:15Z`: the same for ever, whatever becomes of the flight. */
export function flightIdOf({ carrier, flightNumber, origin, destination, scheduledDepartureAt }: Planned): string {
  return `${carrier}-${flightNumber}-${origin}-${destination}-${minuteText(scheduledDepartureAt)}`
}

function dateOf(cells: readonly string[], columns: FlightColumns): CalendarDay {
  const date = {
    year: whole(cells, columns, 'year'),
    month: whole(cells, columns, 'month'),
    day: whole(cells, columns, 'day'),
  }
  if (isCalendarDay(date)) return date
  throw new Failure('TIME_IMPOSSIBLE', `there is no day ${date.year}-${date.month}-${date.day}`, { field: 'day' })
}

function departureOf(cells: readonly string[], columns: FlightColumns, scheduledDepartureAt: number): number | null {
  const delayMinutes = wholeOrNull(cells, columns, 'dep_delay')
  const departed = textOrNull(cells, columns, 'dep_time') !== null
  if (departed !== (delayMinutes !== null)) {
    throw new Failure('SOURCE_UNREADABLE', 'dep_time and dep_delay are not both given', { field: 'dep_delay' })
  }
  return delayMinutes === null ? null : scheduledDepartureAt + minutes(delayMinutes)
}

/** The times of a row fail in the column they stand in. */
function inColumn(column: string, compute: () => number): number {
  try {
    return compute()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const help = error.help === undefined ? {} : { help: error.help }
    throw new Failure(error.code, error.message, { field: column, cause: error, ...help })
  }
}
