import { describe, expect, test } from 'vitest'
import { type ModelReport, reportOf, rounded } from '../../src/drift/model-report.ts'

const rows = 1200
/** At airport A probabilities are right, at B they say nothing; C has few rows. */
const airports = Array.from({ length: rows }, (_, row) => (row < 560 ? 'A' : row < 1160 ? 'B' : 'C'))
const risky = (row: number) => row % 2 === 0
const labels = airports.map((airport, row) => {
  if (airport === 'B') return row % 5 === 0 ? 1 : 0
  return (risky(row) ? row % 10 !== 0 : row % 10 === 1) ? 1 : 0
})
const probabilities = airports.map((_, row) => (risky(row) ? 8000 : 2000))
const days = airports.map((_, row) => row % 20)

function reported(changes: Partial<Parameters<typeof reportOf>[1]> = {}): ModelReport {
  const groupings = [{ by: 'airport', groupOf: (row: number) => airports[row] as string }]
  const reporting = reportOf(
    { probabilities, labels, days },
    { resamples: 40, seed: 1, groupings, importance: null, ...changes },
  )
  for (;;) {
    const { done, value } = reporting.next()
    if (done) return value
  }
}

describe('the report on a model', () => {
  test('grades the groups that are large enough, and counts the rest', () => {
    const { groups, figures } = reported()
    expect(figures.n).toBe(rows)
    expect(
      groups.map(({ by, rest, groups: own }) => [by, rest, own.map(({ group, figures: { n } }) => [group, n])]),
    ).toEqual([
      [
        'airport',
        40,
        [
          ['A', 560],
          ['B', 600],
        ],
      ],
    ])
  })

  test('says where the model is weak: where it tells no more than the share of late flights does', () => {
    const [worst, better] = reported().weakest
    expect([worst?.group, better?.group]).toEqual(['B', 'A'])
    expect(worst?.skill).toBeLessThan(0)
    expect(better?.skill).toBeGreaterThan(0.2)
    expect(worst?.because).toMatch(
      /^of 600 flights 20 % were late and 50 % were said to be; AUC 0\.5\d\d \(0\.\d+ to 0\.\d+\); log loss [\d.]+ % worse/,
    )
  })

  test('a column with one group is no weakness, and a row may be in no group', () => {
    const { groups, weakest } = reported({ groupings: [{ by: 'origin', groupOf: row => (row < 900 ? 'JFK' : null) }] })
    expect(groups[0]).toMatchObject({ by: 'origin', rest: 300 })
    expect(weakest).toEqual([])
  })

  test('puts numbers in the order of numbers', () => {
    const { groups } = reported({ groupings: [{ by: 'month', groupOf: row => String((row % 12) + 1) }] })
    expect(groups[0]?.groups.map(({ group }) => group)).toEqual(Array.from({ length: 12 }, (_, at) => String(at + 1)))
  })

  test('is rounded wherever a number stands', () => {
    expect(rounded({ a: [0.123456789, { b: 12345678 }], c: 'x', d: null })).toEqual({
      a: [0.12346, { b: 12346000 }],
      c: 'x',
      d: null,
    })
  })
})
