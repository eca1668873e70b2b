import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CodecAvro } from '../../src/adapters/codec-avro.ts'
import { LogMemory } from '../../src/adapters/log-memory.ts'
import { LogSqlite } from '../../src/adapters/log-sqlite.ts'
import { SchemasMemory } from '../../src/adapters/schemas-memory.ts'
import { canonicalDigest, type Order, topicDigest } from '../../src/runtime/digest.ts'
import type { Append, Log } from '../../src/runtime/log.ts'
import type { Codec } from '../../src/runtime/schemas.ts'
import { newFolders } from '../adapters/folders.ts'
import { append, marks, openCodec, schemaText } from './small-world.ts'

const topic = 'events'
const newFolder = newFolders()

type Shape = { partitions?: number; cleanup?: 'delete' | 'compact' }

async function filled(log: Log, units: readonly (readonly Append[])[], shape: Shape = {}): Promise<Log> {
  await log.createTopics([{ name: topic, partitions: shape.partitions ?? 1, cleanup: shape.cleanup ?? 'delete' }])
  for (const unit of units) await append(log, unit)
  return log
}

async function digestOf(codec: Codec, units: readonly (readonly Append[])[], shape: Shape = {}): Promise<string> {
  return topicDigest({ log: await filled(new LogMemory(), units, shape), codec }, topic)
}

const sha256 = (...parts: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
const uint32 = (number: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(number)
  return bytes
}
// the canonical form of Mark, as the Avro specification defines it: names in full, no doc, no logical types
const markFingerprint = sha256(
  Buffer.from('{"name":"slipstream.Mark","type":"record","fields":[{"name":"at","type":"long"}]}'),
)

describe('the digest of a topic', () => {
  test('is SHA-256 of the digests of its partitions, each over key, fingerprint and body of its records', async () => {
    const codec = await openCodec()
    const tombstone = { topic, partition: 0, key: 'é', value: null }
    const log = await filled(new LogMemory(), [[...marks(codec, topic, [1]), tombstone]], { partitions: 2 })
    // at 1 is the zigzag varint 2; the key é has 2 bytes
    const mark = [uint32(1), Buffer.from('1'), markFingerprint, uint32(1), Buffer.from([2])]
    const gone = [uint32(2), Buffer.from('é'), uint32(0xffff_ffff)]
    const expected = sha256(sha256(...mark, ...gone), sha256())
    expect(await topicDigest({ log, codec }, topic)).toBe(expected.toString('hex'))
  })

  test('of a compacted topic is over the last record of each key, by key', async () => {
    const codec = await openCodec()
    const of = (key: string, at: number): Append => {
      return { topic, partition: 0, key, value: codec.encode('Mark', { at }) }
    }
    const both = [of('a', 1), of('b', 2)]
    const others = [of('b', 7), of('a', 8), of('b', 2), of('a', 1)]
    const compact = { cleanup: 'compact' } as const
    expect(await digestOf(codec, [others], compact)).toBe(await digestOf(codec, [both], compact))
    expect(await digestOf(codec, [others])).not.toBe(await digestOf(codec, [both]))
    const log = new LogMemory()
    await filled(log, [others], compact)
    log.compact(topic)
    expect(await topicDigest({ log, codec }, topic)).toBe(await digestOf(codec, [both], compact))
  })

  test('does not know the ids of the schemas', async () => {
    const codec = await openCodec()
    const schemas = new SchemasMemory()
    for (const name of ['Watermark', 'StepEnded']) await schemas.register(`slipstream.${name}`, schemaText(name))
    const other = await CodecAvro.open(schemas, [schemaText('Mark')])
    expect(other.encode('Mark', { at: 1 })).not.toEqual(codec.encode('Mark', { at: 1 }))
    expect(await digestOf(other, [marks(other, topic, [1])])).toBe(await digestOf(codec, [marks(codec, topic, [1])]))
  })

  test('knows the schema, the key, the order and the partition of a record', async () => {
    const codec = await openCodec()
    const value = codec.encode('Mark', { at: 1 })
    const mark = { topic, partition: 0, key: 'a', value }
    const next = { ...mark, value: codec.encode('Mark', { at: 2 }) }
    const shape = { partitions: 2 }
    const digests = await Promise.all(
      [
        [mark, next],
        [next, mark],
        [mark],
        [mark, { ...next, partition: 1 }],
        [{ ...mark, key: 'b' }, next],
        [{ ...mark, value: codec.encode('Watermark', { at: 1 }) }, next],
        [{ ...mark, value: null }, next],
        [{ ...mark, value: new Uint8Array(0) }, next],
      ].map(unit => digestOf(codec, [unit], shape)),
    )
    expect(new Set(digests).size).toBe(digests.length)
  })

  test('does not know headers', async () => {
    const codec = await openCodec()
    const unit = marks(codec, topic, [1])
    const told = unit.map(each => ({ ...each, headers: { took: '3 ms' } }))
    expect(await digestOf(codec, [told])).toBe(await digestOf(codec, [unit]))
  })

  test('is the same for any units of work, gaps and engine', async () => {
    const codec = await openCodec()
    const entry = fc.record({ at: fc.nat(1e12), partition: fc.nat(1), cut: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 30 }), fc.integer(), async (entries, seed) => {
        const units: Append[][] = [[]]
        for (const { at, partition, cut } of entries) {
          if (cut) units.push([])
          units.at(-1)?.push(...marks(codec, topic, [at], partition))
        }
        const shape = { partitions: 2 }
        const expected = await digestOf(codec, [units.flat()], shape)
        for (const log of [new LogMemory({ kafkaMode: { seed } }), LogSqlite.open(newFolder())]) {
          await filled(log, units, shape)
          expect(await topicDigest({ log, codec }, topic)).toBe(expected)
          await log.close()
        }
      }),
      { numRuns: 15 },
    )
  })

  test('takes bytes that no schema explains as they are', async () => {
    const codec = await openCodec()
    const unit = { topic, partition: 0, key: 'x', value: Buffer.from('junk') }
    const expected = sha256(sha256(uint32(1), Buffer.from('x'), Buffer.alloc(32), uint32(4), Buffer.from('junk')))
    expect(await digestOf(codec, [[unit]])).toBe(expected.toString('hex'))
  })

  test('is right for records larger than the slab it sums in', async () => {
    const codec = await openCodec()
    const junk = Buffer.alloc(300_000, 7)
    const unit = ['a', 'b'].map(key => ({ topic, partition: 0, key, value: junk }))
    const part = (key: string) => [uint32(1), Buffer.from(key), Buffer.alloc(32), uint32(junk.length), junk]
    expect(await digestOf(codec, [unit])).toBe(sha256(sha256(...part('a'), ...part('b'))).toString('hex'))
  })

  test('does not depend on what the codec has read before', async () => {
    const schemas = new SchemasMemory()
    const [fresh, learned] = [await openCodec(schemas), await openCodec(schemas)]
    const foreign = await CodecAvro.open(schemas, [schemaText('StepEnded')])
    const value = foreign.encode('StepEnded', { at: 1 })
    expect(() => learned.decode(value)).toThrow('there is no schema')
    await learned.learn()
    const units = [[{ topic, partition: 0, key: 'x', value }]]
    expect(await digestOf(fresh, units)).toBe(await digestOf(learned, units))
  })
})

describe('the canonical digest', () => {
  const order: Order<{ at: number }> = {
    timeOf: ({ at }) => Math.floor(at / 10),
    keyOf: ({ at }) => `${at}`,
    shown: (name, { at }) => Buffer.from(`${name} ${at}\n`),
  }

  async function canonicalOf(parts: readonly (readonly number[])[]): Promise<string> {
    const codec = await openCodec()
    const units = parts.map((ats, partition) => marks(codec, topic, ats, partition))
    const log = await filled(new LogMemory(), units, { partitions: parts.length })
    return canonicalDigest({ log, codec }, topic, order)
  }

  test('is SHA-256 of the records by instant, then by key', async () => {
    const text = 'Mark 11\nMark 12\nMark 25\nMark 31\n'
    const expected = sha256(Buffer.from(text)).toString('hex')
    expect(await canonicalOf([[12, 11, 31], [25]])).toBe(expected)
  })

  test('is the same however the records lie in partitions', async () => {
    const at = fc.record({ at: fc.nat(300), partition: fc.nat(2) })
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(at, { maxLength: 30, selector: each => each.at }), async entries => {
        const rising = entries.toSorted((a, b) => a.at - b.at)
        const parts = [0, 1, 2].map(which => rising.filter(({ partition }) => partition === which).map(each => each.at))
        expect(await canonicalOf(parts)).toBe(await canonicalOf([rising.map(each => each.at)]))
      }),
      { numRuns: 25 },
    )
  })

  test('notices a record that is missing', async () => {
    expect(await canonicalOf([[11, 25], [12]])).not.toBe(await canonicalOf([[11], [12]]))
  })

  test('goes on behind a tombstone', async () => {
    const codec = await openCodec()
    const gone = { topic, partition: 0, key: 'x', value: null }
    const log = await filled(new LogMemory(), [[gone, ...marks(codec, topic, [11])]])
    expect(await canonicalDigest({ log, codec }, topic, order)).toBe(await canonicalOf([[11]]))
  })
})
