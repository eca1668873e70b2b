// Record batches, without a broker: what is packed is unpacked, and what was aborted is left out.

import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc32c, packBatch, recordBytesAtMost, unpackBatches } from '../../src/adapters/log-kafka-batch.ts'
import type { Append } from '../../src/runtime/log.ts'
import { expectFailure } from '../contracts/log-contents.ts'

const producer = { id: 7n, epoch: 0, firstSequence: 0 }

function event(key: string): Append {
  return { topic: 't', partition: 0, key, value: Buffer.from(`value of ${key}`) }
}

/** A batch as a broker would keep it at an offset. */
function batch(offset: number, keys: readonly string[], id = 7n): Buffer {
  const bytes = packBatch(keys.map(event), { ...producer, id }, 0)
  bytes.writeBigInt64BE(BigInt(offset), 0)
  return bytes
}

/** A control batch: the end of a producer's transaction. */
function marker(offset: number, id: bigint, kind: 'abort' | 'commit'): Buffer {
  const bytes = batch(offset, ['abcd'], id)
  bytes.writeInt16BE(0x30, 21)
  const keyAt = bytes.indexOf('abcd')
  bytes.writeInt16BE(0, keyAt)
  bytes.writeInt16BE(kind === 'abort' ? 0 : 1, keyAt + 2)
  return bytes
}

function keysIn(bytes: Buffer, from = 0, aborted: { producerId: bigint; firstOffset: number }[] = []) {
  const { records, next } = unpackBatches(bytes, from, aborted)
  return { keys: records.map(({ key }) => key).join(), next }
}

test('the sum is that of RFC 3720, appendix B.4', () => {
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
})

test('the sum of any bytes, from any of them on, is that of one bit after the other', () => {
  const byBits = (bytes: Uint8Array) => {
    let sum = 0xffffffff
    for (const byte of bytes) {
      sum ^= byte
      for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0x82f63b78 : sum >>> 1
    }
    return ~sum >>> 0
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(9), (bytes, from) => {
      expect(crc32c(bytes, from)).toBe(byBits(bytes.subarray(from)))
    }),
  )
})

test('gives back any records, headers and tombstones among them, and never more bytes than foretold', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 80 })
  const record = fc.record(
    {
      key: text,
      value: fc.option(fc.uint8Array({ maxLength: 300 })),
      headers: fc.dictionary(text, text, { maxKeys: 3 }),
    },
    { requiredKeys: ['key', 'value'] },
  )
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 80 }), drawn => {
      const appends = drawn.map(each => ({ topic: 't', partition: 0, ...each }) as Append)
      const bytes = packBatch(appends, producer, 0)
      const { records, next } = unpackBatches(bytes, 0, [])
      expect(next).toBe(appends.length)
      expect(records.map(({ offset }) => offset)).toEqual(appends.map((_, index) => index))
      const shown = ({ key, value, headers = {} }: Pick<Append, 'key' | 'value' | 'headers'>) => {
        return { key, value: value && [...value], headers: { ...headers } }
      }
      expect(records.map(shown)).toEqual(appends.map(shown))
      expect(bytes.length).toBeLessThanOrEqual(61 + appends.reduce((sum, each) => sum + recordBytesAtMost(each), 0))
    }),
  )
})

test('begins inside a batch, and stops before one that is cut off', () => {
  const bytes = Buffer.concat([batch(10, ['a', 'b', 'c']), batch(13, ['d'])])
  expect(keysIn(bytes, 11)).toEqual({ keys: 'b,c,d', next: 14 })
  expect(keysIn(bytes.subarray(0, bytes.length - 1), 11)).toEqual({ keys: 'b,c', next: 13 })
  expect(keysIn(bytes.subarray(0, 40))).toEqual({ keys: '', next: undefined })
})

describe('aborted transactions', () => {
  test('are left out up to their marker, and what the same producer writes behind it is not', () => {
    const bytes = Buffer.concat([
      batch(0, ['a', 'b']),
      marker(2, 7n, 'abort'),
      batch(3, ['c']),
      marker(4, 7n, 'commit'),
    ])
    expect(keysIn(bytes, 0, [{ producerId: 7n, firstOffset: 0 }])).toEqual({ keys: 'c', next: 5 })
  })

  test('of two producers at once are left out, also when the fetch begins inside them', () => {
    const all = [batch(0, ['a1'], 1n), batch(1, ['b1'], 2n), batch(2, ['a2'], 1n), batch(3, ['b2'], 2n)]
    const ends = [marker(4, 2n, 'abort'), batch(5, ['a3'], 1n), marker(6, 1n, 'abort'), batch(7, ['end'], 3n)]
    const aborted = [
      { producerId: 2n, firstOffset: 1 },
      { producerId: 1n, firstOffset: 0 },
    ]
    for (const from of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const bytes = Buffer.concat([...all, ...ends].slice(from))
      expect(keysIn(bytes, from, aborted)).toEqual({ keys: 'end', next: 8 })
    }
  })
})

describe('compressed batches', () => {
  const compressed = (compression: number, by: (bytes: Buffer) => Uint8Array): Buffer => {
    const plain = batch(0, ['a', 'b'])
    const bytes = Buffer.concat([plain.subarray(0, 61), by(plain.subarray(61))])
    bytes.writeInt32BE(bytes.length - 12, 8)
    bytes.writeInt16BE(compression, 21)
    return bytes
  }

  test.each([
    ['gzip', 1, gzipSync],
    ['zstd', 4, zstdCompressSync],
  ] as const)('with %s are read', (_, compression, by) => {
    expect(keysIn(compressed(compression, by))).toEqual({ keys: 'a,b', next: 2 })
  })

  test('with another are refused by name', async () => {
    const read = async () => keysIn(compressed(3, bytes => bytes))
    await expectFailure(read(), 'TOPIC_MISMATCH')
  })
})
