// What the page holds of the stream, and how a frame changes it: a pure function of what was held and what came.
//
// Rows are predictions by flight and horizon, newest first, at most `rowsMax`. A grade finds the rows of its flight;
// the row is replaced, never changed in place, so that a list can tell by identity what to draw again.

import { mergeLoop, nothingLooped } from './loop.ts'
import type { AirportNow, Delta, Frame, Grade, LivePrediction, LoopNow, RiskPoint, Snapshot, Status } from './wire.ts'

export const rowsMax = 2_000

export const riskWindowMs = 72 * 3_600_000

export type Row = {
  /** Flight and horizon. */
  key: string
  /** Rises with every prediction that comes in. */
  arrival: number
  /** Rises with every grade that comes in; null until then. */
  gradedArrival: number | null
  prediction: LivePrediction
}

export type Held = {
  status: Status | null
  rows: readonly Row[]
  airports: ReadonlyMap<string, AirportNow>
  /** By hour, oldest first. */
  risk: readonly RiskPoint[]
  loop: LoopNow
  /** Predictions that were made and did not reach this page. */
  dropped: number
  arrivals: number
}

export const nothingHeld: Held = {
  status: null,
  rows: [],
  airports: new Map(),
  risk: [],
  loop: nothingLooped,
  dropped: 0,
  arrivals: 0,
}

export const keyOf = (prediction: LivePrediction): string => `${prediction.flightId} ${prediction.horizonMinutes}`

export function applyFrames(held: Held, frames: readonly Frame[]): Held {
  let next = held
  for (const frame of frames) {
    if (frame.type === 'snapshot') next = applySnapshot(next, frame)
    if (frame.type === 'delta') next = applyDelta(next, frame)
  }
  return next
}

/** A snapshot is the whole; older rows stay when the stream went on from where they were. */
function applySnapshot(held: Held, frame: Snapshot): Held {
  const isSameStream =
    held.status !== null &&
    held.status.pipeline === frame.status.pipeline &&
    (frame.status.eventTime ?? 0) >= (held.status.eventTime ?? 0)
  const before = isSameStream ? held : { ...nothingHeld, arrivals: held.arrivals }
  return {
    ...mergeRows(before, frame.predictions, []),
    status: frame.status,
    airports: mergeAirports(new Map(), frame.airports),
    risk: mergeRisk([], frame.risk),
    loop: frame.drift ? mergeLoop(before.loop, frame.drift) : before.loop,
    dropped: before.dropped + (frame.dropped ?? 0),
  }
}

function applyDelta(held: Held, frame: Delta): Held {
  const merged = frame.predictions || frame.grades ? mergeRows(held, frame.predictions ?? [], frame.grades ?? []) : held
  return {
    ...merged,
    status: frame.status ?? held.status,
    airports: frame.airports ? mergeAirports(held.airports, frame.airports) : held.airports,
    risk: frame.risk ? mergeRisk(held.risk, frame.risk) : held.risk,
    loop: frame.drift ? mergeLoop(held.loop, frame.drift) : held.loop,
    dropped: held.dropped + (frame.dropped ?? 0),
  }
}

function mergeRows(held: Held, predictions: readonly LivePrediction[], grades: readonly Grade[]): Held {
  let arrivals = held.arrivals
  const byKey = new Map(held.rows.map(row => [row.key, row]))
  // Oldest first, so that the newest has the highest arrival.
  for (const prediction of [...predictions].sort(newestFirst).reverse()) {
    const key = keyOf(prediction)
    const before = byKey.get(key)
    arrivals += 1
    const gradedArrival = before?.gradedArrival ?? (prediction.grade ? arrivals : null)
    const grade = prediction.grade ?? before?.prediction.grade ?? null
    byKey.set(key, {
      key,
      arrival: before?.arrival ?? arrivals,
      gradedArrival,
      prediction: grade === prediction.grade ? prediction : { ...prediction, grade },
    })
  }
  const gradeOf = new Map(grades.map(grade => [grade.flightId, grade]))
  for (const [key, row] of byKey) {
    const grade = gradeOf.get(row.prediction.flightId)
    if (grade === undefined) continue
    arrivals += 1
    byKey.set(key, { ...row, gradedArrival: arrivals, prediction: { ...row.prediction, grade } })
  }
  const rows = [...byKey.values()].sort((a, b) => newestFirst(a.prediction, b.prediction)).slice(0, rowsMax)
  return { ...held, rows, arrivals }
}

/**
 * Adds predictions from before this page was opened. They are older than all that came, so they count as arrived, and
 * graded, before everything else.
 */
export function applyOlder(held: Held, predictions: readonly LivePrediction[]): Held {
  const known = new Set(held.rows.map(row => row.key))
  const added = predictions.filter(prediction => !known.has(keyOf(prediction)))
  const graded = added
    .map(prediction => prediction.grade)
    .filter(grade => grade !== null)
    .sort((a, b) => a.at - b.at)
  const placeOf = new Map(graded.map((grade, index) => [grade, index - graded.length]))
  const older = added.map(prediction => ({
    key: keyOf(prediction),
    arrival: 0,
    gradedArrival: prediction.grade === null ? null : (placeOf.get(prediction.grade) ?? 0),
    prediction,
  }))
  const rows = [...held.rows, ...older].sort((a, b) => newestFirst(a.prediction, b.prediction)).slice(0, rowsMax)
  return { ...held, rows }
}

function newestFirst(a: LivePrediction, b: LivePrediction): number {
  return (
    b.at - a.at ||
    a.scheduledDepartureAt - b.scheduledDepartureAt ||
    (a.flightId < b.flightId ? -1 : a.flightId > b.flightId ? 1 : a.horizonMinutes - b.horizonMinutes)
  )
}

function mergeAirports(
  held: ReadonlyMap<string, AirportNow>,
  changed: readonly AirportNow[],
): ReadonlyMap<string, AirportNow> {
  const airports = new Map(held)
  for (const airport of changed) {
    if (airport.flights > 0 || airport.cancelled > 0) airports.set(airport.code, airport)
    else airports.delete(airport.code)
  }
  return airports
}

function mergeRisk(held: readonly RiskPoint[], changed: readonly RiskPoint[]): readonly RiskPoint[] {
  const byHour = new Map(held.map(point => [point.at, point]))
  for (const point of changed) byHour.set(point.at, point)
  const points = [...byHour.values()].sort((a, b) => a.at - b.at)
  const last = points.at(-1)?.at ?? 0
  return points.filter(point => point.at > last - riskWindowMs)
}
