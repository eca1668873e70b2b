import { describe, expect, test } from 'vitest'
import { EnsembleBuilder } from '../../../src/forest/exchange/builder.ts'
import {
  type Ensemble,
  flag,
  goesRight,
  isInSet,
  marginOf,
  probabilityOf,
} from '../../../src/forest/exchange/ensemble.ts'

/** One node with the leaves 1 (left) and 2 (right). */
function stump(flags: number, threshold: number, sets: number[][] = []): Ensemble['trees'] {
  const builder = new EnsembleBuilder()
  for (const words of sets) builder.addSet(words)
  const at = (place: number) =>
    place === 0
      ? { feature: 0, threshold, flags, left: 1, right: 2, cover: undefined }
      : { leaf: place, cover: undefined }
  builder.addTree({ name: 'stump', root: 0, size: 3, at })
  return builder.trees()
}

const sides = (trees: Ensemble['trees'], values: number[]): string =>
  values.map(value => (goesRight(trees, 0, value) ? 'R' : 'L')).join('')

describe('a node', () => {
  test('sends a value at its threshold left, and a missing one where its flag says', () => {
    expect(sides(stump(0, 1.5), [1.5, 1.6, Number.NaN])).toBe('LRL')
    expect(sides(stump(flag.missingGoesRight, 1.5), [1.5, 1.6, Number.NaN])).toBe('LRR')
  })

  test('can take zero as missing', () => {
    const values = [0, -0, 1e-36, -1e-36, 2e-35, -2e-35, Number.NaN]
    expect(sides(stump(flag.zeroIsMissing | flag.missingGoesRight, 5), values)).toBe('RRRRLLR')
    expect(sides(stump(flag.zeroIsMissing, -5), values)).toBe('LLLLRRL')
  })

  test('asks for a set of codes: what is in it goes left, everything else right', () => {
    // 0 and 33
    const trees = stump(flag.categorical | flag.missingGoesRight, 1, [[7], [1, 2]])
    expect(sides(trees, [0, 33, 0.9, 32, 64, 1e12, -1, Number.NaN])).toBe('LLLRRRRR')
    expect([0, 2, 3].map(code => isInSet(trees, 0, code))).toEqual([true, true, false])
  })

  test('can send the set right, and whatever is no code left', () => {
    const flags = flag.categorical | flag.setGoesRight
    expect(sides(stump(flags, 0, [[1]]), [0, 1, 99, -0.5, Number.NaN])).toBe('RLLLL')
    expect(sides(stump(flags | flag.missingGoesRight, 0, [[1]]), [0, Number.NaN])).toBe('RR')
  })
})

describe('a margin', () => {
  const ensemble: Ensemble = {
    source: 'xgboost',
    columns: [{ name: 'x', kind: 'numeric', categories: null, resolution: null }],
    trees: stump(0, 0),
    base: 0.1,
    divisor: 1,
    isSingle: false,
    link: { kind: 'logistic', slope: 2, over: 4 },
  }

  test('is base and leaves, by the divisor, in double or in single precision', () => {
    expect(marginOf(ensemble, [1])).toBe(2.1)
    expect(marginOf({ ...ensemble, divisor: 2 }, [-1])).toBe(0.55)
    expect(marginOf({ ...ensemble, isSingle: true }, [1])).toBe(Math.fround(2.1))
  })

  test('becomes a probability by its link', () => {
    expect(probabilityOf(ensemble, 2 * Math.log(3))).toBeCloseTo(0.75, 15)
    expect(probabilityOf({ link: { kind: 'share' } }, 1.25)).toBe(1)
    const calibration = { raw: [0, 1], probability: [0.2, 0.4] }
    expect(probabilityOf({ link: { kind: 'calibration', calibration } }, 0.5)).toBeCloseTo(0.3, 15)
    expect(probabilityOf({ link: { kind: 'none', objective: 'quantile' } }, 3)).toBeNull()
  })
})
