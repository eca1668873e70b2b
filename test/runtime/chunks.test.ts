import { expect, test } from 'vitest'
import { Chunks } from '../../src/runtime/chunks.ts'

const place = { topic: 'events', partition: 1 }
const chunk = (from: number, bytes = 10) => ({ from, next: from + 5, bytes, records: [] })

test('the last two chunks of each partition are kept, of shared topics alone', () => {
  const chunks = new Chunks(new Set(['events']))
  for (const from of [0, 5, 10]) chunks.keep(place, chunk(from))
  expect([0, 5, 10].map(from => chunks.find(place, from, 100)?.next)).toEqual([undefined, 10, 15])
  expect(chunks.find({ ...place, partition: 0 }, 5, 100)).toBeUndefined()
  const unshared = { topic: 'other', partition: 1 }
  chunks.keep(unshared, chunk(0))
  expect(chunks.find(unshared, 0, 100)).toBeUndefined()
})

test('a chunk is found by where it begins, if it is not too large', () => {
  const chunks = new Chunks(new Set(['events']))
  chunks.keep(place, chunk(5))
  expect([chunks.find(place, 5, 10)?.from, chunks.find(place, 5, 9), chunks.find(place, 6, 10)]).toEqual([
    5,
    undefined,
    undefined,
  ])
})
