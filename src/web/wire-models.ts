// A model's report and searches over REST, as the page reads them. The server's own types say the same;
// test/web/wire.test.ts keeps the two equal.

/** Low and high. */
export type Interval = readonly [number, number] | null

type FigureName = 'auc' | 'logLoss' | 'brier' | 'ece'

export type Figures = Readonly<Record<FigureName, number | null>> & {
  readonly n: number
  readonly days: number
  /** Shares of n, 0..1: that were late, and that were said to be. */
  readonly late: number
  readonly said: number
  readonly interval95: Readonly<Record<FigureName, Interval>>
}

export type CalibrationBin = {
  /** Probabilities from it up to the next tenth, 0..1. */
  readonly from: number
  readonly n: number
  readonly said: number
  readonly late: number
  readonly interval95: Interval
}

/** On a model's held-out rows. */
export type ModelReport = {
  readonly figures: Figures
  readonly calibration: readonly CalibrationBin[]
  readonly groups: readonly {
    readonly by: string
    readonly groups: readonly { readonly group: string; readonly figures: Figures }[]
    /** Rows of groups that are too small to grade or to list. */
    readonly rest: number
  }[]
  /** The weakest first. */
  readonly weakest: readonly {
    readonly by: string
    readonly group: string
    readonly skill: number
    readonly figures: Figures
    readonly because: string
  }[]
  /** The most important first. */
  readonly importance: {
    readonly rows: number
    readonly features: readonly { readonly feature: string; readonly moves: number; readonly share: number }[]
  } | null
}

export type FamilyName = 'boosting' | 'forest' | 'logistic' | 'ml-random-forest'

export type Trial = {
  readonly number: number
  readonly family: FamilyName
  readonly point: Readonly<Record<string, number | string>>
  /** `stopped`: by halving, before its last fold. */
  readonly state: 'complete' | 'stopped'
  readonly folds: readonly {
    readonly rows: number
    readonly graded: number
    readonly logLoss: number
    readonly auc: number | null
    readonly brier: number
  }[]
  readonly loss: number
  readonly auc: number | null
  readonly brier: number
  readonly seconds: number
}

export type SearchInfo = {
  id: string
  why: string
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
