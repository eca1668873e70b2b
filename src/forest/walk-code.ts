// WebAssembly that walks perfect trees, written instruction by instruction (no build step): one function for each depth,
//
//   walk(tree, end, row, sum)      byte addresses of the first tree, of the end of the last, of the encoded row
//     -> sum + the leaves that the row reaches, added one by one in the order of the trees
//
// A tree of depth d is a block of 2^(d + 1) places of 8 bytes. Place i of the first half (from 1) is a node: threshold,
// int32, then the byte offset of its column in the row, int32; its children are places 2i and 2i + 1. The second half
// holds the leaves, float64. So a walk is the same few instructions d times, without a branch:
//
//   place = 2 * place + (threshold < row[column])
//
// Eight walks go side by side, because each step waits for memory; what is left goes one by one.

import { f64, i32, moduleOf, op, signed, unsigned, voidBlock } from '../lib/wasm-code.ts'

export const placeBytes = 8
export const lanesMax = 8

// parameters, then the place of each lane in bytes, then an address
const tree = 0
const end = 1
const row = 2
const sum = 3
const firstLane = 4

export function blockBytes(depth: number): number {
  return placeBytes * 2 ** (depth + 1)
}

/** A module that imports `env.memory` and exports `walk0`, `walk1`, ... for the depths given. */
export function walkModule(depths: readonly number[], lanes: number = lanesMax): Uint8Array<ArrayBuffer> {
  return moduleOf(
    depths.map(depth => ({
      name: `walk${depth}`,
      parameters: [i32, i32, i32, f64],
      results: [f64],
      locals: [[lanes + 1, i32]],
      body: [...walkLoop(depth, lanes, lanes), ...walkLoop(depth, 1, lanes), op.get, sum, op.end],
    })),
  )
}

/** Walks `lanes` trees at a time while there are so many before `end`. */
function walkLoop(depth: number, lanes: number, lanesAll: number): number[] {
  const bytes = blockBytes(depth)
  const address = firstLane + lanesAll
  const all = Array.from({ length: lanes }, (_, lane) => lane)
  const code = [op.block, voidBlock, op.loop, voidBlock]
  code.push(op.get, tree, op.i32Const, ...signed(lanes * bytes), op.i32Add, op.get, end, op.gtU, op.brIf, 1)
  for (const lane of all) code.push(op.i32Const, ...signed(placeBytes), op.set, firstLane + lane)
  for (let step = 0; step < depth; step++)
    for (const lane of all) code.push(...walkStep(firstLane + lane, address, lane * bytes))
  for (const lane of all) {
    code.push(op.get, sum, op.get, tree, op.get, firstLane + lane, op.i32Add)
    code.push(op.f64Load, 3, ...unsigned(lane * bytes), op.f64Add, op.set, sum)
  }
  code.push(op.get, tree, op.i32Const, ...signed(lanes * bytes), op.i32Add, op.set, tree)
  return [...code, op.br, 0, op.end, op.end]
}

/** lane = 2 * lane + 8 * (threshold < value), all in bytes. */
function walkStep(lane: number, address: number, treeOffset: number): number[] {
  const twice = [op.get, lane, op.i32Const, 1, op.shl]
  const threshold = [op.get, tree, op.get, lane, op.i32Add, op.tee, address, op.i32Load, 2, ...unsigned(treeOffset)]
  const column = [op.get, address, op.i32Load, 2, ...unsigned(treeOffset + 4)]
  const value = [op.get, row, ...column, op.i32Add, op.i32Load, 2, 0]
  return [...twice, ...threshold, ...value, op.ltS, op.i32Const, 3, op.shl, op.i32Add, op.set, lane]
}
