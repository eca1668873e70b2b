// Which of the two ends of a flight, late and on time, a probability leaves open: a conformal prediction set, that holds
// what happens nine times in ten. A consumer that needs to be sure reads the set and not the bare decision: {late} and
// {on time} are answers, {late, on time} says that the model cannot tell yet.
//
// Class-conditional (V. Vovk, "Conditional validity of inductive conformal predictors", 2012): late flights are held
// against late ones and punctual against punctual ones, so that neither kind is covered at the cost of the other. Of n
// rows of a kind, sorted by how likely the model called what happened to them, the set leaves out what is called less
// likely than the k-th lowest, k = floor(level (n + 1)).
//
// Time-adaptive (I. Gibbs and E. Candes, "Adaptive conformal inference under distribution shift", 2021): the rows are
// those of the last days, and the level of each kind moves against what the day before has missed. Here a day counts by
// its rows, since it is flights that have to be covered and not days:
//
//   level += gain (target rows - missed) / rows of an ordinary day       within 0.02 to 0.3
//
// Each horizon has bounds and levels of its own: at departure most flights that are left are late, a day before few are,
// and bounds common to both would cover the one at the cost of the other.
//
// Everything comes from counts by probability, so it is the same for any number of partitions.

import { assert } from '../lib/assert.ts'
import type { ColumnSketch } from '../records.ts'

/** The share of flights whose end may lie outside of its set. */
export const targetMiss = 0.1
const gain = 0.05
const levelMin = 0.02
const levelMax = 0.3
/** Fewer of a kind bound nothing. */
export const setRowsMin = 50
const certain = 10_000

export type Kind = 'late' | 'punctual'

/** In ten-thousandths: `late` belongs to the set from `lateFrom` on, `on time` up to `punctualTo`. */
export type SetBounds = { readonly lateFrom: number; readonly punctualTo: number }

/** Miss rate that each kind aims at, so that in the end it misses one in ten. */
export type Levels = Readonly<Record<Kind, number>>

/** Probabilities that a model gave, with how often, by what happened. */
export type SetScores = Readonly<Record<Kind, Pick<ColumnSketch, 'values' | 'counts'>>>

/** Everything is open. */
export const openBounds: SetBounds = { lateFrom: 0, punctualTo: certain }
export const startLevels: Levels = { late: targetMiss, punctual: targetMiss }

/** What one horizon's probabilities leave open. */
export type HorizonSets = { readonly levels: Levels; readonly bounds: SetBounds }

/**
 * @param before null: nothing was bound yet, so nothing could be missed
 * @param day the champion's rows of the day that ends
 * @param week those of the last `days` days, this one among them
 * @returns what follows, and what `before` has missed
 */
export function nextSets(
  before: HorizonSets | null,
  day: SetScores,
  week: { readonly scores: SetScores; readonly days: number },
): HorizonSets & { readonly missed: Readonly<Record<Kind, Missed>> } {
  const { levels, bounds } = before ?? { levels: startLevels, bounds: openBounds }
  const missed = missedOf(day, bounds)
  const { late, punctual } = missedOf(week.scores, openBounds)
  const ordinary = { late: late.rows / week.days, punctual: punctual.rows / week.days }
  const moved = before ? nextLevels(levels, missed, ordinary) : levels
  return { levels: moved, bounds: setBounds(week.scores, moved, bounds), missed }
}

/** A kind with too few rows keeps the bound of `before`. */
export function setBounds(scores: SetScores, levels: Levels, before: SetBounds): SetBounds {
  return {
    lateFrom: lowest(scores.late, levels.late, 0) ?? before.lateFrom,
    punctualTo: mirrored(lowest(reversed(scores.punctual), levels.punctual, 0)) ?? before.punctualTo,
  }
}

/** The k-th lowest value; `none` if k is 0, null of too few rows. */
function lowest({ values, counts }: SetScores[Kind], level: number, none: number): number | null {
  const rows = sum(counts)
  if (rows < setRowsMin) return null
  let left = Math.floor(level * (rows + 1))
  if (left === 0) return none
  for (const [at, value] of values.entries()) {
    left -= counts[at] as number
    if (left <= 0) return value
  }
  return none
}

/** By the probability of being on time. */
function reversed({ values, counts }: SetScores[Kind]): SetScores[Kind] {
  return { values: values.map(value => certain - value).reverse(), counts: counts.toReversed() }
}

function mirrored(value: number | null): number | null {
  return value === null ? null : certain - value
}

/** Rows of a kind, and those of them whose end lay outside of the set. */
export type Missed = { readonly rows: number; readonly missed: number }

export function missedOf(scores: SetScores, { lateFrom, punctualTo }: SetBounds): Readonly<Record<Kind, Missed>> {
  const count = ({ values, counts }: SetScores[Kind], isOut: (value: number) => boolean): Missed => ({
    rows: sum(counts),
    missed: sum(counts.filter((_, at) => isOut(values[at] as number))),
  })
  return {
    late: count(scores.late, value => value < lateFrom),
    punctual: count(scores.punctual, value => value > punctualTo),
  }
}

/**
 * @param day what it missed
 * @param ordinary rows of a kind on an ordinary day
 */
export function nextLevels(
  levels: Levels,
  day: Readonly<Record<Kind, Missed>>,
  ordinary: Readonly<Record<Kind, number>>,
): Levels {
  const next = (kind: Kind): number => {
    const { rows, missed } = day[kind]
    assert(missed <= rows, 'only rows are missed')
    const moved = levels[kind] + (gain * (targetMiss * rows - missed)) / Math.max(1, ordinary[kind])
    return Math.min(levelMax, Math.max(levelMin, moved))
  }
  return { late: next('late'), punctual: next('punctual') }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0)
}
