import { describe, expect, test } from 'vitest'
import { columnDrift } from '../../src/drift/column-drift.ts'
import { distributionOfCategories, distributionOfNumbers } from '../../src/drift/distribution.ts'
import { performanceOfScores } from '../../src/drift/performance.ts'
import { features } from '../../src/features/table.ts'
import { below, randomFrom } from '../../src/lib/random.ts'
import type { DriftMetrics } from '../../src/records.ts'
import { fittingReference, type InForce, preparedReference, windowMetrics } from '../../src/stages/window-metrics.ts'
import { referenceOf as referenceOfRows } from '../drift/reference-of.ts'
import { m } from './events.ts'
import { halves, hashOf, referenceOf, type Seen, sumsOf } from './loop.ts'

const bounds = { rowsMin: 5, driftedShare: 0.5 }
const random = randomFrom(6)

/** Rows of two models, some without a label, some of whose columns are missing. */
const rows: Seen[] = Array.from({ length: 400 }, () => {
  const columns: Record<string, number | string> = { carrier: ['UA', 'B6', 'AA'][below(random, 3)] as string }
  if (random() < 0.9) columns['distanceMiles'] = 100 * below(random, 30)
  if (random() < 0.7) columns['allDepartureDelay1h'] = below(random, 400) - 100
  columns['departureHour'] = below(random, 24)
  const label = random() < 0.1 ? null : random() < 0.3
  const said = (['m0', 'm1'] as const).map(version => [version, below(random, 10_001)] as const)
  return { columns, label, said: random() < 0.8 ? said : said.toReversed() }
})

const numbers = (from: number, step: number) =>
  distributionOfNumbers(Array.from({ length: 1200 }, (_, row) => from + step * row))
const references = {
  carrier: halves,
  distanceMiles: numbers(200, 3),
  allDepartureDelay1h: numbers(-10, 0.1),
  departureHour: distributionOfNumbers(
    Array.from({ length: 2000 }, (_, row) => row % 4),
    { isWhole: true },
  ),
}

function inForce(change: Partial<InForce> = {}): InForce {
  return {
    version: 'm0',
    hash: hashOf('m0'),
    threshold: 3500,
    reference: referenceOf({ columns: references }),
    ...change,
  }
}

function metricsOf(given: readonly Seen[], model: InForce | null, span: DriftMetrics['span'] = 'DAY'): DriftMetrics {
  return windowMetrics({ from: m(0), to: m(1440), span, sums: sumsOf(given) }, model, bounds)
}

const figuresOf = ({ performance }: DriftMetrics, of: string) =>
  Object.fromEntries(performance.filter(({ model }) => model === of).map(({ name, value }) => [name, value]))

describe('the columns of a window', () => {
  const { columns, ...metrics } = metricsOf(rows, inForce())
  const column = (name: string) => columns.find(each => each.column === name)
  const values = (name: string) => rows.map(row => row.columns?.[name] ?? null)

  test('are those that the model reads, in the order of the feature table', () => {
    expect(columns.map(each => each.column)).toEqual([
      'carrier',
      'departureHour',
      'distanceMiles',
      'allDepartureDelay1h',
    ])
  })

  test('have the figures of the rows themselves', () => {
    const drift = {
      carrier: columnDrift(references.carrier, distributionOfCategories(values('carrier') as string[])),
      distanceMiles: driftOfNumbers('distanceMiles', 1),
      allDepartureDelay1h: driftOfNumbers('allDepartureDelay1h', 10),
    }
    for (const [name, { outcome: _, ...figures }] of Object.entries(drift)) {
      const unusual = (figures.score as number) > 0.1
      expect(column(name)).toEqual({ column: name, mayAlert: true, bound: 0.1, unusual, ...figures })
      expect(figures.score).toBeGreaterThan(0)
    }
    expect(column('carrier')?.unseen).toBe(values('carrier').filter(value => value === 'AA').length)
  })

  function driftOfNumbers(name: 'distanceMiles' | 'allDepartureDelay1h', perUnit: number) {
    const present = values(name).filter(value => value !== null) as number[]
    const current = distributionOfNumbers(
      present.map(value => value / perUnit),
      { missing: rows.length - present.length },
    )
    return columnDrift(references[name], current)
  }

  test('count for the dataset if they may alert', () => {
    expect(column('departureHour')).toMatchObject({ mayAlert: false, drifted: true })
    const judged = ['carrier', 'distanceMiles', 'allDepartureDelay1h'].map(column)
    const columnsDrifted = judged.filter(each => each?.drifted).length
    const driftedShare = columnsDrifted / 3
    const datasetDrift = driftedShare >= bounds.driftedShare
    expect(columnsDrifted).toBeGreaterThan(0)
    expect(metrics).toMatchObject({ columnsCompared: 3, columnsDrifted, driftedShare, datasetDrift })
  })

  test('with too few rows have no verdict and do not count', () => {
    const few = rows.slice(0, 4).map(row => ({ ...row, columns: { carrier: 'UA' } }))
    expect(metricsOf(few, inForce())).toMatchObject({
      columnsCompared: 0,
      columnsDrifted: 0,
      driftedShare: null,
      datasetDrift: null,
      target: { score: null, drifted: null },
      prediction: { score: null, drifted: null, currentCount: 4 },
    })
    const enough = rows.slice(0, 5).map(row => ({ ...row, columns: { carrier: 'UA' } }))
    const [carrier, , distance] = metricsOf(enough, inForce()).columns
    expect(carrier).toMatchObject({ drifted: true, currentCount: 5 })
    expect(distance).toMatchObject({ drifted: null, score: null, currentCount: 0, missing: 5 })
  })
})

describe('labels and predictions', () => {
  const { target, prediction } = metricsOf(rows, inForce())
  const { target: t, prediction: p } = referenceOf()

  test('are compared where the model said something', () => {
    const others = rows.map(row => ({ ...row, said: [['m2', 1]] as const, label: true }))
    expect(metricsOf([...rows, ...others], inForce())).toMatchObject({ target, prediction })
  })

  test('have the figures of the rows themselves', () => {
    const labels = rows.flatMap(({ label }) => (label === null ? [] : [label ? 'late' : 'punctual']))
    const { outcome: _, ...ofLabels } = columnDrift(t.reference, distributionOfCategories(labels))
    expect(target).toEqual({ column: 'label', mayAlert: true, bound: null, unusual: null, ...ofLabels })
    const { outcome: __, ...ofSaid } = columnDrift(p.reference, distributionOfNumbers(saidBy('m0', rows)))
    expect(prediction).toEqual({ column: 'probability', mayAlert: true, bound: null, unusual: null, ...ofSaid })
    expect(prediction?.currentCount).toBe(400)
  })

  test('are not compared in a window in which the model said nothing', () => {
    expect(metricsOf(rows, inForce({ version: 'm9' }))).toMatchObject({ target: null, prediction: null })
  })
})

/** Probabilities in 0..1. */
function saidBy(version: string, given: readonly Seen[]): number[] {
  return given.map(({ said }) => (said?.find(([model]) => model === version)?.[1] ?? Number.NaN) / 10_000)
}

describe('performance', () => {
  const labelled = rows.filter(({ label }) => label !== null)
  const labels = labelled.map(({ label }) => Number(label))
  const expected = (version: string, threshold = 0.5) =>
    performanceOfScores({ labels, scores: saidBy(version, labelled) }, { threshold })

  test('of the champion is that of the rows themselves, at its threshold', () => {
    const { confusion, auc, logLoss, brier, ece, accuracy, precision, recall, f1 } = expected('m0', 0.35)
    const figures = figuresOf(metricsOf(rows, inForce()), 'm0')
    expect(figures).toEqual({
      ...confusion,
      auc,
      logLoss: expect.closeTo(logLoss as number, 12),
      brier: expect.closeTo(brier as number, 12),
      ece: expect.closeTo(ece as number, 12),
      accuracy,
      precision,
      recall,
      f1,
    })
    const counts = metricsOf(rows, inForce()).performance.filter(({ model }) => model === 'm0')
    expect(new Set(counts.map(({ count }) => count))).toEqual(new Set([labelled.length]))
  })

  test('of a challenger has the figures that need no threshold', () => {
    const { auc, logLoss } = expected('m1')
    const figures = figuresOf(metricsOf(rows, inForce(), 'WEEK'), 'm1')
    expect(Object.keys(figures)).toEqual(['auc', 'logLoss', 'brier', 'ece'])
    expect(figures).toMatchObject({ auc, logLoss: expect.closeTo(logLoss as number, 12) })
  })

  test('is null where there is nothing to divide by', () => {
    const punctual = rows.slice(0, 9).map(row => ({ ...row, label: false }))
    expect(figuresOf(metricsOf(punctual, inForce()), 'm0')).toMatchObject({ auc: null, recall: null, truePositives: 0 })
  })
})

describe('a window', () => {
  test('of an hour has no columns, and the performance of the champion alone', () => {
    const metrics = metricsOf(rows, inForce(), 'HOUR')
    expect(metrics).toMatchObject({
      columns: [],
      columnsCompared: 0,
      driftedShare: null,
      target: null,
      prediction: null,
    })
    expect(new Set(metrics.performance.map(({ model }) => model))).toEqual(new Set(['m0']))
    expect(metrics).toMatchObject({ model: 'm0', modelHash: hashOf('m0'), rows: 400 })
  })

  test('of a model without a reference has its performance and no comparison', () => {
    const metrics = metricsOf(rows, inForce({ reference: null }))
    expect(metrics).toMatchObject({
      columns: [],
      driftedShare: null,
      datasetDrift: null,
      target: null,
      prediction: null,
    })
    expect(figuresOf(metrics, 'm0')).toEqual(figuresOf(metricsOf(rows, inForce()), 'm0'))
  })

  test('without a model in force counts rows and labels', () => {
    const mute = rows.map(row => ({ ...row, said: [] }))
    const late = rows.filter(({ label }) => label).length
    const labelled = rows.filter(({ label }) => label !== null).length
    const metrics = metricsOf(mute, null)
    expect(metrics).toMatchObject({
      model: null,
      modelHash: null,
      rows: 400,
      labelled,
      late,
      performance: [],
      columns: [],
    })
  })

  test('without rows has columns without a verdict', () => {
    const metrics = metricsOf([], inForce())
    expect(metrics).toMatchObject({ rows: 0, driftedShare: null, target: null, prediction: null, performance: [] })
    expect(metrics.columns.map(({ drifted, score }) => [drifted, score])).toEqual(
      Array.from({ length: 4 }, () => [null, null]),
    )
  })
})

describe("a model's reference", () => {
  const trainedOn = referenceOfRows({
    features: [
      { name: 'distanceMiles', kind: 'numeric', resolution: 1 },
      { name: 'carrier', kind: 'categorical' },
    ],
    rows: Array.from({ length: 40 }, (_, row) => [row, row % 2 === 0 ? 'UA' : 'B6']),
    labels: Array.from({ length: 40 }, (_, row) => row % 2),
    probabilities: Array.from({ length: 40 }, (_, row) => row * 100),
  })
  const json = structuredClone(trainedOn) as never

  test('is made ready by the names of the feature table, with the AUC on held-out rows', () => {
    const reference = preparedReference(fittingReference(json), { heldOut: { auc: 0.7 } })
    expect(reference?.heldOutAuc).toBe(0.7)
    const read = features.filter((_, index) => reference?.columns[index]).map(({ name }) => name)
    expect(read).toEqual(['carrier', 'distanceMiles'])
    const same = rows.slice(0, 40).map((_, row): Seen => {
      const columns = { carrier: row % 2 === 0 ? 'UA' : 'B6', distanceMiles: row }
      return { columns, said: [['m0', row * 100]], label: row % 2 === 1 }
    })
    const metrics = metricsOf(same, inForce({ reference }))
    expect(metrics).toMatchObject({ columnsCompared: 2, columnsDrifted: 0, target: { drifted: false } })
    expect(metrics.prediction).toMatchObject({ drifted: false, referenceCount: 40, currentCount: 40 })
  })

  test('may be missing, and so may its AUC', () => {
    expect(preparedReference(fittingReference(null), null)).toBeNull()
    expect(preparedReference(trainedOn, null)?.heldOutAuc).toBeNull()
    expect(preparedReference(trainedOn, { heldOut: { auc: null } })?.heldOutAuc).toBeNull()
  })

  test.each([
    ['kind', { name: 'carrier', kind: 'numeric', resolution: 1 }],
    ['resolution', { name: 'distanceMiles', kind: 'numeric', resolution: 0.1 }],
    ['name', { name: 'weight', kind: 'numeric', resolution: 1 }],
  ])('with a column of another %s than the feature table has is refused', (_, change) => {
    const sketch = { missing: 0, values: [1], categories: [], counts: [2] }
    const other = { ...trainedOn, columns: [{ ...change, sketch, ordinary: null }] }
    expect(() => fittingReference(other as never)).toThrow(/is no such feature of this pipeline/)
  })
})
