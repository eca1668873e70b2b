// Script: what comes in, in the order in which it is delivered. Made from a seed: flights that are on time, late, moved,
// cancelled, reinstated, diverted or never heard of again, weather, and of each telling some that come late, early, twice,
// with other content, from the future or as garbage.

import type { Airports } from '../../src/flights/airports.ts'
import type { Item } from '../../src/flights/event-order.ts'
import { days, hours, minutes } from '../../src/lib/time.ts'
import type { EventType, ModelCommand, Records } from '../../src/records.ts'
import { Dice } from './dice.ts'
import { commandsOf } from './script-commands.ts'

export const startAt = Date.UTC(2013, 1, 1)

export const airports: Airports = new Map(
  [
    ['EWR', 'America/New_York'],
    ['IAH', 'America/Chicago'],
    ['ORD', 'America/Chicago'],
  ].map(([code = '', zone = '']) => [code, { code, name: code, latitude: 0, longitude: 0, zone }]),
)

/** An order that somebody gives while a step is open. */
export type Order = { readonly command: ModelCommand; readonly stepEndsAt: number; readonly afterMark: number }

export type Script = {
  readonly seed: number
  /** By delivery. `misplaced` ones go to the partition next to theirs. */
  readonly items: readonly (Item & { misplaced?: true })[]
  /** In the order in which they are written; null: every ten minutes, by the replay itself. */
  readonly marks: readonly { deliveredAt: number; at: number }[] | null
  readonly endAt: number
  readonly stepMs: number
  readonly latenessMs: number
  readonly horizonsMinutes: readonly number[]
  readonly opening: readonly ModelCommand[]
  readonly orders: readonly Order[]
}

export type ScriptOptions = { flights?: number; days?: number; marks?: 'regular' | 'irregular' }

type Telling = { dice: Dice; items: Script['items'][number][] }
type Event<Name extends EventType> = Omit<Records[Name], 'revision'>

export function makeScript(seed: number, options: ScriptOptions = {}): Script {
  const dice = new Dice(seed)
  const dayCount = options.days ?? dice.pick([1, 1, 1, 2])
  const flights = options.flights ?? dice.pick([5, 10, 15]) * 2
  const stepMs = dice.pick([days(1), days(1), hours(12)])
  const latenessMs = minutes(dice.pick([10, 10, 0, 70]))
  const endAt = startAt + days(dayCount + 3)
  const telling: Telling = { dice, items: [] }
  for (let n = 0; n < flights; n++) tellFlight(telling, n, dayCount)
  for (const station of ['EWR', 'IAH']) tellWeather(telling, station, dayCount)
  tellGarbage(telling, dayCount)
  const irregular = options.marks ? options.marks === 'irregular' : dice.chance(0.7)
  return {
    seed,
    items: byDelivery(telling.items).filter(item => item.deliveredAt < endAt),
    marks: irregular ? irregularMarks(dice, { dayCount, stepMs, endAt }) : null,
    endAt,
    stepMs,
    latenessMs,
    horizonsMinutes: [360, 120, 30],
    ...commandsOf(dice, { startAt, stepMs, stepCount: (dayCount * days(1)) / stepMs }),
  }
}

/** Stable, so that equal instants keep the order in which they were drawn. */
export function byDelivery<T extends { deliveredAt: number }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => a.deliveredAt - b.deliveredAt)
}

/** Delivers an event, perhaps late, early, twice, or beside another one that contradicts it. */
function tell<Name extends EventType>({ dice, items }: Telling, name: Name, event: Event<Name>, late = 0.08): void {
  const { at } = event
  const { flightId, station } = event as { flightId?: string; station?: string }
  const key = flightId ?? station ?? ''
  const add = (deliveredAt: number, value: object) =>
    items.push({ deliveredAt: Math.max(startAt, deliveredAt), key, name, value })
  const value = { ...event, revision: 1 }
  const delay = dice.chance(late) ? dice.pick([dice.between(10, 300), dice.between(1440, 4320)]) : dice.below(10)
  add(dice.chance(0.05) ? at - minutes(dice.between(1, 20)) : at + minutes(delay), value)
  if (dice.chance(0.08)) add(at + minutes(dice.pick([dice.below(31), dice.below(5760)])), value)
  if (dice.chance(0.06)) {
    const other = at + minutes(dice.pick([0, 0, dice.between(1, 25)]))
    add(other + minutes(dice.below(41)), { ...changed(dice, value), at: other, revision: dice.between(1, 3) })
  }
  if (dice.chance(0.02)) add(at, { ...value, at: at + minutes(dice.between(61, 3000)) })
}

/** The same event with other content. */
export function changed(dice: Dice, value: object): object {
  const other = { ...value } as Record<string, unknown>
  const by = minutes(dice.between(1, 9))
  if ('scheduledArrivalAt' in other) other['scheduledArrivalAt'] = (other['scheduledArrivalAt'] as number) + by
  else if ('departedAt' in other) other['departedAt'] = (other['departedAt'] as number) - by
  else if ('arrivedAt' in other) other['arrivedAt'] = (other['arrivedAt'] as number) - by
  else if ('seats' in other) other['tail'] = `N${dice.between(1, 9)}`
  else if ('temperatureFahrenheit' in other) other['temperatureFahrenheit'] = dice.between(0, 100)
  else if ('divertedTo' in other) other['divertedTo'] = null
  else other['reason'] = 'other'
  return other
}

function tellFlight(telling: Telling, n: number, dayCount: number): void {
  const { dice } = telling
  const [origin, destination] = dice.pick([
    ['EWR', 'IAH'],
    ['IAH', 'EWR'],
  ] as const)
  const flightId = `U${n}-${origin}-${destination}`
  let departure = startAt + minutes(dice.between(60, dayCount * 1440 - 1))
  const block = minutes(dice.between(60, 200))
  const known = Math.max(startAt, departure - minutes(dice.pick([2880, 2880, 500, 90, 20])))
  const plan = () => ({ scheduledDepartureAt: departure, scheduledArrivalAt: departure + block })
  const who = { carrier: dice.pick(['UA', 'B6']), flightNumber: dice.between(1, 4), origin, destination }
  tell(telling, 'FlightScheduled', { flightId, at: known, ...who, ...plan(), distanceMiles: 1400 }, 0.12)
  for (let moves = dice.pick([0, 0, 0, 1, 2]); moves > 0; moves--) {
    const at = Math.max(startAt, departure - minutes(dice.between(10, 600)))
    departure = Math.max(at, departure + minutes(dice.between(-90, 400)))
    tell(telling, 'FlightRescheduled', { flightId, at, ...plan() }, 0.2)
  }
  const tail = `N${dice.between(1, 9)}`
  const assignedAt = Math.max(startAt, departure - minutes(dice.between(30, 300)))
  tell(telling, 'AircraftAssigned', { flightId, at: assignedAt, tail, builtYear: 2001, seats: null })
  tellFate(telling, { flightId, tail, departure, arrival: departure + block })
}

type Planned = { flightId: string; tail: string; departure: number; arrival: number }

function tellFate(telling: Telling, { flightId, tail, departure, arrival }: Planned): void {
  const { dice } = telling
  const fate = dice.below(100)
  const delay = minutes(dice.between(-20, 120))
  if (fate < 15) {
    const at = Math.max(startAt, departure - minutes(dice.pick([0, 60, 300, 900])))
    tell(telling, 'FlightCancelled', { flightId, at, reason: 'weather' }, 0.2)
  }
  // a cancelled flight that leaves all the same is reinstated
  if (fate >= 4 && fate < 15) return
  const departedAt = departure + delay
  tell(telling, 'FlightDeparted', { flightId, at: departedAt, departedAt, tail: dice.pick([tail, null]) }, 0.15)
  if (fate > 94) tell(telling, 'FlightDiverted', { flightId, at: departedAt + minutes(40), divertedTo: 'ORD' })
  const arrivedAt = arrival + delay - minutes(dice.between(0, 10))
  if (fate < 95 || fate > 97) tell(telling, 'FlightArrived', { flightId, at: arrivedAt, arrivedAt }, 0.15)
}

function tellWeather(telling: Telling, station: string, dayCount: number): void {
  const { dice } = telling
  for (let at = startAt + minutes(dice.between(0, 50)); at < startAt + days(dayCount); at += minutes(90)) {
    const reading = {
      dewPointFahrenheit: null,
      humidityPercent: 50,
      windDirectionDegrees: null,
      gustMilesPerHour: null,
    }
    const more = { windMilesPerHour: 10.5, precipitationInches: 0.01, pressureMillibars: 1013.2, visibilityMiles: 10 }
    const temperatureFahrenheit = dice.between(0, 100)
    tell(telling, 'WeatherObserved', { station, at, observedAt: at, temperatureFahrenheit, ...reading, ...more })
  }
}

function tellGarbage({ dice, items }: Telling, dayCount: number): void {
  for (let left = dice.below(6); left > 0; left--) {
    const deliveredAt = startAt + minutes(dice.below(dayCount * 1440))
    const value = Uint8Array.from({ length: dice.below(30) }, () => dice.below(256))
    items.push({ deliveredAt, key: `garbage ${left}`, name: null, value })
  }
  const strays = items.filter(() => dice.chance(0.02))
  for (const item of strays) items.push({ ...item, misplaced: true })
}

/** Some are missing, some are stale, and after the last day they come by the hour. */
function irregularMarks(
  dice: Dice,
  { dayCount, stepMs, endAt }: { dayCount: number; stepMs: number; endAt: number },
): NonNullable<Script['marks']> {
  const marks: { deliveredAt: number; at: number }[] = []
  for (let at = startAt; at <= endAt; at += minutes(10)) {
    const isHour = (at - startAt) % hours(1) === 0
    const isWritten = (at - startAt) % stepMs === 0 || (at < startAt + days(dayCount) && !dice.chance(0.08)) || isHour
    if (!isWritten) continue
    marks.push({ deliveredAt: at, at })
    if (dice.chance(0.02)) marks.push({ deliveredAt: at, at: at - minutes(20) })
  }
  return marks
}
