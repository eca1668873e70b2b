// The stream of a folder of past flights: every event of the flights planned for certain days, and the weather around
// them, in the order in which it could be known. Memory is bounded by what lies within days of the present place.
//
// Rows come in the order of planned departure, or no more than 24 hours out of it; they are put in order first, so that
// the stream does not depend on it. Once rows have been read up to a departure d, everything still to come is known at
// d - 24 - 48 hours or later: so far the stream is complete, if the weather has been read as far.
//
//   T1  Each event is taken once, in order, and what is taken does not depend on when.
//   T2  Flights before the first day are read too: they tell which aircraft the flights of that day will have.
//   T3  Weather is told from 48 hours before the first departure to 36 hours after the last.

import { Failure } from '../lib/failure.ts'
import { days, hours } from '../lib/time.ts'
import { Agenda } from './agenda.ts'
import { Assignments, type Plane } from './assignment.ts'
import { minuteText } from './calendar.ts'
import type { Item } from './event-order.ts'
import { flightEvents, scheduleKnownAt, weatherEvent } from './flight-events.ts'
import type { FlightRecord } from './row.ts'
import type { WeatherRecord } from './weather-row.ts'

const disorderMs = hours(24)
const scheduleKnownMs = hours(48)
const weatherBeforeMs = hours(48)
const weatherAfterMs = hours(36)
/** A local day ends at most this long after it ends in UTC. */
const zoneBehindMs = hours(12)

export type TimetableOptions = {
  planes: ReadonlyMap<string, Plane>
  /** First and last local day of planned departure, inclusive, counted from 1970-01-01. */
  fromDay: number
  toDay: number
}

export class Timetable {
  readonly #options: TimetableOptions
  readonly #assignments = new Assignments()
  readonly #agenda = new Agenda()
  #waiting: FlightRecord[] = []
  #departureMax = Number.NEGATIVE_INFINITY
  #weatherMax = Number.NEGATIVE_INFINITY
  #firstDepartureAt = Number.POSITIVE_INFINITY
  #lastDepartureAt = Number.NEGATIVE_INFINITY
  #dayMin = Number.POSITIVE_INFINITY
  #dayMax = Number.NEGATIVE_INFINITY
  #flightCount = 0
  #flightsEnded = false
  #weatherEnded = false

  constructor(options: TimetableOptions) {
    this.#options = options
  }

  /** Flights of the chosen days among the rows read. */
  get flightCount(): number {
    return this.#flightCount
  }

  /** First and last local day among the rows read. */
  get daysSeen(): [number, number] | null {
    return this.#dayMin > this.#dayMax ? null : [this.#dayMin, this.#dayMax]
  }

  /** Whether the flights of the chosen days have all been read. */
  get flightsComplete(): boolean {
    return this.#flightsEnded || this.#departureMax - disorderMs >= days(this.#options.toDay + 1) + zoneBehindMs
  }

  /** Whether the stream waits for more weather. */
  get wantsWeather(): boolean {
    return this.#weatherTo < (this.flightsComplete ? this.#lastDepartureAt + weatherAfterMs : this.#flightsTo)
  }

  /** @throws Failure SOURCE_UNREADABLE when the row comes more than 24 hours too late */
  addFlight(flight: FlightRecord): void {
    const { scheduledDepartureAt: at, dayNumber } = flight
    if (at < this.#departureMax - disorderMs) {
      throw outOfOrder('sched_dep_time', 'planned departure', [at, this.#departureMax])
    }
    this.#departureMax = Math.max(this.#departureMax, at)
    this.#dayMin = Math.min(this.#dayMin, dayNumber)
    this.#dayMax = Math.max(this.#dayMax, dayNumber)
    this.#waiting.push(flight)
    if (dayNumber >= this.#options.fromDay && dayNumber <= this.#options.toDay) {
      this.#lastDepartureAt = Math.max(this.#lastDepartureAt, at)
      this.#flightCount++
    }
  }

  /** @throws Failure SOURCE_UNREADABLE when the row comes more than 24 hours too late */
  addWeather(weather: WeatherRecord): void {
    const { observedAt: at } = weather
    if (at < this.#weatherMax - disorderMs) throw outOfOrder('time_hour', 'hour', [at, this.#weatherMax])
    this.#weatherMax = Math.max(this.#weatherMax, at)
    this.#agenda.add(weatherEvent(weather))
  }

  endFlights(): void {
    this.#flightsEnded = true
  }

  endWeather(): void {
    this.#weatherEnded = true
  }

  /** What can be told now and was not taken yet. */
  take(): Item[] {
    this.#place()
    const done = this.flightsComplete && !this.wantsWeather
    const items = this.#agenda.take(done ? Number.POSITIVE_INFINITY : Math.min(this.#flightsTo, this.#weatherTo))
    const from = this.#firstDepartureAt - weatherBeforeMs
    const to = this.#lastDepartureAt + weatherAfterMs
    return items.filter(
      ({ name, deliveredAt }) => name !== 'WeatherObserved' || (deliveredAt >= from && deliveredAt < to),
    )
  }

  /** Everything of flights that is known before this has been placed. */
  get #flightsTo(): number {
    return this.flightsComplete ? Number.POSITIVE_INFINITY : this.#departureMax - disorderMs - scheduleKnownMs
  }

  get #weatherTo(): number {
    return this.#weatherEnded ? Number.POSITIVE_INFINITY : this.#weatherMax - disorderMs
  }

  /** Puts flights that nothing can precede any more in their places. */
  #place(): void {
    const limit = this.flightsComplete ? Number.POSITIVE_INFINITY : this.#departureMax - disorderMs
    const ready = this.#waiting.filter(flight => flight.scheduledDepartureAt < limit)
    if (ready.length === 0) return
    this.#waiting = this.#waiting.filter(flight => flight.scheduledDepartureAt >= limit)
    for (const flight of ready.sort(byDeparture)) {
      const assignedAt = this.#assignments.next(flight, scheduleKnownAt(flight))
      if (flight.dayNumber < this.#options.fromDay || flight.dayNumber > this.#options.toDay) continue
      this.#firstDepartureAt = Math.min(this.#firstDepartureAt, flight.scheduledDepartureAt)
      const plane = flight.tail === null ? undefined : this.#options.planes.get(flight.tail)
      for (const item of flightEvents(flight, assignedAt, plane)) this.#agenda.add(item)
    }
  }
}

/** The same over rows that are at hand. */
export function* timetable(
  flights: Iterable<FlightRecord>,
  weather: Iterable<WeatherRecord>,
  options: TimetableOptions,
): Generator<Item> {
  const table = new Timetable(options)
  const observations = weather[Symbol.iterator]()
  const readWeather = (): void => {
    while (table.wantsWeather) {
      const next = observations.next()
      if (next.done === true) table.endWeather()
      else table.addWeather(next.value)
    }
  }
  for (const flight of flights) {
    table.addFlight(flight)
    readWeather()
    yield* table.take()
    if (table.flightsComplete) break
  }
  table.endFlights()
  readWeather()
  yield* table.take()
}

function byDeparture(a: FlightRecord, b: FlightRecord): number {
  if (a.scheduledDepartureAt !== b.scheduledDepartureAt) return a.scheduledDepartureAt - b.scheduledDepartureAt
  return a.flightId < b.flightId ? -1 : a.flightId > b.flightId ? 1 : 0
}

function outOfOrder(column: string, what: string, [at, latest]: [number, number]): Failure {
  return new Failure(
    'SOURCE_UNREADABLE',
    `${what} ${minuteText(at)} comes after ${minuteText(latest)}, more than 24 hours out of order`,
    { field: column, help: `Sort the file by ${what}.` },
  )
}
