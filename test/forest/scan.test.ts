import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unbounded } from '../../src/forest/gain.ts'
import { gainAt, type ScanOptions, type Threshold } from '../../src/forest/split.ts'
import { scanned } from './scanned.ts'

const bin = fc.oneof(
  fc.tuple(fc.integer({ min: -(2 ** 29), max: 2 ** 29 }), fc.integer({ min: 1, max: 2 ** 27 })),
  fc.constant([0, 0] as [number, number]),
)

test('the best of all thresholds is found, to the last bit', () => {
  let found = 0
  fc.assert(
    fc.property(
      fc.array(bin, { minLength: 2, maxLength: 257 }),
      fc.record({
        l1: fc.constantFrom(0, 3e8),
        l2: fc.constantFrom(0, 2 ** 28),
        minHessian: fc.constantFrom(1, 2 ** 26),
      }),
      fc.record({ monotone: fc.constantFrom(-1, 0, 1), bound: fc.constantFrom(Number.POSITIVE_INFINITY, 0.05) }),
      (bins, regularisation, { monotone, bound }) => {
        const sum = (at: 0 | 1): number => bins.reduce((total, each) => total + each[at], 0)
        const bounds = bound === Number.POSITIVE_INFINITY ? unbounded : { low: -bound, high: bound }
        const leaf = { gradient: sum(0), hessian: sum(1), rows: 1000, bounds }
        const options: ScanOptions = { limits: { ...regularisation, minRows: 1, minGain: 0 }, monotone }
        const [missing] = bins
        const left = { gradient: missing?.[0] ?? 0, hessian: missing?.[1] ?? 0 }
        const { sums, scan } = scanned(bins)
        const last = bins.length - 1
        const best = scan(sums, last, leaf, left, options)
        expect(best).toEqual(byTrying(bins, leaf, left, options))
        if (best !== null) found++
      },
    ),
  )
  expect(found).toBeGreaterThan(20)
})

type Leaf = Parameters<typeof gainAt>[1]

function byTrying(
  bins: readonly (readonly [number, number])[],
  leaf: Leaf,
  missing: { gradient: number; hessian: number },
  options: ScanOptions,
): Threshold | null {
  const { minHessian } = options.limits
  const least = Math.max(minHessian, 0.5 / (leaf.rows / leaf.hessian))
  let best: Threshold | null = null
  const left = { ...missing }
  for (const [at, [gradient, hessian]] of bins.entries()) {
    if (at === 0 || (gradient === 0 && hessian === 0)) continue
    left.gradient += gradient
    left.hessian += hessian
    if (left.hessian < least || leaf.hessian - left.hessian < least) continue
    const gain = gainAt(left, leaf, options)
    if (gain > (best?.gain ?? Number.NEGATIVE_INFINITY))
      best = { gain, bin: at, leftGradient: left.gradient, leftHessian: left.hessian }
  }
  return best
}
