import { describe, expect, test } from 'vitest'
import type { ModelReport } from '../../src/drift/model-report.ts'
import { defineFeatures } from '../../src/features/define.ts'
import { fitCalibration } from '../../src/forest/calibration.ts'
import type { Json, Model } from '../../src/forest/model.ts'
import { packColumn } from '../../src/forest/training-set.ts'
import { metricsOf } from '../../src/jobs/model-metrics.ts'
import { fractionOf, hash32 } from '../../src/lib/random.ts'
import { hours } from '../../src/lib/time.ts'
import { modelOf } from '../forest/models.ts'
import { start } from './training.ts'

const about = { uses: [], source: 'flight', mayAlert: true, about: '' } as const
const table = defineFeatures([
  { ...about, name: 'delay', kind: 'numeric', resolution: 1, unit: 'min', value: () => null },
  { ...about, name: 'carrier', kind: 'categorical', value: () => null },
])

const grown = 40
const held = 600
const all = grown + held
const chance = (text: string) => fractionOf(hash32(text, 1))
const labels = Uint8Array.from({ length: all }, (_, row) => (chance(`late ${row}`) < 0.3 ? 1 : 0))
const carriers = Array.from({ length: all }, (_, row) => ['UA', 'B6', null][row % 3] ?? null)
const rows = {
  departureAt: Float64Array.from({ length: all }, (_, row) => start + hours(row)),
  labels,
  columns: [
    packColumn(
      'numeric',
      carriers.map((_, row) => row),
    ),
    packColumn('categorical', carriers),
  ],
}
/** Scores that know nothing. */
const raws = Float64Array.from({ length: held }, (_, row) => chance(`raw ${row}`))
const model = modelOf([[0, 100, false, 0, 1]], { features: [{ name: 'delay', kind: 'numeric' }], calibration: null })

type Metrics = { heldOut: Record<string, number>; heldOutRows: number; heldOutDays: number; report: ModelReport }

async function measured(of: Model): Promise<Metrics> {
  const grading = { table, rows, heldOutFrom: grown, raws, seed: 1, turn: async () => undefined }
  return (await metricsOf(of, grading)) as Json as unknown as Metrics
}

describe('metrics of the held-out rows', () => {
  test('are of days that did not calibrate: a calibration that learnt its rows by heart is not believed', async () => {
    const calibration = fitCalibration({ raws, labels: labels.subarray(grown) })
    const { heldOut } = await measured({ ...model, calibration })
    // by heart, noise has an AUC above 0.55; of other days it has none
    expect(Math.abs((heldOut['auc'] as number) - 0.5)).toBeLessThan(0.05)
    const { heldOut: plain } = await measured({ ...model, calibration: null })
    expect(plain['auc']).not.toBe(heldOut['auc'])
  })

  test('tell groups by the columns of the table that are there, without what is missing', async () => {
    const { report, heldOutRows, heldOutDays } = await measured(model)
    expect([heldOutRows, heldOutDays]).toEqual([held, 26])
    expect(report.groups.map(({ by, rest, groups }) => [by, rest, groups.map(({ group }) => group)])).toEqual([
      ['carrier', 200, ['B6', 'UA']],
    ])
    expect(report.importance).toBeNull()
  })

  test('have the importance of a model that knows its rows', async () => {
    const trees = { ...model.trees, leafCovers: Float64Array.of(1, 3) }
    const { report } = await measured({ ...model, trees })
    expect(report.importance).toMatchObject({ rows: 300, features: [{ feature: 'delay', share: 1 }] })
  })
})
