// What the doors need from the running pipeline, and nothing more: the server, the live socket and the page see this
// interface only. src/app.ts implements it over whichever engine runs; test/server/fake-program.ts implements it over
// invented flights.

import type { AlertKind, EventType } from '../records.ts'
import type { Loop, LoopStatus } from './loop.ts'

/** The events that producers may publish. Marks are not theirs to write. */
export type EventName = EventType

export type NewEvent = { readonly name: EventName; readonly value: unknown }

export interface Program {
  /** Where the pipeline stands. Cheap and synchronous: called up to 4 times a second. */
  status(): Status
  /** How far each task is behind, by topic, and what has happened to it. As cheap as the status. */
  tasks(): readonly TaskFacts[]
  /**
   * Appends events to the log, all or none, in the order given.
   * @throws Failure with `field` when an event cannot be taken, LOG_UNREACHABLE, COMMIT_UNKNOWN
   */
  publish(events: readonly NewEvent[]): Promise<readonly Accepted[]>
  /**
   * Answers from the present frame and the champion; one answer an ask, in order; with `explain` each says why.
   * @throws Failure UNKNOWN_FLIGHT, AIRPORT_UNKNOWN, NOT_READY, MODEL_UNSUPPORTED, ... with `field`
   */
  predict(asks: readonly Ask[], options?: { readonly explain: boolean }): Promise<readonly Answer[]>
  /** Resolves once `recentPredictions` holds what was said before the start; nobody hears of those. */
  past(): Promise<void>
  /** Predictions of the stream, newest first, at most `limit`. */
  recentPredictions(filter: PredictionFilter): readonly LivePrediction[]
  topics(): Promise<readonly TopicInfo[]>
  /**
   * Asks for a training on the outcomes so far.
   * @throws Failure TRAINING_OPEN, NOT_READY before the first mark, LOG_UNREACHABLE, COMMIT_UNKNOWN
   */
  askTraining(why: string): Promise<TrainingAsked>
  /**
   * For some event hours from now on the webhook says nothing of alerts of a kind; 0 hours: it does again.
   * @returns those that last. @throws Failure NOT_READY before the first mark
   */
  silence(order: SilenceOrder): Promise<readonly AlertSilence[]>
  /** Those that last, newest first. */
  silences(): readonly AlertSilence[]
  /** Moves the replay. @throws Failure USAGE when there is no replay */
  control(command: ControlCommand): Status['replay']
  /** Dies at once, as by kill -9; whoever supervises it starts it again. @throws Failure NOT_SUPERVISED */
  kill(): void
  /** Calls back for every prediction (and every skip) that is committed from now on. @returns stop listening */
  onPrediction(listener: (prediction: LivePrediction) => void): () => void
  /** Calls back once it is known how a flight ended. @returns stop listening */
  onGrade(listener: (grade: Grade) => void): () => void
  /** Drift, alerts, models. */
  readonly loop: Loop
}

export type Accepted = { key: string; partition: number }

export type SilenceOrder = { readonly kind: AlertKind | 'ALL'; readonly hours: number; readonly reason: string }

/** Of alerts that open from `from` up to `until`, event time. */
export type AlertSilence = {
  readonly kind: AlertKind | 'ALL'
  readonly from: number
  readonly until: number
  readonly reason: string
}

export type TrainingAsked = {
  /** Also the version of the model that answers. */
  id: string
  /** Event time of the request. */
  at: number
  /** From when the answer may be in force. */
  effectiveFrom: number
  why: string
  /** Running number of the last outcome, by partition. */
  cut: number[]
}

export type PredictionFilter = {
  flightId?: string
  origin?: string
  destination?: string
  carrier?: string
  limit: number
}

export type ControlCommand = {
  action: 'pause' | 'resume' | 'step' | 'speed'
  /** Event hours a second; left out with `speed`: as fast as the machine can. */
  hoursPerSecond?: number
}

export type StageState = 'running' | 'idle' | 'parked' | 'restoring' | 'failed'

export type Status = {
  version: string
  pipeline: string
  /** Predictions can be served. */
  ready: boolean
  notReadyBecause: string | null
  /** Somebody starts it again when it dies. */
  supervised: boolean
  /** Which of its lives this is; 1 is the first. */
  lives: number
  /** The watermark, epoch milliseconds. */
  eventTime: number | null
  replay: Replay | null
  model: { version: string; hash: string; horizonMinutes: number[] } | null
  stages: StageStatus[]
  eventsPerSecond: number
  totals: {
    events: number
    predictions: number
    skipped: number
    outcomes: number
    rejected: number
    late: number
  }
  balance: { partitions: PartitionBalance[]; even: boolean }
  /** Of the predictions graded over the last 7 event days. */
  quality: {
    n: number
    auc: number | null
    logLoss: number | null
    brier: number | null
    hits: number
    misses: number
  }
  /** The training in work: since when by the wall clock, the share of it that is done, labelled rows found. */
  training: { id: string; since: number; progress: number; rows: number } | null
  loop: LoopStatus
}

export type Replay = {
  paused: boolean
  /** null: as fast as the machine can. */
  hoursPerSecond: number | null
  /** First and last local day, `2013-01-01`. */
  from: string
  to: string
  at: number
  done: boolean
  /** Until this instant the replay runs at full speed, whatever the speed set. */
  fastUntil: number | null
}

export type StageStatus = {
  name: string
  recordsPerSecond: number
  lag: number
  state: StageState
  watermark: number | null
  why: string | null
  partitions: { partition: number; position: number; lag: number; watermark: number | null; state: string }[]
}

/** The tally is that of this process; null: the task never was here. */
export type TaskFacts = {
  stage: string
  partition: number
  /** Records not read yet, of each input topic. */
  lags: { topic: string; lag: number }[]
  tally: {
    /** Times its state was restored, handed over, and found to be another owner's. */
    taken: number
    letGo: number
    fenced: number
    /** Units of work thrown away, by code. */
    aborted: Record<string, number>
    restoreSeconds: number | null
  } | null
}

/** in = timeline + held + duplicates + rejected; horizons = predicted + skipped + notYetDue; flights = settled + open + givenUp. */
export type PartitionBalance = {
  partition: number
  in: number
  timeline: number
  held: number
  duplicates: number
  rejected: number
  /** Inside `timeline`. */
  late: number
  flights: number
  settled: number
  open: number
  givenUp: number
  cancelled: number
  horizons: number
  predicted: number
  skipped: Record<string, number>
  notYetDue: number
}

export type FlightAsk = {
  carrier: string
  flightNumber: number
  origin: string
  destination: string
  scheduledDepartureAt: number
  scheduledArrivalAt?: number
  horizonMinutes?: number
}

/** A flight as planned, or the id of one that the pipeline knows. */
export type Ask = FlightAsk | { flightId: string }

export type Answer = {
  flightId: string
  /** 0..1, as are `low` and `high`. */
  probability: number
  late: boolean
  low: number
  high: number
  model: string
  modelHash: string
  frameTo: number | null
  horizonMinutes: number
  /** Names of the features that had no value. */
  missing: string[]
  /** Only if it was asked for. */
  explanation?: Explanation
}

/** Exact TreeSHAP: base and all contributions add up to the margin. */
export type Explanation = {
  base: number
  margin: number
  /** The largest contributions first; above 0 they make late likelier. */
  reasons: { feature: string; contribution: number; text: string }[]
}

export type LivePrediction = {
  flightId: string
  carrier: string
  flightNumber: number
  origin: string
  destination: string
  scheduledDepartureAt: number
  /** When it was said, in event time. */
  at: number
  horizonMinutes: number
  /** 0..1; null when skipped. */
  probability: number | null
  late: boolean | null
  low: number | null
  high: number | null
  /** Why there is no probability. */
  skipped: string | null
  model: string | null
  /** null until it is known how the flight ended. */
  grade: Grade | null
}

export type Grade = {
  flightId: string
  at: number
  kind: 'LANDED' | 'CANCELLED' | 'GIVEN_UP'
  arrivalDelayMinutes: number | null
  /** Arrived 15 minutes late or more; null unless it landed. */
  label: boolean | null
}

export type TopicInfo = {
  name: string
  doc: string
  partitions: { partition: number; first: number; next: number }[]
  records: string[]
  writtenBy: string | null
  doors: string[]
  cleanup: string
}
