// WebAssembly that walks trees, written instruction by instruction (no build step): one function for each depth,
//
//   walk(roots, end, leaves, sum)  byte addresses of the first and behind the last root's address, the way to the leaves
//     -> sum + the leaves that the row reaches, added one by one in the order of the roots
//
// The encoded row lies at the start of the memory. A tree is places of 8 bytes, nodes and leaves alike: threshold, int32;
// the byte offset of its column in the row, uint16; the way to its left child in bytes, uint16, with the right child
// behind it. A leaf is its own child and no value is above its threshold, so that a walk is the same few instructions as
// often as the tree is deep, without a branch:
//
//   place += way + 8 * (threshold < row[column])
//
// and its value, float64, lies `leaves` bytes behind it. Eight walks go side by side, because each step waits for memory;
// what is left goes one by one.

import { f64, i32, moduleOf, op, signed, unsigned, voidBlock } from '../lib/wasm-code.ts'

export const placeBytes = 8
export const rootBytes = 4
export const lanesMax = 8
/** What a leaf has for a threshold. */
export const aboveAll = 2 ** 31 - 1
/** Columns whose offset fits a place. */
export const columnsMax = 2 ** 14

// parameters, then the place of each lane
const roots = 0
const end = 1
const leaves = 2
const sum = 3
const firstLane = 4

/** A module that imports `env.memory` and exports `walk0`, `walk1`, ... for the depths given. */
export function walkModule(depths: readonly number[], lanes: number = lanesMax): Uint8Array<ArrayBuffer> {
  return moduleOf(
    depths.map(depth => ({
      name: `walk${depth}`,
      parameters: [i32, i32, i32, f64],
      results: [f64],
      locals: [[lanes, i32]],
      body: [...walkLoop(depth, lanes), ...walkLoop(depth, 1), op.get, sum, op.end],
    })),
  )
}

/** Walks `lanes` trees at a time while there are so many before `end`. */
function walkLoop(depth: number, lanes: number): number[] {
  const next = [op.get, roots, op.i32Const, ...signed(lanes * rootBytes), op.i32Add]
  const all = Array.from({ length: lanes }, (_, lane) => lane)
  const code = [op.block, voidBlock, op.loop, voidBlock, ...next, op.get, end, op.gtU, op.brIf, 1]
  for (const lane of all)
    code.push(op.get, roots, op.i32Load, 2, ...unsigned(lane * rootBytes), op.set, firstLane + lane)
  for (let step = 0; step < depth; step++) for (const lane of all) code.push(...walkStep(firstLane + lane))
  for (const lane of all) {
    code.push(op.get, sum, op.get, firstLane + lane, op.get, leaves, op.i32Add)
    code.push(op.f64Load, 3, 0, op.f64Add, op.set, sum)
  }
  return [...code, ...next, op.set, roots, op.br, 0, op.end, op.end]
}

/** lane = lane + way + 8 * (threshold < value) */
function walkStep(lane: number): number[] {
  const way = [op.get, lane, op.i32Load16u, 1, 6]
  const threshold = [op.get, lane, op.i32Load, 2, 0]
  const value = [op.get, lane, op.i32Load16u, 1, 4, op.i32Load, 2, 0]
  const right = [...threshold, ...value, op.ltS, op.i32Const, 3, op.shl]
  return [op.get, lane, ...way, op.i32Add, ...right, op.i32Add, op.set, lane]
}
