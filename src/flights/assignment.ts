// When the aircraft of a flight could be known. The file records, afterwards, the aircraft that flew, which may have been
// changed in the last minute; telling it before departure would leak. So it is told only where the plan alone leads to
// it: when the aircraft's previous leg was planned to end early enough for this one, and then at the moment that leg
// took off. It is told at the earliest when the flight itself is known and not at all after its planned departure.
//
//   planned to fit:  arrival of the previous leg + the way back + 30 minutes to turn <= departure of this one
//
// The way back is nothing when the previous leg ended where this one starts, else as long as the leg itself: the files
// hold only the legs that leave certain airports (New York's, in the bundle), never the ones that come back. A cancelled
// leg moves no aircraft and is passed over.

import { minutes } from '../lib/time.ts'
import type { FlightRecord } from './row.ts'

/** What is known of an aircraft from planes.csv. */
export type Plane = { tail: string; builtYear: number | null; seats: number | null }

const turnMs = minutes(30)

export class Assignments {
  readonly #lastLegs = new Map<string, FlightRecord>()

  /**
   * When the flight's aircraft is told, or null: never. Call for every flight in the order of planned departure.
   * @param knownAt when the flight itself is known
   */
  next(flight: FlightRecord, knownAt: number): number | null {
    if (flight.tail === null) return null
    const previous = this.#lastLegs.get(flight.tail)
    if (flight.departedAt !== null) this.#lastLegs.set(flight.tail, flight)
    if (previous === undefined || previous.departedAt === null || !fits(previous, flight)) return null
    const at = Math.max(previous.departedAt, knownAt)
    return at < flight.scheduledDepartureAt ? at : null
  }
}

function fits(previous: FlightRecord, flight: FlightRecord): boolean {
  const blockMs = previous.scheduledArrivalAt - previous.scheduledDepartureAt
  const backMs = previous.destination === flight.origin ? 0 : blockMs
  return previous.scheduledArrivalAt + backMs + turnMs <= flight.scheduledDepartureAt
}
