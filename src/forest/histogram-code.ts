// The loops of training in WebAssembly: they take nearly all of its time.
//
//   gather(row, end, bytes, to)                    the 8 bytes of each of the rows, one behind the other
//   accumulate(gradient, end, bytes, histogram)    the rows' gradients into the histograms of 8 columns
//   subtract(from, end, other)                     a histogram less another
//   copy(from, end, to)                            one column's bytes, each 8 behind the last
//   partition(row, end, gradient, byte, sides, spareRow, spareGradient) -> end of the rows that go left
//
// `row`..`end` are byte addresses of int32 row numbers, `gradient` that of as many pairs of int32 (gradient, hessian, both
// multiplied and rounded), `bytes` of the 8 bytes that each row has for the columns, `byte` of one of them for row 0,
// `sides` of 256 bytes: 1 where that byte goes right. A histogram has 256 entries of two doubles a column; they hold whole
// numbers below 2^53, so sums are exact and the same in any order.
//
// Measured on one thread, ns a row and column: typed arrays in JavaScript 7, a row at a time 1.0, or 4.0 where most rows
// have the same byte (each sum waits for the one before it to be stored), four rows at a time 0.8 and 1.2. Of rows far
// apart (one of 64 of 800,000) the bytes were waited for: 5.0; gathered first, many are on their way at once: 1.4.

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
import { scanFunctions } from './split-code.ts'

/** Columns that are read at once: 8 bytes a row, and their histograms fill a first-level cache of 32 KiB. */
export const groupColumns = 8
export const entryBytes = 16
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
  return moduleOf([gather(), accumulate(), subtract(), copy(), partition(), ...scanFunctions()], sharedPages)
}

/** Rows that are worked on side by side. */
const rowsTogether = 4

function gather(): WasmFunction {
  const [row, end, bytes, to, four] = [0, 1, 2, 3, 4]
  const gathered = (rows: number): number[] => {
    const eights = Array.from({ length: rows }, (_, at) =>
      code(
        get(to),
        get(bytes),
        get(row),
        op.i32Load,
        2,
        4 * at,
        constant(3),
        op.shl,
        op.i32Add,
        op.i64Load,
        3,
        0,
        op.i64Store,
        3,
        8 * at,
      ),
    )
    return code(eights.flat(), advance(row, 4 * rows), advance(to, 8 * rows))
  }
  const parameters = [i32, i32, i32, i32]
  const body = code(
    upToFour(row, end, 4),
    op.set,
    four,
    loopUntil(row, four, gathered(rowsTogether)),
    loopUntil(row, end, gathered(1)),
  )
  return { name: 'gather', parameters, results: [], locals: [[1, i32]], body: code(body, op.end) }
}

/** Where the last four whole rows of so many bytes end. */
function upToFour(at: number, end: number, rowBytes: number): number[] {
  return code(get(at), get(end), get(at), op.i32Sub, constant(-rowBytes * rowsTogether), op.and, op.i32Add)
}

function accumulate(): WasmFunction {
  const [gradient, end, bytes, histogram, address, four] = [0, 1, 2, 3, 4, 5]
  return {
    name: 'accumulate',
    parameters: [i32, i32, i32, i32],
    results: [],
    locals: [
      [2, i32],
      [rowsTogether, i64],
      [rowsTogether, v128],
    ],
    body: code(
      code(upToFour(gradient, end, 8), op.set, four),
      loopUntil(gradient, four, sumRows(rowsTogether, { gradient, bytes, histogram, address })),
      loopUntil(gradient, end, sumRows(1, { gradient, bytes, histogram, address })),
      op.end,
    ),
  }
}

type Locals = { gradient: number; bytes: number; histogram: number; address: number }

function sumRows(rows: number, { gradient, bytes, histogram, address }: Locals): number[] {
  const eightOf = (row: number): number => 6 + row
  const pairOf = (row: number): number => 6 + rowsTogether + row
  const body: number[][] = []
  for (let row = 0; row < rows; row++) {
    // eight = the row's 8 bytes, pair = its gradient and hessian as doubles
    body.push(code(get(bytes), op.i64Load, 3, 8 * row, op.set, eightOf(row)))
    body.push(code(get(gradient), simd.loadLow64, 3, 8 * row, simd.fromInt32, op.set, pairOf(row)))
  }
  for (let column = 0; column < groupColumns; column++) {
    const offset = unsigned(column * columnBytes)
    // 16 x the column's byte, without taking it out first
    const shift = column === 0 ? [op.i64Const, 4, op.i64Shl] : [op.i64Const, ...signed(8 * column - 4), op.i64ShrU]
    for (let row = 0; row < rows; row++) {
      const entry = code(get(histogram), get(eightOf(row)), shift, op.wrap, constant(0xff0), op.and, op.i32Add)
      const sum = code(get(address), simd.load, 4, offset, get(pairOf(row)), simd.add)
      body.push(code(entry, op.tee, address, sum, simd.store, 4, offset))
    }
  }
  return code(body.flat(), advance(gradient, 8 * rows), advance(bytes, 8 * rows))
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
