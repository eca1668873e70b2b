import { describe, expect, test } from 'vitest'
import { familiesWith } from '../../../src/forest/search/families.ts'
import { type FamilyName, familyNames } from '../../../src/forest/search/family-names.ts'
import {
  byFamily,
  type FoldGrade,
  isWorthMore,
  nextTrial,
  rankedTrials,
  type SearchPlan,
  type Trial,
  trialOf,
} from '../../../src/forest/search/search.ts'

const families = familiesWith(() => [])
const plan: SearchPlan = { seed: 4, trials: 24, sampler: 'tpe', families: familyNames, folds: 2, gapHours: 36 }
const grade = (logLoss: number): FoldGrade => ({ rows: 10, graded: 5, logLoss, auc: 0.7, brier: 0.1 })
/** Trials with invented losses: a function of the number. */
function played(upTo: number, of = plan): Trial[] {
  const done: Trial[] = []
  for (let next = nextTrial(of, families, done); next && done.length < upTo; next = nextTrial(of, families, done)) {
    const loss = ((next.number * 37) % 101) / 100
    done.push(trialOf(next, [grade(loss), grade(loss)], 2, 1))
  }
  return done
}

describe('a search', () => {
  test('gives each algorithm the same number of trials, the first of them its own defaults', () => {
    const trials = played(99)
    expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 24 }, (_, at) => at + 1))
    for (const family of familyNames) {
      const own = trials.filter(trial => trial.family === family)
      expect(own.length).toBe(6)
      expect(own[0]?.point).toEqual(families[family].start)
      expect(new Set(own.map(({ point }) => JSON.stringify(point))).size).toBe(6)
    }
    expect(nextTrial(plan, families, trials)).toBeNull()
  })

  test('goes on from any trial as if it had not been ended', () => {
    const whole = played(99)
    for (const ended of [0, 1, 7, 17, 23]) {
      expect(nextTrial(plan, families, whole.slice(0, ended))).toMatchObject({ point: whole[ended]?.point })
    }
  })

  test('has other trials with another seed, or without TPE once it would have proposed', () => {
    const points = (changes: Partial<SearchPlan>) => played(99, { ...plan, ...changes }).map(({ point }) => point)
    const own = points({})
    expect(points({ seed: 5 }).slice(4)).not.toEqual(own.slice(4))
    const random = points({ sampler: 'random' })
    expect(random.slice(0, 12)).toEqual(own.slice(0, 12))
    expect(random.slice(12)).not.toEqual(own.slice(12))
  })

  test('stops what is worse than most of its own kind on the same folds', () => {
    const of = (family: FamilyName, losses: number[]) =>
      trialOf({ number: 1, family, point: {} }, losses.map(grade), 3, 1)
    const done = [of('boosting', [0.4, 0.5]), of('boosting', [0.6]), of('forest', [0.1, 0.1, 0.1])]
    expect(isWorthMore({ family: 'boosting' }, [grade(0.45)], done)).toBe(true)
    expect(isWorthMore({ family: 'boosting' }, [grade(0.65)], done)).toBe(false)
    // of those that reached the second fold, one was better
    expect(isWorthMore({ family: 'boosting' }, [grade(0.4), grade(0.6)], done)).toBe(false)
    expect(isWorthMore({ family: 'logistic' }, [grade(9)], done)).toBe(true)
    // the third fold is no rung
    expect(isWorthMore({ family: 'forest' }, [grade(9), grade(9), grade(9)], done)).toBe(true)
  })

  test('ranks complete trials alone, and sums up each algorithm', () => {
    const of = (number: number, family: FamilyName, losses: number[]) =>
      trialOf({ number, family, point: {} }, losses.map(grade), 2, 1.5)
    const trials = [of(1, 'boosting', [0.5, 0.3]), of(2, 'forest', [0.2]), of(3, 'forest', [0.3, 0.3])]
    expect(trials.map(({ state, loss }) => [state, loss])).toEqual([
      ['complete', 0.4],
      ['stopped', 0.2],
      ['complete', 0.3],
    ])
    expect(rankedTrials(trials).map(({ number }) => number)).toEqual([3, 1])
    expect(
      byFamily(trials).map(({ family, complete, trials: all, best }) => [family, complete, all, best.number]),
    ).toEqual([
      ['forest', 1, 2, 3],
      ['boosting', 1, 1, 1],
    ])
  })
})
