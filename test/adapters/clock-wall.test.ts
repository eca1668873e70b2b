import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ClockWall } from '../../src/adapters/clock-wall.ts'
import { describeClock } from '../contracts/clock.ts'

describeClock('clock-wall', () => ({ clock: new ClockWall(), pass: durationMs => sleep(durationMs) }))

test('says the time of day', () => {
  const before = Date.now()
  const now = new ClockWall().now()
  expect(now).toBeGreaterThanOrEqual(before)
  expect(now).toBeLessThanOrEqual(Date.now())
})

test('a loop that only takes turns lets timers have theirs', async () => {
  const clock = new ClockWall()
  let isOver = false
  setTimeout(() => {
    isOver = true
  }, 10)
  let turns = 0
  while (!isOver) {
    await clock.turn()
    turns++
  }
  expect(turns).toBeGreaterThan(1)
})
