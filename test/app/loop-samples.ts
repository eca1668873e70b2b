// Records of the loop for tests of what the doors show of it.

import { days, hours } from '../../src/lib/time.ts'
import type {
  AlertOpened,
  AlertResolved,
  ColumnMetric,
  DriftMetrics,
  ModelDecision,
  ModelVersion,
  RetrainRequest,
  ShadowTested,
} from '../../src/records.ts'

export const start = Date.UTC(2013, 1, 8)

export function columnMetric(column: string, score: number | null, change: Partial<ColumnMetric> = {}): ColumnMetric {
  return {
    column,
    method: 'wasserstein',
    score,
    threshold: 0.1,
    drifted: score === null ? null : score >= 0.1,
    bound: null,
    unusual: null,
    mayAlert: true,
    referenceCount: 20_000,
    currentCount: 800,
    missing: 200,
    unseen: 0,
    ...change,
  }
}

/** A window that ends at `to`. */
export function metricsOf(to: number, change: Partial<DriftMetrics> = {}): DriftMetrics {
  const span = change.span ?? 'DAY'
  const lengthMs = { HOUR: hours(1), DAY: days(1), WEEK: days(7) }[span]
  return {
    from: to - lengthMs,
    to,
    span,
    model: 'v1',
    modelHash: 'hash of v1',
    rows: 1000,
    labelled: 900,
    late: 200,
    columns: [],
    columnsCompared: 4,
    columnsDrifted: 1,
    driftedShare: 0.25,
    datasetDrift: false,
    unusualShare: 0.1,
    target: null,
    prediction: null,
    performance: [],
    ...change,
  }
}

export function opened(at: number, change: Partial<AlertOpened> = {}): AlertOpened {
  const about = { kind: 'DATASET_DRIFT', model: 'v1', since: at - hours(5), columns: ['a'], message: 'm' } as const
  return { id: `alert ${at}`, at, ...about, columns: ['a'], evidence: '{"driftedShare":0.6}', ...change }
}

export function resolved({ id, at: openedAt }: AlertOpened, at: number): AlertResolved {
  return { id, at, kind: 'DATASET_DRIFT', openedAt, message: 'back' }
}

export function registered(version: string, metrics: object = {}): ModelVersion {
  const card = {
    artefact: `models/${version}`,
    hash: `hash of ${version}`,
    featureSet: 'f',
    trainedFrom: null,
    trainedTo: null,
    rows: 100,
    why: 'test',
    parent: null,
    parameters: '{"trees":25}',
    metrics: JSON.stringify(metrics),
  }
  return { version, card }
}

const refOf = (version: string, correction: number[]) => ({ version, hash: `hash of ${version}`, correction })

export function decided(
  of: Pick<ModelDecision, 'verb' | 'version' | 'at'> & {
    champion?: string
    challengers?: string[]
    id?: string
    correction?: number[]
  },
  change: Partial<Pick<ModelDecision, 'by' | 'accepted' | 'because' | 'evidence'>> = {},
): ModelDecision {
  const { verb, version, at, champion, challengers = [], correction = [], id = `${verb} ${version} ${at}` } = of
  return {
    id,
    at,
    by: 'OPERATOR',
    verb,
    version,
    accepted: true,
    because: 'asked',
    evidence: null,
    effectiveFrom: at + hours(1),
    champion: champion === undefined ? null : refOf(champion, correction),
    challengers: challengers.map(challenger => refOf(challenger, [])),
    ...change,
  }
}

export function asked(id: string, at: number): RetrainRequest {
  return { id, at, effectiveFrom: at + days(1), by: 'DRIFT', why: 'shift', alert: null, champion: 'v1', cut: [1, 2] }
}

export function tested(challenger: string, at: number, champion = 'v1'): ShadowTested {
  const figures = { meanDifference: 0.01, standardError: 0.004, statistic: 2.5, bound: null, power: 0.9 }
  return { at, champion, challenger, days: 3, rows: 2000, ...figures, verdict: 'WAIT', because: '3 of 7 days' }
}
