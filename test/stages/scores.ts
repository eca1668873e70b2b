// score, with a view and models at hand: frames are sealed by the test, models answer what they are made to.

import { AirView } from '../../src/features/air-view.ts'
import { windowMs } from '../../src/features/partial.ts'
import type { FeatureRow } from '../../src/forest/model.ts'
import type { Scorer } from '../../src/forest/score.ts'
import type { AirspaceFrame } from '../../src/records.ts'
import { score } from '../../src/stages/score.ts'
import type { ReadyModel } from '../../src/stages/scoring.ts'
import type { StageSettings } from '../../src/stages/settings.ts'
import { frameOf } from '../features/world.ts'
import { m } from './events.ts'
import { StageRun } from './stage-io.ts'
import { Timeline } from './timeline.ts'

/** Says `probability` (ten-thousandths) of every row, 1,000 on both sides, late from 5,000; keeps what it was asked. */
export function modelOf(probability: number, asked: FeatureRow[] = []): ReadyModel {
  const rawOf = (row: FeatureRow) => {
    asked.push(row)
    return probability / 10_000
  }
  const probabilityOf = (raw: number) => Math.round(raw * 10_000)
  const lowOf = (raw: number) => probabilityOf(raw) - 1000
  const highOf = (raw: number) => probabilityOf(raw) + 1000
  return { scorer: { rawOf, probabilityOf, lowOf, highOf } as unknown as Scorer, threshold: 5000, reference: null }
}

/** Frames and models of one process, shared by its tasks. */
export class Air {
  readonly view = new AirView()
  readonly models = new Map<string, ReadyModel>([['h1', modelOf(4000)]])
  #next = m(0)

  has(at: number): boolean {
    return this.view.newest !== null && at <= this.view.newest
  }

  get(hash: string): ReadyModel | null {
    return this.models.get(hash) ?? null
  }

  /** Seals the windows that end at or before `to`; by default v1 is in force, alone. */
  seal(to: number, change: Partial<AirspaceFrame> = {}): this {
    for (; this.#next + windowMs <= to; this.#next += windowMs) {
      const champion = { version: 'v1', hash: 'h1', correction: [] }
      this.view.apply({ ...frameOf(this.#next + windowMs), pipeline: 'p1', champion, ...change })
    }
    return this
  }
}

export class Scoring extends StageRun {
  readonly air: Air
  readonly timeline: Timeline

  constructor(
    horizonsMinutes: readonly number[] = [120],
    change: { air?: Air; settings?: Partial<StageSettings> } = {},
  ) {
    const air = change.air ?? new Air()
    super(score, { settings: { horizonsMinutes, ...change.settings }, shared: air, artefacts: air as never })
    this.air = air
    this.timeline = new Timeline(this)
    this.timeline.watermark(m(0))
  }

  get predictions() {
    return this.out('flights.predictions', 'Prediction')
  }

  get skipped() {
    return this.out('flights.predictions', 'PredictionSkipped')
  }

  get outcomes() {
    return this.out('flights.outcomes', 'FlightOutcome')
  }
}
