// Records of every kind that the warehouse takes, numbered so that no two are the same.

import type { RecordName, Records } from '../../src/records.ts'

const hour = 3_600_000
const start = Date.UTC(2013, 1, 8)

function about(n: number) {
  return {
    flightId: `UA-${n}-EWR-IAH`,
    carrier: 'UA',
    flightNumber: n,
    origin: 'EWR',
    destination: 'IAH',
    scheduledDepartureAt: start + n * hour,
  }
}

const column = {
  column: 'hour',
  method: 'psi',
  score: 0.25,
  threshold: 0.2,
  drifted: true,
  bound: null,
  unusual: null,
  mayAlert: false,
  referenceCount: 100,
  currentCount: 90,
  missing: 1,
  unseen: 0,
}

const makers: { [N in RecordName]?: (n: number) => Records[N] } = {
  Prediction: n => ({
    ...about(n),
    horizonMinutes: 120,
    at: start + n,
    dueAt: start + n,
    probability: 1234 + n,
    late: n % 2 === 0,
    low: 1000,
    high: 2000,
    model: 'seed',
    modelHash: 'abc',
    frameTo: n % 3 === 0 ? null : start,
  }),
  PredictionSkipped: n => ({ ...about(n), horizonMinutes: 120, at: start + n, dueAt: start + n, reason: 'NO_MODEL' }),
  FlightOutcome: n => ({
    ...about(n),
    number: n,
    at: start + n,
    kind: 'LANDED',
    departureAt: start,
    arrivalAt: start + hour,
    departedAt: start + 60_000,
    arrivedAt: null,
    arrivalDelayMinutes: 17,
    label: true,
    featureSet: 'f1',
    rows: [120, 30].slice(0, n % 3).map(horizonMinutes => ({
      horizonMinutes,
      dueAt: start,
      frameTo: null,
      skipped: null,
      features: [n, null, 'EWR'],
      outputs: [{ model: 'seed', hash: 'abc', probability: 2500 }],
    })),
  }),
  Watermark: n => ({ at: start + n }),
  DriftMetrics: n => ({
    from: start,
    to: start + n * hour,
    span: 'DAY',
    model: 'seed',
    modelHash: 'abc',
    rows: 10,
    labelled: 9,
    late: 2,
    columns: [column, { ...column, column: 'windSpeed', score: null, drifted: null }],
    columnsCompared: 1,
    columnsDrifted: 1,
    driftedShare: 1,
    unusualShare: 0.5,
    datasetDrift: true,
    target: { ...column, column: 'label' },
    prediction: null,
    performance: [{ model: 'seed', name: 'auc', value: 0.7, count: 9 }],
  }),
  AlertOpened: n => ({
    id: `alert-${n}`,
    at: start + n,
    kind: 'DATASET_DRIFT',
    model: 'seed',
    since: start,
    columns: ['hour'],
    message: 'hour drifts',
    evidence: '{}',
  }),
  AlertResolved: n => ({ id: `alert-${n}`, at: start + n, kind: 'DATASET_DRIFT', openedAt: start, message: 'over' }),
  ShadowTested: n => ({
    at: start + n,
    champion: 'm1',
    challenger: 'm2',
    days: n,
    rows: 100,
    meanDifference: 0.01,
    standardError: null,
    statistic: null,
    bound: null,
    power: 0.8,
    verdict: 'WAIT',
    because: 'too early',
  }),
  ModelDecision: n => ({
    id: `decision-${n}`,
    at: start + n,
    by: 'JUDGE',
    verb: 'PROMOTE',
    version: 'm2',
    accepted: true,
    because: 'better',
    evidence: null,
    effectiveFrom: start,
    champion: { version: 'm2', hash: 'def', correction: [120, -30, 7] },
    challengers: [{ version: 'm3', hash: 'ghi', correction: [] }],
  }),
  ModelVersion: n => ({
    version: `m${n}`,
    card: {
      artefact: 'models/def',
      hash: 'def',
      featureSet: 'f1',
      trainedFrom: null,
      trainedTo: start,
      rows: 1000,
      why: 'drift',
      parent: null,
      parameters: '{}',
      metrics: '{}',
    },
  }),
  ModelAlias: n => ({ alias: 'champion', version: `m${n}`, hash: 'def', effectiveFrom: start + n }),
}

/** A record of a kind. @param n its number, from 0 */
export function sample<N extends RecordName>(name: N, n: number): Records[N] {
  const maker = makers[name]
  if (!maker) throw new Error(`no sample of ${name}`)
  return maker(n)
}
