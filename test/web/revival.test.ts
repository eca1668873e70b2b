import { expect, test } from 'vitest'
import { revivalOf, secondsAway } from '../../src/web/revival.ts'
import { statusOf } from './samples.ts'

const alive = (lives: number) => statusOf({ supervised: true, lives })

test('another life is a revival, as long away as the connection was', () => {
  const seen = { before: alive(2), after: alive(3), downAt: 10_000, upAt: 11_940 }
  expect(revivalOf(seen)).toEqual({ at: 11_940, awayMs: 1940, kills: 2 })
  expect(secondsAway(1940)).toBe('1.9\u00a0s')
})

test('the same life after a lost connection is none, nor is the first that the page sees', () => {
  expect(revivalOf({ before: alive(2), after: alive(2), downAt: 1, upAt: 2 })).toBeNull()
  expect(revivalOf({ before: null, after: alive(5), downAt: 0, upAt: 2 })).toBeNull()
})
