import { featureSetHash } from '../features/table.ts'
import { arrivalDelayMinutes, closesAs, type Flight, lateMinutes } from '../flights/life.ts'
import type { FlightOutcome, ModelOutput, OutcomeRow } from '../records.ts'

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

/** A logged row as a list: how it lies in a table. */
type PackedRow = ReturnType<typeof packRow>

export function packRow({ horizonMinutes, dueAt, frameTo, skipped, features, outputs }: OutcomeRow) {
  return [
    horizonMinutes,
    dueAt,
    frameTo,
    skipped,
    features,
    outputs.map(({ model }) => model),
    outputs.map(({ hash }) => hash),
    outputs.map(({ probability }) => probability),
  ] as const
}

export function unpackRow([
  horizonMinutes,
  dueAt,
  frameTo,
  skipped,
  features,
  models,
  hashes,
  probabilities,
]: PackedRow): OutcomeRow {
  const outputs = models.map((model, index): ModelOutput => {
    return { model, hash: hashes[index] as string, probability: probabilities[index] as number }
  })
  return { horizonMinutes, dueAt, frameTo, skipped, features, outputs }
}
