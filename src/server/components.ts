// The shapes of program.ts and problem.ts as JSON schemas, by the names they have in /openapi.json.
// test/server/components.test.ts keeps both equal.

import type { TSchema } from 'typebox'
import { loopComponents, loopStatus } from './components-loop.ts'
import { searchComponents } from './components-search.ts'
import { airportCode, carrierCode, flightId, flightNumber } from './fields.ts'
import type { Problem } from './problem.ts'
import type { Explanation, Grade, LivePrediction } from './program.ts'
import { count, instant, nullable, ref, strict } from './shapes.ts'
import { Type } from './type.ts'

const probability = (description: string) => Type.Number({ minimum: 0, maximum: 1, description })

export const problem = Type.Object(
  {
    type: Type.String({ format: 'uri', description: 'The code as a URN.' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String({ description: 'What happened this time.' }),
    code: Type.Unsafe<Problem['code']>(
      Type.String({ description: 'A code of docs/failures.md; what programs branch on.' }),
    ),
    field: Type.Optional(Type.String({ description: 'Path into what was sent: `origin`, `[3].origin`.' })),
    pointer: Type.Optional(Type.String({ description: 'The same as a JSON pointer: `/3/origin`.' })),
    help: Type.Optional(Type.String({ description: 'What to do next.' })),
    instance: Type.Optional(Type.String({ description: 'The request, as the log names it.' })),
  },
  { $id: 'Problem', ...strict, description: 'RFC 9457.' },
)

export const grade = Type.Object(
  {
    flightId,
    at: instant('When it was known'),
    kind: Type.Union([Type.Literal('LANDED'), Type.Literal('CANCELLED'), Type.Literal('GIVEN_UP')]),
    arrivalDelayMinutes: nullable(Type.Number({ description: 'Early is negative.' })),
    label: nullable(Type.Boolean({ description: 'Arrived 15 minutes late or more; null unless it landed.' })),
  },
  { $id: 'Grade', ...strict, description: 'How a flight ended.' },
)

export const livePrediction = Type.Object(
  {
    flightId,
    carrier: carrierCode,
    flightNumber,
    origin: airportCode,
    destination: airportCode,
    scheduledDepartureAt: instant('Planned departure'),
    at: instant('When it was said, in event time'),
    horizonMinutes: Type.Number({ description: 'Minutes before the planned departure.' }),
    probability: nullable(probability('That it arrives 15 minutes late or more; null when skipped.')),
    late: nullable(Type.Boolean({ description: 'The decision: the probability reaches the threshold of the model.' })),
    low: nullable(probability('Lower end of the interval.')),
    high: nullable(probability('Upper end of the interval.')),
    skipped: nullable(Type.String({ description: 'Why there is no probability.' })),
    model: nullable(Type.String()),
    grade: nullable(ref<Grade>('Grade')),
  },
  { $id: 'LivePrediction', ...strict, description: 'A prediction, or a skip, as it was made.' },
)

export const livePredictions = Type.Object({ predictions: Type.Array(ref<LivePrediction>('LivePrediction')) }, strict)

export const explanation = Type.Object(
  {
    base: Type.Number({ description: 'What the model says of the average training row, before its calibration.' }),
    margin: Type.Number({ description: 'What it says of this one: base and all contributions.' }),
    reasons: Type.Array(
      Type.Object(
        {
          feature: Type.String(),
          contribution: Type.Number({ description: 'How far it moved the margin; above 0: late is likelier.' }),
          text: Type.String({ description: 'The value in words.' }),
        },
        strict,
      ),
      { description: 'The largest contributions, by exact TreeSHAP.' },
    ),
  },
  { $id: 'Explanation', ...strict, description: 'Why the model says so.' },
)

export const answer = Type.Object(
  {
    flightId,
    probability: probability('That it arrives 15 minutes late or more.'),
    late: Type.Boolean({ description: 'The decision: the probability reaches the threshold of the model.' }),
    low: probability('Lower end of the interval.'),
    high: probability('Upper end of the interval.'),
    model: Type.String(),
    modelHash: Type.String({ description: 'SHA-256 of the artefact.' }),
    frameTo: nullable(instant('End of the last frame used')),
    horizonMinutes: Type.Number(),
    missing: Type.Array(Type.String(), { description: 'Features that had no value.' }),
    explanation: Type.Optional(ref<Explanation>('Explanation')),
  },
  { $id: 'Answer', ...strict },
)

export const trainingInWork = Type.Object(
  {
    id: Type.String({ description: 'Of the request; also the version of the model that is made.' }),
    since: Type.Number({ description: 'Epoch milliseconds, wall clock.' }),
    progress: Type.Number({ description: 'Share that is done, 0 to 1.' }),
    rows: count,
  },
  { ...strict, description: 'In work now.' },
)

export const trainingAsked = Type.Object(
  {
    id: Type.String({ description: 'Also the version of the model that answers.' }),
    at: instant('Event time of the request'),
    effectiveFrom: instant('From when the answer may be in force'),
    why: Type.String(),
    cut: Type.Array(count, { description: 'Running number of the last outcome that is read, by partition.' }),
  },
  { $id: 'TrainingAsked', ...strict },
)

const replay = Type.Object(
  {
    paused: Type.Boolean(),
    hoursPerSecond: nullable(Type.Number({ description: 'null: as fast as the machine can.' })),
    from: Type.String({ description: 'First local day.' }),
    to: Type.String({ description: 'Last local day.' }),
    at: instant('Event time reached'),
    done: Type.Boolean(),
    fastUntil: nullable(instant('Until then at full speed')),
  },
  { $id: 'Replay', ...strict },
)

const stage = Type.Object(
  {
    name: Type.String(),
    recordsPerSecond: Type.Number(),
    lag: Type.Number({ description: 'Records not read yet.' }),
    state: Type.Union([
      Type.Literal('running'),
      Type.Literal('idle'),
      Type.Literal('parked'),
      Type.Literal('restoring'),
      Type.Literal('failed'),
    ]),
    watermark: nullable(instant('Event time reached')),
    why: nullable(Type.String()),
    partitions: Type.Array(
      Type.Object(
        {
          partition: count,
          position: Type.Number(),
          lag: Type.Number(),
          watermark: nullable(Type.Integer()),
          state: Type.String(),
        },
        strict,
      ),
    ),
  },
  { $id: 'Stage', ...strict },
)

export const taskFacts = Type.Object(
  {
    stage: Type.String(),
    partition: count,
    lags: Type.Array(
      Type.Object({ topic: Type.String(), lag: Type.Number({ description: 'Records not read yet.' }) }, strict),
    ),
    tally: nullable(
      Type.Object(
        {
          taken: Type.Integer({ description: 'Times its state was restored here.' }),
          letGo: Type.Integer({ description: 'Times it was handed over to another process.' }),
          fenced: Type.Integer({ description: 'Times another owner was found to have claimed it.' }),
          aborted: Type.Record(Type.String(), Type.Integer(), { description: 'Units thrown away, by code.' }),
          restoreSeconds: nullable(Type.Number({ description: 'Of the last restoring.' })),
        },
        strict,
      ),
    ),
  },
  { $id: 'TaskFacts', ...strict, description: 'A task; its tally is of the process that answers, null elsewhere.' },
)

const partitionBalance = Type.Object(
  {
    partition: count,
    in: count,
    timeline: count,
    held: count,
    duplicates: count,
    rejected: count,
    late: count,
    flights: count,
    settled: count,
    open: count,
    givenUp: count,
    cancelled: count,
    horizons: count,
    predicted: count,
    skipped: Type.Record(Type.String(), count, { description: 'By reason.' }),
    notYetDue: count,
  },
  {
    $id: 'PartitionBalance',
    ...strict,
    description: 'Counted from state. in = timeline + held + duplicates + rejected.',
  },
)

export const status = Type.Object(
  {
    version: Type.String(),
    pipeline: Type.String({ description: 'Version of the pipeline; part of every frame.' }),
    ready: Type.Boolean({ description: 'Predictions can be served.' }),
    notReadyBecause: nullable(Type.String()),
    supervised: Type.Boolean({ description: 'It is started again when it dies.' }),
    lives: Type.Integer({ minimum: 1, description: 'Which of its lives this is.' }),
    eventTime: nullable(instant('The watermark')),
    replay: nullable(replay),
    model: nullable(
      Type.Object({ version: Type.String(), hash: Type.String(), horizonMinutes: Type.Array(Type.Number()) }, strict),
    ),
    stages: Type.Array(stage),
    eventsPerSecond: Type.Number(),
    totals: Type.Object(
      { events: count, predictions: count, skipped: count, outcomes: count, rejected: count, late: count },
      strict,
    ),
    balance: Type.Object({ partitions: Type.Array(partitionBalance), even: Type.Boolean() }, strict),
    quality: Type.Object(
      {
        n: count,
        auc: nullable(Type.Number()),
        logLoss: nullable(Type.Number()),
        brier: nullable(Type.Number()),
        hits: count,
        misses: count,
      },
      { ...strict, description: 'Of the predictions graded over the last 7 event days.' },
    ),
    training: nullable(trainingInWork),
    loop: loopStatus,
  },
  { $id: 'Status', ...strict },
)

export const topicInfo = Type.Object(
  {
    name: Type.String(),
    doc: Type.String(),
    partitions: Type.Array(
      Type.Object(
        {
          partition: count,
          first: Type.Integer({ description: 'First offset kept.' }),
          next: Type.Integer({ description: 'One past the last offset.' }),
        },
        strict,
      ),
    ),
    records: Type.Array(Type.String(), { description: 'Names of the records in schemas/.' }),
    writtenBy: nullable(Type.String({ description: 'The stage.' })),
    doors: Type.Array(Type.String(), { description: 'What else writes to it.' }),
    cleanup: Type.String(),
  },
  { $id: 'TopicInfo', ...strict },
)

export { ref, replay }

export const components: readonly TSchema[] = [
  problem,
  grade,
  livePrediction,
  explanation,
  answer,
  trainingAsked,
  status,
  taskFacts,
  topicInfo,
  ...loopComponents,
  ...searchComponents,
]
