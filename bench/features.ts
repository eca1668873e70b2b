// Features: what an entry costs the window, a frame the view, and a flight its row. Seeded; a New York of about 920
// flights a day, 3 origins, 105 destinations, 16 carriers, its weather every hour. The warm-up is a pass of its own.
//
//   npm run bench -- features [--days 40] [--json]

import { parseArgs } from 'node:util'
import { AirView } from '../src/features/air-view.ts'
import type { FeatureContext } from '../src/features/known.ts'
import { type AirspaceContent, emptySums, merge, partialOf, see, windowMs } from '../src/features/partial.ts'
import { featureRow, features } from '../src/features/table.ts'
import type { Airports } from '../src/flights/airports.ts'
import { type Flight, factsOf, fold, schedule } from '../src/flights/life.ts'
import { days, floorTo, hours, minutes } from '../src/lib/time.ts'
import type { EventType, TimelineEntry } from '../src/records.ts'

const { values: args } = parseArgs({ options: { days: { type: 'string', default: '40' }, json: { type: 'boolean' } } })
const start = Date.UTC(2013, 5, 1)
const lengthDays = Number(args.days)
const flightsPerDay = 920

const zones = ['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles']
const origins = ['EWR', 'JFK', 'LGA']
const destinations = Array.from({ length: 105 }, (_, n) => `D${n}`)
const numbers = Array.from({ length: 250 }, (_, n) => n * 7)
const carriers = Array.from({ length: 16 }, (_, n) => `C${n}`)
const airports: Airports = new Map(
  [...origins, ...destinations].map((code, n) => {
    const zone = zones[n < 3 ? 0 : n % 4] as string
    return [code, { code, name: code, latitude: 0, longitude: 0, zone }]
  }),
)

let state = 2013
/** 0 <= x < 1, mulberry32. */
function random(): number {
  state = (state + 0x6d2b79f5) | 0
  let x = Math.imul(state ^ (state >>> 15), 1 | state)
  x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
  return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
}
const below = (count: number) => Math.floor(random() * count)
/** Few carriers and destinations have most of the flights. */
const skewed = <T>(from: readonly T[]) => from[Math.floor(from.length * random() ** 2)] as T

type Due = { at: number; id: string; flight: Flight }

type Said = Pick<TimelineEntry, 'departedAt' | 'arrivedAt' | 'tail' | 'builtYear' | 'seats'>

const silent: Said = { departedAt: null, arrivedAt: null, tail: null, builtYear: null, seats: null }

function entryOf(at: number, type: EventType, id: string): TimelineEntry {
  const heard = { reason: null, divertedTo: null, weather: null, flight: null }
  return { at, claimedAt: at, type, id, revision: 0, hash: '', ...silent, ...heard }
}

function makeTimeline(): { entries: TimelineEntry[]; dues: Due[] } {
  const entries: TimelineEntry[] = []
  const dues: Due[] = []
  for (let n = 0; n < flightsPerDay * lengthDays; n++) {
    const departureAt = start + days(n / flightsPerDay) + minutes(below(60))
    flyOne(entries, dues, { id: `F${n}`, departureAt: floorTo(departureAt, minutes(1)) })
  }
  for (let at = start; at < start + days(lengthDays); at += hours(1)) {
    for (const station of origins)
      entries.push({ ...entryOf(at + minutes(1), 'WeatherObserved', station), weather: air(at) })
  }
  entries.sort((a, b) => a.at - b.at)
  return { entries, dues: dues.sort((a, b) => a.at - b.at) }
}

function air(observedAt: number): NonNullable<TimelineEntry['weather']> {
  return {
    observedAt,
    temperatureFahrenheit: below(900),
    dewPointFahrenheit: below(900),
    humidityPercent: below(1000),
    windDirectionDegrees: below(3600),
    windMilesPerHour: below(300),
    gustMilesPerHour: null,
    precipitationInches: 0,
    pressureMillibars: 10_000,
    visibilityMiles: 100,
  }
}

function flyOne(entries: TimelineEntry[], dues: Due[], { id, departureAt }: { id: string; departureAt: number }): void {
  const scheduledArrivalAt = departureAt + minutes(60 + below(300))
  const plan = { scheduledDepartureAt: departureAt, scheduledArrivalAt, distanceMiles: 200 + below(2400) }
  const who = { carrier: skewed(carriers), flightNumber: skewed(numbers), origin: skewed(origins) }
  const flight = schedule({ ...who, destination: skewed(destinations), ...plan }, departureAt - hours(48))
  const tail = `N${below(600)}`
  const delay = random() < 0.25 ? below(120) : below(15) - 7
  const told = (at: number, type: EventType, said: Partial<Said>) => {
    const before = { ...flight }
    const heard = { ...silent, ...said }
    if (type !== 'FlightScheduled') fold(flight, type, heard, at)
    entries.push({ ...entryOf(at, type, id), ...heard, flight: factsOf({ ...flight }, before) })
  }
  told(departureAt - hours(48), 'FlightScheduled', {})
  if (random() < 0.8) told(departureAt - hours(4), 'AircraftAssigned', { tail })
  dues.push({ at: departureAt - minutes(120), id, flight: { ...flight } })
  if (random() < 0.02) return told(departureAt, 'FlightCancelled', {})
  const departedAt = departureAt + minutes(delay)
  told(departedAt, 'FlightDeparted', { departedAt, tail })
  const arrivedAt = scheduledArrivalAt + minutes(delay + below(30) - 15)
  told(arrivedAt, 'FlightArrived', { arrivedAt })
}

/** Of this thread alone, for the machine may be busy with others. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

type Timings = {
  seeMs: number
  sealMs: number
  applyMs: number
  rowMs: number
  rows: number
  entries: number
  checksum: number
}

function pass({ entries, dues }: { entries: readonly TimelineEntry[]; dues: readonly Due[] }): Timings {
  const timings: Timings = { seeMs: 0, sealMs: 0, applyMs: 0, rowMs: 0, rows: 0, entries: 0, checksum: 0 }
  const view = new AirView()
  let [next, nextDue] = [0, 0]
  const from = floorTo(entries[0]?.at ?? start, windowMs)
  for (let to = from + windowMs; to <= start + days(lengthDays); to += windowMs) {
    const began = cpuMs()
    const sums = emptySums()
    for (; (entries[next]?.at ?? to) < to; next++) see(sums, entries[next] as TimelineEntry)
    const seen = cpuMs()
    const content: AirspaceContent = merge([partialOf(sums)])
    const sealed = cpuMs()
    view.apply({ from: to - windowMs, to, pipeline: 'p', champion: null, challengers: [], missing: [], ...content })
    view.forget(to - windowMs)
    const applied = cpuMs()
    for (; (dues[nextDue]?.at ?? Number.POSITIVE_INFINITY) < to + 2 * windowMs; nextDue++) {
      timings.checksum = ask(view, dues[nextDue] as Due, to, timings.checksum)
      timings.rows++
    }
    const asked = cpuMs()
    timings.seeMs += seen - began
    timings.sealMs += sealed - seen
    timings.applyMs += applied - sealed
    timings.rowMs += asked - applied
  }
  timings.entries = next
  return timings
}

function ask(view: AirView, { at, id, flight }: Due, frameTo: number, checksum: number): number {
  const { builtYear, seats } = flight
  const context: FeatureContext = {
    flightId: id,
    flight,
    builtYear,
    seats,
    dueAt: at,
    horizonMinutes: 120,
    frameTo,
    view,
    airports,
  }
  let sum = checksum
  for (const value of featureRow(context)) sum = (Math.imul(sum, 31) + (typeof value === 'number' ? value : 7)) | 0
  return sum
}

const made = makeTimeline()
pass(made)
const { seeMs, sealMs, applyMs, rowMs, rows, entries, checksum } = pass(made)
const frames = lengthDays * 144
const result = {
  features: features.length,
  rows,
  microsecondsPerRow: round((rowMs * 1000) / rows),
  entries,
  microsecondsPerEntry: round((seeMs * 1000) / entries),
  microsecondsPerSeal: round((sealMs * 1000) / frames),
  microsecondsPerFrame: round((applyMs * 1000) / frames),
  checksum,
}
if (!args.json) console.table(result)
console.log(JSON.stringify(result))

function round(value: number): number {
  return Math.round(value * 100) / 100
}
