// What every kind of workers promises (src/runtime/workers.ts). The work is in test/contracts/work.ts.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failureIn } from '../../src/lib/failure.ts'
import type { Workers } from '../../src/runtime/workers.ts'
import type { Order } from './work.ts'

const module = new URL('./work.ts', import.meta.url).href

export function describeWorkers(name: string, open: () => Workers): void {
  describe(name, () => {
    let workers: Workers
    beforeEach(() => {
      workers = open()
    })
    afterEach(() => workers.close())
    const run = <T>(order: Order, options?: { ahead?: number }) => workers.run<T>(module, order, options)

    test('what the work yields arrives in order, until its end', async () => {
      const found: number[] = []
      for await (const item of run<number>({ what: 'count', to: 1000 })) found.push(item)
      expect(found).toEqual(Array.from({ length: 1000 }, (_, index) => index))
    })

    test('gives the work its input', async () => {
      const input: Order = { what: 'echo', text: 'ü', bytes: new Uint8Array([1, 2]), list: [1, { a: null }] }
      expect(await all(run(input))).toEqual([input])
    })

    test.each([1, 3])('makes at most %i items that nobody has taken', async ahead => {
      const counter = new Int32Array(new SharedArrayBuffer(4))
      const items = run<number>({ what: 'shared', counter, to: 30 }, { ahead })[Symbol.asyncIterator]()
      let taken = 0
      for (; taken < 10; taken++) {
        expect((await items.next()).value).toBe(taken)
        expect(Atomics.load(counter, 0) - taken).toBeLessThanOrEqual(ahead + 1)
      }
      // it does get as far ahead as it may, and stays there
      while (Atomics.load(counter, 0) < taken + ahead) await pause(1)
      await pause(20)
      expect(Atomics.load(counter, 0)).toBe(taken + ahead)
      await items.return?.()
    })

    test('bytes arrive whole, moved or copied', async () => {
      const items = await all(run<Uint8Array>({ what: 'bytes', sizes: [0, 5, 100_000] }))
      expect(items.map(bytes => [bytes.length, bytes.every(byte => byte === 7)])).toEqual([
        [0, true],
        [5, true],
        [100_000, true],
      ])
    })

    test('moves bytes that have a buffer of their own', async () => {
      const [lengths] = await all(run<number[]>({ what: 'moved', size: 1000 })).then(items => items.slice(-1))
      // what the thread still holds of: one of its own, one inside an object, a part of a larger one
      expect(lengths).toEqual([0, 0, 1000])
    })

    test('a failure keeps its code, field and help', async () => {
      const items: number[] = []
      let thrown: unknown
      try {
        for await (const item of run<number>({ what: 'fail', after: 3 })) items.push(item)
      } catch (error) {
        thrown = error
      }
      expect(items).toEqual([0, 1, 2])
      expect(failureIn(thrown)).toMatchObject({
        code: 'SOURCE_UNREADABLE',
        message: 'line 4 is odd',
        field: 'flights.csv',
        help: 'Mend it.',
        next: 'stop',
      })
    })

    test('another error keeps its message, a thread that ends by itself is an error too', async () => {
      await expect(all(run({ what: 'throw', message: 'out of luck' }))).rejects.toThrow('out of luck')
      await expect(all(run({ what: 'exit' }))).rejects.toThrow(/ended/)
    })

    test('a module that is not there, or has no work, is an error', async () => {
      await expect(all(workers.run(`${module}.gone.ts`, {}))).rejects.toThrow(/gone/)
      await expect(all(workers.run('node:path', {}))).rejects.toThrow(/not a function/)
    })

    test('who stops early ends the work', async () => {
      const counter = new Int32Array(new SharedArrayBuffer(4))
      for await (const item of run<number>({ what: 'shared', counter, to: 1e9 })) if (item === 5) break
      const reached = Atomics.load(counter, 0)
      await pause(20)
      expect(Atomics.load(counter, 0)).toBe(reached)
    })

    test('several works run at once', async () => {
      const sums = await Promise.all(
        [1, 2, 3].map(async factor => (await all(run<number>({ what: 'count', to: factor * 10 }))).length),
      )
      expect(sums).toEqual([10, 20, 30])
    })

    test('close ends what runs: its reader learns so', async () => {
      const items = run<number>({ what: 'forever' })
      const reading = all(items)
      await pause(5)
      const closed = workers.close()
      await expect(reading).rejects.toThrow(/closed/)
      await closed
    })
  })
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

function pause(durationMs: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, durationMs))
}
