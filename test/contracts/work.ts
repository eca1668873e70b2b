// Work for the contract of workers: does as it is ordered.

import { Failure } from '../../src/lib/failure.ts'

export type Order =
  | { what: 'count'; to: number }
  | { what: 'echo'; [more: string]: unknown }
  | { what: 'shared'; counter: Int32Array; to: number }
  | { what: 'bytes'; sizes: number[] }
  | { what: 'moved'; size: number }
  | { what: 'fail'; after: number }
  | { what: 'throw'; message: string }
  | { what: 'exit' }
  | { what: 'forever' }

export async function* work(order: Order): AsyncGenerator<unknown> {
  switch (order.what) {
    case 'count':
      for (let index = 0; index < order.to; index++) yield index
      return
    case 'echo':
      yield order
      return
    case 'shared':
      for (let index = 0; index < order.to; index++) {
        Atomics.add(order.counter, 0, 1)
        yield index
      }
      return
    case 'bytes':
      for (const size of order.sizes) yield new Uint8Array(size).fill(7)
      return
    case 'moved': {
      const own = new Uint8Array(order.size)
      const inside = { list: [{ bytes: new Uint8Array(order.size) }] }
      const part = new Uint8Array(2 * order.size).subarray(order.size)
      yield own
      yield inside
      yield part
      yield [own.length, inside.list[0]?.bytes.length, part.length]
      return
    }
    case 'fail':
      for (let index = 0; index < order.after; index++) yield index
      throw new Failure('SOURCE_UNREADABLE', 'line 4 is odd', { field: 'flights.csv', help: 'Mend it.' })
    case 'throw':
      throw new Error(order.message)
    case 'exit':
      process.exit(3)
    case 'forever':
      await new Promise(resolve => setTimeout(resolve, 600_000))
  }
}
