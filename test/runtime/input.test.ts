import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { CodecAvro } from '../../src/adapters/codec-avro.ts'
import { LogMemory, type LogMemoryOptions } from '../../src/adapters/log-memory.ts'
import { SchemasMemory } from '../../src/adapters/schemas-memory.ts'
import { Budget } from '../../src/runtime/budget.ts'
import { Chunks } from '../../src/runtime/chunks.ts'
import { Buffered } from '../../src/runtime/input.ts'
import type { Append } from '../../src/runtime/log.ts'
import type { Codec } from '../../src/runtime/schemas.ts'
import type { InputRecord } from '../../src/runtime/stage.ts'
import { append, expectFailure, marks, openCodec, schemaText } from './small-world.ts'

const topic = 'events'
// 5 bytes of header and a long; a zigzag varint of 1 byte up to 63
const markBytes = 6

type Setting = {
  budgetBytes?: number
  fetchBytes?: number
  raw?: boolean
  log?: LogMemoryOptions
  codec?: Codec
  shared?: boolean
}

async function open({ budgetBytes = 1000, fetchBytes = 100, log: how = {}, codec, ...setting }: Setting = {}) {
  const { raw = false, shared = false } = setting
  const log = new LogMemory(how)
  await log.createTopics([{ name: topic, partitions: 3, cleanup: 'delete' }])
  const common = { log, codec: codec ?? (await openCodec()), budget: new Budget(budgetBytes) }
  const chunks = new Chunks(new Map(shared ? [[topic, 2]] : []))
  const input = (partition = 0) => new Buffered(topic, partition, { ...common, fetchBytes, chunks, raw })
  return { ...common, input }
}

/** Takes whatever is buffered and follows. */
async function drain(input: Buffered): Promise<unknown[]> {
  const values: unknown[] = []
  while (await input.fill()) {
    for (let record = input.peek(); record; record = input.peek()) {
      values.push(record.value)
      input.take()
    }
  }
  return values
}

const ats = (values: unknown[]) => values.map(value => (value as { at: number }).at)

describe('an input', () => {
  test('shows the head until it is taken, and then where the next unit starts', async () => {
    const { log, codec, input: of } = await open()
    const input = of()
    await append(log, marks(codec, topic, [1, 2]))
    expect(input.peek()).toBe(null)
    expect(await input.fill()).toBe(true)
    expect([input.peek()?.value, input.peek()?.value]).toEqual([{ at: 1 }, { at: 1 }])
    expect(input.peek()).toMatchObject({ key: '1', name: 'Mark', offset: 0, problem: null })
    expect(input.taken).toBe(0)
    input.take()
    expect([input.taken, input.peek()?.value]).toEqual([1, { at: 2 }])
    input.take()
    expect([input.taken, input.peek(), await input.fill()]).toEqual([2, null, false])
  })

  test('goes on from where it is sought to and forgets what it had', async () => {
    const { log, codec, budget, input: of } = await open()
    const input = of()
    await append(log, marks(codec, topic, [1, 2, 3]))
    await input.fill()
    input.seek(2)
    expect([input.peek(), input.taken, budget.held]).toEqual([null, 2, 0])
    expect(ats(await drain(input))).toEqual([3])
  })

  test('follows gaps by `next`, over any number of empty reads, and takes every record once in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(fc.nat(9), { maxLength: 12 }), async (seed, units) => {
        const { log, codec, input: of } = await open({ log: { kafkaMode: { seed } }, fetchBytes: 20 })
        const input = of()
        const written: number[] = []
        for (const count of units) {
          const some = Array.from({ length: count }, (_, index) => written.length + index)
          await append(log, marks(codec, topic, some))
          written.push(...some)
        }
        expect(await input.pending()).toBe(written.length > 0)
        expect(ats(await drain(input))).toEqual(written)
        // the position may lie before the end: control records take offsets
        expect(await input.pending()).toBe(false)
        const again = of()
        again.seek(input.taken)
        expect(await again.fill()).toBe(false)
      }),
    )
  })

  test('is pending as long as a record is buffered or in the log, and looking takes nothing', async () => {
    const { log, codec, input: of } = await open()
    const input = of()
    expect(await input.pending()).toBe(false)
    await append(log, marks(codec, topic, [1]))
    expect([await input.pending(), input.peek()]).toEqual([true, null])
    await input.fill()
    expect(await input.pending()).toBe(true)
    input.take()
    expect(await input.pending()).toBe(false)
    await append(log, marks(codec, topic, [2]))
    expect(await input.pending()).toBe(true)
  })
})

describe('what the log has dropped', () => {
  const written = async (how: LogMemoryOptions = {}) => {
    const world = await open({ log: how, fetchBytes: 2 * markBytes })
    await append(world.log, marks(world.codec, topic, [1, 2, 3, 4]))
    return world
  }

  test('before it was taken is refused, in a later life and in this one, and nothing behind it is taken', async () => {
    const { log, input: of } = await written()
    const [working, later] = [of(), of()]
    await working.fill()
    working.take()
    later.seek(1)
    await log.trim(topic, 0, 3)
    for (const input of [working, later]) {
      await expectFailure(input.fill(), 'INPUT_LOST')
      await expectFailure(input.fill(), 'INPUT_LOST')
      expect(input.peek()).toBeNull()
    }
    await expect(later.fill()).rejects.toThrow('events/0 begins at 3, but was taken up to 1 only')
  })

  test('before anything was taken is nobody’s loss, nor is what was taken', async () => {
    const { log, input: of } = await written()
    const kept = of()
    kept.seek(2)
    await log.trim(topic, 0, 2)
    expect(ats(await drain(of()))).toEqual([3, 4])
    expect(ats(await drain(kept))).toEqual([3, 4])
  })

  test('is not what takes offsets and holds nothing: a topic that was read to its end may expire', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const { log, codec, input: of } = await written({ kafkaMode: { seed } })
      const input = of()
      await drain(input)
      const { next } = await log.bounds(topic, 0)
      await log.trim(topic, 0, next)
      const later = of()
      later.seek(input.taken)
      expect(await later.fill()).toBe(false)
      await append(log, marks(codec, topic, [5]))
      expect(ats(await drain(later))).toEqual([5])
    }
  })
})

describe('what inputs hold', () => {
  test('a full budget still lets every input have one record', async () => {
    const { log, codec, budget, input: of } = await open({ budgetBytes: 4 * markBytes })
    await append(log, [...marks(codec, topic, [1, 2, 3, 4]), ...marks(codec, topic, [5, 6], 1)])
    const [one, other] = [of(0), of(1)]
    await one.fill()
    expect(budget.held).toBeGreaterThan(0)
    budget.hold(1000)
    await other.fill()
    expect(other.peek()?.value).toEqual({ at: 5 })
    other.take()
    expect(other.peek()).toBe(null)
    expect(ats(await drain(other))).toEqual([6])
  })

  test('a parked input gives its bytes back when somebody was refused, and reads the same records again', async () => {
    const { log, codec, budget, input: of } = await open({ budgetBytes: 100 })
    await append(log, [...marks(codec, topic, [1, 2, 3]), ...marks(codec, topic, [4], 1)])
    const [one, other] = [of(0), of(1)]
    await one.fill()
    one.take()
    one.parked = true
    expect(budget.held).toBe(3 * markBytes)
    // 18 held and 100 wanted is more than 100
    await other.fill()
    expect(budget.held).toBe(markBytes)
    expect([one.peek(), one.taken]).toEqual([null, 1])
    expect(await one.pending()).toBe(true)
    expect(ats(await drain(one))).toEqual([2, 3])
  })

  test('nobody gives anything back while all that is wanted is free', async () => {
    const { log, codec, input: of } = await open({ budgetBytes: 1000 })
    await append(log, [...marks(codec, topic, [1]), ...marks(codec, topic, [2], 1)])
    const [one, other] = [of(0), of(1)]
    await one.fill()
    one.parked = true
    await other.fill()
    expect(one.peek()?.value).toEqual({ at: 1 })
  })

  test('an input that works gives nothing back', async () => {
    const { log, codec, budget, input: of } = await open({ budgetBytes: 100 })
    await append(log, [...marks(codec, topic, [1, 2]), ...marks(codec, topic, [3], 1)])
    const [one, other] = [of(0), of(1)]
    await one.fill()
    one.parked = true
    await one.fill()
    await other.fill()
    expect(one.peek()?.value).toEqual({ at: 1 })
    expect(budget.held).toBe(3 * markBytes)
  })

  test('everything is given back once it is taken, and at the end', async () => {
    const { log, codec, budget, input: of } = await open()
    await append(log, marks(codec, topic, [1, 2]))
    const input = of()
    await drain(input)
    expect(budget.held).toBe(0)
    input.seek(0)
    await input.fill()
    expect(budget.held).toBe(2 * markBytes)
    input.close()
    input.close()
    expect(budget.held).toBe(0)
  })
})

describe('a record that cannot be decoded', () => {
  const garbage = (value: Uint8Array | null): Append => ({ topic, partition: 0, key: 'bad', value })

  test('goes to a raw stage with its problem, its bytes and its headers', async () => {
    const { log, codec, input: of } = await open({ raw: true })
    const value = Buffer.from('not avro')
    await append(log, [{ ...garbage(value), headers: { from: 'radar' } }, ...marks(codec, topic, [1])])
    const input = of()
    await input.fill()
    const { problem, ...record } = input.peek() as InputRecord
    expect(problem?.code).toBe('FLIGHT_MALFORMED')
    expect(record).toMatchObject({ key: 'bad', name: '', value: null, offset: 0, headers: { from: 'radar' } })
    expect(Buffer.from(record.bytes).toString()).toBe('not avro')
    input.take()
    expect(input.peek()?.value).toEqual({ at: 1 })
  })

  test('is a problem too when there is no value at all', async () => {
    const { log, input: of } = await open({ raw: true })
    await append(log, [garbage(null)])
    const input = of()
    await input.fill()
    expect(input.peek()?.problem?.code).toBe('FLIGHT_MALFORMED')
    expect(input.peek()?.bytes.length).toBe(0)
  })

  test('is STATE_CORRUPT for any other stage, and the failure names its place', async () => {
    const { log, codec, budget, input: of } = await open()
    await append(log, [...marks(codec, topic, [1]), garbage(Buffer.from('not avro'))])
    const input = of()
    const filled = input.fill()
    await expect(filled).rejects.toThrow('events/0 at 1: ')
    await expectFailure(filled, 'STATE_CORRUPT')
    expect(budget.held).toBe(0)
  })

  test('counts as malformed when the codec fails for no reason it can name', async () => {
    const codec = await openCodec()
    codec.decode = () => {
      throw new RangeError('beyond the end')
    }
    const { log, input: of } = await open({ raw: true, codec })
    await append(log, marks(codec, topic, [1]))
    const input = of()
    await input.fill()
    expect(input.peek()?.problem).toMatchObject({ code: 'FLIGHT_MALFORMED', message: 'RangeError: beyond the end' })
  })
})

describe('a record of a schema that is not known here', () => {
  /** A writer whose marks have one field more, and how often the reader has learned. */
  async function evolved() {
    const schemas = new SchemasMemory()
    const reader = await openCodec(schemas)
    const schema = JSON.parse(schemaText('Mark')) as { fields: unknown[] }
    schema.fields.push({ name: 'note', type: 'string', default: '' })
    const writer = await CodecAvro.open(schemas, [JSON.stringify(schema)])
    const learned: boolean[] = []
    const codec: Codec = {
      encode: (name, value) => reader.encode(name, value),
      decode: bytes => reader.decode(bytes),
      fingerprint: bytes => reader.fingerprint(bytes),
      check: (name, value) => reader.check(name, value),
      learn: async () => {
        const any = await reader.learn()
        learned.push(any)
        return any
      },
    }
    const write = (at: number): Append => {
      return { topic, partition: 0, key: `${at}`, value: writer.encode('Mark', { at, note: 'new' }) }
    }
    return { codec, write, learned }
  }

  test('is looked up once and read as ours', async () => {
    const { codec, write, learned } = await evolved()
    const { log, input: of } = await open({ raw: true, codec })
    await append(log, [write(1), write(2)])
    await append(log, [write(3)])
    expect(await drain(of())).toEqual([{ at: 1 }, { at: 2 }, { at: 3 }])
    expect(learned).toEqual([true])
  })

  test('is a problem when the registry does not know it either', async () => {
    const { codec, learned } = await evolved()
    const { log, input: of } = await open({ raw: true, codec })
    const value = Buffer.from([0, 0, 0, 0, 99, 2])
    await append(log, [{ topic, partition: 0, key: 'x', value }])
    const input = of()
    await input.fill()
    expect(input.peek()?.problem?.code).toBe('SCHEMA_UNKNOWN')
    expect(learned).toEqual([false])
  })

  test('is looked up for a stage that is not raw too', async () => {
    const { codec, write } = await evolved()
    const { log, input: of } = await open({ codec })
    await append(log, [write(1)])
    expect(await drain(of())).toEqual([{ at: 1 }])
  })
})

test('inputs that read at once hold no more than the budget together', async () => {
  const { log, codec, budget, input: of } = await open({ budgetBytes: 5 * markBytes, fetchBytes: 5 * markBytes })
  for (const partition of [0, 1, 2]) await append(log, marks(codec, topic, [1, 2, 3, 4, 5], partition))
  await Promise.all([of(0).fill(), of(1).fill(), of(2).fill()])
  expect(budget.held).toBeLessThanOrEqual(5 * markBytes + 2 * markBytes)
})

describe('two inputs of one partition', () => {
  const readsOf = (log: LogMemory) => {
    const reads: number[] = []
    const read = log.read.bind(log)
    log.read = async (name, partition, from, limits) => {
      const chunk = await read(name, partition, from, limits)
      if (chunk.records.length > 0) reads.push(from)
      return chunk
    }
    return reads
  }

  test('read and decode what both take once', async () => {
    const { log, codec, input: of } = await open({ shared: true, fetchBytes: 3 * markBytes })
    const reads = readsOf(log)
    const [one, other] = [of(), of()]
    await append(log, marks(codec, topic, [1, 2, 3, 4]))
    expect(ats(await drain(one))).toEqual([1, 2, 3, 4])
    expect(ats(await drain(other))).toEqual([1, 2, 3, 4])
    expect(reads).toEqual([0, 2])
  })

  test('that begin at once, as after a commit, share one read', async () => {
    const { log, codec, input: of } = await open({ shared: true })
    const reads = readsOf(log)
    await append(log, marks(codec, topic, [1, 2]))
    const [one, other] = [of(), of()]
    expect(await Promise.all([one.fill(), other.fill()])).toEqual([true, true])
    expect(other.peek()).toBe(one.peek())
    expect(reads).toEqual([0])
  })

  test('read for themselves what another read could not get', async () => {
    const { log, codec, input: of } = await open({ shared: true })
    await append(log, marks(codec, topic, [1]))
    vi.spyOn(log, 'read').mockRejectedValueOnce(new Error('away'))
    const ends = await Promise.allSettled([of().fill(), of().fill()])
    expect(ends).toMatchObject([{ reason: new Error('away') }, { value: true }])
  })

  test('each have their own where one asks for the records as they are', async () => {
    const { log, codec, input: of } = await open({ shared: true, raw: true })
    const reads = readsOf(log)
    await append(log, marks(codec, topic, [1]))
    expect([ats(await drain(of())), ats(await drain(of()))]).toEqual([[1], [1]])
    expect(reads).toEqual([0, 0])
  })

  test('hold no more than is granted: what is kept and larger is read anew in smaller portions', async () => {
    const { log, codec, budget, input: of } = await open({ shared: true, budgetBytes: 5 * markBytes })
    await append(log, marks(codec, topic, [1, 2, 3, 4]))
    const [one, other] = [of(), of()]
    await one.fill()
    expect(budget.held).toBe(4 * markBytes)
    await other.fill()
    expect(budget.held).toBe(5 * markBytes)
    expect([ats(await drain(one)), ats(await drain(other))]).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ])
  })
})
