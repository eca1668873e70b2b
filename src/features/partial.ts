// What one partition saw in one 10-minute window of event time, and how the partials of all partitions add up to a frame.
//
// Everything here is an integer that adds, a set that unites, or a "latest" with a total order, so that neither the
// order of entries from different flights nor the number of partitions can show: `merge` is associative and commutative.
//
// A flight's plan is a ledger over 10-minute slots. Summed over its entries, a flight stands as planned in the slots of
// its present plan, and as open there while it has neither left nor been cancelled; one that has landed counts as
// departed (`wasDeparted`), whether its departure was seen or not. A plan further than 26 days ahead of the instant at
// which its flight was first known is left out, in all entries alike, for neither instant of a plan changes. So no change
// that belongs to a slot is older than 26 days before it, and a view that looks back 28 days sees all of them or none
// (air-view.ts).

import { assert } from '../lib/assert.ts'
import { days, floorTo, minutes } from '../lib/time.ts'
import type {
  AirspacePartial,
  Cell,
  FlightFacts,
  Leg,
  NumberRun,
  Plan,
  StationWeather,
  TimelineEntry,
} from '../records.ts'

/** Length of a window and of a slot of the plan. */
export const windowMs = minutes(10)
/** A flight this late or later counts as late. */
export const lateFromMinutes = 15
/** Plans further ahead than this of the flight's first notice are not kept. */
export const planAheadMaxMs = days(26)

/** What a partial and a frame have in common: the sums, each list in the order of its key. */
export type AirspaceContent = Pick<AirspacePartial, 'cells' | 'plans' | 'legs' | 'runs' | 'weather'>

type Route = Pick<Cell, 'origin' | 'destination' | 'carrier'>
/** What a carrier's flights between two airports add up to; `plans` by departure and arrival slot. */
type RouteSums = Route & { cell: Cell | null; plans: Map<number, Plan> }

/** Sums of one window while it is open. Mutable; `partialOf` and `sumsOf` turn it into data and back. */
export type WindowSums = {
  routes: Map<string, RouteSums>
  legs: Map<string, Leg>
  runs: NumberRun[]
  weather: Map<string, StationWeather>
}

export function emptySums(): WindowSums {
  return { routes: new Map(), legs: new Map(), runs: [], weather: new Map() }
}

/** Adds one entry of the window to its sums. */
export function see(sums: WindowSums, entry: TimelineEntry): void {
  const { flight, weather } = entry
  if (entry.type === 'WeatherObserved') {
    assert(weather !== null, 'a weather entry has a reading')
    keepWeather(sums, { station: entry.id, at: entry.claimedAt, reading: weather })
    return
  }
  assert(flight !== null, 'a flight entry has facts')
  seeFlight(sums, entry, flight)
}

function seeFlight(sums: WindowSums, entry: TimelineEntry, flight: FlightFacts): void {
  if (entry.type === 'AircraftAssigned') return
  const wasOpen = !flight.wasCancelled && !flight.wasDeparted
  const { departureAt, arrivalAt } = flight
  const route = routeOf(sums, flight)
  switch (entry.type) {
    case 'FlightScheduled':
      cellOf(route).scheduled += 1
      changePlan(route, flight, { departureAt, arrivalAt, planned: 1, open: 1 })
      return
    case 'FlightRescheduled':
      changePlan(route, flight, {
        departureAt: flight.previousDepartureAt,
        arrivalAt: flight.previousArrivalAt,
        planned: -1,
        open: wasOpen ? -1 : 0,
      })
      changePlan(route, flight, { departureAt, arrivalAt, planned: 1, open: flight.wasDeparted ? 0 : 1 })
      return
    case 'FlightDiverted':
      cellOf(route).diverted += 1
      return
    case 'FlightCancelled':
      if (!flight.wasCancelled) cellOf(route).cancelled += 1
      break
    case 'FlightDeparted':
      seeDeparture(sums, cellOf(route), entry, flight)
      break
    case 'FlightArrived':
      seeArrival(sums, cellOf(route), entry, flight)
      break
    case 'WeatherObserved':
      return
  }
  if (wasOpen) changePlan(route, flight, { departureAt, arrivalAt, planned: 0, open: -1 })
}

function seeDeparture(sums: WindowSums, cell: Cell, entry: TimelineEntry, flight: FlightFacts): void {
  const { departedAt } = entry
  assert(departedAt !== null, 'a departure says when')
  const delayMinutes = minutesBetween(flight.departureAt, departedAt)
  cell.departed += 1
  cell.departureDelayMinutes += delayMinutes
  if (delayMinutes >= lateFromMinutes) cell.departedLate += 1
  if (flight.tail === null) return
  keepLeg(sums, {
    tail: flight.tail,
    at: entry.claimedAt,
    flightId: entry.id,
    origin: flight.origin,
    destination: flight.destination,
    departedAt,
    departureDelayMinutes: delayMinutes,
    arrivalAt: flight.arrivalAt,
    arrivedAt: null,
    arrivalDelayMinutes: null,
  })
}

function seeArrival(sums: WindowSums, cell: Cell, entry: TimelineEntry, flight: FlightFacts): void {
  const { arrivedAt } = entry
  assert(arrivedAt !== null, 'an arrival says when')
  const arrivalDelayMinutes = minutesBetween(flight.arrivalAt, arrivedAt)
  cell.arrived += 1
  cell.arrivalDelayMinutes += arrivalDelayMinutes
  if (arrivalDelayMinutes >= lateFromMinutes) cell.arrivedLate += 1
  // A landing whose departure was never seen says nothing about a departure delay: no run, no leg.
  if (flight.departedAt === null) return
  const departureDelayMinutes = minutesBetween(flight.departureAt, flight.departedAt)
  cell.enRouteMinutes += arrivalDelayMinutes - departureDelayMinutes
  const { carrier, flightNumber, origin } = flight
  sums.runs.push({
    carrier,
    flightNumber,
    origin,
    at: entry.claimedAt,
    flightId: entry.id,
    departureDelayMinutes,
    arrivalDelayMinutes,
  })
  if (flight.tail === null) return
  keepLeg(sums, {
    tail: flight.tail,
    at: entry.claimedAt,
    flightId: entry.id,
    origin,
    destination: flight.destination,
    departedAt: flight.departedAt,
    departureDelayMinutes,
    arrivalAt: flight.arrivalAt,
    arrivedAt,
    arrivalDelayMinutes,
  })
}

/** The sums as data, in canonical order; shares nothing that `see` would still change. */
export function partialOf(sums: WindowSums): AirspaceContent {
  const cells: Cell[] = []
  const plans: Plan[] = []
  for (const route of [...sums.routes.values()].sort(byRoute)) {
    if (route.cell !== null) cells.push({ ...route.cell })
    const ofRoute = [...route.plans.values()].filter(isPlan)
    if (ofRoute.length > 1) ofRoute.sort(bySlot)
    for (const plan of ofRoute) plans.push({ ...plan })
  }
  return {
    cells,
    plans,
    legs: [...sums.legs.values()].sort(byTail),
    runs: sums.runs.toSorted(byRun),
    weather: [...sums.weather.values()].sort(byStation),
  }
}

/** The open sums that a partial was made of, to go on with it. */
export function sumsOf({ cells, plans, legs, runs, weather }: AirspaceContent): WindowSums {
  const sums = emptySums()
  for (const cell of cells) addCell(cellOf(routeOf(sums, cell)), cell)
  for (const plan of plans) addPlan(routeOf(sums, plan), plan)
  for (const leg of legs) keepLeg(sums, leg)
  sums.runs = [...runs]
  for (const observed of weather) keepWeather(sums, observed)
  return sums
}

const nothing: AirspaceContent = { cells: [], plans: [], legs: [], runs: [], weather: [] }

/** The sum of any number of partials, whose lists are in canonical order and so merged by walking two at once. */
export function merge(partials: readonly AirspaceContent[]): AirspaceContent {
  const [{ cells, plans, legs, runs, weather } = nothing, ...others] = partials
  return others.reduce(both, { cells, plans, legs, runs, weather })
}

function both(a: AirspaceContent, b: AirspaceContent): AirspaceContent {
  return {
    cells: mergeLists(a.cells, b.cells, byRoute, (mine, theirs) => {
      const sum = { ...mine }
      addCell(sum, theirs)
      return sum
    }),
    plans: mergeLists(a.plans, b.plans, bySlot, (mine, theirs) => {
      return { ...mine, planned: mine.planned + theirs.planned, open: mine.open + theirs.open }
    }).filter(isPlan),
    legs: mergeLists(a.legs, b.legs, byTail, (mine, theirs) => (isLaterLeg(theirs, mine) ? theirs : mine)),
    runs: mergeLists(a.runs, b.runs, byRun, null),
    weather: mergeLists(a.weather, b.weather, byStation, (mine, theirs) => {
      return isLaterWeather(theirs, mine) ? theirs : mine
    }),
  }
}

/** Two sorted lists as one; where two are equal in order, `join` makes one of them, null keeps both. */
function mergeLists<T>(a: T[], b: T[], order: (a: T, b: T) => number, join: ((a: T, b: T) => T) | null): T[] {
  const merged: T[] = []
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    const [mine, theirs] = [a[i] as T, b[j] as T]
    const by = order(mine, theirs)
    if (by === 0 && join !== null) {
      merged.push(join(mine, theirs))
      i++
      j++
    } else if (by <= 0) {
      merged.push(mine)
      i++
    } else {
      merged.push(theirs)
      j++
    }
  }
  while (i < a.length) merged.push(a[i++] as T)
  while (j < b.length) merged.push(b[j++] as T)
  return merged
}

function routeOf({ routes }: WindowSums, { origin, destination, carrier }: Route): RouteSums {
  const key = `${origin}|${destination}|${carrier}`
  let route = routes.get(key)
  if (route === undefined) {
    route = { origin, destination, carrier, cell: null, plans: new Map() }
    routes.set(key, route)
  }
  return route
}

function cellOf(route: RouteSums): Cell {
  const { origin, destination, carrier } = route
  return (route.cell ??= {
    origin,
    destination,
    carrier,
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
  })
}

function addCell(into: Cell, cell: Cell): void {
  into.scheduled += cell.scheduled
  into.departed += cell.departed
  into.departureDelayMinutes += cell.departureDelayMinutes
  into.departedLate += cell.departedLate
  into.arrived += cell.arrived
  into.arrivalDelayMinutes += cell.arrivalDelayMinutes
  into.arrivedLate += cell.arrivedLate
  into.cancelled += cell.cancelled
  into.diverted += cell.diverted
  into.enRouteMinutes += cell.enRouteMinutes
}

type PlanChange = { departureAt: number; arrivalAt: number; planned: number; open: number }

function changePlan(route: RouteSums, flight: FlightFacts, change: PlanChange): void {
  const { departureAt, arrivalAt, planned, open } = change
  if (Math.max(departureAt, arrivalAt) - flight.scheduledAt > planAheadMaxMs) return
  const { origin, destination, carrier } = route
  const departureSlotAt = floorTo(departureAt, windowMs)
  const arrivalSlotAt = floorTo(arrivalAt, windowMs)
  addPlan(route, { origin, destination, carrier, departureSlotAt, arrivalSlotAt, planned, open })
}

/** Slots of 10 minutes since 1970, below 2^24: two of them are one whole number. */
const slotsMax = 2 ** 24

function addPlan({ plans }: RouteSums, plan: Plan): void {
  const key = (plan.departureSlotAt / windowMs) * slotsMax + plan.arrivalSlotAt / windowMs
  const known = plans.get(key)
  if (known === undefined) plans.set(key, { ...plan })
  else {
    known.planned += plan.planned
    known.open += plan.open
  }
}

function keepLeg({ legs }: WindowSums, leg: Leg): void {
  const known = legs.get(leg.tail)
  if (known === undefined || isLaterLeg(leg, known)) legs.set(leg.tail, leg)
}

/** Later by (at, flight id); of one flight's, the one that has landed; the rest only makes the order total. */
export function isLaterLeg(a: Leg, b: Leg): boolean {
  const by =
    a.at - b.at ||
    order(a.flightId, b.flightId) ||
    orderOfNullable(a.arrivedAt, b.arrivedAt) ||
    a.departedAt - b.departedAt ||
    a.departureDelayMinutes - b.departureDelayMinutes ||
    a.arrivalAt - b.arrivalAt ||
    orderOfNullable(a.arrivalDelayMinutes, b.arrivalDelayMinutes) ||
    order(a.origin, b.origin) ||
    order(a.destination, b.destination)
  return by > 0
}

function keepWeather({ weather }: WindowSums, observed: StationWeather): void {
  const known = weather.get(observed.station)
  if (known === undefined || isLaterWeather(observed, known)) weather.set(observed.station, observed)
}

/** Later by claimed time; the reading only makes the order total. */
export function isLaterWeather(a: StationWeather, b: StationWeather): boolean {
  if (a.at !== b.at) return a.at > b.at
  const [x, y] = [a.reading, b.reading]
  const by =
    x.observedAt - y.observedAt ||
    orderOfNullable(x.temperatureFahrenheit, y.temperatureFahrenheit) ||
    orderOfNullable(x.dewPointFahrenheit, y.dewPointFahrenheit) ||
    orderOfNullable(x.humidityPercent, y.humidityPercent) ||
    orderOfNullable(x.windDirectionDegrees, y.windDirectionDegrees) ||
    orderOfNullable(x.windMilesPerHour, y.windMilesPerHour) ||
    orderOfNullable(x.gustMilesPerHour, y.gustMilesPerHour) ||
    orderOfNullable(x.precipitationInches, y.precipitationInches) ||
    orderOfNullable(x.pressureMillibars, y.pressureMillibars) ||
    orderOfNullable(x.visibilityMiles, y.visibilityMiles)
  return by > 0
}

function byRoute(a: Route, b: Route): number {
  return order(a.origin, b.origin) || order(a.destination, b.destination) || order(a.carrier, b.carrier)
}

function bySlot(a: Plan, b: Plan): number {
  return byRoute(a, b) || a.departureSlotAt - b.departureSlotAt || a.arrivalSlotAt - b.arrivalSlotAt
}

function isPlan({ planned, open }: Plan): boolean {
  return planned !== 0 || open !== 0
}

function byTail(a: Leg, b: Leg): number {
  return order(a.tail, b.tail)
}

function byStation(a: StationWeather, b: StationWeather): number {
  return order(a.station, b.station)
}

function byRun(a: NumberRun, b: NumberRun): number {
  return (
    order(a.carrier, b.carrier) ||
    a.flightNumber - b.flightNumber ||
    order(a.origin, b.origin) ||
    a.at - b.at ||
    order(a.flightId, b.flightId) ||
    a.departureDelayMinutes - b.departureDelayMinutes ||
    a.arrivalDelayMinutes - b.arrivalDelayMinutes
  )
}

/** By UTF-16 code units: the same everywhere, whatever the locale. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** null before every number. */
function orderOfNullable(a: number | null, b: number | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  return a - b
}

/** Whole minutes, rounded down: 59 seconds early is -1. */
function minutesBetween(planned: number, actual: number): number {
  return Math.floor((actual - planned) / 60_000)
}
