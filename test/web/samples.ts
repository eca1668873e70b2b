// Smallest frames and rows that a test can change.

import type { Row } from '../../src/web/feed.ts'
import type {
  AirportNow,
  Delta,
  Grade,
  LivePrediction,
  PartitionBalance,
  Snapshot,
  Status,
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
    replay: null,
    model: null,
    stages: [],
    eventsPerSecond: 0,
    totals: { events: 1, predictions: 1, skipped: 0, outcomes: 0, rejected: 0, late: 0 },
    balance: { partitions: [evenPartition], even: true },
    quality: { n: 0, auc: null, logLoss: null, brier: null, hits: 0, misses: 0 },
    training: null,
    ...change,
  }
}

export function snapshotOf(change: Partial<Snapshot> = {}): Snapshot {
  return { seq: 0, type: 'snapshot', status: statusOf(), predictions: [], airports: [], risk: [], ...change }
}

export const deltaOf = (seq: number, change: Partial<Delta> = {}): Delta => ({ seq, type: 'delta', ...change })

export function rowOf(change: Partial<LivePrediction> = {}, arrivals: Partial<Row> = {}): Row {
  const prediction = predictionOf(change)
  return { key: `${prediction.flightId} 120`, arrival: 1, gradedArrival: null, prediction, ...arrivals }
}
