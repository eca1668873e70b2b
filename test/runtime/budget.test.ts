import { describe, expect, test } from 'vitest'
import { Budget } from '../../src/runtime/budget.ts'

/** A holder with so many unread bytes, which gives them back once. */
function parkedWith(bytes: number): { releaseIfParked: () => number; asked: number } {
  let left = bytes
  return {
    asked: 0,
    releaseIfParked() {
      this.asked++
      const released = left
      left = 0
      return released
    },
  }
}

describe('a budget', () => {
  test('grants what is free, at most what is wanted', () => {
    const budget = new Budget(100)
    expect(budget.grant(60)).toBe(60)
    budget.hold(60)
    expect(budget.grant(60)).toBe(40)
    budget.release(30)
    expect(budget.grant(60)).toBe(60)
    expect(budget.held).toBe(30)
  })

  test('grants one byte, hence one record, when nothing is free', () => {
    const budget = new Budget(100)
    budget.hold(100)
    expect(budget.grant(60)).toBe(1)
    // the record may be as large as it likes
    budget.hold(500)
    expect(budget.grant(60)).toBe(1)
  })

  test('asks the parked for their bytes only when somebody was refused', () => {
    const budget = new Budget(100)
    const parked = parkedWith(40)
    budget.join(parked)
    budget.hold(40)
    expect(budget.grant(60)).toBe(60)
    expect(parked.asked).toBe(0)
    budget.hold(60)
    expect(budget.grant(60)).toBe(40)
    expect(parked.asked).toBe(1)
    expect(budget.held).toBe(60)
  })

  test('asks nobody who has left', () => {
    const budget = new Budget(100)
    const gone = parkedWith(100)
    budget.join(gone)
    budget.hold(100)
    budget.leave(gone)
    expect(budget.grant(10)).toBe(1)
    expect(gone.asked).toBe(0)
  })
})
