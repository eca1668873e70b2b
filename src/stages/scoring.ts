// Scoring: one prediction from what is known of the flight, the shared view as of a frame, and the models it names.

import { type Correction, recalibrated } from '../drift/recalibration.ts'
import type { AirView, ModelsInForce } from '../features/air-view.ts'
import { featureRow } from '../features/table.ts'
import type { Flight } from '../flights/life.ts'
import type { FeatureRow } from '../forest/model.ts'
import type { Scorer } from '../forest/score.ts'
import { Failure } from '../lib/failure.ts'
import type { ModelOutput, ModelRef, OutcomeRow, Prediction } from '../records.ts'
import type { Artefacts, Shared, StageIo } from '../runtime/stage.ts'
import type { StageSettings } from './settings.ts'
import type { PreparedReference } from './window-metrics.ts'

/** A model made ready: checked against the feature table, laid out for scoring. */
export type ReadyModel = {
  readonly scorer: Scorer
  /** Ten-thousandths; late at or above. */
  readonly threshold: number
  /** What drift is measured against; null: the model has none. */
  readonly reference: PreparedReference | null
}

export type Asked = {
  readonly id: string
  readonly flight: Flight
  readonly due: { readonly at: number; readonly horizon: number }
  /** End of the last frame it may use; null: the air space is empty. */
  readonly frameTo: number | null
}

export type Made = { readonly row: OutcomeRow; readonly prediction: Prediction | null }

type AskedModel = { readonly ref: ModelRef; readonly model: ReadyModel }

const noModels: readonly AskedModel[] = []

export class Scoring {
  readonly #frames: Shared<AirView>
  readonly #models: Artefacts<ReadyModel>
  readonly #settings: StageSettings
  /** Asked about last, and their models. */
  #inForce: ModelsInForce | null = null
  #asked: readonly AskedModel[] = noModels

  constructor(io: StageIo, settings: StageSettings) {
    this.#frames = io.shared<AirView>('airspace.frames')
    this.#models = io.artefacts<ReadyModel>()
    this.#settings = settings
  }

  /**
   * @returns null when the frame or a model that it names is not here yet
   * @throws Failure PIPELINE_VERSION when the frame was sealed by another pipeline
   */
  make({ id, flight, due, frameTo }: Asked): Made | null {
    const { view } = this.#frames
    if (frameTo !== null && !this.#frames.has(frameTo)) return null
    const inForce = frameTo === null ? null : view.modelsAt(frameTo)
    if (inForce && inForce.pipeline !== this.#settings.version) {
      throw new Failure(
        'PIPELINE_VERSION',
        `the frame was sealed by pipeline ${inForce.pipeline}, this is ${this.#settings.version}`,
      )
    }
    const asked = inForce === null ? noModels : this.#readyOf(inForce)
    if (asked === null) return null

    const { airports } = this.#settings
    const { builtYear, seats } = flight
    const features = featureRow({
      flightId: id,
      flight,
      builtYear,
      seats,
      dueAt: due.at,
      horizonMinutes: due.horizon,
      frameTo,
      view,
      airports,
    })
    const outputs: ModelOutput[] = []
    let first: Said | null = null
    for (const { ref, model } of asked) {
      const said = saidOf(model, features, ref.correction)
      first ??= said
      outputs.push({ model: ref.version, hash: ref.hash, probability: said.probability })
    }
    const champion = inForce?.champion
    const skipped = champion ? null : 'NO_MODEL'
    const row: OutcomeRow = { horizonMinutes: due.horizon, dueAt: due.at, frameTo, skipped, features, outputs }
    if (!champion || !first) return { row, prediction: null }
    return { row, prediction: predictionOf({ id, flight, due, frameTo }, champion, first) }
  }

  /** The champion and its challengers; null when one is not here yet. Many predictions are about one frame. */
  #readyOf(inForce: ModelsInForce): readonly AskedModel[] | null {
    if (inForce === this.#inForce) return this.#asked
    const asked: AskedModel[] = []
    const refs = inForce.champion ? [inForce.champion, ...inForce.challengers] : []
    for (const ref of refs) {
      const model = this.#models.get(ref.hash)
      if (model === null) return null
      asked.push({ ref, model })
    }
    this.#inForce = inForce
    this.#asked = asked
    return asked
  }
}

/** What a model says of a row. */
type Said = {
  readonly model: ReadyModel
  readonly raw: number
  readonly correction: Correction
  readonly probability: number
}

function saidOf(model: ReadyModel, features: FeatureRow, correction: Correction): Said {
  const raw = model.scorer.rawOf(features)
  return { model, raw, correction, probability: recalibrated(model.scorer.probabilityOf(raw), correction) }
}

function predictionOf({ id, flight, due, frameTo }: Asked, champion: ModelRef, said: Said): Prediction {
  const { model, raw, correction, probability } = said
  const { scorer, threshold } = model
  return {
    flightId: id,
    horizonMinutes: due.horizon,
    at: due.at,
    dueAt: due.at,
    carrier: flight.carrier,
    flightNumber: flight.flightNumber,
    origin: flight.origin,
    destination: flight.destination,
    scheduledDepartureAt: flight.departureAt,
    probability,
    late: probability >= threshold,
    low: recalibrated(scorer.lowOf(raw), correction),
    high: recalibrated(scorer.highOf(raw), correction),
    model: champion.version,
    modelHash: champion.hash,
    frameTo,
  }
}
