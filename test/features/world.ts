// A small air space that can be had from a seed: flights that are scheduled, moved, cancelled, flown, diverted, told of
// late, and weather; as timeline entries, as frames, and as a flight about to be predicted.

import { AirView } from '../../src/features/air-view.ts'
import type { FeatureContext } from '../../src/features/known.ts'
import { type AirspaceContent, emptySums, merge, partialOf, see, windowMs } from '../../src/features/partial.ts'
import { featureRow, features } from '../../src/features/table.ts'
import type { Airports } from '../../src/flights/airports.ts'
import { type Flight, factsOf, fold, replan, schedule } from '../../src/flights/life.ts'
import { days, floorTo, hours, minutes } from '../../src/lib/time.ts'
import type { AirspaceFrame, Cell, EventType, TimelineEntry, WeatherReading } from '../../src/records.ts'

export const start = Date.UTC(2013, 2, 1)

export const airports: Airports = new Map(
  [
    ['EWR', 'America/New_York'],
    ['JFK', 'America/New_York'],
    ['ORD', 'America/Chicago'],
    ['SFO', 'America/Los_Angeles'],
  ].map(([code = '', zone = '']) => [code, { code, name: code, latitude: 0, longitude: 0, zone }]),
)
const codes = [...airports.keys()]
const carriers = ['UA', 'B6', 'AA']
const tails = ['N1', 'N2', 'N3', 'N4', 'N5', 'N6']

/** Mulberry32. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** 0 <= x < 1 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let x = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }

  below(count: number): number {
    return Math.floor(this.next() * count)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }
}

export type Told = {
  at: number
  claimedAt: number
  type: EventType
  id: string
  said: {
    departedAt: number | null
    arrivedAt: number | null
    tail: string | null
    builtYear: number | null
    seats: number | null
    scheduledDepartureAt?: number
    scheduledArrivalAt?: number
  }
  plan?: Flight
  weather?: WeatherReading
}

const silent = { departedAt: null, arrivedAt: null, tail: null, builtYear: null, seats: null }

export type WorldOptions = {
  seed: number
  from: number
  lengthMs: number
  flights: number
  /** Puts its mark on the ids, so that two worlds can be mixed. */
  mark?: string
}

/** What is told in a world, in no order. */
export function tell({ seed, from, lengthMs, flights, mark = '' }: WorldOptions): Told[] {
  const dice = new Dice(seed)
  const told: Told[] = []
  for (let n = 0; n < flights; n++) tellFlight(told, { dice, from, lengthMs, id: `${mark}${n}` })
  for (const id of codes) {
    for (let at = from; at < from + lengthMs; at += hours(1)) {
      if (dice.chance(0.3)) continue
      const claimedAt = at + minutes(dice.below(20))
      const tardy = dice.chance(0.1) ? hours(dice.below(5)) : 0
      const weather = reading(dice, at)
      told.push({ at: claimedAt + tardy, claimedAt, type: 'WeatherObserved', id, said: silent, weather })
    }
  }
  return told
}

export function reading(dice: Dice, observedAt: number): WeatherReading {
  const some = (range: number) => (dice.chance(0.15) ? null : dice.below(range))
  return {
    observedAt,
    temperatureFahrenheit: some(900),
    dewPointFahrenheit: some(900),
    humidityPercent: some(1000),
    windDirectionDegrees: some(3600),
    windMilesPerHour: some(500),
    gustMilesPerHour: some(700),
    precipitationInches: some(100),
    pressureMillibars: 9500 + dice.below(900),
    visibilityMiles: some(100),
  }
}

type FlightOptions = { dice: Dice; from: number; lengthMs: number; id: string }

function tellFlight(told: Told[], { dice, from, lengthMs, id }: FlightOptions): void {
  const tell = (type: EventType, at: number, said: Partial<Told['said']> = {}) => {
    const claimedAt = dice.chance(0.05) ? at - minutes(dice.below(300)) : at
    told.push({ at, claimedAt, type, id, said: { ...silent, ...said } })
  }
  const origin = dice.pick(codes)
  const destination = dice.pick(codes.filter(code => code !== origin))
  let at = from + minutes(dice.below(lengthMs / minutes(1)))
  // Mostly a few hours ahead, now and then around the 26 days that plans are kept for.
  const aheadMs = dice.chance(0.1) ? days(25) + hours(dice.below(72)) : hours(1) + minutes(dice.below(2 * 1440))
  let departureAt = at + aheadMs
  let block = minutes(60 + dice.below(300))
  const facts = {
    carrier: dice.pick(carriers),
    flightNumber: 100 * dice.below(6) + dice.below(2),
    origin,
    destination,
    distanceMiles: dice.chance(0.1) ? null : 100 + dice.below(2500),
  }
  const plan = schedule({ ...facts, scheduledDepartureAt: departureAt, scheduledArrivalAt: departureAt + block }, at)
  told.push({ at, claimedAt: at, type: 'FlightScheduled', id, said: silent, plan })
  const later = (share: number) => at + Math.max(1, Math.floor((departureAt - at) * share * dice.next()))
  while (dice.chance(0.25)) {
    at = later(1)
    if (dice.chance(0.3)) tell('FlightCancelled', at++)
    departureAt = Math.max(at, departureAt + minutes(dice.below(600) - 120))
    if (dice.chance(0.5)) block = minutes(60 + dice.below(300))
    tell('FlightRescheduled', at, { scheduledDepartureAt: departureAt, scheduledArrivalAt: departureAt + block })
  }
  const tail = dice.pick(tails)
  if (dice.chance(0.7)) {
    at = later(1)
    tell('AircraftAssigned', at, { tail, builtYear: 1990 + dice.below(20), seats: 50 + dice.below(200) })
  }
  if (dice.chance(0.15)) {
    at = later(1)
    tell('FlightCancelled', at)
    if (dice.chance(0.7)) return
  }
  if (dice.chance(0.05)) return
  const departedAt = departureAt + minutes(dice.chance(0.4) ? dice.below(200) : dice.below(20) - 10)
  at = Math.max(at + 1, departedAt)
  const landsAt = departedAt + block + minutes(dice.below(60) - 30)
  // Now and then the departure is told after the landing.
  const tardyMs = dice.chance(0.05) ? block + minutes(90) : 0
  tell('FlightDeparted', at + tardyMs, { departedAt, tail: dice.chance(0.9) ? tail : null })
  if (dice.chance(0.05)) tell('FlightDiverted', ++at)
  if (dice.chance(0.05)) return
  tell('FlightArrived', Math.max(at + 1, landsAt), { arrivedAt: landsAt })
}

/** What is told as timeline entries, in the order of the timeline, with the facts of each moment. */
export function timelineOf(told: readonly Told[]): { entries: TimelineEntry[]; flights: Map<string, Flight> } {
  const flights = new Map<string, Flight>()
  const entries: TimelineEntry[] = []
  const ordered = told
    .map((event, place) => ({ event, place }))
    .sort((a, b) => a.event.at - b.event.at || a.place - b.place)
  for (const { event } of ordered) {
    const { at, claimedAt, type, id, said, plan, weather } = event
    let facts: TimelineEntry['flight'] = null
    if (plan !== undefined) {
      flights.set(id, { ...plan, scheduledAt: at })
      facts = factsOf({ ...plan, scheduledAt: at }, { ...plan })
    } else if (type !== 'WeatherObserved') {
      const flight = flights.get(id)
      if (flight === undefined) continue
      const before = { ...flight }
      if (type === 'FlightRescheduled') replan(flight, planIn(said), at)
      else fold(flight, type, said, at)
      // A flight that has landed has departed, seen or not.
      const wasDeparted = before.departedKnownAt !== null || before.landedKnownAt !== null
      facts = { ...factsOf(flight, before), wasDeparted }
    }
    const { departedAt, arrivedAt, tail, builtYear, seats } = said
    const heard = { departedAt, arrivedAt, tail, builtYear, seats, reason: null, divertedTo: null }
    entries.push({ at, claimedAt, type, id, revision: 0, hash: '', flight: facts, ...heard, weather: weather ?? null })
  }
  return { entries, flights }
}

function planIn({ scheduledDepartureAt, scheduledArrivalAt }: Told['said']) {
  if (scheduledDepartureAt === undefined || scheduledArrivalAt === undefined) throw new Error('a plan has both ends')
  return { scheduledDepartureAt, scheduledArrivalAt }
}

/** One content per window from `from` to `to`, summed by `partitions` partials. */
export function contentsOf(
  entries: readonly TimelineEntry[],
  { from, to, partitions = 1 }: { from: number; to: number; partitions?: number },
): AirspaceContent[] {
  const count = Math.round((to - from) / windowMs)
  const sums = Array.from({ length: count }, () => Array.from({ length: partitions }, () => emptySums()))
  for (const entry of entries) {
    const window = sums[Math.floor((entry.at - from) / windowMs)]
    const sum = window?.[(entry.id.codePointAt(entry.id.length - 1) ?? 0) % partitions]
    if (sum !== undefined) see(sum, entry)
  }
  return sums.map(window => merge(window.map(partialOf)))
}

export function frameOf(to: number, content: Partial<AirspaceContent> = {}): AirspaceFrame {
  const champion = { version: `v${to}`, hash: `h${to}`, correction: [] }
  const empty = { cells: [], plans: [], legs: [], runs: [], weather: [] }
  return { from: to - windowMs, to, pipeline: 'p1', champion, challengers: [], missing: [], ...empty, ...content }
}

export function framesOf(entries: readonly TimelineEntry[], { from, to }: { from: number; to: number }) {
  const first = floorTo(from, windowMs)
  return contentsOf(entries, { from: first, to }).map((content, at) => frameOf(first + (at + 1) * windowMs, content))
}

export function viewOf(frames: readonly AirspaceFrame[]): AirView {
  const view = new AirView(airports)
  for (const frame of frames) view.apply(frame)
  return view
}

export type Asked = Partial<FeatureContext['flight']> & { view: AirView; frameTo: number | null }

/** The context of a flight from EWR to ORD that leaves two hours and some minutes after `frameTo`. */
export function contextOf({ view, frameTo, ...flight }: Asked): FeatureContext {
  const dueAt = (frameTo ?? start) + minutes(13)
  const departureAt = flight.departureAt ?? dueAt + hours(2)
  return {
    flightId: 'asked',
    flight: {
      carrier: 'UA',
      flightNumber: 100,
      origin: 'EWR',
      destination: 'ORD',
      distanceMiles: 719,
      scheduledAt: departureAt - hours(48),
      firstDepartureAt: departureAt,
      departureAt,
      arrivalAt: departureAt + minutes(150),
      tail: null,
      ...flight,
    },
    builtYear: null,
    seats: null,
    dueAt,
    horizonMinutes: 120,
    frameTo,
    view,
    airports,
  }
}

/** A flight of a seed, asked about as of `frameTo`. */
export function askedOf(dice: Dice, view: AirView, frameTo: number | null): FeatureContext {
  const origin = dice.pick(codes)
  const departureAt = (frameTo ?? start) + minutes(10 + dice.below(300))
  const asked = contextOf({
    view,
    frameTo,
    carrier: dice.pick(carriers),
    flightNumber: 100 * dice.below(6) + dice.below(2),
    origin,
    destination: dice.pick(codes.filter(code => code !== origin)),
    distanceMiles: dice.chance(0.1) ? null : dice.below(3000),
    departureAt,
    scheduledAt: departureAt - hours(dice.below(72)),
    firstDepartureAt: departureAt - (dice.chance(0.3) ? minutes(dice.below(300)) : 0),
    arrivalAt: departureAt + minutes(30 + dice.below(400)),
    tail: dice.chance(0.2) ? null : dice.pick(tails),
  })
  return { ...asked, builtYear: dice.chance(0.3) ? null : 1999, seats: dice.chance(0.3) ? null : dice.below(300) }
}

type Values = Record<string, number | string | null>

/** A row by name. */
export function valuesOf(context: FeatureContext): Values {
  const row = featureRow(context)
  return Object.fromEntries(features.map(({ name }, at) => [name, row[at] ?? null]))
}

/** The named values of a row. */
export function some(context: FeatureContext, names: readonly string[]): Values {
  const values = valuesOf(context)
  return Object.fromEntries(names.map(name => [name, values[name] ?? null]))
}

/** 1 March 2013, 17:00 UTC: noon in New York, 11:00 in Chicago. */
export const noon = start + hours(17)

export type Contents = readonly (readonly [to: number, content: Partial<AirspaceContent>])[]

/** A view of the frames of some days up to `t`, which hold the contents given by the end of their window. */
export function viewUntil(t: number, contents: Contents, lengthMs = days(2)): AirView {
  const known = new Map(contents)
  const frames: AirspaceFrame[] = []
  for (let to = t - lengthMs + windowMs; to <= t; to += windowMs) frames.push(frameOf(to, known.get(to)))
  return viewOf(frames)
}

/** A cell of EWR, ORD and UA. */
export function cellOf(change: Partial<Cell>): Cell {
  return {
    origin: 'EWR',
    destination: 'ORD',
    carrier: 'UA',
    scheduled: 0,
    departed: 0,
    departureDelayMinutes: 0,
    departedLate: 0,
    arrived: 0,
    arrivalDelayMinutes: 0,
    arrivedLate: 0,
    cancelled: 0,
    diverted: 0,
    enRouteMinutes: 0,
    ...change,
  }
}
