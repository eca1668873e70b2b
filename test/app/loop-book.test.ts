import { describe, expect, test } from 'vitest'
import { LoopBook } from '../../src/app/loop-book.ts'
import { comparisonOf } from '../../src/app/loop-compare.ts'
import { driftReportOf } from '../../src/app/loop-report.ts'
import { days, hours } from '../../src/lib/time.ts'
import type { RecordName, Records } from '../../src/records.ts'
import type { ModelInfo } from '../../src/server/loop.ts'
import { loopDefaults } from '../../src/stages/settings.ts'
import { asked, columnMetric, decided, metricsOf, opened, registered, resolved, start, tested } from './loop-samples.ts'

type Said = { [N in RecordName]: [name: N, value: Records[N]] }[RecordName]

function bookOf(...said: Said[]): LoopBook {
  const book = new LoopBook()
  for (const [offset, [name, value]] of said.entries()) book.take(name, value, offset)
  return book
}

describe('alerts', () => {
  const first = opened(start)
  const second = opened(start + days(2), { kind: 'PERFORMANCE' })

  test('stand newest first, open until they are resolved', () => {
    const book = bookOf(['AlertOpened', first], ['AlertOpened', second])
    book.take('AlertResolved', resolved(first, start + days(1)), 2)
    expect(book.alerts).toMatchObject([
      { id: second.id, kind: 'PERFORMANCE', resolvedAt: null, evidence: { driftedShare: 0.6 } },
      { id: first.id, resolvedAt: start + days(1), resolvedMessage: 'back' },
    ])
  })

  test('of the past are at most 500, and an open one is never forgotten', () => {
    const book = bookOf(['AlertOpened', first])
    for (let n = 1; n <= 600; n++) {
      const other = opened(start + hours(n))
      book.take('AlertOpened', other, n)
      book.take('AlertResolved', resolved(other, start + hours(n + 1)), n)
    }
    book.take('AlertOpened', opened(start + hours(700)), 700)
    expect(book.alerts).toHaveLength(502)
    expect(book.alerts.at(-1)).toMatchObject({ id: first.id, resolvedAt: null })
  })

  test('are told as they come; the end of one that nobody knows is not', () => {
    const book = new LoopBook()
    expect(book.take('AlertOpened', first, 0)).toMatchObject([{ alert: { id: first.id } }])
    expect(book.take('AlertResolved', resolved(second, start), 1)).toEqual([])
  })
})

describe('models', () => {
  const story: Said[] = [
    ['ModelVersion', registered('v1')],
    ['ModelDecision', decided({ verb: 'REGISTER', version: 'v1', at: start })],
    ['ModelDecision', decided({ verb: 'PROMOTE', version: 'v1', at: start, champion: 'v1' })],
    ['ModelVersion', registered('v2')],
    ['ModelDecision', decided({ verb: 'REGISTER', version: 'v2', at: start + 1, champion: 'v1', challengers: ['v2'] })],
    ['ModelVersion', registered('v3')],
    [
      'ModelDecision',
      decided({ verb: 'REGISTER', version: 'v3', at: start + 2, champion: 'v1', challengers: ['v2', 'v3'] }),
    ],
    ['ModelDecision', decided({ verb: 'REJECT', version: 'v3', at: start + 3, champion: 'v1', challengers: ['v2'] })],
    ['ModelDecision', decided({ verb: 'PROMOTE', version: 'v2', at: start + days(1), champion: 'v2' })],
  ]

  test('have their part and the stretches in which they were in force', () => {
    const book = bookOf(...story)
    expect(book.versions.map(({ version, role }) => [version, role])).toEqual([
      ['v3', 'rejected'],
      ['v2', 'champion'],
      ['v1', 'former'],
    ])
    const inForceFrom = start + days(1) + hours(1)
    expect(book.version('v1')?.inForce).toEqual([{ from: start + hours(1), to: inForceFrom }])
    expect(book.version('v2')?.inForce).toEqual([{ from: inForceFrom, to: null }])
    expect(book.version('v1')?.card.parameters).toEqual({ trees: 25 })
    expect(book.version('nope')).toBeNull()
  })

  test('that went back into force have two stretches', () => {
    const book = bookOf(...story)
    book.take('ModelDecision', decided({ verb: 'ROLL_BACK', version: 'v1', at: start + days(2), champion: 'v1' }), 9)
    expect(book.version('v1')?.inForce).toHaveLength(2)
    expect(book.version('v2')?.role).toBe('former')
  })

  test('a recalibration is told with the champion until the next one is, and is no entry of its own', () => {
    const book = bookOf(...story)
    const decisions = book.decisions.length
    const recalibrated = (at: number, accepted: boolean) =>
      decided(
        { verb: 'RECALIBRATE', version: 'v2', at, champion: 'v2', correction: [-1250, 500, 0] },
        { by: 'JUDGE', accepted, because: '20 of 100 flights were late, 25 were expected' },
      )
    expect(book.take('ModelDecision', recalibrated(start + days(2), false), 9)).toEqual([])
    expect(book.version('v2')?.correction).toBeNull()
    expect(book.take('ModelDecision', recalibrated(start + days(3), true), 10)).toEqual([])
    expect(book.version('v2')?.correction).toEqual({
      nats: [-0.125, 0.05, 0],
      from: start + days(3) + hours(1),
      because: '20 of 100 flights were late, 25 were expected',
    })
    expect(book.version('v1')?.correction).toBeNull()
    expect(book.decisions).toHaveLength(decisions)
    book.take('ModelDecision', decided({ verb: 'ROLL_BACK', version: 'v1', at: start + days(4), champion: 'v1' }), 11)
    expect(book.versions.map(({ correction }) => correction)).toEqual([null, null, null])
  })

  test('a decision against a command changes nobody', () => {
    const book = bookOf(...story)
    const refused = decided({ verb: 'REJECT', version: 'v2', at: start + days(2), champion: 'v2' }, { accepted: false })
    expect(book.take('ModelDecision', refused, 9)).toMatchObject([{ decision: { accepted: false } }])
    expect(book.champion).toBe('v2')
    expect(book.version('v2')?.role).toBe('champion')
    expect(book.decisions[0]).toMatchObject({ accepted: false })
  })
})

describe('a request', () => {
  const at = start + days(3)
  const answer = decided({ verb: 'DECLINE', version: 'm-1', at }, { accepted: true, because: '12 rows are too few' })

  test('is open until the registry has decided on what answers it, and both are told', () => {
    const book = bookOf(['RetrainRequest', asked('m-1', at)])
    expect(book.requests[0]).toMatchObject({ id: 'm-1', answer: null })
    expect(book.requests[0]).not.toHaveProperty('cut')
    const told = book.take('ModelDecision', answer, 1)
    expect(told).toMatchObject([{ decision: { verb: 'DECLINE' } }, { request: { id: 'm-1' } }])
    expect(book.requests[0]).toMatchObject({ answer: { verb: 'DECLINE', because: '12 rows are too few' } })
  })

  test('is answered, too, when its topic is read after the registry', () => {
    const book = bookOf(['ModelDecision', answer], ['RetrainRequest', asked('m-1', at)])
    expect(book.requests[0]?.answer).toMatchObject({ verb: 'DECLINE' })
  })
})

describe('metrics', () => {
  const figure = (model: string, name: string, value: number | null) => ({ model, name, value, count: 40 })

  test('of an hour give the figures of the champion, of a day the report', () => {
    const hour = metricsOf(start, {
      span: 'HOUR',
      performance: [figure('v1', 'auc', 0.7), figure('v1', 'brier', null)],
    })
    const book = new LoopBook()
    expect(book.take('DriftMetrics', hour, 0)).toEqual([])
    expect(book.figures.DAY).toEqual([{ to: start, rows: 40, auc: 0.7, logLoss: null, brier: null }])
    expect(book.latest('DAY')).toBeNull()
    expect(book.take('DriftMetrics', metricsOf(start), 1)).toMatchObject([{ metrics: { to: start, rows: 1000 } }])
    expect(book.latest('DAY')).toMatchObject({ to: start })
  })

  test('are reported with the column furthest beyond its threshold first, whatever its method', () => {
    const columns = [
      columnMetric('quiet', 0.05),
      columnMetric('few', null),
      // a p value: 0.05 / 0.0005 is 100 times beyond
      columnMetric('unlikely', 0.0005, { method: 'ks', threshold: 0.05, drifted: true }),
      columnMetric('far', 0.3),
      // far beyond what was ordinary though below its threshold
      columnMetric('calm', 0.08, { bound: 0.004, unusual: true }),
    ]
    const book = bookOf(
      ['DriftMetrics', metricsOf(start - hours(6), { columns })],
      ['DriftMetrics', metricsOf(start, { columns })],
    )
    const report = driftReportOf(book.latest('DAY') ?? metricsOf(0), book.series.DAY, loopDefaults)
    expect(report.columns.map(({ column }) => column)).toEqual(['unlikely', 'calm', 'far', 'quiet', 'few'])
    expect(report.columns.map(({ severity }) => severity?.toFixed(1))).toEqual([
      '100.0',
      '20.0',
      '3.0',
      '0.5',
      undefined,
    ])
    expect(report.columns[2]?.recent.slice(-3)).toEqual([null, 0.3, 0.3])
    expect(report.columns[2]?.driftedSince).toBe(start - hours(6))
    expect(report).toMatchObject({ driftedShareMax: 0.5, rowsMin: 200 })
  })
})

test('two models are compared by card, by the last week in which both spoke, and by their tests', () => {
  const figure = (model: string, name: string, value: number, count = 900) => ({ model, name, value, count })
  const week = (to: number, models: string[]) =>
    metricsOf(to, {
      span: 'WEEK',
      performance: models.flatMap((model, at) => [
        figure(model, 'auc', 0.7 + at / 100, 900 - at * 880),
        figure(model, 'recall', 0.4),
      ]),
    })
  const book = bookOf(
    ['ModelVersion', registered('v1', { heldOut: { auc: 0.74, n: 900 }, interval95: { auc: [0.7, 0.78] } })],
    ['ModelVersion', registered('v2', { heldOut: { auc: 0.75 } })],
    ['DriftMetrics', week(start, ['v1', 'v2'])],
    ['DriftMetrics', week(start + days(1), ['v1'])],
    ['ShadowTested', tested('v2', start)],
    ['ShadowTested', tested('v2', start, 'v0')],
  )
  const versions = ['v1', 'v2'].map(version => book.version(version)) as [ModelInfo, ModelInfo]
  const { card, stream, shadowTests } = comparisonOf(versions, book)
  expect(card.map(({ name, values }) => [name, ...values])).toEqual([
    ['auc', 0.74, 0.75],
    ['n', 900, null],
  ])
  expect(card[0]?.difference).toBeCloseTo(0.01, 12)
  expect(stream?.to).toBe(start)
  expect(stream?.figures[0]).toMatchObject({ name: 'auc', values: [0.7, 0.71] })
  expect(stream?.figures.at(-1)).toEqual({ name: 'flights', values: [900, 20], difference: -880 })
  expect(shadowTests).toMatchObject([{ champion: 'v1', challenger: 'v2' }])
})
