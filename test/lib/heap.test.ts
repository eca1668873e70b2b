import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Heap } from '../../src/lib/heap.ts'

describe('a heap', () => {
  test('that is empty has nothing to give', () => {
    const heap = new Heap<number>((a, b) => a < b)
    expect([heap.size, heap.peek(), heap.pop(), heap.size]).toEqual([0, undefined, undefined, 0])
  })

  test('gives the least first, whatever went in and out before', () => {
    const step = fc.option(fc.integer({ min: 0, max: 20 }), { nil: 'pop' as const })
    fc.assert(
      fc.property(fc.array(step), steps => {
        const heap = new Heap<number>((a, b) => a < b)
        const sorted: number[] = []
        for (const value of steps) {
          const popped = value === 'pop' ? [heap.pop(), sorted.shift()] : []
          expect(popped[0]).toBe(popped[1])
          if (value !== 'pop') {
            heap.push(value)
            sorted.push(value)
            sorted.sort((a, b) => a - b)
          }
          expect(heap.peek()).toBe(sorted[0])
          expect(heap.size).toBe(sorted.length)
        }
      }),
    )
  })

  test('goes by the order that it was given', () => {
    const heap = new Heap<string>((a, b) => a.length > b.length)
    for (const word of ['a', 'ccc', 'bb']) heap.push(word)
    expect([heap.pop(), heap.pop(), heap.pop()]).toEqual(['ccc', 'bb', 'a'])
  })
})
