// What the fake loop says of models' held-out rows and of searches: invented, the same every time.

import type { Figures } from '../../src/drift/graded.ts'
import type { ModelReport } from '../../src/drift/model-report.ts'
import { familyNames } from '../../src/forest/search/family-names.ts'
import { rankedTrials, type Trial } from '../../src/forest/search/search.ts'
import type { SearchDetail } from '../../src/server/loop.ts'

const hourMs = 3_600_000

function figures(n: number, late: number, auc: number): Figures {
  const logLoss = 0.62 - 0.3 * (auc - 0.5)
  const around = (value: number): readonly [number, number] => {
    const half = 1.2 / Math.sqrt(n)
    return [value - half, value + half]
  }
  const [brier, ece] = [logLoss / 3.1, 0.012 + 1 / n]
  const interval95 = { auc: around(auc), logLoss: around(logLoss), brier: around(brier), ece: around(ece) }
  return { n, days: 9, late, said: late + 0.01, auc, logLoss, brier, ece, interval95 }
}

/** @param auc of all rows */
export function fakeReport(auc: number): ModelReport {
  const carriers = ['9E', 'AA', 'B6', 'DL', 'EV', 'MQ', 'UA', 'US', 'WN']
  const byCarrier = carriers.map((group, at) => ({
    group,
    figures: figures(90 + 310 * at, 0.12 + at / 60, auc - 0.06 + at / 90),
  }))
  const byOrigin = ['EWR', 'JFK', 'LGA'].map((group, at) => ({
    group,
    figures: figures(2400 - 300 * at, 0.25, auc + at / 200),
  }))
  const byHorizon = [30, 120, 360].map((minutes, at) => ({
    group: String(minutes),
    figures: figures(2000, 0.24, auc + 0.03 - at / 40),
  }))
  const said = [0.06, 0.14, 0.24, 0.35, 0.44, 0.55, 0.66, 0.74]
  const weak = byCarrier[0] as (typeof byCarrier)[0]
  return {
    figures: figures(6190, 0.243, auc),
    calibration: said.map((each, at) => {
      const late = each + 0.03 * Math.sin(at * 2)
      return {
        from: at / 10,
        n: Math.round(2600 / (at + 1)),
        said: each,
        late,
        interval95: [late - 0.02 * (at + 1), late + 0.02 * (at + 1)],
      }
    }),
    groups: [
      { by: 'carrier', groups: byCarrier, rest: 31 },
      { by: 'origin', groups: byOrigin, rest: 0 },
      { by: 'horizonMinutes', groups: byHorizon, rest: 0 },
    ],
    weakest: [
      {
        by: 'carrier',
        skill: 0.021,
        because:
          'of 400 flights 12 % were late and 13 % were said to be; AUC 0.672 (0.612 to 0.731); log loss 2.1 % better than their share of late flights alone',
        ...weak,
      },
    ],
    importance: {
      rows: 300,
      features: [
        'legArrivalDelay',
        'originHourDelay',
        'departureHour',
        'originWind',
        'carrier',
        'slackMinutes',
        'destinationHourDelay',
        'numberLateShare28d',
      ].map((feature, at) => ({ feature, moves: 0.31 / (at + 1), share: 0.3 / (at + 1) })),
    },
  }
}

/** A search of 12 trials that is done, before `at`. */
export function fakeSearch(at: number): SearchDetail {
  const trials = Array.from({ length: 12 }, (_, index): Trial => {
    const family = familyNames[index % familyNames.length] as Trial['family']
    const loss = 0.431 + ((index * 7) % 12) / 200 + (index % familyNames.length) / 100
    const isStopped = index > 3 && (index * 7) % 12 > 6
    const fold = { rows: 6400, graded: 1600, logLoss: loss, auc: 0.79 - loss / 10, brier: loss / 3.1 }
    return {
      number: index + 1,
      family,
      point:
        family === 'logistic'
          ? { shape: 'linear', lambdaL2: 1.5 * (index + 1) }
          : { numIterations: 100 + 20 * index, maxDepth: 7 },
      state: isStopped ? 'stopped' : 'complete',
      folds: isStopped ? [fold] : [fold, fold, fold, fold],
      loss,
      auc: fold.auc,
      brier: fold.brier,
      seconds: 3.5 + index,
    }
  })
  const id = 's-2013-02-07T0000'
  return {
    search: {
      id,
      why: 'The best of 12 trials of boosting, forest, logistic, ml-random-forest.',
      at: at - 30 * hourMs,
      rows: 20_000,
      sampler: 'tpe',
      families: [...familyNames],
      folds: 4,
      trials: { done: 12, of: 12 },
      best: rankedTrials(trials)[0] ?? null,
      version: id,
    },
    plan: { id, seed: 1, trials: 12 },
    trials,
  }
}
