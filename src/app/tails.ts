// Tails: what the doors show of the stream: the newest predictions and how they were graded, read from the topics like
// any consumer does. Bounded: a ring of predictions, and the counts of the last 7 event days.

import { performance, ScoreCounts } from '../drift/performance.ts'
import { failureIn } from '../lib/failure.ts'
import { days, floorTo } from '../lib/time.ts'
import type { FlightOutcome, Prediction, PredictionSkipped, TimelineEntry } from '../records.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { Codec } from '../runtime/schemas.ts'
import type { Grade, LivePrediction, Status } from '../server/program.ts'

const tailed: readonly string[] = ['flights.predictions', 'flights.outcomes', 'flights.timeline']
const ringSize = 12_000
const qualityDays = 7
const againMs = 1000

type Cursor = { readonly topic: string; readonly partition: number; next: number }

export class Tails {
  readonly #log: Log
  readonly #codec: Codec
  readonly #clock: Clock
  readonly #onPrediction = new Set<(prediction: LivePrediction) => void>()
  readonly #onGrade = new Set<(grade: Grade) => void>()
  readonly #ring: LivePrediction[] = []
  readonly #byFlight = new Map<string, LivePrediction[]>()
  readonly #days = new Map<number, { counts: ScoreCounts; hits: number; misses: number }>()
  #cursors: Cursor[] = []
  #busy = false
  #again = false
  readonly #stopping = new AbortController()
  #unlisten: (() => void) | undefined

  constructor({ log, codec, clock }: { log: Log; codec: Codec; clock: Clock }) {
    this.#log = log
    this.#codec = codec
    this.#clock = clock
  }

  /**
   * Starts a little before the end, so that a page that is opened now shows something. That is read piece by piece, so
   * that others may go on meanwhile, and resolves once it is; what came since follows.
   */
  async start(partitions: number): Promise<void> {
    const ends: number[] = []
    for (const topic of tailed) {
      for (let partition = 0; partition < partitions; partition++) {
        const { first, next } = await this.#log.bounds(topic, partition)
        ends.push(next)
        this.#cursors.push({ topic, partition, next: Math.max(first, next - Math.floor(ringSize / partitions)) })
      }
    }
    for (const [index, cursor] of this.#cursors.entries()) {
      while (
        !this.#stopping.signal.aborted &&
        cursor.next < (ends[index] as number) &&
        (await this.#readChunk(cursor))
      ) {
        await this.#clock.turn()
      }
    }
    this.#unlisten = this.#log.onAppend(topic => {
      if (tailed.includes(topic)) void this.#read()
    })
    void this.#clock.turn().then(() => this.#read())
  }

  stop(): void {
    this.#stopping.abort()
    this.#unlisten?.()
  }

  onPrediction(listener: (prediction: LivePrediction) => void): () => void {
    this.#onPrediction.add(listener)
    return () => this.#onPrediction.delete(listener)
  }

  onGrade(listener: (grade: Grade) => void): () => void {
    this.#onGrade.add(listener)
    return () => this.#onGrade.delete(listener)
  }

  /** Newest first: by event time, whichever partition they came from. */
  recent(wanted: (prediction: LivePrediction) => boolean, limit: number): LivePrediction[] {
    return this.#ring
      .filter(wanted)
      .sort((a, b) => b.at - a.at)
      .slice(0, limit)
  }

  /** Of the flights that landed in the last 7 event days and had been predicted. */
  quality(): Status['quality'] {
    const counts = new ScoreCounts()
    let hits = 0
    let misses = 0
    for (const day of this.#days.values()) {
      counts.merge(day.counts)
      hits += day.hits
      misses += day.misses
    }
    const { n, auc, logLoss, brier } = performance(counts)
    return { n, auc, logLoss, brier, hits, misses }
  }

  async #read(): Promise<void> {
    this.#again = true
    if (this.#busy) return
    this.#busy = true
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false
      try {
        for (const cursor of this.#cursors) {
          while (!this.#stopping.signal.aborted && (await this.#readChunk(cursor))) continue
        }
      } catch (error) {
        if (failureIn(error)?.next !== 'retry') throw error
        // the stages tell of it; what is shown goes on once the log answers again
        await this.#clock.sleep(againMs, this.#stopping.signal)
        this.#again = true
      }
    }
    this.#busy = false
  }

  /** @returns whether there was anything */
  async #readChunk(cursor: Cursor): Promise<boolean> {
    const { topic, partition, next: from } = cursor
    const { records, next } = await this.#log.read(topic, partition, from, { bytesMax: 500_000 })
    for (const { value } of records) {
      if (!value) continue
      const decoded = this.#codec.decode(value)
      if (decoded.name === 'FlightOutcome') this.#grade(decoded.value as FlightOutcome)
      else if (decoded.name === 'TimelineEntry') this.#cancelled(decoded.value as TimelineEntry)
      else if (decoded.name === 'Watermark') continue
      else this.#predicted(decoded.value as Prediction | PredictionSkipped)
    }
    cursor.next = next
    return next !== from
  }

  #predicted(said: Prediction | PredictionSkipped): void {
    const prediction = shown(said)
    this.#ring.push(prediction)
    const of = this.#byFlight.get(said.flightId)
    if (of) of.push(prediction)
    else this.#byFlight.set(said.flightId, [prediction])
    if (this.#ring.length > ringSize) this.#dropOldest()
    for (const listener of this.#onPrediction) listener(prediction)
  }

  #dropOldest(): void {
    const oldest = this.#ring.shift() as LivePrediction
    const rest = (this.#byFlight.get(oldest.flightId) ?? []).filter(other => other !== oldest)
    if (rest.length > 0) this.#byFlight.set(oldest.flightId, rest)
    else this.#byFlight.delete(oldest.flightId)
  }

  #grade({ flightId, at, kind, arrivalDelayMinutes, label, rows }: FlightOutcome): void {
    const grade: Grade = { flightId, at, kind, arrivalDelayMinutes, label }
    for (const prediction of this.#byFlight.get(flightId) ?? []) {
      prediction.grade = grade
      if (label !== null && prediction.late !== null) this.#count(at, label, prediction.late)
    }
    for (const { outputs } of rows) {
      if (label !== null && outputs[0]) this.#dayOf(at).counts.add(outputs[0].probability, label ? 1 : 0)
    }
    for (const listener of this.#onGrade) listener(grade)
  }

  /** A cancelled flight closes 36 h later; the page says so when it is known. A reinstatement is graded as it lands. */
  #cancelled({ type, id, at }: TimelineEntry): void {
    if (type !== 'FlightCancelled') return
    const grade: Grade = { flightId: id, at, kind: 'CANCELLED', arrivalDelayMinutes: null, label: null }
    for (const prediction of this.#byFlight.get(id) ?? []) prediction.grade = grade
    for (const listener of this.#onGrade) listener(grade)
  }

  #count(at: number, label: boolean, called: boolean): void {
    const day = this.#dayOf(at)
    if (label === called) day.hits++
    else day.misses++
  }

  #dayOf(at: number): { counts: ScoreCounts; hits: number; misses: number } {
    const start = floorTo(at, days(1))
    let day = this.#days.get(start)
    if (!day) {
      day = { counts: new ScoreCounts(), hits: 0, misses: 0 }
      this.#days.set(start, day)
      for (const other of this.#days.keys()) if (other <= start - days(qualityDays)) this.#days.delete(other)
    }
    return day
  }
}

function shown(said: Prediction | PredictionSkipped): LivePrediction {
  const { flightId, carrier, flightNumber, origin, destination, scheduledDepartureAt, at, horizonMinutes } = said
  const about = { flightId, carrier, flightNumber, origin, destination, scheduledDepartureAt, at, horizonMinutes }
  if ('reason' in said) {
    return {
      ...about,
      probability: null,
      late: null,
      low: null,
      high: null,
      skipped: said.reason,
      model: null,
      grade: null,
    }
  }
  const { probability, late, low, high, model } = said
  return {
    ...about,
    probability: probability / 10_000,
    late,
    low: low / 10_000,
    high: high / 10_000,
    skipped: null,
    model,
    grade: null,
  }
}
