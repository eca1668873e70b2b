// A search as it is kept: what was asked, on which rows, every trial, and what came of the best.

import type { ModelCard } from '../../records.ts'
import type { Json } from '../model.ts'
import type { SearchPlan, Trial } from './search.ts'

/** Which outcomes. */
export type SearchedRows = {
  /** That trials share, and that the best is then trained on. */
  readonly rowsMax: number
  readonly trainRowsMax: number
  /** Departures of the last so many days before the cut, without the last hours: of those, the late ones may not have landed. */
  readonly windowDays: number
  readonly settledHours: number
}

export type SearchRecord = SearchPlan &
  SearchedRows & {
    readonly id: string
    readonly why: string
    /** Event time of the cut, epoch ms, and the last outcome of each partition. */
    readonly at: number
    readonly cut: readonly number[]
    readonly heldOutShare: number
    readonly featureSet: string
    readonly horizonsMinutes: readonly number[]
    /** Whom the best is to replace. */
    readonly champion: string | null
    /** Of the rows: a search that goes on must find the same ones. */
    readonly rowsDigest: string
    readonly rows: number
  }

export type SearchResult = {
  /** Of the trial that became a model. */
  readonly trial: number
  readonly card: ModelCard
  readonly evidence: Json
}

export type StoredSearch = {
  readonly plan: SearchRecord
  /** In their order. */
  readonly trials: readonly Trial[]
  readonly result: SearchResult | null
}

/** What a search is asked for; the rest of its record follows from the data. */
export type SearchWish = Omit<
  SearchRecord,
  'id' | 'at' | 'cut' | 'featureSet' | 'horizonsMinutes' | 'champion' | 'rowsDigest' | 'rows'
>
