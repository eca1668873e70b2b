import { describe, expect, it } from 'vitest'
import { everything } from '../../src/features/entities.ts'
import { Ledger } from '../../src/features/ledger.ts'
import { PlanBook, slotsPerHour } from '../../src/features/plan-book.ts'

const ids = { origin: 2, destination: 3, region: 7, carrier: 4, originCarrier: 5, route: 6 }

function bookAt(index: number): { book: PlanBook; step: (to: number) => void } {
  const ledger = new Ledger(50)
  const book = new PlanBook(ledger)
  const step = (to: number) => {
    ledger.open(to)
    book.advance(to, 7, to - 5)
  }
  step(index)
  return { book, step }
}

describe('the plan of an hour', () => {
  // The first slot of hour 10; the arrival lies in hour 12.
  const change = { ids, departureSlot: 10 * slotsPerHour, arrivalSlot: 12 * slotsPerHour + 5, planned: 1, open: 1 }

  it('adds up within a frame and over frames, and each frame keeps its own', () => {
    const { book, step } = bookAt(1)
    book.change(change)
    book.change(change)
    step(2)
    book.change({ ...change, planned: 0, open: -1 })
    expect(book.hour(10, ids.origin, 0)).toEqual({ planned: 0, open: 0 })
    expect(book.hour(10, ids.origin, 1)).toEqual({ planned: 2, open: 2 })
    expect(book.hour(10, ids.originCarrier, 2)).toEqual({ planned: 2, open: 1 })
    expect(book.hour(12, ids.destination, 2)).toEqual({ planned: 2, open: 1 })
    expect([book.hour(10, ids.destination, 2), book.hour(12, ids.origin, 2)]).toEqual([
      { planned: 0, open: 0 },
      { planned: 0, open: 0 },
    ])
  })

  it('is forgotten when the hour has ended, and not before', () => {
    const { book } = bookAt(1)
    book.change(change)
    book.forget(11 * slotsPerHour - 1)
    expect(book.hour(10, everything, 1).planned).toBe(1)
    book.forget(11 * slotsPerHour)
    expect(book.hour(10, everything, 1).planned).toBe(0)
    expect(book.hour(12, ids.destination, 1).planned).toBe(1)
  })
})
