import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { performance, ScoreCounts } from '../../src/drift/performance.ts'
import { chooseThreshold, type ThresholdGoal } from '../../src/forest/threshold.ts'

const anyRows = fc.array(fc.tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 1 })), {
  minLength: 1,
  maxLength: 30,
})

describe('the decision threshold', () => {
  test.each<ThresholdGoal>(['f1', 'balanced'])('is the highest that does best: %s', goal => {
    fc.assert(
      fc.property(anyRows, rows => {
        fc.pre(new Set(rows.map(([, label]) => label)).size === 2)
        const counts = new ScoreCounts()
        for (const [probability, label] of rows) counts.add(probability * 1000, label)
        const value = (threshold: number): number => {
          const { f1, recall, specificity } = performance(counts, { threshold })
          return goal === 'f1' ? (f1 ?? 0) : ((recall ?? 0) + (specificity ?? 0)) / 2
        }
        const chosen = chooseThreshold(
          rows.map(([p]) => p * 1000),
          rows.map(([, label]) => label),
          goal,
        )
        for (let threshold = 0; threshold <= 10_000; threshold += 500) {
          // rounding may tell equal values apart by a last bit
          const better = value(threshold) - value(chosen)
          expect(better).toBeLessThan(threshold > chosen ? -1e-12 : 1e-12)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('agrees with the hand-worked example', () => {
    // from 4000 on: 2 of 2 late found, 1 false alarm, F1 = 4/5; from 9000 on: 1 found, F1 = 2/3
    expect(chooseThreshold([9000, 4000, 4000, 1000], [1, 1, 0, 0])).toBe(4000)
    // balanced: (2/2 + 1/2) / 2 at 4000 as well as (1/2 + 2/2) / 2 at 9000: the higher
    expect(chooseThreshold([9000, 4000, 4000, 1000], [1, 1, 0, 0], 'balanced')).toBe(9000)
  })

  test('is 5000 where one of the labels is missing', () => {
    expect(chooseThreshold([1000, 9000], [1, 1])).toBe(5000)
    expect(chooseThreshold([], [])).toBe(5000)
  })
})
