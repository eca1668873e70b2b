// Smallest frames and rows that a test can change.

import type { Row } from '../../src/web/feed.ts'
import type {
  AirportNow,
  Alert,
  ColumnOverview,
  Decision,
  Delta,
  Grade,
  LivePrediction,
  PartitionBalance,
  ShadowTest,
  Snapshot,
  Status,
  TrainingRequest,
} from '../../src/web/wire.ts'

export const startAt = Date.UTC(2013, 1, 8, 12)

export function predictionOf(change: Partial<LivePrediction> = {}): LivePrediction {
  const flightNumber = change.flightNumber ?? 1545
  return {
    flightId: `UA-${flightNumber}`,
    carrier: 'UA',
    flightNumber,
    origin: 'EWR',
    destination: 'IAH',
    scheduledDepartureAt: startAt + 120 * 60_000,
    at: startAt,
    horizonMinutes: 120,
    probability: 0.4,
    late: true,
    low: 0.3,
    high: 0.5,
    skipped: null,
    model: 'seed',
    grade: null,
    ...change,
  }
}

export function gradeOf(flightId: string, change: Partial<Grade> = {}): Grade {
  return { flightId, at: startAt + 5 * 3_600_000, kind: 'LANDED', arrivalDelayMinutes: 32, label: true, ...change }
}

export function airportOf(code: string, change: Partial<AirportNow> = {}): AirportNow {
  return {
    code,
    name: code,
    latitude: 39,
    longitude: -95,
    flights: 10,
    risk: 0.3,
    lateShare: null,
    cancelled: 0,
    ...change,
  }
}

export const evenPartition: PartitionBalance = {
  partition: 0,
  in: 110,
  timeline: 100,
  held: 7,
  duplicates: 2,
  rejected: 1,
  late: 3,
  flights: 40,
  settled: 25,
  open: 14,
  givenUp: 1,
  cancelled: 5,
  horizons: 40,
  predicted: 30,
  skipped: { CANCELLED: 4, NO_MODEL: 1 },
  notYetDue: 5,
}

export function statusOf(change: Partial<Status> = {}): Status {
  return {
    version: '0.1.0',
    pipeline: 'p1',
    ready: true,
    notReadyBecause: null,
    eventTime: startAt,
    supervised: false,
    lives: 1,
    replay: null,
    model: null,
    stages: [],
    eventsPerSecond: 0,
    totals: { events: 1, predictions: 1, skipped: 0, outcomes: 0, rejected: 0, late: 0 },
    balance: { partitions: [evenPartition], even: true },
    quality: { n: 0, auc: null, logLoss: null, brier: null, hits: 0, misses: 0 },
    training: null,
    loop: {
      challengers: [],
      openAlerts: [],
      openRequest: null,
      driftedShare: null,
      datasetDrift: null,
      unusualShare: null,
    },
    ...change,
  }
}

export function snapshotOf(change: Partial<Snapshot> = {}): Snapshot {
  const parts = { status: statusOf(), predictions: [], airports: [], risk: [], drift: null }
  return { seq: 0, type: 'snapshot', session: 's', ...parts, ...change }
}

export const deltaOf = (seq: number, change: Partial<Delta> = {}): Delta => ({ seq, type: 'delta', ...change })

export function rowOf(change: Partial<LivePrediction> = {}, arrivals: Partial<Row> = {}): Row {
  const prediction = predictionOf(change)
  return { key: `${prediction.flightId} 120`, arrival: 1, gradedArrival: null, prediction, ...arrivals }
}

export function alertOf(change: Partial<Alert> = {}): Alert {
  return {
    id: 'dataset-drift-2013-02-08T12',
    kind: 'DATASET_DRIFT',
    at: startAt,
    since: startAt - 5 * 3_600_000,
    model: 'seed',
    columns: ['originWind'],
    message: '38 of 66 columns differ from what seed was trained on',
    evidence: null,
    resolvedAt: null,
    resolvedMessage: null,
    ...change,
  }
}

export function requestOf(change: Partial<TrainingRequest> = {}): TrainingRequest {
  return {
    id: 'm-2013-02-08T12',
    at: startAt,
    effectiveFrom: startAt + 86_400_000,
    by: 'DRIFT',
    why: 'the columns have shifted',
    alert: null,
    champion: 'seed',
    answer: null,
    ...change,
  }
}

export function decisionOf(change: Partial<Decision> = {}): Decision {
  return {
    id: `${change.verb ?? 'PROMOTE'} ${change.version ?? 'seed'}`,
    at: startAt,
    by: 'JUDGE',
    verb: 'PROMOTE',
    version: 'seed',
    accepted: true,
    because: 'better by 0.0121 nats a row',
    evidence: null,
    effectiveFrom: startAt,
    champion: 'seed',
    challengers: [],
    ...change,
  }
}

export function shadowTestOf(change: Partial<ShadowTest> = {}): ShadowTest {
  return {
    at: startAt,
    champion: 'seed',
    challenger: 'm-2013-02-08T12',
    days: 4,
    rows: 3_368,
    meanDifference: 0.0121,
    standardError: 0.0047,
    statistic: 2.57,
    bound: null,
    power: 0.9,
    verdict: 'WAIT',
    because: '4 of 7 days',
    ...change,
  }
}

export function columnDriftOf(change: Partial<ColumnOverview> = {}): ColumnOverview {
  return {
    column: 'originWind',
    method: 'wasserstein',
    score: 0.25,
    threshold: 0.1,
    drifted: true,
    bound: 0.3,
    unusual: false,
    mayAlert: true,
    severity: 2.5,
    referenceCount: 20_000,
    currentCount: 800,
    missing: 0,
    unseen: 0,
    driftedSince: startAt,
    recent: [],
    ...change,
  }
}
