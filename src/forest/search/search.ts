// A search: trials one after the other, each a point of one algorithm, graded on time-ordered folds. Which trial comes next
// is a function of the plan and of the trials before it, so a search that was ended anywhere goes on as if it had not been.
//
// The algorithms take turns, so all have the same number of trials on the same folds. Each one's first trial is the point
// it starts with, some are drawn at random, and the others are proposed by the sampler from the algorithm's own trials.

import { hash32, randomFrom } from '../../lib/random.ts'
import type { Families, Family } from './families.ts'
import type { FamilyName } from './family-names.ts'
import { goesOn, isRung } from './halving.ts'
import { coordinatesOf, type Point, pointAt, uniformCoordinates } from './space.ts'
import { suggest } from './tpe.ts'

export type SearchPlan = {
  /** 32-bit. */
  readonly seed: number
  readonly trials: number
  readonly sampler: 'tpe' | 'random'
  readonly families: readonly FamilyName[]
  readonly folds: number
  /** Between the rows of a fold that train and the others, by departure. */
  readonly gapHours: number
}

/** On a fold's graded rows, calibrated. */
export type FoldGrade = {
  /** That trained, and that were graded. */
  readonly rows: number
  readonly graded: number
  readonly logLoss: number
  readonly auc: number | null
  readonly brier: number
}

export type Trial = {
  /** From 1 on. */
  readonly number: number
  readonly family: FamilyName
  readonly point: Point
  /** `stopped`: by halving, before its last fold. */
  readonly state: 'complete' | 'stopped'
  /** The earliest first. */
  readonly folds: readonly FoldGrade[]
  /** Mean log loss of its folds, nats a row. */
  readonly loss: number
  readonly auc: number | null
  readonly brier: number
  /** Wall clock; nothing is decided by it. */
  readonly seconds: number
}

export type Proposal = Pick<Trial, 'number' | 'family' | 'point'>

/** Of an algorithm's trials, so many are not proposed by TPE: it has to see some before it can tell. */
function atRandom(trials: number): number {
  return Math.max(3, Math.min(10, Math.ceil(trials / 3)))
}

/** Null when all trials are done. @param done the trials so far, in their order */
export function nextTrial(plan: SearchPlan, families: Families, done: readonly Trial[]): Proposal | null {
  const { trials, seed, sampler } = plan
  if (done.length >= trials) return null
  const family = plan.families[done.length % plan.families.length] as FamilyName
  const { space, start } = families[family]
  const own = done.filter(trial => trial.family === family)
  const number = done.length + 1
  const random = randomFrom(hash32(`trial ${number}`, seed))
  if (own.length === 0) return { number, family, point: start }
  const isRandom = sampler === 'random' || own.length < atRandom(trials / plan.families.length)
  const coordinates = isRandom
    ? uniformCoordinates(space, random)
    : suggest(space, rankedOf(own, families[family]), random)
  return { number, family, point: pointAt(space, coordinates) }
}

/** Those that came further are better than those that were stopped earlier. */
function rankedOf(trials: readonly Trial[], { space }: Family) {
  const ranked = [...trials].sort((a, b) => b.folds.length - a.folds.length || a.loss - b.loss || a.number - b.number)
  return ranked.map(({ point }) => coordinatesOf(space, point))
}

/** Whether a trial that has been graded on these folds is graded on the next one too. */
export function isWorthMore(
  { family }: Pick<Trial, 'family'>,
  folds: readonly FoldGrade[],
  done: readonly Trial[],
): boolean {
  const rung = folds.length
  if (!isRung(rung)) return true
  const before = done.filter(other => other.family === family && other.folds.length >= rung)
  return goesOn(
    meanLoss(folds),
    before.map(other => meanLoss(other.folds.slice(0, rung))),
  )
}

export function trialOf(proposal: Proposal, folds: readonly FoldGrade[], of: number, seconds: number): Trial {
  const aucs = folds.map(({ auc }) => auc)
  return {
    ...proposal,
    state: folds.length === of ? 'complete' : 'stopped',
    folds,
    loss: meanLoss(folds),
    auc: aucs.includes(null) ? null : mean(aucs as number[]),
    brier: mean(folds.map(({ brier }) => brier)),
    seconds,
  }
}

/** The complete ones, the best first. */
export function rankedTrials(trials: readonly Trial[]): Trial[] {
  return trials.filter(({ state }) => state === 'complete').sort((a, b) => a.loss - b.loss || a.number - b.number)
}

export type FamilySummary = {
  readonly family: FamilyName
  readonly trials: number
  readonly complete: number
  /** The best complete trial. */
  readonly best: Trial
  readonly seconds: number
}

/** Each algorithm's best, the best first. */
export function byFamily(trials: readonly Trial[]): FamilySummary[] {
  const ranked = rankedTrials(trials)
  const families = [...new Set(ranked.map(({ family }) => family))]
  return families.map(family => {
    const own = trials.filter(trial => trial.family === family)
    return {
      family,
      trials: own.length,
      complete: own.filter(({ state }) => state === 'complete').length,
      best: ranked.find(trial => trial.family === family) as Trial,
      seconds: own.reduce((sum, { seconds }) => sum + seconds, 0),
    }
  })
}

function meanLoss(folds: readonly FoldGrade[]): number {
  return mean(folds.map(({ logLoss }) => logLoss))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
