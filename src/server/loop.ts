// What the doors need of the loop: drift of the columns, alerts, trainings asked for, models and what was decided of them.
// A part of program.ts with a file of its own. All of it is in event time, epoch milliseconds; shares are 0..1.

import type { CalibrationBin, Interval } from '../drift/graded.ts'
import type { Histogram } from '../drift/histogram.ts'
import type { ModelReport } from '../drift/model-report.ts'
import type { FamilyName } from '../forest/search/family-names.ts'
import type { Trial } from '../forest/search/search.ts'
import type { AlertKind, CommandedBy, CommandVerb, RequestedBy, ShadowTested } from '../records.ts'

export type { CalibrationBin, Histogram, Interval, ModelReport, Trial }

export interface Loop {
  /** The metrics of the last window of this length, or of the last that ended by `at`; null: none is kept. */
  drift(ask: DriftAsk): Promise<DriftReport | null>
  /** How the windows that are kept went, oldest first. */
  history(span: DriftSpan): DriftHistory
  /** @throws Failure FIELD_TYPE for a column that there is not */
  column(name: string, span: DriftSpan): Promise<ColumnReport>
  /** Newest first. */
  alerts(filter: { open: boolean }): readonly Alert[]
  /** Newest first. */
  requests(): readonly TrainingRequest[]
  models(): Models
  /** @throws Failure MODEL_UNKNOWN */
  model(version: string): Promise<ModelDetail>
  /** @throws Failure MODEL_UNKNOWN */
  compare(versions: readonly [string, string]): ModelComparison
  /**
   * Orders a change of the registry as the operator, and waits a little for what is decided.
   * @throws Failure MODEL_UNKNOWN, COMMAND_REFUSED, NOT_READY, LOG_UNREACHABLE
   */
  command(order: ModelOrder): Promise<Ordered>
  /**
   * Registers a model file as the operator, and waits a little for what is decided: it becomes a challenger.
   * @throws Failure MODEL_CORRUPT, MODEL_UNSUPPORTED, MODEL_MISFIT, FIELD_MISSING, and those of `command`
   */
  register(upload: ModelUpload): Promise<Ordered>
  /** The newest first. */
  searches(): Promise<readonly SearchInfo[]>
  /** @throws Failure SEARCH_UNKNOWN */
  search(id: string): Promise<SearchDetail>
  /** Registers the best of a search. @throws Failure SEARCH_UNKNOWN, SEARCH_OPEN, and those of `command` */
  offer(search: string): Promise<Ordered>
  now(): LoopNow
  /** Calls back for what is committed from now on. @returns stop listening */
  onChange(listener: (change: LoopChange) => void): () => void
}

/** The trailing 24 hours, each hour; the trailing 7 days, each UTC day. */
export type DriftSpan = 'DAY' | 'WEEK'

export type DriftAsk = { span: DriftSpan; at?: number }

/** How one column of a window compares with what the model in force was trained on. */
export type ColumnDrift = {
  column: string
  method: string
  /** A p value (ks, chisquare, z) or a distance; null: not enough rows, or no figure. */
  score: number | null
  threshold: number
  drifted: boolean | null
  /** The score up to which a day was ordinary in the training; null: not known, or the window is no day. */
  bound: number | null
  /** Beyond it: what alerts go by. */
  unusual: boolean | null
  mayAlert: boolean
  /** How far beyond its bound, or its threshold where there is no bound: 1 lies on it; null without a score. */
  severity: number | null
  /** Rows with a value. */
  referenceCount: number
  currentCount: number
  missing: number
  unseen: number
}

export type ColumnOverview = {
  [Field in keyof ColumnDrift | keyof Past]: Field extends keyof Past
    ? Past[Field]
    : ColumnDrift[Field & keyof ColumnDrift]
}

type Past = {
  /** End of the first window of the unbroken run of drifted ones that are kept; null: not drifted now. */
  driftedSince: number | null
  /** Scores of the past 7 days, every 6 hours, or of 28 days when the span is WEEK; oldest first. */
  recent: (number | null)[]
}

export type ModelFigures = { model: string; isChampion: boolean; rows: number; figures: Record<string, number | null> }

export type DriftReport = {
  span: DriftSpan
  from: number
  to: number
  /** The champion of most rows. */
  model: string | null
  modelHash: string | null
  rows: number
  labelled: number
  late: number
  /** Columns that may alert and have enough rows, and those of them that drifted. */
  columnsCompared: number
  columnsDrifted: number
  driftedShare: number | null
  /** The share from which it is drift of the dataset. */
  driftedShareMax: number
  datasetDrift: boolean | null
  /** Of the columns that may alert and have a bound, those beyond it; null unless the span is DAY. */
  unusualShare: number | null
  /** The share from which a day counts as shifted: what an alert goes by. */
  unusualShareMax: number
  /** Fewer rows on a side are no answer. */
  rowsMin: number
  /** By severity. */
  columns: ColumnOverview[]
  target: ColumnDrift | null
  prediction: ColumnDrift | null
  performance: ModelFigures[]
}

/** What an operator sees first. */
export type DriftOverview = {
  report: DriftReport | null
  alerts: readonly Alert[]
  requests: readonly TrainingRequest[]
}

/** One entry a window in each list. */
export type DriftHistory = {
  span: DriftSpan
  to: number[]
  rows: number[]
  columnsCompared: number[]
  columnsDrifted: number[]
  driftedShare: (number | null)[]
  unusualShare: (number | null)[]
  /** Of the champion on the flights that ended in the hour (DAY) or the week (WEEK). */
  performance: {
    to: number[]
    rows: number[]
    auc: (number | null)[]
    logLoss: (number | null)[]
    brier: (number | null)[]
  }
}

export type ColumnAbout = {
  name: string
  kind: 'numeric' | 'categorical'
  unit: string | null
  about: string
  mayAlert: boolean
}

export type ColumnReport = {
  span: DriftSpan
  about: ColumnAbout
  /** Of the last window; null: none has been compared. */
  latest: ColumnDrift | null
  window: { from: number; to: number; model: string | null } | null
  /** One entry a window in each list, oldest first. */
  series: { to: number[]; score: (number | null)[]; drifted: (boolean | null)[]; missingShare: (number | null)[] }
  histogram: Histogram | null
  /** Why there is none. */
  histogramMissing: string | null
  missing: { reference: number; current: number } | null
  /** Categories that the reference does not have, the most frequent first, at most 30. */
  unseen: { category: string; count: number }[]
}

export type Alert = {
  id: string
  kind: AlertKind
  /** When it was opened. */
  at: number
  /** End of the first window of the shift. */
  since: number
  model: string | null
  /** What drifted, the most first. */
  columns: string[]
  message: string
  evidence: unknown
  resolvedAt: number | null
  resolvedMessage: string | null
}

export type TrainingRequest = {
  id: string
  at: number
  effectiveFrom: number
  by: RequestedBy
  why: string
  /** Id of the alert that asked. */
  alert: string | null
  champion: string | null
  /** How it was answered; null: it is open. */
  answer: { verb: CommandVerb; accepted: boolean; because: string } | null
}

export type Decision = {
  id: string
  at: number
  by: CommandedBy
  verb: CommandVerb
  version: string
  accepted: boolean
  because: string
  evidence: unknown
  effectiveFrom: number
  /** In force after it. */
  champion: string | null
  challengers: string[]
}

export type ShadowTest = ShadowTested

export type ModelRole = 'champion' | 'challenger' | 'former' | 'rejected' | 'registered'

export type ModelInfo = {
  version: string
  role: ModelRole
  card: {
    artefact: string
    hash: string
    featureSet: string
    trainedFrom: number | null
    trainedTo: number | null
    rows: number
    why: string
    parent: string | null
    parameters: unknown
    metrics: unknown
  }
  /** Stretches in which it is the champion; `to` is null for the present one. */
  inForce: { from: number; to: number | null }[]
  /** Of the champion: added to the log odds of its probabilities at 10, 30 and 60 %, by what days got wrong; null: nothing. */
  correction: { nats: number[]; from: number; because: string } | null
}

export type Models = {
  champion: string | null
  challengers: string[]
  /** Newest first. */
  versions: ModelInfo[]
  /** Newest first, at most 500; without the daily recalibrations. */
  decisions: Decision[]
  /** The last of each open challenger. */
  shadowTests: ShadowTest[]
}

export type ModelDetail = {
  model: ModelInfo
  /** Newest first. */
  decisions: Decision[]
  /** All that are kept of this challenger, oldest first. */
  shadowTests: ShadowTest[]
  /** The request that it answers. */
  request: TrainingRequest | null
  /** Of its file; null: it came without one, or the file is not here. */
  report: ModelReport | null
}

/** A search; its trials are runs below it. */
export type SearchInfo = {
  id: string
  why: string
  /** Event time of the cut. */
  at: number
  rows: number
  sampler: string
  families: FamilyName[]
  folds: number
  trials: { done: number; of: number }
  best: Trial | null
  /** Of the model that was trained of the best; null: not yet. */
  version: string | null
}

export type SearchDetail = { search: SearchInfo; plan: unknown; trials: Trial[] }

export type ModelComparison = {
  versions: [ModelInfo, ModelInfo]
  /** Figures of the cards side by side, on each model's own held-out rows. */
  card: MetricPair[]
  /** Figures on the same stretch of the stream: the last 7 days in which both had rows. */
  stream: { from: number; to: number; figures: MetricPair[] } | null
  /** Tests of one of them against the other, oldest first. */
  shadowTests: ShadowTest[]
}

/** `difference` is the second less the first. */
export type MetricPair = { name: string; values: [number | null, number | null]; difference: number | null }

export type ModelOrder = { verb: 'PROMOTE' | 'ROLL_BACK' | 'REJECT'; version: string; reason: string }

/** A model file; one of another library must say from when its training rows are, epoch milliseconds. */
export type ModelUpload = {
  readonly bytes: Uint8Array
  readonly reason: string
  readonly trainedFrom?: number
  readonly trainedTo?: number
}

/** `decision` is null while it is held: until the step of the replay ends. */
export type Ordered = { command: string; decision: Decision | null }

/** Of one column, for a page that shows them all. */
export type ColumnNow = {
  column: string
  score: number | null
  severity: number | null
  drifted: boolean | null
  unusual: boolean | null
}

/** A window in short. */
export type DriftNow = {
  from: number
  to: number
  model: string | null
  rows: number
  labelled: number
  late: number
  columnsCompared: number
  columnsDrifted: number
  driftedShare: number | null
  datasetDrift: boolean | null
  unusualShare: number | null
  /** By severity. */
  columns: ColumnNow[]
}

/** What somebody who comes now needs to know; deltas are of the same shape and hold what is new. */
export type LoopNow = {
  /** The trailing day. */
  metrics: DriftNow | null
  /** The open ones, and the last 20 others; an entry replaces the one with the same id. */
  alerts: Alert[]
  requests: TrainingRequest[]
  decisions: Decision[]
  shadowTests: ShadowTest[]
}

export type LoopChange =
  | { readonly metrics: DriftNow }
  | { readonly alert: Alert }
  | { readonly request: TrainingRequest }
  | { readonly decision: Decision }
  | { readonly shadowTest: ShadowTest }

/** For the status line. */
export type LoopStatus = {
  challengers: string[]
  openAlerts: { id: string; kind: AlertKind; at: number }[]
  openRequest: string | null
  driftedShare: number | null
  datasetDrift: boolean | null
  unusualShare: number | null
}

/** What is new since the frame before; an entry replaces the one with the same id (or day and challenger). */
export type LoopNews = { [Part in keyof LoopNow]?: NonNullable<LoopNow[Part]> }
