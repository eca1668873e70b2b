import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
        // the goal times the product of all that divides it: whole numbers, so that equal is equal
        const value = (threshold: number): [value: number, of: number] => {
          const called = rows.filter(([p]) => p * 1000 >= threshold)
          const hits = called.filter(([, label]) => label === 1).length
          const late = rows.filter(([, label]) => label === 1).length
          const punctual = rows.length - late
          if (goal === 'f1') return [2 * hits, late + called.length]
          return [hits * punctual + (punctual - (called.length - hits)) * late, 2 * late * punctual]
        }
        const chosen = chooseThreshold(
          rows.map(([p]) => p * 1000),
          rows.map(([, label]) => label),
          goal,
        )
        for (let threshold = 0; threshold <= 10_000; threshold += 500) {
          const [ours, oursOf] = value(chosen)
          const [theirs, theirsOf] = value(threshold)
          const lead = ours * theirsOf - theirs * oursOf
          expect(lead).toBeGreaterThanOrEqual(threshold > chosen ? 1 : 0)
        }
      }),
      { numRuns: 100 },
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
