import fc from 'fast-check'
import { expect, test } from 'vitest'
import { murmur2, partitionOf } from '../../src/runtime/partition.ts'

// Kafka's own: org.apache.kafka.common.utils.UtilsTest.testMurmur2
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of %s is what Kafka says', (key, hash) => {
  expect(murmur2(key)).toBe(hash)
})

test('murmur2 is over the UTF-8 bytes, however many', () => {
  // the plain algorithm, over any bytes
  const plain = (bytes: Uint8Array): number => {
    let h = 0x9747b28c ^ bytes.length
    const words = bytes.length >> 2
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let word = 0; word < words; word++) {
      let k = Math.imul(view.getInt32(word * 4, true), 0x5bd1e995)
      k = Math.imul(k ^ (k >>> 24), 0x5bd1e995)
      h = Math.imul(h, 0x5bd1e995) ^ k
    }
    const rest = bytes.subarray(words * 4)
    for (let index = rest.length - 1; index >= 0; index--) h ^= (rest[index] ?? 0) << (8 * index)
    if (rest.length > 0) h = Math.imul(h, 0x5bd1e995)
    h = Math.imul(h ^ (h >>> 13), 0x5bd1e995)
    return h ^ (h >>> 15)
  }
  const key = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 1300, maxLength: 5000 }))
  fc.assert(
    fc.property(key, text => {
      expect(murmur2(text)).toBe(plain(new TextEncoder().encode(text)))
    }),
  )
})

test('every key has a partition below the count, the same one each time', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 50 }), (key, count) => {
      const partition = partitionOf(key, count)
      expect(Number.isInteger(partition) && partition >= 0 && partition < count).toBe(true)
      expect(partitionOf(key, count)).toBe(partition)
    }),
  )
})

test('Kafka places a negative hash by its lower 31 bits', () => {
  // -973932308 & 0x7fffffff = 2^31 - 973932308 = 1173551340 = 7 * 167650191 + 3
  expect(partitionOf('21', 7)).toBe(3)
})

test('flights spread over the partitions', () => {
  const counts = [0, 0, 0, 0]
  for (let number = 0; number < 4000; number++) {
    const partition = partitionOf(`UA-${number}-EWR-IAH-2013-01-01T10:15Z`, 4)
    counts[partition] = (counts[partition] ?? 0) + 1
  }
  // 1,000 each in the mean; 5 standard deviations of sqrt(4000 * 1/4 * 3/4) = 27.4
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(137)
})
