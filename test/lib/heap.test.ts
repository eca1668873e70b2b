import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Heap } from '../../src/lib/heap.ts'

type Item = { at: number; rank: number }

const byRank = (a: Item, b: Item) => a.rank < b.rank

describe('a heap', () => {
  test('that is empty has nothing to give', () => {
    const heap = new Heap<Item>(byRank)
    expect([heap.size, heap.firstAt, heap.peek(), heap.pop(), heap.size]).toEqual([
      0,
      Infinity,
      undefined,
      undefined,
      0,
    ])
  })

  test('gives the least first, whatever went in and out before', () => {
    const item = fc.record({ at: fc.integer({ min: 0, max: 5 }), rank: fc.integer({ min: 0, max: 5 }) })
    fc.assert(
      fc.property(fc.array(fc.option(item, { nil: 'pop' as const })), steps => {
        const heap = new Heap<Item>(byRank)
        const sorted: Item[] = []
        for (const value of steps) {
          const popped = value === 'pop' ? [heap.pop(), sorted.shift()] : []
          expect(popped[0]).toEqual(popped[1])
          if (value !== 'pop') {
            heap.push(value)
            sorted.push(value)
            sorted.sort((a, b) => a.at - b.at || a.rank - b.rank)
          }
          expect(heap.peek()).toEqual(sorted[0])
          expect(heap.firstAt).toBe(sorted[0]?.at ?? Infinity)
          expect(heap.size).toBe(sorted.length)
        }
      }),
    )
  })

  test('goes by the order that it was given among those of one instant, by the instant first', () => {
    const heap = new Heap<{ at: number; word: string }>((a, b) => a.word.length > b.word.length)
    for (const word of ['a', 'ccc', 'bb']) heap.push({ at: 7, word })
    heap.push({ at: 6, word: '' })
    expect([heap.pop(), heap.pop(), heap.pop(), heap.pop()].map(item => item?.word)).toEqual(['', 'ccc', 'bb', 'a'])
  })
})
