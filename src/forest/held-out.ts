import { rawToProbability } from './calibration.ts'
import { type CalibrationMethod, calibrationBy, chooseCalibration } from './calibration-choice.ts'
import type { FeatureTable } from './encode.ts'
import { fitInterval } from './interval.ts'
import { certain, type FeatureRow, type Model } from './model.ts'
import { compile } from './score.ts'
import { chooseThreshold, type ThresholdGoal } from './threshold.ts'

/** Rows that no tree has seen, later than those it was trained on. */
export type HeldOut = {
  readonly rows: readonly FeatureRow[]
  /** 1 for late, 0 for on time. */
  readonly labels: ArrayLike<number>
  /** What the rows hold; by default the model's features. */
  readonly table?: FeatureTable
  readonly goal?: ThresholdGoal
  /** As in `fitCalibration`. */
  readonly edgeRows?: number
  /** `best`: whichever does best on the later half of the rows. `isotonic` if absent. */
  readonly method?: CalibrationMethod | 'best'
}

/** The model with calibration, interval and decision threshold fitted to held-out rows, in place of those it had. */
export function fitToHeldOut(model: Model, { rows, table = model.features, ...given }: HeldOut): Model {
  const { rawOf } = compile(model, table)
  return fitToRaws(model, { ...given, raws: Float64Array.from(rows, rawOf) })
}

/** The same from raw scores. */
export function fitToRaws(
  model: Model,
  {
    raws,
    labels,
    goal = 'f1',
    edgeRows = 0,
    method = 'isotonic',
  }: Omit<HeldOut, 'rows' | 'table'> & { readonly raws: Float64Array },
): Model {
  const calibrated = { raws, labels, edgeRows }
  const calibration =
    method === 'best'
      ? chooseCalibration(model.kind, calibrated).calibration
      : calibrationBy(method, model.kind, calibrated)
  const interval = fitInterval(model.kind, raws, labels)
  const fitted = { ...model, calibration, interval }
  const toProbability = rawToProbability(fitted)
  const probabilities = Int32Array.from(raws, raw => Math.round(certain * toProbability(raw)))
  return { ...fitted, threshold: chooseThreshold(probabilities, labels, goal) }
}
