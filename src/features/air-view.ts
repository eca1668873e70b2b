// The air space, folded from frames in order, one per process. Tasks ask it AS OF the end `t` of a frame between the
// slowest and the newest of them, so it keeps every answer of the recent past, not only the latest.
//
// An answer as of t depends on the frames that end in (t - 28 days, t] and on nothing else: it is the same whether the
// view was built from the first frame or from 28 days before t, and whether later frames have been applied or not. Sums
// look back 28 hours at most (ledger.ts), plans 26 days and 36 hours (plan-book.ts), flight numbers 28 days; legs and
// weather count by their claimed time, which lies before the end of their frame, so that an old one fades for every view
// at the same instant.

import type { Airports } from '../flights/airports.ts'
import { areNear, regionsOf } from '../flights/regions.ts'
import { assert } from '../lib/assert.ts'
import { days, floorTo, hours } from '../lib/time.ts'
import type { AirspaceFrame, Leg, ModelRef, NumberRun, StationWeather } from '../records.ts'
import { Entities, type EntityIds, everything, nobody } from './entities.ts'
import { History } from './history.ts'
import { type ColumnRange, Ledger } from './ledger.ts'
import { type NumberDays, NumberRuns } from './number-runs.ts'
import { isLaterLeg, isLaterWeather, windowMs } from './partial.ts'
import { type HourPlan, overdueAgeMax, PlanBook, slotsPerHour } from './plan-book.ts'

/** Longest window of sums, with an hour that daylight saving may add and room for the step to 04:00. */
export const sumsLookBackMs = hours(28)
/** How far back the runs of a flight number count. */
export const numbersLookBackMs = days(28)
/** A leg reported longer ago says nothing about where its aircraft is. */
export const legAgeMaxMs = days(3)
/** Older weather is refused at the door, too. */
export const weatherAgeMaxMs = hours(36)
/** Weather is also asked for as it was known this long before t. */
export const weatherBeforeMs = hours(3)

/** No answer depends on sums, legs and weather of a frame so long before, nor on plans of its past: see `apply`. */
const settledMs = Math.max(legAgeMaxMs, weatherAgeMaxMs, sumsLookBackMs + overdueAgeMax * windowMs) + windowMs

/** How far behind the newest frame a question may be: the spread of the tasks of a thread (a day), and room. */
export const behindMaxMs = hours(30)

const framesKept = (sumsLookBackMs + behindMaxMs) / windowMs + 1
/** Frames between two sweeps for hours that are over. */
const sweepEvery = 144
/** Frames between two sweeps for aircraft and flight numbers that have gone quiet; what is in use trims itself. */
const sweepQuietEvery = 7 * 144

/** The models that a frame names, in force from its end on. */
export type ModelsInForce = {
  readonly champion: ModelRef | null
  readonly challengers: readonly ModelRef[]
  readonly pipeline: string
}

/** Spans end at `t`; they are whole windows, 28 hours at most. Of each, the columns wanted. */
export type SumsAsked = {
  readonly t: number
  readonly entities: ArrayLike<number>
  readonly backMs: ArrayLike<number>
  readonly wanted: readonly ColumnRange[]
}

export class AirView {
  readonly #entities: Entities
  readonly #ledger = new Ledger(framesKept)
  readonly #plans = new PlanBook(this.#ledger)
  readonly #legs = new Map<string, History<Leg>>()
  readonly #weather = new Map<string, History<StationWeather>>()
  readonly #airports: Airports
  /** Stations near an airport, among those that have been heard of. */
  readonly #near = new Map<string, readonly string[]>()
  /** By number of (origin, carrier), then by flight number. */
  readonly #numbers = new Map<number, Map<number, NumberRuns>>()
  readonly #models = new Map<number, ModelsInForce>()
  #first: number | null = null
  #newest: number | null = null
  #keepFrom = Number.NEGATIVE_INFINITY
  /** The frame with which sums begin: those before it are settled, going by what was forgotten before the first. */
  #settledBefore: number | null = null
  #askedAt = Number.NaN
  #askedIndex = 0
  /** Room for the frames that a question looks back to. */
  readonly #since: number[] = []
  #sweptAt = Number.NEGATIVE_INFINITY
  #sweptQuietAt = Number.NEGATIVE_INFINITY

  /** @param airports without them every destination is a region of its own */
  constructor(airports: Airports = new Map()) {
    this.#airports = airports
    this.#entities = new Entities(regionsOf(airports))
  }

  /** End of the newest frame applied, or null before the first that may be asked about. */
  get newest(): number | null {
    return this.#newest === null || this.#newest < this.#keepFrom ? null : this.#newest * windowMs
  }

  /** The earliest t that may still be asked about, or null before the first frame. */
  get oldest(): number | null {
    return this.#first === null ? null : Math.max(this.#first, this.#keepFrom) * windowMs
  }

  /** Whether questions as of `t`, the end of a frame, can be answered. */
  has(t: number): boolean {
    const { newest, oldest } = this
    return t % windowMs === 0 && newest !== null && oldest !== null && t >= oldest && t <= newest
  }

  /**
   * Adds the next frame: its window follows that of the newest. Of one that is settled, what remains is taken: flown days,
   * and plans of slots that are not over before sums begin. So a view that is built anew, and told by `forget` who will
   * ask it, takes most of its frames in a tenth of the time.
   */
  apply(frame: AirspaceFrame): void {
    const index = frame.to / windowMs
    assert(frame.to - frame.from === windowMs && Number.isInteger(index), 'a frame covers one window')
    assert(this.#newest === null || index === this.#newest + 1, 'frames are applied one after the other')
    this.#first ??= index
    this.#newest = index
    const settledBefore = (this.#settledBefore ??= this.#keepFrom - settledMs / windowMs)
    if (index < settledBefore) {
      this.#plans.wait(index, this.#keepFrom, settledBefore)
      this.#plan(frame, settledBefore)
    } else this.#applyWhole(index, frame)
    for (const run of frame.runs) this.#fly(index, run)
    this.forget(frame.to - behindMaxMs)
  }

  #applyWhole(index: number, frame: AirspaceFrame): void {
    this.#ledger.open(index)
    this.#plans.advance(index, this.#entities.count, this.#keepFrom)
    const { champion, challengers, pipeline } = frame
    this.#models.set(index, { champion, challengers, pipeline })
    this.#models.delete(index - framesKept)
    for (const cell of frame.cells) this.#count(cell)
    this.#plan(frame, Number.NEGATIVE_INFINITY)
    const keepFrom = this.#keepFrom
    for (const leg of frame.legs) {
      const legs = historyOf(this.#legs, leg.tail)
      if (legs.newest === undefined || isLaterLeg(leg, legs.newest)) legs.push(index, leg, keepFrom)
    }
    for (const seen of frame.weather) {
      if (!this.#weather.has(seen.station)) this.#near.clear()
      const weather = historyOf(this.#weather, seen.station)
      const isLater = weather.newest === undefined || isLaterWeather(seen, weather.newest)
      if (isLater) weather.push(index, seen, keepFrom - weatherBeforeMs / windowMs)
    }
  }

  /** @param from the first slot that matters */
  #plan({ plans }: AirspaceFrame, from: number): void {
    for (const { origin, destination, carrier, departureSlotAt, arrivalSlotAt, planned, open } of plans) {
      const [departureSlot, arrivalSlot] = [departureSlotAt / windowMs, arrivalSlotAt / windowMs]
      if (departureSlot < from && arrivalSlot < from) continue
      const ids = this.#entities.enter(origin, destination, carrier)
      this.#ledger.reserve(this.#entities.count)
      this.#plans.change({ ids, departureSlot, arrivalSlot, planned, open })
    }
  }

  #count(cell: AirspaceFrame['cells'][number]): void {
    const ids = this.#entities.enter(cell.origin, cell.destination, cell.carrier)
    const ledger = this.#ledger
    ledger.reserve(this.#entities.count)
    ledger.count(everything, cell)
    ledger.count(ids.origin, cell)
    ledger.count(ids.destination, cell)
    ledger.count(ids.region, cell)
    ledger.count(ids.carrier, cell)
    ledger.count(ids.originCarrier, cell)
    ledger.count(ids.route, cell)
  }

  #fly(index: number, run: NumberRun): void {
    const entity = this.#entities.enterOriginCarrier(run.origin, run.carrier)
    this.#ledger.reserve(this.#entities.count)
    let numbers = this.#numbers.get(entity)
    if (numbers === undefined) {
      numbers = new Map()
      this.#numbers.set(entity, numbers)
    }
    let runs = numbers.get(run.flightNumber)
    if (runs === undefined) {
      runs = new NumberRuns()
      numbers.set(run.flightNumber, runs)
    }
    runs.push(index, run, this.#keepFrom * windowMs - numbersLookBackMs)
  }

  /** The models in force after the frame that ends at `t`. */
  modelsAt(t: number): ModelsInForce {
    const models = this.#models.get(this.#indexOf(t))
    assert(models !== undefined, 'the models of a frame are kept as long as it is')
    return models
  }

  /** Numbers of what sums are kept of. */
  find(origin: string, destination: string, carrier: string): EntityIds {
    return this.#entities.find(origin, destination, carrier)
  }

  /**
   * Writes, for each span and each entity, the counts over the span, and then the levels as of `t` (`countPlace` and
   * `levelPlace` of ledger.ts tell where).
   */
  readSums({ t, entities, backMs, wanted }: SumsAsked, into: Int32Array): void {
    const now = this.#indexOf(t)
    const since = this.#since
    since.length = backMs.length
    for (let span = 0; span < backMs.length; span++) {
      const back = backMs[span] as number
      assert(back >= 0 && back <= sumsLookBackMs, 'sums look back 28 hours at most')
      since[span] = now - back / windowMs
    }
    this.#ledger.read({ entities, since, wanted, now }, into)
  }

  /** Overdue flights of an entity as of `t`, `backMs` (0 to 28 hours) before it. */
  overdueAt(t: number, backMs: number, entity: number): number {
    assert(backMs >= 0 && backMs <= sumsLookBackMs, 'sums look back 28 hours at most')
    return this.#ledger.overdueAt(this.#indexOf(t) - backMs / windowMs, entity)
  }

  /** Flights planned in the hour that holds `at`, as known at `t`; null for an hour that is over. */
  hourPlan(t: number, entity: number, at: number): Readonly<HourPlan> | null {
    const hour = Math.floor(at / (slotsPerHour * windowMs))
    const index = this.#indexOf(t)
    return (hour + 1) * slotsPerHour <= index ? null : this.#plans.hour(hour, entity, index)
  }

  /** The last that was seen of an aircraft as of `t`, if that is not too long ago. */
  legAt(t: number, tail: string): Leg | null {
    const leg = this.#legs.get(tail)?.at(this.#indexOf(t))
    return leg !== undefined && leg.at > t - legAgeMaxMs ? leg : null
  }

  /** The weather last observed at a station as known `backMs` (0 to 3 hours) before `t`, unless it is 36 hours old. */
  weatherAt(t: number, backMs: number, station: string): StationWeather | null {
    assert(backMs >= 0 && backMs <= weatherBeforeMs, 'weather looks back 3 hours at most')
    const weather = this.#weather.get(station)?.at(this.#indexOf(t) - backMs / windowMs)
    return weather !== undefined && weather.at > t - weatherAgeMaxMs ? weather : null
  }

  /** The weather last observed at all stations near an airport, itself among them, as of `t`. */
  weatherNear(t: number, airport: string): StationWeather[] {
    let stations = this.#near.get(airport)
    if (stations === undefined) {
      stations = [...this.#weather.keys()].filter(station => areNear(this.#airports, station, airport))
      this.#near.set(airport, stations)
    }
    const seen: StationWeather[] = []
    for (const station of stations) {
      const weather = this.weatherAt(t, 0, station)
      if (weather !== null) seen.push(weather)
    }
    return seen
  }

  /** The last 28 days of a flight number from an origin; null if nothing is known of it. */
  numberAt(t: number, originCarrier: number, flightNumber: number): NumberDays | null {
    if (originCarrier === nobody) return null
    return this.#numbers.get(originCarrier)?.get(flightNumber)?.asOf(this.#indexOf(t), t) ?? null
  }

  /**
   * Promises that no question will be about a t before `before`; drops what only such questions need. Without a promise
   * the view keeps what it needs for questions 12 hours behind.
   */
  forget(before: number): void {
    const keepFrom = Math.ceil(before / windowMs)
    if (keepFrom <= this.#keepFrom) return
    this.#keepFrom = keepFrom
    this.#askedAt = Number.NaN
    if (keepFrom - this.#sweptAt < sweepEvery) return
    this.#sweptAt = keepFrom
    this.#plans.forget(keepFrom)
    if (keepFrom - this.#sweptQuietAt < sweepQuietEvery) return
    this.#sweptQuietAt = keepFrom
    const at = keepFrom * windowMs
    for (const [tail, legs] of this.#legs) if ((legs.newest?.at ?? 0) <= at - legAgeMaxMs) this.#legs.delete(tail)
    for (const numbers of this.#numbers.values()) {
      for (const [flightNumber, runs] of numbers) if (runs.isStale(at - numbersLookBackMs)) numbers.delete(flightNumber)
    }
  }

  #indexOf(t: number): number {
    // Many questions are about one t.
    if (t === this.#askedAt) return this.#askedIndex
    assert(this.has(t), 'a question is about the end of a frame that is kept')
    this.#askedAt = t
    this.#askedIndex = t / windowMs
    return this.#askedIndex
  }
}

/** How a process folds the topic of frames into one view that its tasks share; `at` is event time. */
export const airViewFold = (airports?: Airports) => ({
  topic: 'airspace.frames',
  lookBackMs: days(28) + 2 * windowMs,
  spreadMs: 144 * windowMs,
  open(): AirView {
    return new AirView(airports)
  },
  apply(view: AirView, value: unknown): number {
    const frame = value as AirspaceFrame
    view.apply(frame)
    return frame.to
  },
  timeOf(value: unknown): number {
    return (value as AirspaceFrame).to
  },
  /** A prediction due at `at` asks as of one window before the one that holds it. */
  forget(view: AirView, at: number): void {
    view.forget(floorTo(at, windowMs) - windowMs)
  },
})

function historyOf<T>(histories: Map<string, History<T>>, key: string): History<T> {
  let history = histories.get(key)
  if (history === undefined) {
    history = new History()
    histories.set(key, history)
  }
  return history
}
