import type { Patience } from '../drift/sustained.ts'
import type { Airports } from '../flights/airports.ts'

/** What the stages need to know and cannot see in a record. Part of the pipeline's version. */
export type StageSettings = {
  /** Of the pipeline: features, horizons and rules; named in every frame. */
  readonly version: string
  /** How far behind a mark the watermark stays. */
  readonly latenessMs: number
  /** How far ahead of the last mark an event may be. */
  readonly aheadMs: number
  /** Width of a frame. */
  readonly windowMs: number
  /** A promotion takes effect at a multiple of this. */
  readonly stepMs: number
  /** Minutes before the planned departure, distinct. */
  readonly horizonsMinutes: readonly number[]
  readonly airports: Airports
  readonly loop: LoopSettings
}

/** When the judge calls a shift sustained, and when it asks for a training. */
export type LoopSettings = {
  /** Rows with a value that a window must have for a verdict. */
  readonly rowsMin: number
  /** Share of the columns that may alert from which a window is called drifted, 0..1: a figure, not an alert. */
  readonly driftedShare: number
  /** Share of them beyond what was ordinary in the training from which a day counts as shifted, 0..1. */
  readonly unusualShare: number
  /** Below it a day counts as clear; between the two nothing changes. */
  readonly clearShare: number
  /** Hours in a row that open an alert, and that resolve one. */
  readonly patience: Patience
  /** How far the trailing week's AUC may lie below that on held-out rows of the training. */
  readonly aucFall: number
  /** Days after the last request at which one is made anyway; null: never. */
  readonly retrainDays: number | null
  /** Whether an alert of shifted columns or of fallen performance asks for a training. */
  readonly alertsRetrain: boolean
}

export const loopDefaults: LoopSettings = {
  rowsMin: 200,
  driftedShare: 0.5,
  unusualShare: 0.25,
  clearShare: 0.12,
  patience: { openAfter: 4, resolveAfter: 24 },
  aucFall: 0.05,
  retrainDays: 7,
  alertsRetrain: true,
}
