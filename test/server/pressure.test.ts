import { expect, test } from 'vitest'
import { refuseWhenBehind } from '../../src/server/pressure.ts'

test('a process that is far behind refuses', () => {
  expect(() => refuseWhenBehind(6_000)).toThrow(expect.objectContaining({ code: 'OVERLOADED' }))
})

test('one that was blocked for a while and runs again answers', () => {
  expect(() => refuseWhenBehind(Number.POSITIVE_INFINITY)).not.toThrow()
})
