// Sums in a memory that is searched, for the tests of splits.

import { type ScanCalls, scanOf } from '../../src/forest/scan.ts'
import type { BinSums, Scan } from '../../src/forest/split.ts'
import { scanBytes, scanFunctions } from '../../src/forest/split-code.ts'
import { moduleOf } from '../../src/lib/wasm-code.ts'

const code = new WebAssembly.Module(moduleOf(scanFunctions()))

/** [gradient, hessian] by bin, that of missing values first. */
export function scanned(bins: readonly (readonly [number, number])[]): { sums: BinSums; scan: Scan } {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const { exports } = new WebAssembly.Instance(code, { env: { memory } })
  const sums = new Float64Array(memory.buffer, scanBytes, 2 * bins.length)
  sums.set(bins.flat())
  return {
    sums: { sums, at: 0, binCount: bins.length },
    scan: scanOf(exports as unknown as ScanCalls, memory, 0),
  }
}
