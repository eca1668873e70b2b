// The flown days of one flight number, in the order of the frames that brought them. A question as of a frame looks at
// the runs known by then whose landing was reported within 28 (or 7) days before it.

import { days } from '../lib/time.ts'
import type { NumberRun } from '../records.ts'
import { lateFromMinutes } from './partial.ts'

/** Sums of a flight number's last days, as of a frame. */
export type NumberDays = {
  runs7: number
  runs28: number
  departureDelayMinutes7: number
  arrivalDelayMinutes7: number
  arrivalDelayMinutes28: number
  arrivedLate28: number
  /** Of the latest by (at, flight id). */
  lastArrivalDelayMinutes: number | null
}

type Run = { readonly index: number; readonly run: NumberRun }

export class NumberRuns {
  #runs: Run[] = []

  push(index: number, run: NumberRun): void {
    this.#runs.push({ index, run })
  }

  /** Sums as of frame `index`, which ends at `t`. */
  asOf(index: number, t: number): NumberDays {
    const sums: NumberDays = {
      runs7: 0,
      runs28: 0,
      departureDelayMinutes7: 0,
      arrivalDelayMinutes7: 0,
      arrivalDelayMinutes28: 0,
      arrivedLate28: 0,
      lastArrivalDelayMinutes: null,
    }
    let last: NumberRun | null = null
    for (const known of this.#runs) {
      if (known.index > index) break
      const { run } = known
      if (run.at <= t - days(28)) continue
      sums.runs28++
      sums.arrivalDelayMinutes28 += run.arrivalDelayMinutes
      if (run.arrivalDelayMinutes >= lateFromMinutes) sums.arrivedLate28++
      if (run.at > t - days(7)) {
        sums.runs7++
        sums.departureDelayMinutes7 += run.departureDelayMinutes
        sums.arrivalDelayMinutes7 += run.arrivalDelayMinutes
      }
      if (last === null || run.at > last.at || (run.at === last.at && run.flightId > last.flightId)) last = run
    }
    sums.lastArrivalDelayMinutes = last?.arrivalDelayMinutes ?? null
    return sums
  }

  /** Drops runs reported at or before `at`; true if none is left. */
  trim(at: number): boolean {
    this.#runs = this.#runs.filter(({ run }) => run.at > at)
    return this.#runs.length === 0
  }
}
