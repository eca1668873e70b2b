import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitCalibration, interpolate } from '../../src/forest/calibration.ts'
import { fitInterval, intervalLookup, uncalibrated } from '../../src/forest/interval.ts'
import { randomFrom } from '../../src/lib/random.ts'

const anyRows = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 1 })), {
  minLength: 1,
  maxLength: 30,
})

/** The definition: add the row, calibrate again, read. */
function byDefinition(rows: readonly (readonly [number, number])[], score: number, label: number): number {
  const all = [...rows, [score, label] as const]
  const calibration = fitCalibration({ raws: all.map(([raw]) => raw), labels: all.map(([, late]) => late) })
  return Math.round(10_000 * interpolate(calibration, score))
}

describe('the Venn-Abers interval', () => {
  test('is what calibration with the flight added as punctual and as late says', () => {
    fc.assert(
      fc.property(anyRows, rows => {
        const table = fitInterval(
          'random-forest',
          Float64Array.from(rows, ([raw]) => raw / 10),
          rows.map(([, late]) => late),
        )
        const { lowOf, highOf } = intervalLookup(table, 'random-forest')
        // on the scores of the rows, and between and outside of them
        for (let score = 0; score <= 10; score += 0.5) {
          expect(lowOf(score / 10)).toBe(byDefinition(rows, score, 0))
          expect(highOf(score / 10)).toBe(byDefinition(rows, score, 1))
        }
      }),
    )
  })

  test('agrees with the hand-worked example', () => {
    // at 0.5 two punctual and two late flights; one more there: 2 of 5 or 3 of 5
    const { lowOf, highOf } = intervalLookup(
      fitInterval('random-forest', Float64Array.of(0.5, 0.5, 0.5, 0.5), [0, 1, 0, 1]),
      'random-forest',
    )
    expect([lowOf(0.5), highOf(0.5)]).toEqual([4000, 6000])
    // far from every row nothing is known below, and half is known above: it may not fall
    expect([lowOf(0.9), highOf(0.9)]).toEqual([4000, 10_000])
    expect([lowOf(0.1), highOf(0.1)]).toEqual([0, 6000])
  })

  test('holds the share of late flights of new rows in each group of scores, and is narrow where rows are many', () => {
    const random = randomFrom(5)
    const draw = (count: number) => {
      const raws = Float64Array.from({ length: count }, () => random() ** 2)
      return { raws, labels: raws.map(raw => (random() < 0.1 + 0.6 * raw ? 1 : 0)) }
    }
    const heldOut = draw(20_000)
    const { lowOf, highOf } = intervalLookup(
      fitInterval('random-forest', heldOut.raws, heldOut.labels),
      'random-forest',
    )
    const later = draw(50_000)
    for (let group = 0; group < 5; group++) {
      const rows = [...later.raws.keys()].filter(row => Math.floor(5 * (later.raws[row] as number)) === group)
      const mean = (value: (row: number) => number): number =>
        rows.reduce((sum, row) => sum + value(row), 0) / rows.length
      const share = mean(row => later.labels[row] as number)
      // one standard error of the share among some 5,000 rows is 0.007
      expect(mean(row => lowOf(later.raws[row] as number)) / 10_000).toBeLessThan(share + 0.02)
      expect(mean(row => highOf(later.raws[row] as number)) / 10_000).toBeGreaterThan(share - 0.02)
      expect(mean(row => highOf(later.raws[row] as number) - lowOf(later.raws[row] as number))).toBeLessThan(200)
    }
  })

  test('of a margin goes by its probability', () => {
    expect(uncalibrated(0, 'gradient-boosting')).toBe(5000)
    expect(uncalibrated(-50, 'gradient-boosting')).toBe(0)
    expect(uncalibrated(1.2, 'random-forest')).toBe(10_000)
    const { lowOf, highOf } = intervalLookup(
      fitInterval('gradient-boosting', Float64Array.of(0, 0), [0, 1]),
      'gradient-boosting',
    )
    expect([lowOf(0), highOf(0)]).toEqual([3333, 6667])
  })
})
