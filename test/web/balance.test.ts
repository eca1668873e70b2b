import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isEven, sumsOf, totalOf } from '../../src/web/balance.ts'
import type { PartitionBalance } from '../../src/web/wire.ts'
import { evenPartition } from './samples.ts'

test('the example adds up: 110 = 100 + 7 + 2 + 1, 40 = 25 + 14 + 1, 40 = 30 + 4 + 1 + 5', () => {
  expect(sumsOf(evenPartition).map(sum => [sum.name, sum.gap])).toEqual([
    ['events in', 0],
    ['flights', 0],
    ['horizons', 0],
  ])
})

const changes: [field: keyof PartitionBalance, gaps: number[]][] = [
  ['held', [-1, 0, 0]],
  ['in', [1, 0, 0]],
  ['open', [0, -1, 0]],
  ['notYetDue', [0, 0, -1]],
]

describe('one record too many', () => {
  test.each(changes)('in %s is seen, and where', (field, gaps) => {
    const spoiled = { ...evenPartition, [field]: Number(evenPartition[field]) + 1 }
    expect(sumsOf(spoiled).map(sum => sum.gap)).toEqual(gaps)
    expect(isEven([evenPartition, spoiled])).toBe(false)
  })

  test('in one partition is seen though another hides it in the total', () => {
    const more = { ...evenPartition, open: evenPartition.open + 1 }
    const less = { ...evenPartition, open: evenPartition.open - 1 }
    expect(isEven([totalOf([more, less])])).toBe(true)
    expect(isEven([more, less])).toBe(false)
  })
})

test('the total of even partitions is even, and counts each reason of a skip', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 7 }), counts => {
      const sheets = counts.map(count => ({
        ...evenPartition,
        skipped: { ...evenPartition.skipped, DEPARTED: count },
        horizons: evenPartition.horizons + count,
      }))
      const total = totalOf(sheets)
      expect(isEven([total])).toBe(true)
      expect(total.skipped.DEPARTED ?? 0).toBe(counts.reduce((sum, count) => sum + count, 0))
    }),
  )
})
