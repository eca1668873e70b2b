import { expect, test } from 'vitest'
import { ClockFake } from '../../src/adapters/clock-fake.ts'
import { describeClock } from '../contracts/clock.ts'

describeClock('clock-fake', () => {
  const clock = new ClockFake(1_356_998_400_000)
  return { clock, pass: durationMs => clock.advance(durationMs) }
})

test('stands still until it is told to go on', async () => {
  const clock = new ClockFake(5)
  await clock.turn()
  await new Promise(resolve => setTimeout(resolve, 5))
  expect(clock.now()).toBe(5)
  await clock.advance(7)
  expect(clock.now()).toBe(12)
})

test('who wakes and sleeps again does so in time of its own', async () => {
  const clock = new ClockFake()
  const ticks: number[] = []
  const tick = async () => {
    for (let count = 0; count < 3; count++) {
      await clock.sleep(10)
      ticks.push(clock.now())
    }
  }
  void tick()
  expect(clock.nextAt).toBe(10)
  await clock.advance(25)
  expect(ticks).toEqual([10, 20])
  expect(clock.now()).toBe(25)
  await clock.advance(5)
  expect(ticks).toEqual([10, 20, 30])
  expect(clock.nextAt).toBeUndefined()
})
