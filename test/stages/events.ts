// Events of flight A, EWR to IAH, planned for noon of 1 January 2013 (UTC) and three hours long; times in minutes from
// the start of that day.

import { minutes } from '../../src/lib/time.ts'
import type {
  AircraftAssigned,
  FlightArrived,
  FlightCancelled,
  FlightDeparted,
  FlightDiverted,
  FlightRescheduled,
  FlightScheduled,
  WeatherObserved,
} from '../../src/records.ts'
import { nothingObserved } from '../flights/world.ts'

export const day = Date.UTC(2013, 0, 1)
/** An instant of that day (or of the days around it). */
export const m = (minute: number): number => day + minutes(minute)

export const departure = m(720)
export const arrival = m(900)

const head = (at: number) => ({ flightId: 'A', at, revision: 0 })

export function scheduled(at: number, change: Partial<FlightScheduled> = {}): FlightScheduled {
  const plan = { scheduledDepartureAt: departure, scheduledArrivalAt: arrival }
  const route = { carrier: 'UA', flightNumber: 1545, origin: 'EWR', destination: 'IAH', distanceMiles: 1400 }
  return { ...head(at), ...route, ...plan, ...change }
}

export function rescheduled(at: number, change: Partial<FlightRescheduled> = {}): FlightRescheduled {
  return { ...head(at), scheduledDepartureAt: m(840), scheduledArrivalAt: m(1020), ...change }
}

export function assigned(at: number, change: Partial<AircraftAssigned> = {}): AircraftAssigned {
  return { ...head(at), tail: 'N14228', builtYear: 1999, seats: 149, ...change }
}

export function cancelled(at: number, change: Partial<FlightCancelled> = {}): FlightCancelled {
  return { ...head(at), reason: null, ...change }
}

export function departed(at: number, change: Partial<FlightDeparted> = {}): FlightDeparted {
  return { ...head(at), departedAt: at, tail: null, ...change }
}

export function diverted(at: number, change: Partial<FlightDiverted> = {}): FlightDiverted {
  return { ...head(at), divertedTo: null, ...change }
}

export function arrived(at: number, change: Partial<FlightArrived> = {}): FlightArrived {
  return { ...head(at), arrivedAt: at, ...change }
}

export function weather(at: number, change: Partial<WeatherObserved> = {}): WeatherObserved {
  return { station: 'EWR', at, revision: 0, observedAt: at, ...nothingObserved, ...change }
}
