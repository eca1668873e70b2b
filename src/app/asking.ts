// Asking: a prediction on demand, from the present frame and the champion that it names. What is asked is not logged: it
// leaves no trace in any topic.

import type { App } from '../app.ts'
import { recalibrated } from '../drift/recalibration.ts'
import type { AirView } from '../features/air-view.ts'
import type { KnownFlight } from '../features/known.ts'
import { featureRow, features } from '../features/table.ts'
import { airportAt } from '../flights/airports.ts'
import { Failure } from '../lib/failure.ts'
import { minutes } from '../lib/time.ts'
import type { ModelRef } from '../records.ts'
import { partitionOf } from '../runtime/partition.ts'
import { notReady } from '../server/not-ready.ts'
import type { Answer, Ask, FlightAsk } from '../server/program.ts'
import type { OpenFlight } from '../stages/score.ts'
import type { ReadyModel } from '../stages/scoring.ts'
import type { Explaining } from './explaining.ts'

export type Champion = { ref: ModelRef; model: ReadyModel; frameTo: number; view: AirView }

/** Who would answer now, or why nobody can. */
export function championNow({ views, models }: Pick<App, 'views' | 'models'>): Champion | string {
  const view = views.get('airspace.frames')?.view as AirView | undefined
  const frameTo = view?.newest ?? null
  if (!view || frameTo === null) return 'no frame of the air space is sealed yet'
  const ref = view.modelsAt(frameTo).champion
  if (!ref) return 'no model is in force yet'
  const model = models.get(ref.hash)
  return model ? { ref, model, frameTo, view } : `model ${ref.version} is being loaded`
}

/**
 * With `explaining` the answer says why.
 * @throws Failure NOT_READY, UNKNOWN_FLIGHT, AIRPORT_UNKNOWN; to explain also MODEL_UNSUPPORTED, BLOB_MISSING
 */
export async function answer(app: App, ask: Ask, explaining?: Explaining): Promise<Answer> {
  ready(app)
  const { flightId, flight, builtYear, seats, imputed } =
    'flightId' in ask ? await known(app, ask.flightId) : planned(app, ask)
  // the view has moved on while the flight was sought
  const { ref, model, frameTo, view } = ready(app)
  const asked = 'flightId' in ask ? undefined : ask.horizonMinutes
  const horizonMinutes = asked ?? Math.max(0, Math.round((flight.departureAt - frameTo) / minutes(1)))
  const { airports } = app
  const dueAt = flight.departureAt - minutes(horizonMinutes)
  const row = featureRow({ flightId, flight, builtYear, seats, dueAt, horizonMinutes, frameTo, view, airports })
  const said = model.scorer.predict(row)
  const corrected = (each: number) => recalibrated(each, ref.correction)
  const probability = corrected(said.probability)
  const explained = explaining && (await explaining.by(ref.hash))(row)
  const missing = features.filter((_, index) => row[index] === null).map(({ name }) => name)
  return {
    flightId,
    probability: probability / 10_000,
    late: probability >= model.threshold,
    low: corrected(said.low) / 10_000,
    high: corrected(said.high) / 10_000,
    model: ref.version,
    modelHash: ref.hash,
    frameTo,
    horizonMinutes,
    missing: [...imputed, ...missing],
    ...(explained && { explanation: explained }),
  }
}

function ready(app: App): Champion {
  const champion = championNow(app)
  if (typeof champion !== 'string') return champion
  throw notReady(champion)
}

type Asked = {
  flightId: string
  flight: KnownFlight
  builtYear: number | null
  seats: number | null
  imputed: string[]
}

/** A flight that the pipeline holds open. */
async function known({ engines, partitions }: App, flightId: string): Promise<Asked> {
  const open = (await engines.lookup('score', partitionOf(flightId, partitions), flightId)) as OpenFlight | undefined
  if (open) {
    const { flight } = open
    return { flightId, flight, builtYear: flight.builtYear, seats: flight.seats, imputed: [] }
  }
  throw new Failure('UNKNOWN_FLIGHT', `no open flight "${flightId}"`, {
    field: 'flightId',
    help: 'It may have landed, or was never scheduled; name carrier, flightNumber, origin, destination and scheduledDepartureAt instead.',
  })
}

function planned({ airports }: App, ask: FlightAsk): Asked {
  const from = airportAt(ask.origin, airports, 'origin')
  const to = airportAt(ask.destination, airports, 'destination')
  const distanceMiles = Math.round(greatCircleMiles(from, to))
  // 40 minutes on the ground and in the climb, then 8 miles a minute
  const block = minutes(40 + distanceMiles / 8)
  const { carrier, flightNumber, origin, destination, scheduledDepartureAt: departureAt } = ask
  const flight: KnownFlight = {
    carrier,
    flightNumber,
    origin,
    destination,
    distanceMiles,
    scheduledAt: departureAt - minutes(48 * 60),
    firstDepartureAt: departureAt,
    departureAt,
    arrivalAt: ask.scheduledArrivalAt ?? departureAt + block,
    tail: null,
  }
  const imputed = ask.scheduledArrivalAt === undefined ? ['scheduledArrivalAt'] : []
  const day = new Date(departureAt).toISOString().slice(0, 16)
  return {
    flightId: `${carrier}-${ask.flightNumber}-${origin}-${destination}-${day}Z`,
    flight,
    builtYear: null,
    seats: null,
    imputed,
  }
}

type Place = { latitude: number; longitude: number }

/** Haversine formula, mean Earth radius 3,958.8 miles. */
function greatCircleMiles(a: Place, b: Place): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180
  const half = (degrees: number) => Math.sin(radians(degrees) / 2) ** 2
  const h =
    half(b.latitude - a.latitude) +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * half(b.longitude - a.longitude)
  return 2 * 3958.8 * Math.asin(Math.sqrt(h))
}
