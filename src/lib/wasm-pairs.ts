// Instructions of WebAssembly on pairs of doubles as expressions: each is the code that leaves its value on the stack.

import { doubleBytes, op, simd } from './wasm-code.ts'

export type Code = readonly number[]

/** Bytes of a pair in memory. */
export const pairBytes = 16

export const code = (...parts: readonly Code[]): number[] => parts.flat()
export const get = (local: number): number[] => [op.get, local]
export const set = (local: number, value: Code): number[] => code(value, [op.set, local])
/** The same double twice. */
export const splat = (value: Code): number[] => code(value, simd.splat)
export const pair = (low: number, high: number): number[] => code(simd.constant, doubleBytes(low), doubleBytes(high))
export const add = (a: Code, b: Code): number[] => code(a, b, simd.add)
export const sub = (a: Code, b: Code): number[] => code(a, b, simd.sub)
export const mul = (a: Code, b: Code): number[] => code(a, b, simd.mul)
export const div = (a: Code, b: Code): number[] => code(a, b, simd.div)
export const and = (a: Code, b: Code): number[] => code(a, b, simd.and)
export const select = (yes: Code, no: Code, mask: Code): number[] => code(yes, no, mask, simd.select)
/** The low halves of both. */
export const firsts = (a: Code, b: Code): number[] =>
  code(a, b, simd.shuffle, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23])
/** The high halves of both. */
export const seconds = (a: Code, b: Code): number[] =>
  code(a, b, simd.shuffle, [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31])
