// The long part of a model's card: how it does on its held-out rows, as a whole and by group, where it is weak, and which
// features move it. It lies in the model's file, so the file's hash covers it; the registry keeps the short part.

import { assert } from '../lib/assert.ts'
import { type CalibrationBin, type Figures, type GradedRows, type GradingOptions, graded } from './graded.ts'

export type GroupFigures = { readonly group: string; readonly figures: Figures }

export type Weakness = {
  /** The column, and its value. */
  readonly by: string
  readonly group: string
  /** 1 less log loss over that of saying the group's own share of late flights of everybody; 0 or less: no better than that. */
  readonly skill: number
  readonly figures: Figures
  readonly because: string
}

export type Importance = {
  readonly feature: string
  /** Mean of how far it moves the raw score, either way. */
  readonly moves: number
  /** Of all that all features move, 0..1. */
  readonly share: number
}

export type ModelReport = {
  readonly figures: Figures
  readonly calibration: readonly CalibrationBin[]
  /** The largest groups of each column, by their order; `rest`: rows of groups that are too small to grade or to list. */
  readonly groups: readonly { readonly by: string; readonly groups: readonly GroupFigures[]; readonly rest: number }[]
  readonly weakest: readonly Weakness[]
  /** The most important first; null: the model does not tell how many rows reached its leaves. */
  readonly importance: { readonly rows: number; readonly features: readonly Importance[] } | null
}

/** A column by which rows are told apart; null: the row is in no group. */
export type Grouping = { readonly by: string; readonly groupOf: (row: number) => string | null }

const groupRowsMin = 50
const groupsMax = 30
/** Of a group that may be called weak. */
const weakRowsMin = 200
const weakLabelsMin = 30
const weakestMax = 5

/** Yields after each group, so that others may have a turn. */
export function* reportOf(
  rows: GradedRows,
  {
    groupings,
    importance,
    ...options
  }: GradingOptions & {
    readonly groupings: readonly Grouping[]
    readonly importance: ModelReport['importance']
  },
): Generator<void, ModelReport> {
  assert(rows.labels.length > 0, 'there are rows to report of')
  const whole = graded(rows, options)
  yield
  const groups: ModelReport['groups'][number][] = []
  for (const { by, groupOf } of groupings) {
    const numbers = new Map<string, number[]>()
    for (let row = 0; row < rows.labels.length; row++) {
      const group = groupOf(row)
      if (group === null) continue
      const own = numbers.get(group)
      if (own) own.push(row)
      else numbers.set(group, [row])
    }
    const large = [...numbers].filter(([, own]) => own.length >= groupRowsMin)
    const kept = large.sort(([a, x], [b, y]) => y.length - x.length || inOrder(a, b)).slice(0, groupsMax)
    const found: GroupFigures[] = []
    for (const [group, own] of kept.sort(([a], [b]) => inOrder(a, b))) {
      found.push({ group, figures: graded(rows, options, own).figures })
      yield
    }
    const listed = found.reduce((sum, { figures }) => sum + figures.n, 0)
    if (found.length > 0) groups.push({ by, groups: found, rest: rows.labels.length - listed })
  }
  return { ...whole, groups, weakest: weakestOf(groups), importance }
}

/** Numbers as numbers. */
function inOrder(a: string, b: string): number {
  return Number(a) - Number(b) || (a < b ? -1 : a > b ? 1 : 0)
}

/** A column with one group says nothing that the whole does not. */
function weakestOf(groups: ModelReport['groups']): Weakness[] {
  const found = groups
    .filter(each => each.groups.length > 1)
    .flatMap(({ by, groups: own }) => own.map(({ group, figures }) => ({ by, group, figures })))
    .filter(({ figures: { n, late } }) => n >= weakRowsMin && Math.min(late, 1 - late) * n >= weakLabelsMin)
    .map(each => ({ ...each, skill: skillOf(each.figures) }))
  found.sort((a, b) => a.skill - b.skill || inOrder(a.group, b.group))
  return found.slice(0, weakestMax).map(each => ({ ...each, because: becauseOf(each.figures, each.skill) }))
}

function skillOf({ logLoss, late }: Figures): number {
  const own = -(late * Math.log(late) + (1 - late) * Math.log(1 - late))
  return 1 - (logLoss as number) / own
}

function becauseOf({ n, late, said, auc, interval95 }: Figures, skill: number): string {
  const percent = (share: number) => `${Math.round(100 * share)} %`
  const [low, high] = interval95.auc ?? []
  const sure = low === undefined || high === undefined ? '' : ` (${low.toFixed(3)} to ${high.toFixed(3)})`
  const better = skill > 0 ? `${(100 * skill).toFixed(1)} % better` : `${(-100 * skill).toFixed(1)} % worse`
  return (
    `of ${n} flights ${percent(late)} were late and ${percent(said)} were said to be; AUC ${auc?.toFixed(3)}${sure}; ` +
    `log loss ${better} than their share of late flights alone`
  )
}

/** Five significant digits: a card is read, and lies in every model's file. */
export function rounded<T>(value: T): T {
  if (typeof value === 'number') return Number(value.toPrecision(5)) as T
  if (Array.isArray(value)) return value.map(rounded) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, rounded(each)])) as T
}
