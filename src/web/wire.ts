// What comes over /v1/live, as the page reads it. The server's own types say the same; test/web/wire.test.ts keeps the
// two equal, so that neither side imports the other.

import type { LoopNews, LoopNow, LoopStatus } from './wire-loop.ts'

export type StageState = 'running' | 'idle' | 'parked' | 'restoring' | 'failed'

export type StagePartition = {
  partition: number
  position: number
  lag: number
  watermark: number | null
  state: string
}

export type Stage = {
  name: string
  recordsPerSecond: number
  lag: number
  state: StageState
  watermark: number | null
  why: string | null
  partitions: StagePartition[]
}

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
  /** By reason. */
  skipped: Record<string, number>
  notYetDue: number
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
  /** Until this instant at full speed, whatever the speed set. */
  fastUntil: number | null
}

export type Quality = {
  n: number
  auc: number | null
  logLoss: number | null
  brier: number | null
  hits: number
  misses: number
}

export type Totals = {
  events: number
  predictions: number
  skipped: number
  outcomes: number
  rejected: number
  late: number
}

export type Status = {
  version: string
  pipeline: string
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
  stages: Stage[]
  eventsPerSecond: number
  totals: Totals
  balance: { partitions: PartitionBalance[]; even: boolean }
  quality: Quality
  training: Training | null
  loop: LoopStatus
}

/** In work now; `since` by the wall clock, `progress` 0 to 1. */
export type Training = { id: string; since: number; progress: number; rows: number }

export type Grade = {
  flightId: string
  at: number
  kind: 'LANDED' | 'CANCELLED' | 'GIVEN_UP'
  arrivalDelayMinutes: number | null
  /** Arrived 15 minutes late or more; null unless it landed. */
  label: boolean | null
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
  skipped: string | null
  model: string | null
  grade: Grade | null
}

/** An airport over the last 6 event hours, as origin or destination. */
export type AirportNow = {
  code: string
  name: string
  latitude: number
  longitude: number
  flights: number
  /** Mean probability, 0..1. */
  risk: number
  lateShare: number | null
  cancelled: number
}

/** One hour of planned departures. */
export type RiskPoint = {
  /** Start of the event hour. */
  at: number
  flights: number
  meanProbability: number | null
  lateShare: number | null
  cancelledShare: number | null
}

export type Snapshot = {
  seq: number
  type: 'snapshot'
  /** To come back with after a break: `resume=session:seq`. */
  session: string
  status: Status
  predictions: LivePrediction[]
  airports: AirportNow[]
  risk: RiskPoint[]
  /** null unless asked for. */
  drift: LoopNow | null
  /** Predictions that were made and not sent. */
  dropped?: number
}

export type Delta = {
  seq: number
  type: 'delta'
  status?: Status
  predictions?: LivePrediction[]
  grades?: Grade[]
  airports?: AirportNow[]
  risk?: RiskPoint[]
  drift?: LoopNews
  dropped?: number
}

export type ErrorFrame = { seq: number; type: 'error'; error: { code: string; title: string; detail: string } }

export type Frame = Snapshot | Delta | ErrorFrame

export type ControlCommand = { action: 'pause' | 'resume' | 'step' | 'speed'; hoursPerSecond?: number }
