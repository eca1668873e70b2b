// Which rows the stream shows, in which order, and what stands still while the reader holds it.

import type { Row } from './feed.ts'
import type { View } from './view.ts'

/** Rows drawn at most. */
export const shownMax = 80

type Filter = Pick<View, 'origin' | 'min' | 'list'>

/** All rows that pass the filter, in the list's order. A skip has no probability: it passes only without a minimum. */
export function rowsOf(rows: readonly Row[], { origin, min, list }: Filter): readonly Row[] {
  const wanted = rows.filter(
    ({ prediction, gradedArrival }) =>
      (origin === null || prediction.origin === origin) &&
      (min === 0 || (prediction.probability ?? -1) >= min) &&
      (list === 'newest' || gradedArrival !== null),
  )
  if (list === 'newest') return wanted
  return wanted.sort((a, b) => (b.gradedArrival ?? 0) - (a.gradedArrival ?? 0))
}

/** A list that stands still: its rows as they were, and the arrivals known then. */
export type Hold = { list: View['list']; rows: readonly Row[]; arrivals: number }

export const holdOf = (rows: readonly Row[], list: View['list'], arrivals: number): Hold => ({
  list,
  rows: rows.slice(0, shownMax),
  arrivals,
})

/** The held rows, graded as flights land, and how many new ones wait. */
export function heldRows(
  hold: Hold,
  wanted: readonly Row[],
  all: readonly Row[],
): { rows: readonly Row[]; waiting: number } {
  const now = new Map(all.map(row => [row.key, row]))
  const isNew = (row: Row) => (hold.list === 'newest' ? row.arrival : (row.gradedArrival ?? 0)) > hold.arrivals
  return {
    rows: hold.rows.map(row => now.get(row.key) ?? row),
    waiting: wanted.filter(isNew).length,
  }
}

/** Origins by name, of the rows held. */
export function originsOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.map(row => row.prediction.origin))].sort()
}
