import { featureSetHash } from '../features/table.ts'
import { arrivalDelayMinutes, closesAs, type Flight, lateMinutes } from '../flights/life.ts'
import type { FlightOutcome, OutcomeRow } from '../records.ts'

export type Closed = { id: string; flight: Flight; at: number; rows: OutcomeRow[]; number: number }

/** What training reads of a flight: features and outputs as logged, and the label if it arrived. */
export function outcomeOf({ id, flight, at, rows, number }: Closed): FlightOutcome {
  const delayMinutes = arrivalDelayMinutes(flight)
  return {
    flightId: id,
    number,
    at,
    kind: closesAs(flight),
    carrier: flight.carrier,
    flightNumber: flight.flightNumber,
    origin: flight.origin,
    destination: flight.destination,
    scheduledDepartureAt: flight.firstDepartureAt,
    departureAt: flight.departureAt,
    arrivalAt: flight.arrivalAt,
    departedAt: flight.departedAt,
    arrivedAt: flight.arrivedAt,
    arrivalDelayMinutes: delayMinutes,
    label: delayMinutes === null ? null : delayMinutes >= lateMinutes,
    featureSet: featureSetHash,
    rows,
  }
}
