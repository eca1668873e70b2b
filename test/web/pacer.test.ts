import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Pacer } from '../../src/web/pacer.ts'

let asked: number
let answer: () => void
let pacer: Pacer

beforeEach(() => {
  vi.useFakeTimers()
  asked = 0
  pacer = new Pacer({
    everyMs: 1_000,
    ask() {
      asked += 1
      return new Promise(resolve => {
        answer = resolve
      })
    },
  })
})

afterEach(() => {
  pacer.stop()
  vi.useRealTimers()
})

const answered = async () => {
  answer()
  await vi.advanceTimersByTimeAsync(0)
}

test('it asks at once, and then waits its time', async () => {
  pacer.wish()
  expect(asked).toBe(1)
  await answered()
  pacer.wish()
  pacer.wish()
  await vi.advanceTimersByTimeAsync(999)
  expect(asked).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(asked).toBe(2)
})

test('while a question is open the next one waits for its answer', async () => {
  pacer.wish()
  pacer.wish(true)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(asked).toBe(1)
  await answered()
  expect(asked).toBe(2)
})

test('it asks without waiting when the reader wants it', async () => {
  pacer.wish()
  await answered()
  pacer.wish(true)
  expect(asked).toBe(2)
})

test('stopped, it forgets what it was to ask', async () => {
  pacer.wish()
  await answered()
  pacer.wish()
  pacer.stop()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked).toBe(1)
})
