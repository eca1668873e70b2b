// What may be known of one flight at the instant of its prediction: the only thing that features can read. A fact of
// after departure is not in the type, and everything about the air space is as of the end of the last frame allowed.
// Worked out once per row, so that a feature is a few loads.

import type { Airports } from '../flights/airports.ts'
import { type LocalTime, localTime, offsetMinutes } from '../flights/local-time.ts'
import { assert } from '../lib/assert.ts'
import { hours, minutes } from '../lib/time.ts'
import type { FlightFacts, Leg, StationWeather } from '../records.ts'
import type { AirView } from './air-view.ts'
import { everything } from './entities.ts'
import { type Column, type ColumnRange, columnRange, countPlace, type Level, levelPlace, sumsFor } from './ledger.ts'
import type { NumberDays } from './number-runs.ts'
import { windowMs } from './partial.ts'
import type { HourPlan } from './plan-book.ts'

/** The facts of a flight that a feature may use. */
export type KnownFlight = Readonly<
  Pick<
    FlightFacts,
    | 'carrier'
    | 'flightNumber'
    | 'origin'
    | 'destination'
    | 'distanceMiles'
    | 'scheduledAt'
    | 'firstDepartureAt'
    | 'departureAt'
    | 'arrivalAt'
    | 'tail'
  >
>

export type FeatureContext = {
  readonly flightId: string
  readonly flight: KnownFlight
  /** Of the aircraft assigned, if one is. */
  readonly builtYear: number | null
  readonly seats: number | null
  /** The instant of the prediction. */
  readonly dueAt: number
  readonly horizonMinutes: number
  /** End of the last frame that may be used; null for an empty air space. */
  readonly frameTo: number | null
  readonly view: AirView
  readonly airports: Airports
}

/** Entities that sums are asked of. */
export const entityNames = ['all', 'origin', 'destination', 'carrier', 'originCarrier', 'route', 'region'] as const
export type EntityName = (typeof entityNames)[number]

/** Spans of time that sums are asked over. `Today` starts at 04:00 of the origin's clock. */
export const spanNames = ['1h', '3h', '24h', 'Today'] as const
export type SpanName = (typeof spanNames)[number]

/** What is counted over each span. */
const wanted = [
  columnRange('departed', 'departedLate'),
  columnRange('departed', 'enRouteMinutes'),
  columnRange('cancelled', 'enRouteMinutes'),
  columnRange('departed', 'enRouteMinutes'),
] as const

export type Known = {
  readonly context: FeatureContext
  readonly flight: KnownFlight
  /** On the clock of the origin; null if its zone is unknown. */
  readonly departure: LocalTime | null
  /** On the clock of the destination. */
  readonly arrival: LocalTime | null
  /** Counts and levels (`placeOf`, `levelPlaceOf`); good until the next row is worked out. */
  readonly sums: Int32Array
  /** Overdue three hours before. */
  readonly overdueBefore: Readonly<Record<'all' | 'origin' | 'carrier', number>>
  readonly hourAll: Readonly<HourPlan> | null
  readonly hourOrigin: Readonly<HourPlan> | null
  readonly hourOriginCarrier: Readonly<HourPlan> | null
  readonly hourDestination: Readonly<HourPlan> | null
  readonly number: NumberDays | null
  /** The last leg of the aircraft assigned. */
  readonly leg: Leg | null
  readonly originWeather: StationWeather | null
  /** At all stations near the origin. */
  readonly areaWeather: readonly StationWeather[]
  /** As it was known three hours before. */
  readonly originWeatherBefore: StationWeather | null
  readonly destinationWeather: StationWeather | null
}

const nobodyOverdue = { all: 0, origin: 0, carrier: 0 }

const shape = { spans: spanNames.length, entities: entityNames.length }
/** Room for the sums of one row, which is worked out in one go. */
const sums = sumsFor(shape)
const noSums = sumsFor(shape)

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

/** Where `Known.sums` has the count of an entity over a span. */
export function placeOf(entity: EntityName, counted: Column, span: SpanName): number {
  const [spanAt, range] = [spanNames.indexOf(span), columnRange(counted, counted)]
  const { from, to } = wanted[spanAt] as ColumnRange
  assert(range.from >= from && range.to <= to, `${counted} is counted over ${span}`)
  return countPlace(counted, { span: spanAt, entity: entityNames.indexOf(entity), shape })
}

/** Where `Known.sums` has the level of an entity now. */
export function levelPlaceOf(entity: EntityName, level: Level): number {
  return levelPlace(level, entityNames.indexOf(entity), shape)
}

/** One question for all rows, whose entities and spans are filled in. */
const asked = { t: 0, entities: new Int32Array(entityNames.length), backMs: new Float64Array(spanNames.length), wanted }
asked.backMs.set([hours(1), hours(3), hours(24)])

export function knownOf(context: FeatureContext): Known {
  const { flight, airports, frameTo } = context
  const originZone = zoneOf(airports, flight.origin)
  const destinationZone = zoneOf(airports, flight.destination)
  const known: Writable<Known> = {
    context,
    flight,
    departure: originZone === null ? null : localTime(flight.departureAt, originZone),
    arrival: destinationZone === null ? null : localTime(flight.arrivalAt, destinationZone),
    sums: noSums,
    hourAll: null,
    hourOrigin: null,
    hourOriginCarrier: null,
    hourDestination: null,
    number: null,
    leg: null,
    overdueBefore: nobodyOverdue,
    originWeather: null,
    areaWeather: [],
    originWeatherBefore: null,
    destinationWeather: null,
  }
  if (frameTo !== null) lookAround(known, frameTo, originZone)
  return known
}

/** Adds what the view says as of `t`. */
function lookAround(known: Writable<Known>, t: number, originZone: string | null): void {
  const { flight, context } = known
  const { view } = context
  const { origin, destination, region, carrier, originCarrier, route } = view.find(
    flight.origin,
    flight.destination,
    flight.carrier,
  )
  const { entities, backMs } = asked
  asked.t = t
  entities[0] = everything
  entities[1] = origin
  entities[2] = destination
  entities[3] = carrier
  entities[4] = originCarrier
  entities[5] = route
  entities[6] = region
  backMs[3] = sinceDayStart(t, originZone)
  view.readSums(asked, sums)
  known.sums = sums
  known.overdueBefore = {
    all: view.overdueAt(t, hours(3), everything),
    origin: view.overdueAt(t, hours(3), origin),
    carrier: view.overdueAt(t, hours(3), carrier),
  }
  known.hourAll = view.hourPlan(t, everything, flight.departureAt)
  known.hourOrigin = view.hourPlan(t, origin, flight.departureAt)
  known.hourOriginCarrier = view.hourPlan(t, originCarrier, flight.departureAt)
  known.hourDestination = view.hourPlan(t, destination, flight.arrivalAt)
  known.number = view.numberAt(t, originCarrier, flight.flightNumber)
  known.leg = legBefore(context, t)
  known.originWeather = view.weatherAt(t, 0, flight.origin)
  known.areaWeather = view.weatherNear(t, flight.origin)
  known.originWeatherBefore = view.weatherAt(t, hours(3), flight.origin)
  known.destinationWeather = view.weatherAt(t, 0, flight.destination)
}

function zoneOf(airports: Airports, code: string): string | null {
  const zone = airports.get(code)?.zone ?? ''
  return zone === '' ? null : zone
}

/** The flight's own departure is no leg before it. */
function legBefore({ flightId, flight, view }: FeatureContext, t: number): Leg | null {
  const leg = flight.tail === null ? null : view.legAt(t, flight.tail)
  return leg === null || leg.flightId === flightId ? null : leg
}

/** The answer given last: many flights leave from one zone and are asked about at one t. */
const dayStart = { t: Number.NaN, zone: null as string | null, sinceMs: 0 }

/** Time from the last 04:00 on the clock of `zone` (UTC if unknown) to t, in whole windows. */
function sinceDayStart(t: number, zone: string | null): number {
  if (t !== dayStart.t || zone !== dayStart.zone) {
    dayStart.sinceMs = workOutDayStart(t, zone)
    dayStart.t = t
    dayStart.zone = zone
  }
  return dayStart.sinceMs
}

function workOutDayStart(t: number, zone: string | null): number {
  const now = t / minutes(1)
  const offset = zone === null ? 0 : offsetMinutes(t, zone)
  let since = now + offset - 240
  since -= Math.floor(since / 1440) * 1440
  // The clock may have been put forward or back since then.
  if (zone !== null) since += offsetMinutes(minutes(now - since), zone) - offset
  return Math.max(0, Math.floor(minutes(since) / windowMs) * windowMs)
}
