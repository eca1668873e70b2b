// From records to rows: what each record of a topic becomes in which tables (warehouse/migrations has the tables). Pure,
// and one to one: from a table's rows the records can be read back. Every row ends with its record's partition and offset.

import type {
  AlertOpened,
  AlertResolved,
  ColumnMetric,
  DriftMetrics,
  FlightOutcome,
  OutcomeRow,
  RecordName,
  Records,
} from '../records.ts'

/** The topics that the warehouse holds. */
export const sinkTopics: readonly string[] = [
  'flights.predictions',
  'flights.outcomes',
  'drift.metrics',
  'models.registry',
]

export type Row = readonly unknown[]

/** What one kind of record is in one table. */
type Part<T> = {
  readonly table: string
  readonly columns: readonly string[]
  readonly rows: (record: T) => readonly Row[]
}

/** Columns of where a row came from, the last of every table. */
export const placeColumns: readonly string[] = ['topic_partition', 'topic_offset']

type Cells<T> = readonly (readonly [column: string, value: (record: T) => unknown])[]

/** A record is one row. */
function one<T>(table: string, cells: Cells<T>): Part<T> {
  return { table, columns: cells.map(([column]) => column), rows: record => [cells.map(([, value]) => value(record))] }
}

/** A record is a row for each of its parts. */
function each<T, P>(table: string, parts: (record: T) => readonly P[], cells: Cells<readonly [T, P]>): Part<T> {
  return {
    table,
    columns: cells.map(([column]) => column),
    rows: record => parts(record).map(part => cells.map(([, value]) => value([record, part]))),
  }
}

/** Ten-thousandths, as the topics have probabilities, to 0..1. */
const share = (tenThousandths: number): number => tenThousandths / 10_000

type About = Pick<
  FlightOutcome,
  'flightId' | 'carrier' | 'flightNumber' | 'origin' | 'destination' | 'scheduledDepartureAt'
>

const flight: Cells<About> = [
  ['flight_id', one => one.flightId],
  ['carrier', one => one.carrier],
  ['flight_number', one => one.flightNumber],
  ['origin', one => one.origin],
  ['destination', one => one.destination],
  ['scheduled_departure_at', one => one.scheduledDepartureAt],
]

type Said = { horizonMinutes: number; at: number; dueAt: number }

const said: Cells<Said> = [
  ['horizon_minutes', one => one.horizonMinutes],
  ['at', one => one.at],
  ['due_at', one => one.dueAt],
]

const prediction = one<Records['Prediction']>('predictions', [
  ...flight,
  ...said,
  ['probability', one => share(one.probability)],
  ['late', one => one.late],
  ['low', one => share(one.low)],
  ['high', one => share(one.high)],
  ['model', one => one.model],
  ['model_hash', one => one.modelHash],
  ['frame_to', one => one.frameTo],
])

const skipped = one<Records['PredictionSkipped']>('skipped', [...flight, ...said, ['reason', one => one.reason]])

const outcome = one<FlightOutcome>('outcomes', [
  ...flight,
  ['number', one => one.number],
  ['at', one => one.at],
  ['kind', one => one.kind],
  ['departure_at', one => one.departureAt],
  ['arrival_at', one => one.arrivalAt],
  ['departed_at', one => one.departedAt],
  ['arrived_at', one => one.arrivedAt],
  ['arrival_delay_minutes', one => one.arrivalDelayMinutes],
  ['label', one => one.label],
  ['feature_set', one => one.featureSet],
  ['horizons', one => one.rows.length],
])

const outcomeRow = each<FlightOutcome, OutcomeRow>('outcome_rows', one => one.rows, [
  ['flight_id', ([one]) => one.flightId],
  ['horizon_minutes', ([, row]) => row.horizonMinutes],
  ['at', ([one]) => one.at],
  ['due_at', ([, row]) => row.dueAt],
  ['frame_to', ([, row]) => row.frameTo],
  ['skipped', ([, row]) => row.skipped],
  ['label', ([one]) => one.label],
  ['feature_set', ([one]) => one.featureSet],
  ['numbers', ([, row]) => row.features.map(value => (typeof value === 'number' ? value : null))],
  ['categories', ([, row]) => row.features.map(value => (typeof value === 'string' ? value : null))],
  ['models', ([, row]) => row.outputs.map(({ model }) => model)],
  ['hashes', ([, row]) => row.outputs.map(({ hash }) => hash)],
  ['probabilities', ([, row]) => row.outputs.map(({ probability }) => share(probability))],
])

const windowOf: Cells<Pick<DriftMetrics, 'to' | 'span' | 'from'>> = [
  ['window_from', one => one.from],
  ['window_to', one => one.to],
  ['span', one => one.span],
]

const driftWindow = one<DriftMetrics>('drift_windows', [
  ...windowOf,
  ['model', one => one.model],
  ['model_hash', one => one.modelHash],
  ['rows', one => one.rows],
  ['labelled', one => one.labelled],
  ['late', one => one.late],
  ['columns_compared', one => one.columnsCompared],
  ['columns_drifted', one => one.columnsDrifted],
  ['drifted_share', one => one.driftedShare],
  ['unusual_share', one => one.unusualShare],
  ['dataset_drift', one => one.datasetDrift],
])

type Role = 'FEATURE' | 'TARGET' | 'PREDICTION'

function metricsOf({ columns, target, prediction }: DriftMetrics): [Role, ColumnMetric][] {
  const metrics: [Role, ColumnMetric][] = columns.map(metric => ['FEATURE', metric])
  if (target) metrics.push(['TARGET', target])
  if (prediction) metrics.push(['PREDICTION', prediction])
  return metrics
}

const driftMetric = each<DriftMetrics, [Role, ColumnMetric]>('drift_metrics', metricsOf, [
  ...windowOf.map(([column, value]) => [column, ([one]: readonly [DriftMetrics, unknown]) => value(one)] as const),
  ['role', ([, [role]]) => role],
  ['column_name', ([, [, metric]]) => metric.column],
  ['method', ([, [, metric]]) => metric.method],
  ['score', ([, [, metric]]) => metric.score],
  ['threshold', ([, [, metric]]) => metric.threshold],
  ['drifted', ([, [, metric]]) => metric.drifted],
  ['bound', ([, [, metric]]) => metric.bound],
  ['unusual', ([, [, metric]]) => metric.unusual],
  ['may_alert', ([, [, metric]]) => metric.mayAlert],
  ['reference_count', ([, [, metric]]) => metric.referenceCount],
  ['current_count', ([, [, metric]]) => metric.currentCount],
  ['missing', ([, [, metric]]) => metric.missing],
  ['unseen', ([, [, metric]]) => metric.unseen],
])

const performance = each<DriftMetrics, DriftMetrics['performance'][number]>('performance', one => one.performance, [
  ...windowOf.map(([column, value]) => [column, ([one]: readonly [DriftMetrics, unknown]) => value(one)] as const),
  ['model', ([, metric]) => metric.model],
  ['metric', ([, metric]) => metric.name],
  ['value', ([, metric]) => metric.value],
  ['count', ([, metric]) => metric.count],
])

type AlertRow = AlertOpened | AlertResolved

/** Opened and resolved alerts lie in one table, so they have one list of columns. */
const alert = (event: 'OPENED' | 'RESOLVED'): Part<AlertRow> =>
  one<AlertRow>('alerts', [
    ['id', one => one.id],
    ['event', () => event],
    ['at', one => one.at],
    ['kind', one => one.kind],
    ['model', one => ('model' in one ? one.model : null)],
    ['since', one => ('since' in one ? one.since : null)],
    ['opened_at', one => ('openedAt' in one ? one.openedAt : one.at)],
    ['columns', one => ('columns' in one ? one.columns : [])],
    ['message', one => one.message],
    ['evidence', one => ('evidence' in one ? one.evidence : null)],
  ])

const shadowTest = one<Records['ShadowTested']>('shadow_tests', [
  ['at', one => one.at],
  ['champion', one => one.champion],
  ['challenger', one => one.challenger],
  ['days', one => one.days],
  ['rows', one => one.rows],
  ['mean_difference', one => one.meanDifference],
  ['standard_error', one => one.standardError],
  ['statistic', one => one.statistic],
  ['bound', one => one.bound],
  ['power', one => one.power],
  ['verdict', one => one.verdict],
  ['because', one => one.because],
])

const decision = one<Records['ModelDecision']>('decisions', [
  ['id', one => one.id],
  ['at', one => one.at],
  ['by', one => one.by],
  ['verb', one => one.verb],
  ['version', one => one.version],
  ['accepted', one => one.accepted],
  ['because', one => one.because],
  ['evidence', one => one.evidence],
  ['effective_from', one => one.effectiveFrom],
  ['champion', one => one.champion?.version ?? null],
  ['champion_hash', one => one.champion?.hash ?? null],
  ['challengers', one => one.challengers.map(({ version }) => version)],
])

const modelVersion = one<Records['ModelVersion']>('model_versions', [
  ['version', one => one.version],
  ['artefact', ({ card }) => card.artefact],
  ['hash', ({ card }) => card.hash],
  ['feature_set', ({ card }) => card.featureSet],
  ['trained_from', ({ card }) => card.trainedFrom],
  ['trained_to', ({ card }) => card.trainedTo],
  ['rows', ({ card }) => card.rows],
  ['why', ({ card }) => card.why],
  ['parent', ({ card }) => card.parent],
  ['parameters', ({ card }) => card.parameters],
  ['metrics', ({ card }) => card.metrics],
])

const modelAlias = one<Records['ModelAlias']>('model_aliases', [
  ['alias', one => one.alias],
  ['version', one => one.version],
  ['hash', one => one.hash],
  ['effective_from', one => one.effectiveFrom],
])

/** Records without an entry, such as watermarks, are no rows. */
export const sinkParts: { readonly [N in RecordName]?: readonly Part<Records[N]>[] } = {
  Prediction: [prediction],
  PredictionSkipped: [skipped],
  FlightOutcome: [outcome, outcomeRow],
  DriftMetrics: [driftWindow, driftMetric, performance],
  AlertOpened: [alert('OPENED')],
  AlertResolved: [alert('RESOLVED')],
  ShadowTested: [shadowTest],
  ModelDecision: [decision],
  ModelVersion: [modelVersion],
  ModelAlias: [modelAlias],
}

/** Rows by table, gathered record by record. */
export class SinkRows {
  readonly tables = new Map<string, { columns: readonly string[]; rows: unknown[][] }>()
  readonly #partition: number

  constructor(partition: number) {
    this.#partition = partition
  }

  add(record: { readonly name: string; readonly value: unknown }, offset: number): void {
    const parts = (sinkParts as Readonly<Record<string, readonly Part<unknown>[] | undefined>>)[record.name] ?? []
    for (const { table, columns, rows } of parts) {
      let held = this.tables.get(table)
      if (!held) {
        held = { columns: [...columns, ...placeColumns], rows: [] }
        this.tables.set(table, held)
      }
      for (const row of rows(record.value)) held.rows.push([...row, this.#partition, offset])
    }
  }
}
