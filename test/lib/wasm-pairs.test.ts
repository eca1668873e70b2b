import { expect, test } from 'vitest'
import { i32, moduleOf, op, simd } from '../../src/lib/wasm-code.ts'
import * as pairs from '../../src/lib/wasm-pairs.ts'

const { add, and, code, div, firsts, get, mul, pair, seconds, select, set, splat, sub } = pairs

/** What an expression of the pairs at 0 and 16, (3, 5) and (2, -4), comes to. */
function valueOf(expression: (a: number[], b: number[]) => number[]): number[] {
  const at = (offset: number): number[] => code(get(0), simd.load, [4, offset])
  const body = code(get(0), expression(at(0), at(16)), simd.store, [4, 32], [op.end])
  const memory = new WebAssembly.Memory({ initial: 1 })
  new Float64Array(memory.buffer).set([3, 5, 2, -4])
  const bytes = moduleOf([{ name: 'run', parameters: [i32], results: [], locals: [], body }])
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } })
  const run = exports.run as (at: number) => void
  run(0)
  return [...new Float64Array(memory.buffer, 32, 2)]
}

test('expressions are what they are called, lane by lane', () => {
  expect(valueOf((a, b) => add(a, b))).toEqual([5, 1])
  expect(valueOf((a, b) => sub(a, b))).toEqual([1, 9])
  expect(valueOf((a, b) => mul(a, b))).toEqual([6, -20])
  expect(valueOf((a, b) => div(a, b))).toEqual([1.5, -1.25])
  expect(valueOf((a, b) => firsts(a, b))).toEqual([3, 2])
  expect(valueOf((a, b) => seconds(a, b))).toEqual([5, -4])
  expect(valueOf((a, b) => select(a, b, code(b, pair(0, 0), simd.gt)))).toEqual([3, -4])
  expect(valueOf((a, b) => and(a, code(b, pair(0, 0), simd.gt)))).toEqual([3, 0])
  expect(valueOf(() => splat([op.f64Const, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f]))).toEqual([1.5, 1.5])
  // the address is a local like any other
  expect(valueOf(a => code(set(0, [op.i32Const, 0]), a))).toEqual([3, 5])
})
