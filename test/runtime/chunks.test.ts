import { expect, test } from 'vitest'
import { Chunks } from '../../src/runtime/chunks.ts'

const place = { topic: 'events', partition: 1 }
const chunk = (from: number, bytes = 10) => ({ from, next: from + 5, bytes, records: [] })

test('the last two chunks of each partition are kept, of shared topics alone', () => {
  const chunks = new Chunks(new Map([['events', 3]]))
  for (const from of [0, 5, 10]) chunks.keep(place, chunk(from))
  expect([0, 5, 10].map(from => chunks.find(place, from, 100)?.next)).toEqual([undefined, 10, 15])
  expect(chunks.find({ ...place, partition: 0 }, 5, 100)).toBeUndefined()
  const unshared = { topic: 'other', partition: 1 }
  chunks.keep(unshared, chunk(0))
  expect(chunks.find(unshared, 0, 100)).toBeUndefined()
})

test('a chunk is found by where it begins, if it is not too large', () => {
  const chunks = new Chunks(new Map([['events', 3]]))
  chunks.keep(place, chunk(5))
  expect([chunks.find(place, 5, 10)?.from, chunks.find(place, 5, 9), chunks.find(place, 6, 10)]).toEqual([
    5,
    undefined,
    undefined,
  ])
})

test('the last reader takes a chunk away', () => {
  const chunks = new Chunks(new Map([['events', 3]]))
  chunks.keep(place, chunk(5))
  expect([1, 2, 3].map(() => chunks.find(place, 5, 10)?.from)).toEqual([5, 5, undefined])
})

test('a read that is under way can be waited for, however it ends', async () => {
  const chunks = new Chunks(new Map([['events', 2]]))
  const read = Promise.withResolvers<void>()
  chunks.expect(place, 5, read.promise)
  expect([chunks.reading(place, 6), chunks.reading({ ...place, partition: 0 }, 5)]).toEqual([undefined, undefined])
  const waiting = chunks.reading(place, 5)
  read.reject(new Error('away'))
  await expect(waiting).resolves.toBeUndefined()
  expect(chunks.reading(place, 5)).toBeUndefined()
  chunks.expect({ topic: 'other', partition: 1 }, 5, Promise.resolve())
  expect(chunks.reading({ topic: 'other', partition: 1 }, 5)).toBeUndefined()
})
