import { expect, test } from 'vitest'
import { i32, moduleOf, op, signed, unsigned } from '../../src/lib/wasm-code.ts'

test('numbers are written as LEB128', () => {
  // 624485 and -123456 are the examples of the format's description
  expect(unsigned(624_485)).toEqual([0xe5, 0x8e, 0x26])
  expect(signed(-123_456)).toEqual([0xc0, 0xbb, 0x78])
  expect([signed(63), signed(64), signed(-64), signed(-65)]).toEqual([[63], [0xc0, 0], [0x40], [0xbf, 0x7f]])
})

const next = {
  name: 'next',
  parameters: [i32],
  results: [i32],
  locals: [],
  body: [op.get, 0, op.i32Load, 2, 0, op.i32Const, 1, op.i32Add, op.end],
} as const

test('a module exports its functions over the memory that it is given', () => {
  const memory = new WebAssembly.Memory({ initial: 1 })
  new Int32Array(memory.buffer)[4] = 41
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleOf([next])), { env: { memory } })
  expect((exports.next as (at: number) => number)(16)).toBe(42)
})

test('a memory may be one that threads share', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 3, shared: true })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleOf([next], 3)), { env: { memory } })
  expect((exports.next as (at: number) => number)(16)).toBe(1)
})
