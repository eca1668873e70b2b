// The shapes of loop.ts as JSON schemas, by the names they have in /openapi.json.

import type { Static, TSchema } from 'typebox'
import type { Alert, ColumnDrift, Decision, ModelInfo, ModelReport, ShadowTest, TrainingRequest } from './loop.ts'
import { count, instant, listOf, nullable, ref, strict } from './shapes.ts'
import { Type } from './type.ts'

const number = Type.Number()
const text = Type.String()
/** As whoever wrote it made it. */
const json = Type.Unsafe<unknown>({})
const pairOf = <Schema extends TSchema>(items: Schema) =>
  Type.Unsafe<[Static<Schema>, Static<Schema>]>({ type: 'array', items, minItems: 2, maxItems: 2 })
const oneOf = <const Names extends readonly string[]>(...names: Names) =>
  Type.Unsafe<Names[number]>({ type: 'string', enum: names })

const span = oneOf('DAY', 'WEEK')
const alertKind = oneOf('DATASET_DRIFT', 'TARGET_DRIFT', 'PREDICTION_DRIFT', 'PERFORMANCE')
const verb = oneOf('REGISTER', 'PROMOTE', 'REJECT', 'ROLL_BACK', 'DECLINE', 'RECALIBRATE')
const by = oneOf('JUDGE', 'TRAINER', 'OPERATOR')

export { span }

const columnFields = {
  column: text,
  method: Type.String({ description: 'ks, chisquare, z, wasserstein, jensenshannon, psi, kl_div or hellinger.' }),
  score: nullable(Type.Number({ description: 'A p value or a distance; null: not enough rows, or no figure.' })),
  threshold: number,
  drifted: nullable(Type.Boolean({ description: 'null: not enough rows.' })),
  bound: nullable(Type.Number({ description: 'The score up to which a day was ordinary in the training.' })),
  unusual: nullable(Type.Boolean({ description: 'Beyond it: what alerts go by.' })),
  mayAlert: Type.Boolean({ description: 'Columns of the calendar are only reported.' }),
  severity: nullable(
    Type.Number({ description: 'How far beyond its bound, or its threshold where there is none; 1 lies on it.' }),
  ),
  referenceCount: count,
  currentCount: count,
  missing: count,
  unseen: count,
}

export const columnDrift = Type.Object(columnFields, {
  $id: 'ColumnDrift',
  ...strict,
  description: 'A column of a window beside the training of the model in force.',
})

const columnOverview = Type.Object(
  {
    ...columnFields,
    driftedSince: nullable(instant('End of the first window of the present run of drifted ones')),
    recent: listOf(nullable(number), 'Scores of the past 7 days, every 6 hours; of 28 days for WEEK.'),
  },
  strict,
)

export const driftReport = Type.Object(
  {
    span,
    from: instant('Start'),
    to: instant('End'),
    model: nullable(text),
    modelHash: nullable(text),
    rows: count,
    labelled: count,
    late: count,
    columnsCompared: count,
    columnsDrifted: count,
    driftedShare: nullable(number),
    driftedShareMax: Type.Number({ description: 'The share from which it is drift of the dataset.' }),
    datasetDrift: nullable(Type.Boolean()),
    unusualShare: nullable(Type.Number({ description: 'Of the columns that may alert, those beyond their bound.' })),
    unusualShareMax: Type.Number({ description: 'The share from which a day counts as shifted.' }),
    rowsMin: Type.Integer({ minimum: 0, description: 'Fewer rows on a side are no answer.' }),
    columns: listOf(columnOverview, 'By severity.'),
    target: nullable(ref<ColumnDrift>('ColumnDrift')),
    prediction: nullable(ref<ColumnDrift>('ColumnDrift')),
    performance: listOf(
      Type.Object(
        {
          model: text,
          isChampion: Type.Boolean(),
          rows: count,
          figures: Type.Record(Type.String(), nullable(number), { description: 'auc, logLoss, brier, ...' }),
        },
        strict,
      ),
    ),
  },
  { $id: 'DriftReport', ...strict, description: 'The final metrics of a closed window.' },
)

const perWindow = <Schema extends TSchema>(schema: Schema) => listOf(schema, 'One a window.')

export const driftHistory = Type.Object(
  {
    span,
    to: perWindow(instant('End')),
    rows: perWindow(count),
    columnsCompared: perWindow(count),
    columnsDrifted: perWindow(count),
    driftedShare: perWindow(nullable(number)),
    unusualShare: perWindow(nullable(number)),
    performance: Type.Object(
      {
        to: perWindow(instant('End')),
        rows: perWindow(count),
        auc: perWindow(nullable(number)),
        logLoss: perWindow(nullable(number)),
        brier: perWindow(nullable(number)),
      },
      { ...strict, description: 'Of the champion on the flights that ended in the hour (DAY) or the week (WEEK).' },
    ),
  },
  { $id: 'DriftHistory', ...strict },
)

const histogram = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('numeric'),
      edges: listOf(number, 'One more than bins; the first and the last bin also hold what lies beyond.'),
      reference: listOf(count),
      current: listOf(count),
    },
    strict,
  ),
  Type.Object(
    {
      kind: Type.Literal('categorical'),
      categories: listOf(text, 'The 30 with the largest shares on either side.'),
      reference: listOf(count),
      current: listOf(count),
      other: Type.Object({ categories: count, reference: count, current: count }, strict),
    },
    strict,
  ),
])

export const columnReport = Type.Object(
  {
    span,
    about: Type.Object(
      {
        name: text,
        kind: oneOf('numeric', 'categorical'),
        unit: nullable(text),
        about: text,
        mayAlert: Type.Boolean(),
      },
      strict,
    ),
    latest: nullable(ref<ColumnDrift>('ColumnDrift')),
    window: nullable(Type.Object({ from: instant('Start'), to: instant('End'), model: nullable(text) }, strict)),
    series: Type.Object(
      {
        to: perWindow(instant('End')),
        score: perWindow(nullable(number)),
        drifted: perWindow(nullable(Type.Boolean())),
        missingShare: perWindow(nullable(number)),
      },
      strict,
    ),
    histogram: nullable(histogram),
    histogramMissing: nullable(Type.String({ description: 'Why there is none.' })),
    missing: nullable(Type.Object({ reference: count, current: count }, strict)),
    unseen: listOf(Type.Object({ category: text, count }, strict), 'Categories that the reference does not have.'),
  },
  { $id: 'ColumnReport', ...strict },
)

export const alert = Type.Object(
  {
    id: text,
    kind: alertKind,
    at: instant('Opened'),
    since: instant('End of the first window of the shift'),
    model: nullable(text),
    columns: listOf(text, 'What drifted, the most first.'),
    message: text,
    evidence: json,
    resolvedAt: nullable(instant('Resolved')),
    resolvedMessage: nullable(text),
  },
  { $id: 'Alert', ...strict, description: 'A sustained shift.' },
)

export const trainingRequest = Type.Object(
  {
    id: Type.String({ description: 'Also the version of the model that answers.' }),
    at: instant('Asked'),
    effectiveFrom: instant('From when the answer may be in force'),
    by: oneOf('DRIFT', 'PERFORMANCE', 'SCHEDULE', 'OPERATOR'),
    why: text,
    alert: nullable(text),
    champion: nullable(text),
    answer: nullable(Type.Object({ verb, accepted: Type.Boolean(), because: text }, strict)),
  },
  { $id: 'TrainingRequest', ...strict },
)

export const decision = Type.Object(
  {
    id: text,
    at: instant('Asked'),
    by,
    verb,
    version: text,
    accepted: Type.Boolean(),
    because: text,
    evidence: json,
    effectiveFrom: instant('In force from'),
    champion: nullable(text),
    challengers: listOf(text),
  },
  { $id: 'Decision', ...strict, description: 'Of the registry, on evidence.' },
)

export const shadowTest = Type.Object(
  {
    at: instant('End of the last day'),
    champion: text,
    challenger: text,
    days: count,
    rows: count,
    meanDifference: nullable(Type.Number({ description: "Champion's log loss less the challenger's, nats a row." })),
    standardError: nullable(number),
    statistic: nullable(number),
    bound: nullable(Type.Number({ description: 'What the statistic has to reach at this look.' })),
    power: nullable(number),
    verdict: oneOf('WAIT', 'PROMOTE', 'REJECT'),
    because: text,
  },
  { $id: 'ShadowTest', ...strict, description: 'Champion against challenger on the same flights.' },
)

export const modelInfo = Type.Object(
  {
    version: text,
    role: oneOf('champion', 'challenger', 'former', 'rejected', 'registered'),
    card: Type.Object(
      {
        artefact: text,
        hash: text,
        featureSet: text,
        trainedFrom: nullable(Type.Integer()),
        trainedTo: nullable(Type.Integer()),
        rows: count,
        why: text,
        parent: nullable(text),
        parameters: json,
        metrics: json,
      },
      strict,
    ),
    inForce: listOf(
      Type.Object({ from: instant('Start'), to: nullable(instant('End')) }, strict),
      'As the champion; the present stretch has no end.',
    ),
    correction: nullable(
      Type.Object(
        {
          nats: listOf(number, 'Added to the log odds of its probabilities: at 10, 30 and 60 %.'),
          from: instant('In force from'),
          because: text,
        },
        { ...strict, description: 'Of the champion, by what the days before got wrong.' },
      ),
    ),
  },
  { $id: 'ModelInfo', ...strict },
)

export const models = Type.Object(
  {
    champion: nullable(text),
    challengers: listOf(text),
    versions: listOf(ref<ModelInfo>('ModelInfo'), 'Newest first.'),
    decisions: listOf(ref<Decision>('Decision'), 'Newest first.'),
    shadowTests: listOf(ref<ShadowTest>('ShadowTest'), 'The last of each open challenger.'),
  },
  { $id: 'Models', ...strict },
)

export const modelDetail = Type.Object(
  {
    model: ref<ModelInfo>('ModelInfo'),
    decisions: listOf(ref<Decision>('Decision'), 'Newest first.'),
    shadowTests: listOf(ref<ShadowTest>('ShadowTest'), 'Oldest first.'),
    request: nullable(ref<TrainingRequest>('TrainingRequest')),
    report: nullable(ref<ModelReport>('ModelReport')),
  },
  { $id: 'ModelDetail', ...strict },
)

const metricPair = Type.Object(
  {
    name: text,
    values: pairOf(nullable(number)),
    difference: nullable(Type.Number({ description: 'The second less the first.' })),
  },
  strict,
)

export const modelComparison = Type.Object(
  {
    versions: pairOf(ref<ModelInfo>('ModelInfo')),
    card: listOf(metricPair, "On each model's own held-out rows."),
    stream: nullable(Type.Object({ from: instant('Start'), to: instant('End'), figures: listOf(metricPair) }, strict)),
    shadowTests: listOf(ref<ShadowTest>('ShadowTest'), 'Of one against the other, oldest first.'),
  },
  { $id: 'ModelComparison', ...strict },
)

export const ordered = Type.Object(
  {
    command: Type.String({ description: 'Id of the command in models.commands.' }),
    decision: nullable(ref<Decision>('Decision')),
  },
  { $id: 'Ordered', ...strict },
)

export const alerts = Type.Object({ alerts: listOf(ref<Alert>('Alert'), 'Newest first.') }, strict)

export const loopStatus = Type.Object(
  {
    challengers: listOf(text),
    openAlerts: listOf(Type.Object({ id: text, kind: alertKind, at: instant('Opened') }, strict)),
    openRequest: nullable(Type.String({ description: 'A training that was asked for and not answered.' })),
    driftedShare: nullable(number),
    datasetDrift: nullable(Type.Boolean()),
    unusualShare: nullable(number),
  },
  strict,
)

export const loopComponents: readonly TSchema[] = [
  columnDrift,
  driftReport,
  driftHistory,
  columnReport,
  alert,
  trainingRequest,
  decision,
  shadowTest,
  modelInfo,
  models,
  modelDetail,
  modelComparison,
  ordered,
]
