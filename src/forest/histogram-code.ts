// The loops of training in WebAssembly: they take nearly all of its time. Measured on one thread, ns a row and feature:
// typed arrays in JavaScript 7, these 1.0.
//
//   accumulate(row, end, gradient, bytes, histogram)   the rows' gradients into the histograms of 8 columns
//   subtract(from, end, other)                         a histogram less another
//   copy(from, end, to)                            one column's bytes, each 8 behind the last
//   partition(row, end, gradient, byte, sides, spareRow, spareGradient) -> end of the rows that go left
//
// `row`..`end` are byte addresses of int32 row numbers, `gradient` that of as many pairs of int32 (gradient, hessian, both
// multiplied and rounded), `bytes` of the 8 bytes that each row has for the columns, `byte` of one of them for row 0,
// `sides` of 256 bytes: 1 where that byte goes right. A histogram has 256 entries of two doubles a column; they hold whole
// numbers below 2^53, so sums are exact and the same in any order.

import {
  i32,
  i64,
  memoryCopy,
  moduleOf,
  op,
  signed,
  simd,
  unsigned,
  v128,
  voidBlock,
  type WasmFunction,
} from '../lib/wasm-code.ts'

/** Columns that are read at once: 8 bytes a row, and their histograms fill a first-level cache of 32 KiB. */
export const groupColumns = 8
const entryBytes = 16
export const columnBytes = 256 * entryBytes

const code = (...parts: readonly (number | readonly number[])[]): number[] => parts.flat()
const get = (local: number): number[] => [op.get, local]
const constant = (value: number): number[] => [op.i32Const, ...signed(value)]
const advance = (local: number, bytes: number): number[] => code(get(local), constant(bytes), op.i32Add, op.set, local)

/** Repeats the body until `at` reaches `end`. */
function loopUntil(at: number, end: number, body: readonly number[]): number[] {
  const head = code(op.block, voidBlock, op.loop, voidBlock, get(at), get(end), op.geU, op.brIf, 1)
  return code(head, body, op.br, 0, op.end, op.end)
}

/** The module; `sharedPages` as in `moduleOf`. */
export function histogramModule(sharedPages?: number): Uint8Array<ArrayBuffer> {
  return moduleOf([accumulate(), subtract(), copy(), partition()], sharedPages)
}

function accumulate(): WasmFunction {
  const [row, end, gradient, bytes, histogram, eight, address, pair] = [0, 1, 2, 3, 4, 5, 6, 7]
  const number = code(get(row), op.i32Load, 2, 0)
  const body = [
    // eight = the row's 8 bytes, pair = its gradient and hessian as doubles
    code(get(bytes), number, constant(3), op.shl, op.i32Add, op.i64Load, 3, 0, op.set, eight),
    code(get(gradient), simd.loadLow64, 3, 0, simd.fromInt32, op.set, pair),
  ]
  for (let column = 0; column < groupColumns; column++) {
    const offset = unsigned(column * columnBytes)
    // 16 x the column's byte, without taking it out first
    const shift = column === 0 ? [op.i64Const, 4, op.i64Shl] : [op.i64Const, ...signed(8 * column - 4), op.i64ShrU]
    const entry = code(get(histogram), get(eight), shift, op.wrap, constant(0xff0), op.and, op.i32Add)
    const sum = code(get(address), simd.load, 4, offset, get(pair), simd.add)
    body.push(code(entry, op.tee, address, sum, simd.store, 4, offset))
  }
  body.push(advance(row, 4), advance(gradient, 8))
  const locals = [
    [1, i64],
    [1, i32],
    [1, v128],
  ] as const
  const parameters = [i32, i32, i32, i32, i32]
  return { name: 'accumulate', parameters, results: [], locals, body: code(loopUntil(row, end, body.flat()), op.end) }
}

function subtract(): WasmFunction {
  const [from, end, other] = [0, 1, 2]
  const difference = code(get(from), simd.load, 4, 0, get(other), simd.load, 4, 0, simd.sub)
  const body = code(get(from), difference, simd.store, 4, 0, advance(from, entryBytes), advance(other, entryBytes))
  const parameters = [i32, i32, i32]
  return { name: 'subtract', parameters, results: [], locals: [], body: code(loopUntil(from, end, body), op.end) }
}

function copy(): WasmFunction {
  const [from, end, to] = [0, 1, 2]
  const byte = code(get(to), get(from), op.i32Load8u, 0, 0, op.i32Store8, 0, 0)
  const body = code(byte, advance(from, groupColumns), advance(to, groupColumns))
  const parameters = [i32, i32, i32]
  return { name: 'copy', parameters, results: [], locals: [], body: code(loopUntil(from, end, body), op.end) }
}

/** Keeps the order on both sides. Each row is written to both, and only the side where it belongs moves on. */
function partition(): WasmFunction {
  const [row, end, gradient, byte, sides, spareRow, spareGradient] = [0, 1, 2, 3, 4, 5, 6]
  const [left, leftGradient, right, rightGradient, number, side, pair] = [7, 8, 9, 10, 11, 12, 13]
  const moved = (local: number, shift: number, by: readonly number[]): number[] =>
    code(get(local), by, constant(shift), op.shl, op.i32Add, op.set, local)
  const isLeft = code(constant(1), get(side), op.i32Sub)
  const body = code(
    code(get(row), op.i32Load, 2, 0, op.set, number, get(gradient), op.i64Load, 3, 0, op.set, pair),
    code(get(byte), get(number), constant(3), op.shl, op.i32Add, op.i32Load8u, 0, 0),
    code(get(sides), op.i32Add, op.i32Load8u, 0, 0, op.set, side),
    [left, right].flatMap(at => code(get(at), get(number), op.i32Store, 2, 0)),
    [leftGradient, rightGradient].flatMap(at => code(get(at), get(pair), op.i64Store, 3, 0)),
    code(moved(left, 2, isLeft), moved(leftGradient, 3, isLeft)),
    code(moved(right, 2, get(side)), moved(rightGradient, 3, get(side))),
    code(advance(row, 4), advance(gradient, 8)),
  )
  const copied = (from: number, to: number): number[] => code(get(from), op.set, to)
  const start = code(
    code(copied(row, left), copied(gradient, leftGradient)),
    code(copied(spareRow, right), copied(spareGradient, rightGradient)),
  )
  const behind = (to: number, from: number, until: number): number[] =>
    code(get(to), get(from), get(until), get(from), op.i32Sub, memoryCopy)
  const ends = code(behind(left, spareRow, right), behind(leftGradient, spareGradient, rightGradient))
  return {
    name: 'partition',
    parameters: [i32, i32, i32, i32, i32, i32, i32],
    results: [i32],
    locals: [
      [6, i32],
      [1, i64],
    ],
    body: code(start, loopUntil(row, end, body), ends, get(left), op.end),
  }
}
