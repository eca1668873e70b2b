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

type Hooks = { readonly signal: AbortSignal; readonly onRows: (labelled: number) => void }

/** What has been read so far: a later request that wants the same goes on from here, for rows only come. */
type Reading = {
  readonly wanted: Pick<RowsWanted, 'seed' | 'rowsMax'>
  readonly sample: RowSample
  readonly days: TrainDays
  /** By partition: the running number reached, and where the chunk that holds it begins. */
  readonly reached: { number: number; at: number }[]
  /** Earlier departures are left out; none of those met is earlier than `earliest`. */
  from: number
  earliest: number
  /** Departures from here on tell what single days looked like. */
  daysFrom: number
}

export class RowsReader {
  readonly #o: RowsSource
  #reading: Reading | null = null

  constructor(source: RowsSource) {
    this.#o = source
  }

  /**
   * What it gives is a function of its arguments and the rows, whatever it was asked before. Rejects with the signal's
   * reason once it aborts. `onRows` is told the labelled rows found so far.
   */
  async read(
    { at, cut }: Pick<RetrainRequest, 'at' | 'cut'>,
    { seed, rowsMax, windowDays, settledHours }: RowsWanted,
    { signal, onRows }: Hooks,
  ): Promise<TrainingRows> {
    const [from, to] = [at - days(windowDays), at - hours(settledHours)]
    const before = this.#reading
    const reading =
      before && goesOn(before, { seed, rowsMax, from, cut }) ? before : this.#begin(from, { seed, rowsMax })
    // one that ends in the middle is not gone on with
    this.#reading = null
    reading.from = from
    reading.daysFrom = to - days(ordinaryDays)
    for (const [partition, last] of cut.entries()) {
      if (last > 0) await this.#readUpTo(reading, { partition, last }, { signal, onRows })
    }
    this.#reading = reading
    const { sample, days: single, daysFrom } = reading
    single.forget(daysFrom)
    const rows = sample.rowsBetween(from, to)
    const labelled = sample.seen > rowsMax ? sample.seen : rows.labels.length
    return { rows, labelled, days: single.between(daysFrom, to) }
  }

  #begin(from: number, wanted: Reading['wanted']): Reading {
    const kinds = this.#o.features.map(({ kind }) => kind)
    const sample = new RowSample(wanted.rowsMax, wanted.seed, kinds)
    const nothing = { days: new TrainDays(kinds), reached: [], earliest: Number.POSITIVE_INFINITY }
    return { wanted, sample, ...nothing, from, daysFrom: from }
  }

  #meet(reading: Reading, outcome: FlightOutcome): void {
    const { scheduledDepartureAt: departureAt, label, featureSet, flightId } = outcome
    if (label === null || departureAt < reading.from || featureSet !== this.#o.featureSet) return
    for (const { horizonMinutes, features } of outcome.rows) {
      if (features.length === 0) continue
      reading.earliest = Math.min(reading.earliest, departureAt)
      reading.sample.offer({ flightId, horizonMinutes, departureAt, features, label: label ? 1 : 0 })
      if (departureAt >= reading.daysFrom) reading.days.add(departureAt, features)
    }
  }

  async #readUpTo(
    reading: Reading,
    { partition, last }: { partition: number; last: number },
    { signal, onRows }: Hooks,
  ): Promise<void> {
    const { log, codec, clock, pollMs } = this.#o
    const reached = (reading.reached[partition] ??= { number: 0, at: 0 })
    for (;;) {
      signal.throwIfAborted()
      const { records, next } = await log.read('flights.outcomes', partition, reached.at, { bytesMax: readBytes })
      for (const { value } of records) {
        if (reached.number >= last) break
        if (!value) continue
        const { name, value: decoded } = codec.decode(value)
        const outcome = decoded as FlightOutcome
        if (name !== 'FlightOutcome' || outcome.number <= reached.number) continue
        if (outcome.number <= last) this.#meet(reading, outcome)
        reached.number = outcome.number
      }
      onRows(reading.sample.seen)
      if (reached.number >= last) return
      // not in sight yet
      if (records.length === 0 && next === reached.at) await clock.sleep(pollMs, signal)
      else await clock.turn()
      reached.at = next
    }
  }
}

/** Whether reading anew would come to the same as going on. */
function goesOn(
  { wanted, reached, from: began, earliest }: Reading,
  { seed, rowsMax, from, cut }: Reading['wanted'] & { from: number; cut: readonly number[] },
): boolean {
  if (wanted.seed !== seed || wanted.rowsMax !== rowsMax || from < began || earliest < from) return false
  return reached.every(({ number }, partition) => number <= (cut[partition] ?? 0))
}
