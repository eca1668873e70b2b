// Trials of a search as a table for people.

import { byFamily, rankedTrials, type Trial } from '../forest/search/search.ts'
import type { Point } from '../forest/search/space.ts'
import { columnLines } from './columns.ts'

const right = (title: string) => ({ title, align: 'right' }) as const

/** In the order in which they were tried; the best is marked. */
export function trialLines(trials: readonly Trial[]): string[] {
  const best = rankedTrials(trials)[0]?.number
  const heads = [
    right('TRIAL'),
    'ALGORITHM',
    right('FOLDS'),
    right('LOG LOSS'),
    right('AUC'),
    right('BRIER'),
    right('SECONDS'),
  ]
  const rows = trials.map(trial => [
    `${trial.number === best ? '* ' : ''}${trial.number}`,
    trial.family,
    trial.state === 'complete' ? String(trial.folds.length) : `${trial.folds.length} stopped`,
    ...figuresOf(trial),
    trial.seconds.toFixed(1),
    pointText(trial.point),
  ])
  return columnLines([...heads, 'PARAMETERS'], rows)
}

/** The best of each algorithm, the best first. */
export function familyLines(trials: readonly Trial[]): string[] {
  const heads = [
    'ALGORITHM',
    right('TRIALS'),
    right('COMPLETE'),
    right('BEST'),
    right('LOG LOSS'),
    right('AUC'),
    right('BRIER'),
  ]
  const rows = byFamily(trials).map(({ family, trials: all, complete, best, seconds }) => [
    family,
    String(all),
    String(complete),
    String(best.number),
    ...figuresOf(best),
    seconds.toFixed(1),
  ])
  return columnLines([...heads, right('SECONDS')], rows)
}

function figuresOf({ loss, auc, brier }: Trial): string[] {
  return [loss.toFixed(4), auc?.toFixed(4) ?? '-', brier.toFixed(4)]
}

export function pointText(point: Point): string {
  return Object.entries(point)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}
