import { expect, test } from 'vitest'
import { chooseCalibration } from '../../src/forest/calibration-choice.ts'
import { fitToHeldOut } from '../../src/forest/held-out.ts'
import type { FeatureRow } from '../../src/forest/model.ts'
import { compile } from '../../src/forest/score.ts'
import { modelOf } from './models.ts'

const rows: FeatureRow[] = Array.from({ length: 40 }, (_, row) => [row, 'UA', 0])
const labels = rows.map((_, row) => (row >= 30 ? 1 : 0))
const model = modelOf([[0, 19, false, 0.1, 0.3]])

test('a model is fitted to held-out rows: calibrated, with an interval and a threshold', () => {
  const fitted = fitToHeldOut(model, { rows, labels })
  const scorer = compile(fitted)
  // right of the split 10 of 20 were late, left none; one more row there: 10 or 11 of 21, 0 or 1 of 21
  expect(scorer.predict([35, 'UA', 0])).toMatchObject({ probability: 5000, low: 4762, high: 5238, isLate: true })
  expect(scorer.predict([3, 'UA', 0])).toMatchObject({ probability: 0, low: 0, high: 476, isLate: false })
  expect(fitted.threshold).toBe(5000)
  expect(fitted.trees).toBe(model.trees)
})

test('held-out rows may come in the order of another table', () => {
  const turned = rows.map(([delay = null]): FeatureRow => [0, delay])
  const table = [
    { name: 'hour', kind: 'numeric' },
    { name: 'delay', kind: 'numeric', resolution: 0.1 },
  ] as const
  expect(fitToHeldOut(model, { rows: turned, labels, table })).toEqual(fitToHeldOut(model, { rows, labels }))
})

test('the calibration can be one of the curves, or the best of all', () => {
  const platt = fitToHeldOut(model, { rows, labels, method: 'platt' })
  expect(platt.calibration?.raw.length).toBeGreaterThan(2)
  const best = fitToHeldOut(model, { rows, labels, method: 'best' })
  const { calibration } = chooseCalibration(model.kind, { raws: rows.map(compile(model).rawOf), labels })
  expect(best.calibration).toEqual(calibration)
})
