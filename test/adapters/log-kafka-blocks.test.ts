import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Block, Blocks, chunkOf } from '../../src/adapters/log-kafka-blocks.ts'

function block(from: number, offsets: readonly number[], next: number): Block {
  const records = offsets.map(offset => ({ offset, key: 'k', value: Buffer.alloc(9) }))
  return { from, next, records, bytes: 10 * records.length }
}

test('a block is found by every offset it covers, gaps too', () => {
  const blocks = new Blocks(1000)
  blocks.keep('t/0', block(5, [7, 9], 12))
  expect([4, 5, 8, 11, 12].map(from => blocks.find('t/0', from) !== undefined)).toEqual([
    false,
    true,
    true,
    true,
    false,
  ])
  expect(blocks.find('t/1', 5)).toBeUndefined()
})

test('the oldest are forgotten first, the newest never', () => {
  const blocks = new Blocks(25)
  for (const from of [0, 10, 20]) blocks.keep('t/0', block(from, [from], from + 10))
  expect([0, 10, 20].map(from => blocks.find('t/0', from)?.from)).toEqual([undefined, 10, 20])
  blocks.keep('t/0', block(30, [30, 31, 32, 33], 40))
  expect([10, 20, 30].map(from => blocks.find('t/0', from)?.from)).toEqual([undefined, undefined, 30])
  blocks.forget('t/0')
  expect(blocks.find('t/0', 30)).toBeUndefined()
})

test('read in any portions from anywhere, a block gives every record behind there once, and ends at its end', () => {
  const limits = fc.record({ bytesMax: fc.nat({ max: 60 }), recordsMax: fc.integer({ min: 1, max: 5 }) })
  const offsets = fc.uniqueArray(fc.nat({ max: 50 }), { maxLength: 20 }).map(all => all.sort((a, b) => a - b))
  fc.assert(
    fc.property(offsets, fc.nat({ max: 50 }), limits, (drawn, from, portion) => {
      const whole = block(0, drawn, 51)
      const found: number[] = []
      let at = from
      while (at < 51) {
        const { records, next } = chunkOf(whole, at, portion)
        expect(next).toBeGreaterThan(at)
        found.push(...records.map(({ offset }) => offset))
        at = next
      }
      expect(found).toEqual(drawn.filter(offset => offset >= from))
    }),
  )
})
