import { describe, expect, test } from 'vitest'
import { prepare } from '../../src/drift/column-drift.ts'
import { distributionOfNumbers } from '../../src/drift/distribution.ts'
import { boundOf, ordinaryOf } from '../../src/drift/ordinary.ts'
import { NumericSketch } from '../../src/drift/sketch.ts'

const numbers = Array.from({ length: 2000 }, (_, row) => row % 100)
const reference = prepare(distributionOfNumbers(numbers))

/** A day on which everything is `shift` higher. */
function dayOf(shift: number, rows = 100): NumericSketch {
  const sketch = new NumericSketch()
  for (let row = 0; row < rows; row++) sketch.add(row + shift)
  return sketch
}

const shifts = [0, 1, 2, 3, 4, 5, 6]

describe('ordinary days', () => {
  test('have the mean and deviation of their scores against the whole', () => {
    const ordinary = ordinaryOf(reference, { days: shifts.map(shift => dayOf(shift)), resolution: 1, rowsMin: 50 })
    // a shift by s moves every row by s; the norm is the deviation of 0..99
    const norm = Math.sqrt((100 ** 2 - 1) / 12)
    expect(ordinary?.days).toBe(7)
    expect(ordinary?.mean).toBeCloseTo(3 / norm, 12)
    expect(ordinary?.deviation).toBeCloseTo(2 / norm, 12)
  })

  test('count only with rows enough, and are none when they are too few', () => {
    const thin = [...shifts.map(shift => dayOf(shift)), dayOf(500, 49)]
    expect(ordinaryOf(reference, { days: thin, resolution: 1, rowsMin: 50 })?.days).toBe(7)
    expect(ordinaryOf(reference, { days: thin.slice(1), resolution: 1, rowsMin: 50 })).toBeNull()
  })

  test('are not known where the score is a p value', () => {
    const small = prepare(distributionOfNumbers(numbers.slice(0, 500)))
    expect(ordinaryOf(small, { days: shifts.map(shift => dayOf(shift)), resolution: 1, rowsMin: 50 })).toBeNull()
  })

  test('are bounded by three deviations, and by a little where there are none', () => {
    expect(boundOf({ days: 9, mean: 0.5, deviation: 0.2 })).toBeCloseTo(1.1, 12)
    expect(boundOf({ days: 9, mean: 0, deviation: 0 })).toBeCloseTo(0.03, 12)
  })
})
