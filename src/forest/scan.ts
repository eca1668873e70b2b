// The search for thresholds in WebAssembly (split-code.ts), on sums that lie in its memory.

import { isFree, leastHessianOf, type Scan } from './split.ts'

/** Exports of the module that has `scanFunctions`. */
export type ScanCalls = {
  readonly scan: (...parameters: readonly number[]) => void
  readonly scanBounded: (...parameters: readonly number[]) => void
}

/** @param at address of `scanBytes` bytes for what is found, a multiple of 16 */
export function scanOf({ scan, scanBounded }: ScanCalls, memory: WebAssembly.Memory, at: number): Scan {
  const found = new Float64Array(memory.buffer, at, 8)
  // oxlint-disable-next-line max-params -- as Scan is called
  return ({ sums, at: first }, last, leaf, left, options) => {
    const { limits, monotone } = options
    const bin = sums.byteOffset + 8 * (first + 2)
    const end = bin + 16 * last
    const { gradient, hessian, bounds } = leaf
    const least = leastHessianOf(leaf, limits)
    const { l1, l2 } = limits
    if (isFree(leaf, options)) scan(bin, end, at, gradient, hessian, l2, least, left.gradient, left.hessian)
    else {
      const { low, high } = bounds
      const { gradient: leftGradient, hessian: leftHessian } = left
      scanBounded(bin, end, at, gradient, hessian, l2, least, leftGradient, leftHessian, l1, low, high, monotone)
    }
    const one = found[0] as number
    const other = found[1] as number
    const isOther = other > one || (other === one && (found[3] as number) < (found[2] as number))
    const gain = isOther ? other : one
    if (gain === Number.NEGATIVE_INFINITY) return null
    const place = isOther ? 1 : 0
    return {
      gain,
      bin: found[2 + place] as number,
      leftGradient: found[4 + place] as number,
      leftHessian: found[6 + place] as number,
    }
  }
}
