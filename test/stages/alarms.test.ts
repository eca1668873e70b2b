import { describe, expect, test } from 'vitest'
import { days, hours } from '../../src/lib/time.ts'
import type { AlertKind, ColumnMetric, DriftMetrics } from '../../src/records.ts'
import { type AlarmState, Alarms, noAlarms } from '../../src/stages/alarms.ts'
import { day } from './events.ts'
import { quickLoop } from './loop.ts'

const settings = { ...quickLoop, rowsMin: 50, unusualShare: 0.5, clearShare: 0.35, aucFall: 0.05 }

function column(name: string, change: Partial<ColumnMetric> = {}): ColumnMetric {
  const counts = { referenceCount: 2000, currentCount: 400, missing: 0, unseen: 0 }
  return {
    column: name,
    method: 'wasserstein',
    score: 0.2,
    threshold: 0.1,
    drifted: true,
    bound: 0.1,
    unusual: true,
    mayAlert: true,
    ...counts,
    ...change,
  }
}

const nothing: DriftMetrics = {
  from: day - days(1),
  to: day,
  span: 'DAY',
  model: 'm0',
  modelHash: 'h0',
  rows: 400,
  labelled: 400,
  late: 100,
  columns: [],
  columnsCompared: 4,
  columnsDrifted: 0,
  driftedShare: 0,
  datasetDrift: false,
  unusualShare: 0,
  target: null,
  prediction: null,
  performance: [],
}

/** Alarms that are told one window after the other. */
class Sounding {
  readonly said: string[] = []
  readonly opened: ReturnType<Alarms['ofDay']>['opened'] = []
  readonly state: AlarmState
  readonly alarms: Alarms
  #to = day

  constructor(state = noAlarms()) {
    this.state = state
    this.alarms = new Alarms(state, settings)
  }

  hour(unusualShare: number | null, columns: ColumnMetric[] = []): this {
    this.#to += hours(1)
    return this.#keep(this.alarms.ofDay({ ...nothing, to: this.#to, unusualShare, columns }))
  }

  day(change: Partial<DriftMetrics>, heldOutAuc: number | null = 0.75): this {
    this.#to += days(1)
    return this.#keep(this.alarms.ofWeek({ ...nothing, span: 'WEEK', to: this.#to, ...change }, heldOutAuc))
  }

  #keep({ opened, resolved }: ReturnType<Alarms['ofDay']>): this {
    this.opened.push(...opened)
    this.said.push(...opened.map(({ kind }) => `${kind} opened`), ...resolved.map(({ kind }) => `${kind} resolved`))
    return this
  }
}

const auc = (value: number | null, count = 400) => ({ performance: [{ model: 'm0', name: 'auc', value, count }] })
const label = (drifted: boolean | null) => ({ target: column('label', { drifted }) })
const probability = (drifted: boolean | null) => ({ prediction: column('probability', { drifted }) })

describe('an alert', () => {
  const cases: [
    kind: AlertKind,
    shifted: (on: Sounding) => void,
    clear: (on: Sounding) => void,
    times: [number, number],
  ][] = [
    ['DATASET_DRIFT', on => on.hour(0.5), on => on.hour(0.34), [2, 2]],
    ['TARGET_DRIFT', on => on.day(label(true)), on => on.day(label(false)), [2, 3]],
    ['PREDICTION_DRIFT', on => on.day(probability(true)), on => on.day(probability(false)), [2, 3]],
    ['PERFORMANCE', on => on.day(auc(0.69)), on => on.day(auc(0.73)), [2, 3]],
  ]
  test.each(cases)('of %s opens once and resolves once', (kind, shifted, clear, [openAfter, resolveAfter]) => {
    const on = new Sounding()
    for (let turn = 0; turn < openAfter - 1; turn++) shifted(on)
    expect(on.said).toEqual([])
    for (let turn = 0; turn < 5; turn++) shifted(on)
    expect(on.said).toEqual([`${kind} opened`])
    expect(on.alarms.open).toBe(1)
    for (let turn = 0; turn < resolveAfter - 1; turn++) clear(on)
    expect(on.said).toEqual([`${kind} opened`])
    for (let turn = 0; turn < 5; turn++) clear(on)
    expect(on.said).toEqual([`${kind} opened`, `${kind} resolved`])
    expect(on.alarms.open).toBe(0)
  })

  test('goes on from its row', () => {
    const on = new Sounding().hour(0.6)
    const again = new Sounding(JSON.parse(JSON.stringify(on.state)) as AlarmState).hour(0.6)
    expect(again.said).toEqual(['DATASET_DRIFT opened'])
    expect(again.opened[0]).toMatchObject({ since: day + hours(1) })
  })

  test('neither opens nor resolves between its bounds', () => {
    const on = new Sounding().hour(0.49).hour(0.49).hour(0.49).hour(0.5).hour(0.5).hour(0.35).hour(0.35).hour(0.35)
    expect(on.said).toEqual(['DATASET_DRIFT opened'])
    // half of the fall that opens it: 0.75 - 0.72 is more than 0.025
    const fallen = new Sounding()
    for (const value of [0.72, 0.72, 0.72, 0.6, 0.6, 0.72, 0.72, 0.72, 0.72]) fallen.day(auc(value))
    expect(fallen.said).toEqual(['PERFORMANCE opened'])
  })

  test('does not come of what cannot be said', () => {
    const on = new Sounding()
    for (let turn = 0; turn < 4; turn++) {
      on.hour(null).day(label(null)).day(probability(null)).day({}).day(auc(null)).day(auc(0.1), null)
      // so few rows can have any AUC
      on.day(auc(0.1, 49))
      on.day({ performance: [{ model: 'm1', name: 'auc', value: 0.1, count: 400 }] })
    }
    expect(on.said).toEqual([])
  })

  test('names when it began, what drifted most, and the figures', () => {
    const columns = [
      column('ordinary', { unusual: false, score: 0.09 }),
      column('month', { mayAlert: false, score: 9 }),
      column('unbounded', { bound: null, unusual: null, score: 9 }),
      column('twice', { score: 0.2 }),
      column('b', { score: 0.3 }),
      column('a', { score: 0.3 }),
      column('farther', { score: 0.25, bound: 0.01 }),
    ]
    const [alert] = new Sounding().hour(0.75, columns).hour(0.75, columns).opened
    expect(alert).toMatchObject({
      id: 'dataset-drift-2013-01-01T02',
      kind: 'DATASET_DRIFT',
      model: 'm0',
      since: day + hours(1),
      at: day + hours(2),
      columns: ['farther', 'a', 'b', 'twice'],
    })
    expect(JSON.parse(alert?.evidence ?? '')).toMatchObject({
      from: nothing.from,
      to: day + hours(2),
      unusualShare: 0.75,
      columns: [{ column: 'farther', method: 'wasserstein', score: 0.25, threshold: 0.1, bound: 0.01 }, {}, {}, {}],
    })
  })

  test('names twelve columns at most', () => {
    const columns = Array.from({ length: 30 }, (_, index) => column(`c${index}`))
    expect(new Sounding().hour(1, columns).hour(1, columns).opened[0]?.columns).toHaveLength(12)
  })

  test('of the trailing week shows what it compared', () => {
    const on = new Sounding()
    for (let turn = 0; turn < 2; turn++) on.day({ ...label(true), ...probability(true), ...auc(0.69) })
    const shown = on.opened.map(({ kind, columns, evidence }) => [kind, columns, JSON.parse(evidence) as object])
    const to = day + days(2)
    const metric = { method: 'wasserstein', score: 0.2, threshold: 0.1, bound: 0.1 }
    expect(shown).toEqual([
      ['TARGET_DRIFT', ['label'], { from: nothing.from, to, columns: [{ column: 'label', ...metric }] }],
      [
        'PREDICTION_DRIFT',
        ['probability'],
        { from: nothing.from, to, columns: [{ column: 'probability', ...metric }] },
      ],
      ['PERFORMANCE', [], { from: nothing.from, to, auc: 0.69, heldOutAuc: 0.75, count: 400, columns: [] }],
    ])
  })

  test('that resolves says which one it was', () => {
    const alarms = new Alarms(noAlarms(), settings)
    const at = (hour: number, unusualShare: number) => alarms.ofDay({ ...nothing, to: day + hours(hour), unusualShare })
    const changes = [at(1, 1), at(2, 1), at(3, 0), at(4, 0)]
    const id = changes[1]?.opened[0]?.id
    expect(changes[3]?.resolved).toMatchObject([
      { id, kind: 'DATASET_DRIFT', at: day + hours(4), openedAt: day + hours(2) },
    ])
  })
})

describe('the wish for a training', () => {
  test('is that of an open alert, once', () => {
    const on = new Sounding()
    expect(on.alarms.wish()).toBeNull()
    on.hour(1).hour(1)
    expect(on.alarms.wish()).toEqual({
      by: 'DRIFT',
      why: 'the columns have shifted',
      alert: 'dataset-drift-2013-01-01T02',
    })
    on.alarms.answered()
    expect(on.alarms.wish()).toBeNull()
    on.hour(1)
    expect(on.alarms.wish()).toBeNull()
  })

  test('comes again with the next alert', () => {
    const on = new Sounding().hour(1).hour(1)
    on.alarms.answered()
    on.hour(0).hour(0).hour(1).hour(1)
    expect(on.alarms.wish()).toMatchObject({ alert: 'dataset-drift-2013-01-01T06' })
  })

  test('is gone when its alert has resolved', () => {
    expect(new Sounding().hour(1).hour(1).hour(0).hour(0).alarms.wish()).toBeNull()
  })

  test('of a fall in performance comes first, and its answer is one to both', () => {
    const on = new Sounding().hour(1).hour(1).day(auc(0.5)).day(auc(0.5))
    expect(on.alarms.wish()).toMatchObject({ by: 'PERFORMANCE', alert: 'performance-2013-01-03T02' })
    on.alarms.answered()
    expect(on.alarms.wish()).toBeNull()
  })

  test('does not come of labels or probabilities that differ', () => {
    const on = new Sounding()
    for (let turn = 0; turn < 3; turn++) on.day({ ...label(true), ...probability(true) })
    expect(on.said).toHaveLength(2)
    expect(on.alarms.wish()).toBeNull()
  })
})
