// Golden numbers: scikit-learn 1.9.1 and Evidently 0.7.23 on the files beside classification.json.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Performance, performance, performanceOfScores, ScoreCounts } from '../../src/drift/performance.ts'

type Golden = {
  id: string
  input: { file: string; y: string; score: string } | { y: number[]; score: number[] }
  threshold: number
  n: number
  expected: Record<string, number | string> & { confusion: { tp: number; fp: number; fn: number; tn: number } }
}

const golden = JSON.parse(readFileSync('test/golden/classification.json', 'utf8')) as { cases: Golden[] }

function rowsOf(input: Golden['input']): { labels: number[]; scores: number[] } {
  if (!('file' in input)) return { labels: input.y, scores: input.score }
  const text = gunzipSync(readFileSync(`test/golden/${input.file}`)).toString()
  const [head, ...lines] = text
    .trim()
    .split('\n')
    .map(line => line.split(','))
  const column = (name: string): number[] => lines.map(line => Number(line[head?.indexOf(name) ?? -1]))
  return { labels: column(input.y), scores: column(input.score) }
}

/** Relative difference. What scikit-learn calls 0 or NaN because nothing divides is null here. */
function difference(actual: number | null, expected: number | string | undefined): number {
  if (actual === null) return expected === 0 || expected === 'NaN' ? 0 : Number.POSITIVE_INFINITY
  return actual === expected ? 0 : Math.abs(actual - Number(expected)) / Math.abs(Number(expected))
}

function expectGolden(actual: Performance, { n, expected }: Golden): void {
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = actual.confusion
  expect(actual.n).toBe(n)
  expect({ tp, fp, fn, tn }).toEqual(expected.confusion)
  const differences = {
    auc: difference(actual.auc, expected.roc_auc),
    logLoss: difference(actual.logLoss, expected.log_loss),
    ece: difference(actual.ece, expected.ece_10_equal_width),
    mce: difference(actual.mce, expected.mce_10_equal_width),
    accuracy: difference(actual.accuracy, expected.accuracy),
    precision: difference(actual.precision, expected.precision),
    recall: difference(actual.recall, expected.recall),
    specificity: difference(actual.specificity, expected.specificity),
    f1: difference(actual.f1, expected.f1),
    brier: difference(actual.brier, expected.brier),
  }
  expect(Object.entries(differences).filter(([, relative]) => !(relative < 1e-9))).toEqual([])
}

describe('performance of float scores', () => {
  test.each(golden.cases)('equals scikit-learn and Evidently: $id', one => {
    const rows = rowsOf(one.input)
    expectGolden(performanceOfScores(rows, { threshold: one.threshold }), one)
    const finer = performanceOfScores(rows, { threshold: one.threshold, bins: 15 })
    expect(difference(finer.ece, one.expected.ece_15_equal_width)).toBeLessThan(1e-9)
  })
})

const anyRows = fc.array(fc.tuple(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 1 })), {
  maxLength: 60,
})

function counted(rows: readonly (readonly [number, number])[]): ScoreCounts {
  const counts = new ScoreCounts()
  for (const [probability, label] of rows) counts.add(probability, label)
  return counts
}

describe('performance of counted probabilities', () => {
  test.each(golden.cases.filter(({ input }) => !('file' in input)))('equals the golden values: $id', one => {
    const { labels, scores } = rowsOf(one.input)
    const counts = counted(scores.map((score, row) => [Math.round(10_000 * score), labels[row] as number]))
    expectGolden(performance(counts, { threshold: 10_000 * one.threshold }), one)
  })

  test('equals that of the same scores as floats', () => {
    fc.assert(
      fc.property(anyRows, fc.integer({ min: 0, max: 10_000 }), (rows, threshold) => {
        const floats = { labels: rows.map(([, label]) => label), scores: rows.map(([p]) => p / 10_000) }
        const expected = performanceOfScores(floats, { threshold: threshold / 10_000 })
        expect(performance(counted(rows), { threshold })).toEqual(expected)
      }),
    )
  })

  test('does not depend on order or on how rows were split', () => {
    fc.assert(
      fc.property(anyRows, fc.nat(60), (rows, cut) => {
        const one = counted(rows.slice(cut))
        one.merge(counted(rows.slice(0, cut).reverse()))
        expect(performance(one)).toEqual(performance(counted(rows)))
        expect(one.entries()).toEqual(counted(rows).entries())
        expect(ScoreCounts.from(one.entries())).toEqual(one)
      }),
    )
  })

  test('puts every probability into the bin that holds it', () => {
    // 3000 of 10000 belongs to [0.3, 0.4), whatever 0.3 * 10 is in floating point
    for (const bins of [10, 15]) {
      for (let probability = 0; probability <= 10_000; probability++) {
        const bin = Math.min(bins - 1, Math.floor((probability / 10_000) * bins))
        const exact = Math.min(bins - 1, Math.floor((probability * bins) / 10_000))
        expect(bin).toBe(exact)
      }
    }
  })

  test('agrees with the hand-worked example', () => {
    // late at 0.9 and 0.4, punctual at 0.4 and 0.1: pairs won 0.9>0.4, 0.9>0.1, 0.4>0.1 and half of 0.4=0.4: 3.5 of 4
    const result = performance(
      counted([
        [9000, 1],
        [4000, 1],
        [4000, 0],
        [1000, 0],
      ]),
      { threshold: 4000 },
    )
    expect(result.auc).toBe(0.875)
    // (0.01 + 0.36 + 0.16 + 0.01) / 4
    expect(result.brier).toBeCloseTo(0.135, 12)
    expect(result.confusion).toEqual({ truePositives: 2, falsePositives: 1, falseNegatives: 0, trueNegatives: 1 })
    expect(result.f1).toBe(0.8)
    // gaps 0.1 (1 row), 0.1 (2 rows), 0.1 (1 row)
    expect(result.ece).toBeCloseTo(0.1, 12)
  })

  test('has no figure where there is nothing to divide by', () => {
    expect(performance(new ScoreCounts())).toMatchObject({
      n: 0,
      auc: null,
      logLoss: null,
      brier: null,
      ece: null,
      f1: null,
    })
    expect(performance(counted([[4000, 0]]))).toMatchObject({
      n: 1,
      auc: null,
      precision: null,
      recall: null,
      accuracy: 1,
    })
  })

  test('refuses a probability off the grid and a label that is neither 0 nor 1', () => {
    expect(() => new ScoreCounts().add(0.5, 1)).toThrow('0..10000')
    expect(() => new ScoreCounts().add(10_001, 1)).toThrow('0..10000')
    expect(() => new ScoreCounts().add(5, 2)).toThrow('a label is 0 or 1')
  })
})
