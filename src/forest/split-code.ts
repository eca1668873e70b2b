// The best threshold of a number in WebAssembly, two at a time: the same operations in the same order as `gainAt` of
// split.ts, so the same bits. Measured, ns a bin: JavaScript 11, these 2.
//
//   scan(bin, end, into, gradient, hessian, l2, least, leftGradient, leftHessian)
//   scanBounded(..., l1, low, high, monotone)
//
// `bin`..`end` are addresses of pairs of doubles, the sums of value bin 1 and of what is behind the last that may go left;
// `gradient` and `hessian` those of the leaf, `leftGradient` and `leftHessian` of what goes left anyway; `least` the
// hessian that each side needs at least, above 0. Into `into` come four pairs of doubles, of the odd and of the even bins:
// the best gain (-Infinity if there is none), its bin, and what goes left with it.

import { f64, i32, op, signed, simd, v128, voidBlock, type WasmFunction } from '../lib/wasm-code.ts'
import {
  add,
  and,
  type Code,
  code,
  div,
  firsts,
  get,
  mul,
  pair,
  pairBytes,
  seconds,
  select,
  set,
  splat,
  sub,
} from '../lib/wasm-pairs.ts'

/** Bytes of what a scan writes. */
export const scanBytes = 4 * pairBytes

const [bin, end, into, gradient, hessian, l2, least, leftGradient, leftHessian] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
const [l1, low, high, monotone] = [9, 10, 11, 12]

export function scanFunctions(): WasmFunction[] {
  return [scan(false), scan(true)]
}

const names = [
  ...(['left', 'next', 'lefts', 'leftHessians', 'leftWeights', 'leftOutputs'] as const),
  ...(['rights', 'rightWeights', 'rightOutputs', 'gain', 'mask', 'index', 'last'] as const),
  ...(['best', 'bestIndex', 'bestLefts', 'bestHessians'] as const),
] as const
type Locals = Readonly<Record<(typeof names)[number], number>>

function scan(isBounded: boolean): WasmFunction {
  const count = isBounded ? 13 : 9
  const local = Object.fromEntries(names.map((name, at) => [name, count + at])) as Locals
  const start = code(
    // both halves of the pair that has the sums of what goes left
    set(local.left, firsts(splat(get(leftGradient)), splat(get(leftHessian)))),
    set(local.best, pair(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY)),
    set(local.index, pair(1, 2)),
    // bins there are: (end - bin) / 16
    set(local.last, code(get(end), get(bin), [op.i32Sub, op.i32Const, 4, op.i32ShrU, op.doubleFromInt32], simd.splat)),
  )
  const gains = isBounded ? boundedGains(local) : freeGains(local)
  const loop = code(
    [op.block, voidBlock, op.loop, voidBlock],
    code(get(bin), get(end), [op.geU, op.brIf, 1]),
    code(sumsOfTwo(local), gains, keepBetter(local), [op.br, 0, op.end, op.end]),
  )
  const found = [local.best, local.bestIndex, local.bestLefts, local.bestHessians]
  const written = found.map((of, at) => code(get(into), get(of), simd.store, [4, at * pairBytes]))
  return {
    name: isBounded ? 'scanBounded' : 'scan',
    parameters: [i32, i32, i32, ...Array.from({ length: count - 3 }, () => f64)],
    results: [],
    locals: [[names.length, v128]],
    body: code(start, loop, ...written, [op.end]),
  }
}

/** What goes left and right with each of the next two bins, and whether that is allowed. */
function sumsOfTwo(local: Locals): number[] {
  const loaded = (offset: number): number[] => code(get(bin), simd.load, [4, offset])
  const bits = code(firsts(loaded(0), loaded(pairBytes)), seconds(loaded(0), loaded(pairBytes)), simd.or)
  return code(
    set(local.next, add(get(local.left), loaded(0))),
    set(local.left, add(get(local.next), loaded(pairBytes))),
    set(local.lefts, firsts(get(local.next), get(local.left))),
    set(local.leftHessians, seconds(get(local.next), get(local.left))),
    set(local.rights, sub(splat(get(gradient)), get(local.lefts))),
    set(local.rightWeights, sub(splat(get(hessian)), get(local.leftHessians))),
    // an empty bin splits the rows as the one before it
    set(local.mask, code(bits, pair(0, 0), simd.notEqual64)),
    set(local.mask, and(get(local.mask), code(get(local.leftHessians), splat(get(least)), simd.ge))),
    set(local.mask, and(get(local.mask), code(get(local.rightWeights), splat(get(least)), simd.ge))),
    set(local.mask, and(get(local.mask), code(get(local.index), get(local.last), simd.le))),
    set(local.leftWeights, add(get(local.leftHessians), splat(get(l2)))),
    set(local.rightWeights, add(get(local.rightWeights), splat(get(l2)))),
  )
}

function keepBetter(local: Locals): number[] {
  const kept = (best: number, now: number): number[] => set(best, select(get(now), get(best), get(local.mask)))
  return code(
    set(local.mask, and(get(local.mask), code(get(local.gain), get(local.best), simd.gt))),
    kept(local.best, local.gain),
    kept(local.bestIndex, local.index),
    kept(local.bestLefts, local.lefts),
    kept(local.bestHessians, local.leftHessians),
    set(local.index, add(get(local.index), pair(2, 2))),
    code(get(bin), [op.i32Const, ...signed(2 * pairBytes), op.i32Add, op.set, bin]),
  )
}

/** The sum of two fractions by one division: it takes longer than all the rest. */
function freeGains(local: Locals): number[] {
  const [lefts, leftWeights] = [get(local.lefts), get(local.leftWeights)]
  const [rights, rightWeights] = [get(local.rights), get(local.rightWeights)]
  const over = add(mul(mul(lefts, lefts), rightWeights), mul(mul(rights, rights), leftWeights))
  return set(local.gain, div(over, mul(leftWeights, rightWeights)))
}

function boundedGains(local: Locals): number[] {
  const [left, right] = (['left', 'right'] as const).map(side => {
    const [sums, weights] = [get(local[`${side}s`]), get(local[`${side}Weights`])]
    const outputs = local[`${side}Outputs`]
    const output = code(
      div(code(shrunk(sums), simd.negate), weights),
      splat(get(low)),
      simd.max,
      splat(get(high)),
      simd.min,
    )
    const value = add(mul(mul(pair(2, 2), shrunk(sums)), get(outputs)), mul(mul(weights, get(outputs)), get(outputs)))
    return { outputs, output, value }
  }) as [{ outputs: number; output: number[]; value: number[] }, { outputs: number; output: number[]; value: number[] }]
  const rising = mul(sub(get(right.outputs), get(left.outputs)), splat(get(monotone)))
  return code(
    set(left.outputs, left.output),
    set(right.outputs, right.output),
    set(local.mask, and(get(local.mask), code(rising, pair(0, 0), simd.ge))),
    set(local.gain, sub(code(left.value, simd.negate), right.value)),
  )
}

/** Gradients drawn towards 0 by l1. */
function shrunk(sums: Code): number[] {
  const below = select(add(sums, splat(get(l1))), pair(0, 0), code(code(splat(get(l1)), simd.negate), sums, simd.gt))
  return select(sub(sums, splat(get(l1))), below, code(sums, splat(get(l1)), simd.gt))
}
