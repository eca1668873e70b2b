// What travels to the log, and in which order. A stream of items is ordered by (deliveredAt, rank, key), items that are
// equal in all three by how they came.

import type { EventType, RecordName } from '../records.ts'

/** The events of flights and stations, in the order of rank at one instant. */
export const eventTypes = [
  'FlightScheduled',
  'FlightRescheduled',
  'AircraftAssigned',
  'FlightCancelled',
  'FlightDeparted',
  'FlightDiverted',
  'FlightArrived',
  'WeatherObserved',
] as const satisfies readonly EventType[]

const ranks: ReadonlyMap<string, number> = new Map(eventTypes.map((type, rank) => [type, rank]))

/** 0 to 7; what is no event comes last, 8. */
export function rankOf(name: string | null): number {
  return (name === null ? undefined : ranks.get(name)) ?? eventTypes.length
}

/** Something for the log: a record by name and value, or, with no name, bytes that are no record. */
export type Item = {
  deliveredAt: number
  /** Flight id or station. */
  key: string
  name: RecordName | null
  value: object | Uint8Array
}

export function compareItems(a: Item, b: Item): number {
  if (a.deliveredAt !== b.deliveredAt) return a.deliveredAt - b.deliveredAt
  if (a.name !== b.name) return rankOf(a.name) - rankOf(b.name)
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}
