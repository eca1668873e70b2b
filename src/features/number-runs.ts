// The flown days of one flight number, in the order of the frames that brought them. A question as of a frame looks at
// the runs known by then whose landing was reported within 28 (or 7) days before it.
//
// Runs lie one after the other in a single list of numbers, for each prediction reads all of a flight number's.

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

/** Numbers per run: frame, claimed instant, departure delay, arrival delay. */
const width = 4
/** Stale runs are cut off together. */
const staleMax = 16

export class NumberRuns {
  readonly #runs: number[] = []
  readonly #flightIds: string[] = []

  /** Adds a run of frame `index`; runs reported at or before `staleAt` will not be asked for any more. */
  push(index: number, run: NumberRun, staleAt: number): void {
    this.#runs.push(index, run.at, run.departureDelayMinutes, run.arrivalDelayMinutes)
    this.#flightIds.push(run.flightId)
    let stale = 0
    while ((this.#runs[stale * width + 1] as number) <= staleAt && stale < this.#flightIds.length - 1) stale++
    if (stale < staleMax) return
    this.#runs.splice(0, stale * width)
    this.#flightIds.splice(0, stale)
  }

  /** Sums as of frame `index`, which ends at `t`. */
  asOf(index: number, t: number): NumberDays {
    const runs = this.#runs
    const weekAgo = t - days(7)
    const monthAgo = t - days(28)
    let runs7 = 0
    let runs28 = 0
    let departures7 = 0
    let arrivals7 = 0
    let arrivals28 = 0
    let late28 = 0
    let last = -1
    for (let at = 0; at < runs.length && (runs[at] as number) <= index; at += width) {
      const landedAt = runs[at + 1] as number
      if (landedAt <= monthAgo) continue
      const arrivalDelayMinutes = runs[at + 3] as number
      runs28++
      arrivals28 += arrivalDelayMinutes
      if (arrivalDelayMinutes >= lateFromMinutes) late28++
      if (landedAt > weekAgo) {
        runs7++
        departures7 += runs[at + 2] as number
        arrivals7 += arrivalDelayMinutes
      }
      if (last < 0 || this.#isLater(at, last)) last = at
    }
    return {
      runs7,
      runs28,
      departureDelayMinutes7: departures7,
      arrivalDelayMinutes7: arrivals7,
      arrivalDelayMinutes28: arrivals28,
      arrivedLate28: late28,
      lastArrivalDelayMinutes: last < 0 ? null : (runs[last + 3] as number),
    }
  }

  #isLater(at: number, than: number): boolean {
    const a = this.#runs[at + 1] as number
    const b = this.#runs[than + 1] as number
    return a > b || (a === b && this.#idOf(at) > this.#idOf(than))
  }

  #idOf(at: number): string {
    return this.#flightIds[at / width] as string
  }

  /** Whether no run was reported after `at`. */
  isStale(at: number): boolean {
    for (let run = 1; run < this.#runs.length; run += width) if ((this.#runs[run] as number) > at) return false
    return true
  }
}
