// The loop over REST and /v1/live, as the page reads it: drift, alerts, trainings, models. The server's own types say the
// same; test/web/wire.test.ts keeps the two equal.

import type { ModelReport } from './wire-models.ts'

export type AlertKind = 'DATASET_DRIFT' | 'TARGET_DRIFT' | 'PREDICTION_DRIFT' | 'PERFORMANCE'
export type RequestedBy = 'DRIFT' | 'PERFORMANCE' | 'SCHEDULE' | 'OPERATOR'
export type CommandedBy = 'JUDGE' | 'TRAINER' | 'OPERATOR'
export type CommandVerb = 'REGISTER' | 'PROMOTE' | 'REJECT' | 'ROLL_BACK' | 'DECLINE'

/** The trailing 24 hours, each hour; the trailing 7 days, each UTC day. */
export type DriftSpan = 'DAY' | 'WEEK'

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

/** Rows of each side by bin; both sides share the bins. */
export type Histogram =
  | {
      kind: 'numeric'
      /** One more than bins; the first and the last bin also hold what lies beyond. */
      edges: number[]
      reference: number[]
      current: number[]
    }
  | {
      kind: 'categorical'
      /** The 30 with the largest shares on either side. */
      categories: string[]
      reference: number[]
      current: number[]
      /** Rows of all other categories. */
      other: { categories: number; reference: number; current: number }
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

/** Champion against challenger over whole UTC days, at the end of one. */
export type ShadowTest = {
  at: number
  champion: string
  challenger: string
  days: number
  rows: number
  /** Champion's log loss less the challenger's, nats a row, mean over days. */
  meanDifference: number | null
  standardError: number | null
  statistic: number | null
  /** What the statistic has to reach at this look; null: no look on this day. */
  bound: number | null
  power: number | null
  verdict: 'WAIT' | 'PROMOTE' | 'REJECT'
  because: string
}

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
}

/** GET /v1/models. */
export type Models = {
  champion: string | null
  challengers: string[]
  /** Newest first. */
  versions: ModelInfo[]
  /** Newest first, at most 500. */
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
  report: ModelReport | null
}

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

/** GET /v1/drift. */
export type DriftOverview = { report: DriftReport | null; alerts: Alert[]; requests: TrainingRequest[] }

/** `decision` is null while it is held: until the step of the replay ends. */
export type Ordered = { command: string; decision: Decision | null }
