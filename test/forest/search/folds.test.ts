import fc from 'fast-check'
import { expect, test } from 'vitest'
import { timeOrderedFolds } from '../../../src/forest/search/folds.ts'

const gapMs = 36

test('folds follow each other in time, with a gap before each, and train on ever more rows', () => {
  const departureAt = Float64Array.from({ length: 1000 }, (_, row) => row)
  expect(timeOrderedFolds(departureAt, { count: 3, gapMs, until: 1000 })).toEqual([
    { trainUntil: 365, from: 400, gradeFrom: 467, to: 600 },
    { trainUntil: 565, from: 600, gradeFrom: 667, to: 800 },
    { trainUntil: 765, from: 800, gradeFrom: 867, to: 1000 },
  ])
})

test('no fold trains on what leaves within the gap or later, none parts a departure, none passes the end', () => {
  const instants = fc.array(fc.nat(400), { minLength: 30, maxLength: 400 }).map(list => list.sort((a, b) => a - b))
  fc.assert(
    fc.property(
      instants,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 20, max: 30 }),
      (departureAt, count, part) => {
        const until = Math.floor((departureAt.length * part) / 30)
        const folds = timeOrderedFolds(departureAt, { count, gapMs, until })
        expect(folds.length).toBeLessThanOrEqual(count)
        for (const { trainUntil, from, gradeFrom, to } of folds) {
          expect(0 < trainUntil && trainUntil <= from && from < gradeFrom && gradeFrom < to && to <= until).toBe(true)
          const first = departureAt[from] as number
          expect(departureAt[trainUntil - 1]).toBeLessThanOrEqual(first - gapMs)
          expect(departureAt[trainUntil] as number).toBeGreaterThan(first - gapMs)
          for (const edge of [from, gradeFrom]) expect(departureAt[edge - 1]).toBeLessThan(departureAt[edge] as number)
        }
      },
    ),
  )
})

test('rows of a single departure make no fold', () => {
  expect(timeOrderedFolds(new Float64Array(100), { count: 4, gapMs, until: 100 })).toEqual([])
})
