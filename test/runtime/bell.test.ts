import { expect, test } from 'vitest'
import { Bell } from '../../src/runtime/bell.ts'
import { allMoved } from './small-world.ts'

/** Whether a promise has come true by now. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false
  void promise.then(() => {
    done = true
  })
  await allMoved()
  return done
}

test('who waits sleeps until the bell rings', async () => {
  const bell = new Bell()
  const waiting = bell.after(bell.count)
  expect(await isDone(waiting)).toBe(false)
  bell.ring()
  expect(await isDone(waiting)).toBe(true)
})

test('a ring between the look and the wait is not missed', async () => {
  const bell = new Bell()
  const seen = bell.count
  bell.ring()
  expect(await isDone(bell.after(seen))).toBe(true)
})

test('one ring wakes everybody who waits, and nobody who comes later', async () => {
  const bell = new Bell()
  const [one, other] = [bell.after(bell.count), bell.after(bell.count)]
  bell.ring()
  const late = bell.after(bell.count)
  expect([await isDone(one), await isDone(other), await isDone(late)]).toEqual([true, true, false])
})

test('who waits again when woken hears the next ring only', async () => {
  const bell = new Bell()
  const again = bell.after(bell.count).then(() => bell.after(bell.count))
  bell.ring()
  expect(await isDone(again)).toBe(false)
  bell.ring()
  expect(await isDone(again)).toBe(true)
})
