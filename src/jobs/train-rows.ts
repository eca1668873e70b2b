// The rows of a training: outcomes of every partition from the start up to the request's cut, and not one further. Waits
// for what has not come into sight yet, since what lies before the cut has been written.

import type { Feature } from '../features/define.ts'
import { days, hours } from '../lib/time.ts'
import type { FlightOutcome, RetrainRequest } from '../records.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { Codec } from '../runtime/schemas.ts'
import { type DayColumns, TrainDays } from './train-days.ts'
import { type LabelledRows, RowSample } from './train-sample.ts'

export type RowsSource = {
  readonly log: Log
  readonly codec: Codec
  readonly clock: Clock
  readonly features: readonly Feature[]
  /** Hash of the feature table: rows of another one are left out. */
  readonly featureSet: string
  readonly pollMs: number
}

export type RowsWanted = {
  /** Of the sample. */
  readonly seed: number
  readonly rowsMax: number
  /** Departures of the last so many days before the request. */
  readonly windowDays: number
  /** Flights planned later than this before the request are left out: of those, the late ones may not have landed. */
  readonly settledHours: number
}

export type TrainingRows = {
  readonly rows: LabelledRows
  /** Of which the rows are a sample. */
  readonly labelled: number
  /** What single UTC days of departure looked like, the last ones before the request: all of their rows. */
  readonly days: readonly DayColumns[]
}

const readBytes = 500_000
/** Days that tell what is ordinary: enough for a deviation, and few enough to be of one season. */
const ordinaryDays = 42

export class RowsReader {
  readonly #o: RowsSource

  constructor(source: RowsSource) {
    this.#o = source
  }

  /** Rejects with the signal's reason once it aborts. `onRows` is told the labelled rows found so far. */
  async read(
    { at, cut }: Pick<RetrainRequest, 'at' | 'cut'>,
    { seed, rowsMax, windowDays, settledHours }: RowsWanted,
    { signal, onRows }: { readonly signal: AbortSignal; readonly onRows: (labelled: number) => void },
  ): Promise<TrainingRows> {
    const kinds = this.#o.features.map(({ kind }) => kind)
    const sample = new RowSample(rowsMax, seed, kinds)
    const ordinary = new TrainDays(kinds)
    const from = at - days(windowDays)
    const to = at - hours(settledHours)
    const meet = (outcome: FlightOutcome): void => {
      const { scheduledDepartureAt: departureAt, label, featureSet, flightId } = outcome
      if (label === null || departureAt < from || departureAt >= to || featureSet !== this.#o.featureSet) return
      for (const { horizonMinutes, features } of outcome.rows) {
        if (features.length === 0) continue
        sample.offer({ flightId, horizonMinutes, departureAt, features, label: label ? 1 : 0 })
        if (departureAt >= to - days(ordinaryDays)) ordinary.add(departureAt, features)
      }
    }
    for (const [partition, last] of cut.entries()) {
      if (last > 0) await this.#readUpTo(partition, last, { signal, meet, onChunk: () => onRows(sample.seen) })
    }
    return { labelled: sample.seen, rows: sample.takeAll(), days: ordinary.inOrder() }
  }

  async #readUpTo(
    partition: number,
    last: number,
    { signal, meet, onChunk }: { signal: AbortSignal; meet: (outcome: FlightOutcome) => void; onChunk: () => void },
  ): Promise<void> {
    const { log, codec, clock, pollMs } = this.#o
    for (let at = 0; ; ) {
      signal.throwIfAborted()
      const { records, next } = await log.read('flights.outcomes', partition, at, { bytesMax: readBytes })
      for (const { value } of records) {
        if (!value) continue
        const { name, value: outcome } = codec.decode(value)
        if (name !== 'FlightOutcome') continue
        const { number } = outcome as FlightOutcome
        if (number <= last) meet(outcome as FlightOutcome)
        if (number >= last) return onChunk()
      }
      onChunk()
      // not in sight yet
      if (records.length === 0 && next === at) await clock.sleep(pollMs, signal)
      else await clock.turn()
      at = next
    }
  }
}
