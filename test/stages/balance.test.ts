import { describe, expect, test } from 'vitest'
import { balanceOf, isEven } from '../../src/stages/balance.ts'

const ingest = { in: 10, timeline: 5, held: 2, duplicates: 1, rejected: 2, late: 3 }
const score = {
  flights: 6,
  settled: 3,
  cancelled: 1,
  open: 2,
  givenUp: 1,
  horizons: 12,
  predicted: 4,
  notYetDue: 2,
  DEPARTED: 1,
  CANCELLED: 1,
  KNOWN_AFTER: 1,
  SETTLED: 2,
  NO_MODEL: 1,
}

describe('the balance sheet', () => {
  test('is even when events in, flights and horizons all add up', () => {
    // 10 = 5 + 2 + 1 + 2; 6 = 3 + 2 + 1; 12 = 4 + (1 + 1 + 1 + 2 + 1) + 2
    const { even, partitions } = balanceOf([ingest], [score])
    expect(even).toBe(true)
    expect(partitions).toMatchObject([{ partition: 0, in: 10, late: 3, cancelled: 1, skipped: { SETTLED: 2 } }])
  })

  test('late events and cancelled flights are inside other counts', () => {
    expect(balanceOf([{ ...ingest, late: 9 }], [{ ...score, cancelled: 9 }]).even).toBe(true)
  })

  test.each(['in', 'timeline', 'held', 'duplicates', 'rejected'])('is uneven when one more is counted as %s', name => {
    const counts: Record<string, number> = ingest
    expect(balanceOf([{ ...counts, [name]: (counts[name] ?? 0) + 1 }], [score]).even).toBe(false)
  })

  test.each(Object.keys(score).filter(name => name !== 'cancelled'))(
    'is uneven when one more is counted as %s',
    name => {
      const counts: Record<string, number> = score
      expect(balanceOf([ingest], [{ ...counts, [name]: (counts[name] ?? 0) + 1 }]).even).toBe(false)
    },
  )

  test('partitions that are uneven the other way round do not hide each other', () => {
    const { even, total } = balanceOf(
      [
        { ...ingest, held: 3 },
        { ...ingest, held: 1 },
      ],
      [score, score],
    )
    expect(isEven(total)).toBe(true)
    expect(even).toBe(false)
  })

  test('the total is the sum of the partitions', () => {
    const { total } = balanceOf([ingest, ingest, {}], [score, score, {}])
    expect(total).toMatchObject({ in: 20, flights: 12, horizons: 24, skipped: { DEPARTED: 2, SETTLED: 4 } })
  })

  test('before any task has opened everything is zero, and even', () => {
    const { even, total, partitions } = balanceOf([{}, {}], [])
    expect(even).toBe(true)
    expect(partitions.map(({ partition }) => partition)).toEqual([0, 1])
    expect(total).toMatchObject({ in: 0, horizons: 0, skipped: { NO_MODEL: 0 } })
  })
})
