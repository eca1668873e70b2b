// Golden numbers: Evidently 0.7.23 over scipy 1.17.1 and numpy 2.4.6.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnDrift, type DriftMethod, driftMethods, prepare, suits } from '../../src/drift/column-drift.ts'
import { type Distribution, distributionOfCategories, distributionOfNumbers } from '../../src/drift/distribution.ts'
import { emptySketch, NumericSketch } from '../../src/drift/sketch.ts'
import { type ColumnInput, cellsOf, distributionOf, relativeDifference } from './golden.ts'

type Verdict = { name: string; score: number | string; drifted: boolean; threshold: number }

type Golden = {
  id: string
  type: 'num' | 'cat'
  ref: ColumnInput
  cur: ColumnInput
  null_cur: number
  expected: {
    evidently_default?: Verdict | { error: string } | null
    evidently: Record<string, Verdict | { error: string }>
  }
}

const { cases } = JSON.parse(readFileSync('test/golden/column-drift.json', 'utf8')) as { cases: Golden[] }

/** Methods of the golden file that are not built, and why. */
const notBuilt: Record<string, string> = {
  anderson: 'p is clipped to [0.001, 0.25]',
  cramer_von_mises: 'says what K-S says; the p value of the golden file is asymptotic',
  ed: 'energy distance: says what Wasserstein says',
  t_test: 'compares means alone',
  mannw: 'one-sided in Evidently',
  es: 'Epps-Singleton: undefined where the middle half of a column is constant',
  g_test: 'Evidently refuses it unless both sides have as many rows',
  fisher_exact: 'Evidently refuses it unless both sides have as many rows, of two values',
  TVD: 'its p comes from random permutations',
}

function sidesOf({ type, ref, cur }: Golden): [reference: Distribution, current: Distribution] {
  return [distributionOf(cellsOf(ref), type, 'inline' in ref), distributionOf(cellsOf(cur), type, 'inline' in cur)]
}

function isVerdict(expected: Verdict | { error: string } | null | undefined): expected is Verdict {
  return expected !== null && expected !== undefined && !('error' in expected)
}

const empty = ['empty-cur', 'all-null-cur']
let [verdicts, defaults] = [0, 0]

describe('golden', () => {
  test.each(cases.filter(({ id }) => !empty.includes(id)))('$id: every method equals Evidently', one => {
    const [reference, current] = sidesOf(one)
    const prepared = prepare(reference)
    const wrong: unknown[] = []
    for (const [name, expected] of Object.entries(one.expected.evidently)) {
      if (name in notBuilt) continue
      expect(driftMethods).toContain(name)
      if (!isVerdict(expected)) throw new Error(`${name} has no golden value`)
      const { score, drifted, threshold } = prepared.against(current, { method: name as DriftMethod })
      verdicts++
      const isEqual = relativeDifference(score, expected.score) < 1e-9
      if (!isEqual || drifted !== expected.drifted || threshold !== expected.threshold)
        wrong.push({ name, score, drifted })
    }
    expect(wrong).toEqual([])
  })

  test.each(cases.filter(({ id }) => !empty.includes(id)))('$id: the default choice is that of Evidently', one => {
    const expected = one.expected.evidently_default
    if (!isVerdict(expected)) throw new Error('there is no golden value')
    const answer = columnDrift(...sidesOf(one))
    expect(answer).toMatchObject({ method: expected.name, drifted: expected.drifted, threshold: expected.threshold })
    expect(relativeDifference(answer.score, expected.score)).toBeLessThan(1e-9)
    expect(answer.missing).toBe(one.null_cur)
    defaults++
  })

  test.each(cases.filter(({ id }) => empty.includes(id)))('$id: Evidently raises, here it is an answer', one => {
    expect(columnDrift(...sidesOf(one))).toMatchObject({ score: null, drifted: null, outcome: 'current-empty' })
  })

  test('every case was compared', () => {
    expect([cases.length, verdicts, defaults]).toEqual([41, 234, 39])
  })
})

describe('what cannot be compared is an answer', () => {
  const numbers = distributionOfNumbers([1, 2, 2, 3, 9, 12, 7])
  const categories = distributionOfCategories(['a', 'b', 'b'])
  const open = { score: null, drifted: null }

  test.each([
    [numbers, distributionOfNumbers([], { missing: 5 })],
    [categories, distributionOfCategories([], 5)],
  ])('no row with a value', (some, none) => {
    expect(columnDrift(some, none)).toMatchObject({ ...open, outcome: 'current-empty', currentCount: 0, missing: 5 })
    expect(columnDrift(none, some)).toMatchObject({ ...open, outcome: 'reference-empty', referenceCount: 0 })
    expect(columnDrift(none, none)).toMatchObject({ ...open, outcome: 'reference-empty', method: 'z', threshold: 0.05 })
    for (const method of driftMethods.filter(each => suits(each, some.kind))) {
      expect(columnDrift(some, none, { method })).toMatchObject({ ...open, method, outcome: 'current-empty' })
      expect(columnDrift(none, some, { method })).toMatchObject({ ...open, method, outcome: 'reference-empty' })
    }
  })

  test('fewer rows than asked for', () => {
    expect(columnDrift(numbers, numbers, { rowsMin: 7 }).outcome).toBe('compared')
    expect(columnDrift(numbers, numbers, { rowsMin: 8 })).toMatchObject({ ...open, outcome: 'too-few-rows' })
  })

  test('one value on both sides has not drifted, and chi-square has nothing to test', () => {
    const constant = distributionOfNumbers([4, 4, 4])
    expect(columnDrift(constant, constant)).toMatchObject({
      method: 'z',
      score: 1,
      drifted: false,
      outcome: 'compared',
    })
    const tested = columnDrift(constant, constant, { method: 'chisquare' })
    expect(tested).toMatchObject({ score: null, drifted: false, outcome: 'one-value' })
  })

  test('infinite values: tests take them for the largest, distances have no figure', () => {
    const infinite = distributionOfNumbers([1, 2, 3, 4, 5, Number.POSITIVE_INFINITY])
    expect(columnDrift(numbers, infinite, { method: 'ks' }).score).toBeGreaterThan(0.5)
    for (const method of ['wasserstein', 'hellinger'] as const) {
      expect(columnDrift(numbers, infinite, { method })).toMatchObject({ ...open, outcome: 'infinite' })
      expect(columnDrift(infinite, numbers, { method })).toMatchObject({ ...open, outcome: 'infinite' })
    }
    expect(columnDrift(numbers, infinite, { method: 'psi' }).outcome).toBe('compared')
    const many = distributionOfNumbers(Array.from({ length: 40 }, (_, at) => at))
    expect(columnDrift(many, infinite, { method: 'psi' }).outcome).toBe('infinite')
  })

  test('categories have no order, and sides of two kinds are a defect', () => {
    expect(() => columnDrift(categories, categories, { method: 'ks' })).toThrow('ks does not compare categories')
    expect(() => columnDrift(numbers, categories)).toThrow('both sides of a column are of one kind')
  })
})

test('unseen categories are counted, and a threshold may be given', () => {
  const reference = distributionOfCategories(['a', 'a', 'b', 'c'])
  const current = distributionOfCategories(['a', 'd', 'd', 'e'], 3)
  expect(columnDrift(reference, current, { method: 'psi', threshold: 50 })).toMatchObject({
    drifted: false,
    threshold: 50,
    referenceCount: 4,
    currentCount: 4,
    missing: 3,
    unseen: 3,
  })
})

test('sketches give the very answer of the rows that they counted', () => {
  const someRows = fc.array(fc.option(fc.integer({ min: -40, max: 40 }), { nil: null }), { maxLength: 50 })
  fc.assert(
    fc.property(someRows, someRows, fc.constantFrom(...driftMethods), (left, right, method) => {
      const sketched = (rows: typeof left): Distribution => {
        const sketch = new NumericSketch()
        for (const value of rows) sketch.add(value)
        return sketch.distribution(0.1)
      }
      const counted = (rows: typeof left): Distribution => {
        const present = rows.filter(value => value !== null)
        return distributionOfNumbers(
          present.map(value => value / 10),
          { missing: rows.length - present.length },
        )
      }
      const expected = columnDrift(counted(left), counted(right), { method })
      expect(columnDrift(sketched(left), sketched(right), { method })).toEqual(expected)
    }),
  )
})

test('the answer does not depend on the order in which categories came', () => {
  const someRows = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(someRows, someRows, fc.constantFrom('psi', 'jensenshannon', 'kl_div', 'z'), (left, right, method) => {
      const sketched = (rows: readonly string[]): Distribution => {
        const sketch = emptySketch('categorical')
        for (const category of rows) sketch.add(category)
        return sketch.distribution(1)
      }
      const answer = columnDrift(sketched(left), sketched(right), { method: method as DriftMethod })
      const turned = columnDrift(sketched(left.toReversed()), sketched(right.toReversed()), {
        method: method as DriftMethod,
      })
      expect(turned).toEqual(answer)
    }),
  )
})
