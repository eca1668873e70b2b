// The walk of TreeSHAP in WebAssembly (shap.ts says what is computed), two points of the integral side by side. For each
// number of pairs of points there are two functions, in which places and weights of the points are constants:
//
//   visit(node, here)                                    the contributions of the tree below a node, and its S at `here`
//   follow(node, here, child, taken, share) -> gained    there and back; `taken` 1 if the row goes there, else 0
//
// A node is an address of 48 bytes: its children, int32 (an address, or ~ that of a leaf's double); the address of its
// feature's contribution, int32; the address of the place where the last decision about that feature stands, int32; the
// shares of left and right, float64; 1 if the row goes right, int32. `here` is the address of a depth's place: z twice, o
// twice, and for each pair of points P, S, 1 / f and the points' weights times (o - z) / f.

import type { Quadrature } from '../lib/gauss-legendre.ts'
import {
  doubleBytes,
  f64,
  i32,
  op,
  signed,
  simd,
  unsigned,
  v128,
  voidBlock,
  type WasmFunction,
} from '../lib/wasm-code.ts'
import { add, type Code, code, div, get, mul, pair, pairBytes, select, set, splat, sub } from '../lib/wasm-pairs.ts'

export const nodeBytes = 48
/** Where the parts of a node begin. */
export const nodeAt = { left: 0, right: 4, contribution: 8, earlier: 12, shareLeft: 16, shareRight: 24, goesRight: 32 }

const zeroAt = 0
const oneAt = pairBytes
const [product, sum, inverse, gain] = [0, 1, 2, 3]

export function placeBytes(pairs: number): number {
  return (2 + 4 * pairs) * pairBytes
}

/** Bytes from a place to one of the values of its pair of points. */
function valueAt(points: number, value: number): number {
  return (2 + 4 * points + value) * pairBytes
}

/** What the first place holds: its way was open to all. */
export function firstPlace(pairs: number): number[] {
  const ofPair = [1, 1, 0, 0, 1, 1, 0, 0]
  return [1, 1, 1, 1, ...Array.from({ length: pairs }, () => ofPair).flat()]
}

const loaded = (at: number, offset: number): number[] => code(get(at), simd.load, [4, ...unsigned(offset)])
const stored = (at: number, offset: number, value: Code): number[] =>
  code(get(at), value, simd.store, [4, ...unsigned(offset)])
const int = (at: number, offset: number): number[] => code(get(at), [op.i32Load, 2, offset])
const double = (at: number, offset: number): number[] => code(get(at), [op.f64Load, 3, offset])
const number = (value: number): number[] => [op.f64Const, ...doubleBytes(value)]

/** Functions for the quadratures of 2, 4, 6, ... points, visit and follow of each in turn. */
export function shapFunctions(quadratures: readonly Quadrature[]): WasmFunction[] {
  return quadratures.flatMap((quadrature, index) => [
    visit(index),
    follow(index, quadrature, placeBytes(quadratures.length)),
  ])
}

function visit(index: number): WasmFunction {
  const [node, here, right, gained] = [0, 1, 2, 3]
  const followed = (child: number, taken: Code, share: number): number[] =>
    code(get(node), get(here), int(node, child), taken, double(node, share), [op.call, ...unsigned(2 * index + 1)])
  const toLeft = code(number(1), get(right), [op.f64Sub])
  return {
    name: `visit${index + 1}`,
    parameters: [i32, i32],
    results: [],
    locals: [[2, f64]],
    body: code(
      set(right, code(int(node, nodeAt.goesRight), [op.doubleFromInt32])),
      ...Array.from({ length: index + 1 }, (_, at) => stored(here, valueAt(at, sum), pair(0, 0))),
      // nodes below may add to the same contribution
      set(
        gained,
        code(followed(nodeAt.left, toLeft, nodeAt.shareLeft), followed(nodeAt.right, get(right), nodeAt.shareRight), [
          op.f64Add,
        ]),
      ),
      int(node, nodeAt.contribution),
      code(int(node, nodeAt.contribution), [op.f64Load, 3, 0]),
      code(get(gained), [op.f64Add, op.f64Store, 3, 0, op.end]),
    ),
  }
}

/** @param stride from the place of one depth to the next: all trees share the first one */
function follow(index: number, { points, weights }: Quadrature, stride: number): WasmFunction {
  const [node, here, child, taken, share, old, below, zero, one, total] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  const all = Array.from({ length: index + 1 }, (_, at) => at)
  const two = (of: (point: number) => number, at: number): number[] => pair(of(2 * at), of(2 * at + 1))
  const [t, weight] = [points, weights].map(list => (point: number) => list[point] as number) as [Of, Of]
  const isOne = code(splat(get(one)), pair(0, 0), simd.gt)
  const opened = all.map(at => {
    const known = add(
      mul(two(t, at), splat(get(one))),
      mul(
        two(point => 1 - t(point), at),
        splat(get(zero)),
      ),
    )
    // of a way that was not the row's before, both factors are (1 - t) z
    const ratio = select(
      mul(known, loaded(old, valueAt(at, inverse))),
      splat(get(share)),
      code(loaded(old, oneAt), pair(0, 0), simd.gt),
    )
    const ofOne = mul(mul(two(weight, at), sub(pair(1, 1), splat(get(zero)))), loaded(below, valueAt(at, inverse)))
    // of (1 - t) z what is left is -1 / (1 - t), however small z is
    const ofNone = two(point => -weight(point) / (1 - t(point)), at)
    return code(
      stored(below, valueAt(at, inverse), div(pair(1, 1), known)),
      stored(below, valueAt(at, product), mul(loaded(here, valueAt(at, product)), ratio)),
      stored(below, valueAt(at, gain), select(ofOne, ofNone, isOne)),
    )
  })
  const leaf = code(get(child), [op.i32Const, ...signed(-1), op.xor, op.f64Load, 3, 0], simd.splat)
  const ofLeaf = all.map(at => stored(below, valueAt(at, sum), mul(leaf, loaded(below, valueAt(at, product)))))
  const closed = all.map(at => {
    const ofBelow = loaded(below, valueAt(at, sum))
    const gained = sub(loaded(below, valueAt(at, gain)), loaded(old, valueAt(at, gain)))
    return code(
      stored(here, valueAt(at, sum), add(loaded(here, valueAt(at, sum)), ofBelow)),
      set(total, add(get(total), mul(ofBelow, gained))),
    )
  })
  const nothing = code(get(zero), get(one), [op.f64Add], number(0), [op.f64Eq, op.if, voidBlock])
  return {
    name: `follow${index + 1}`,
    parameters: [i32, i32, i32, f64, f64],
    results: [f64],
    locals: [
      [2, i32],
      [2, f64],
      [1, v128],
    ],
    body: code(
      set(old, int(node, nodeAt.earlier)),
      set(zero, code(get(share), double(old, zeroAt), [op.f64Mul])),
      set(one, code(get(taken), double(old, oneAt), [op.f64Mul])),
      // nothing reaches this place, whether the feature is known or not
      code(nothing, number(0), [op.return, op.end]),
      set(below, code(get(here), [op.i32Const, ...signed(stride), op.i32Add])),
      stored(below, zeroAt, splat(get(zero))),
      stored(below, oneAt, splat(get(one))),
      ...opened,
      code(get(child), [op.i32Const, 0, op.ltS, op.if, voidBlock], ...ofLeaf, [op.else]),
      code(get(child), get(below), [op.call, ...unsigned(2 * index), op.end]),
      ...closed,
      code(get(total), simd.lane, [0], get(total), simd.lane, [1], [op.f64Add, op.end]),
    ),
  }
}

type Of = (point: number) => number
