import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bin, binsOf, drawingOf, mostMoved, sparkOf } from '../../../src/web/drift/histogram.ts'

const size = { width: 100, height: 40 }
const binOf = (reference: number, current: number, label = 'bin'): Bin => ({
  label,
  reference,
  current,
  referenceCount: reference * 100,
  currentCount: current * 100,
})

describe('bins', () => {
  test('of numbers are named by their edges, the outer ones open', () => {
    const bins = binsOf({ kind: 'numeric', edges: [0, 10, 20.5, 30], reference: [1, 2, 1], current: [0, 0, 5] })
    expect(bins.map(({ label }) => label)).toEqual(['below 10', '10 to 20.5', '20.5 and above'])
    expect(bins.map(({ reference, current }) => [reference, current])).toEqual([
      [0.25, 0],
      [0.5, 0],
      [0.25, 1],
    ])
  })

  test('of categories end with all others, if there are any', () => {
    const given = { kind: 'categorical' as const, categories: ['EWR'], reference: [3], current: [1] }
    const bins = binsOf({ ...given, other: { categories: 61, reference: 1, current: 0 } })
    expect(bins.map(({ label, reference }) => [label, reference])).toEqual([
      ['EWR', 0.75],
      ['61 others', 0.25],
    ])
    expect(binsOf({ ...given, other: { categories: 0, reference: 0, current: 0 } })).toHaveLength(1)
  })

  test('hold shares that add up to 1, or to 0 where a side has no rows', () => {
    const counts = fc.array(fc.tuple(fc.nat(1_000), fc.nat(1_000)), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(counts, pairs => {
        const [reference, current] = [pairs.map(pair => pair[0]), pairs.map(pair => pair[1])]
        const bins = binsOf({ kind: 'numeric', edges: [...pairs.keys(), pairs.length], reference, current })
        for (const side of ['reference', 'current'] as const) {
          const sum = bins.reduce((total, bin) => total + bin[side], 0)
          expect(sum).toBeCloseTo(bins.some(bin => bin[side] > 0) ? 1 : 0)
        }
      }),
    )
  })
})

describe('a drawing', () => {
  test('has bars for the current rows and one outline for the reference', () => {
    const { bars, outline, top } = drawingOf([binOf(1, 0.5), binOf(0, 0.5)], size)
    expect(top).toBe(1)
    expect(bars).toBe('M1 40V20H49V40ZM51 40V20H99V40Z')
    expect(outline).toBe('M0 40V0H50V40H100V40')
  })

  test('of nothing is empty', () => {
    expect(drawingOf([], size)).toEqual({ bars: '', outline: '', top: 0 })
    expect(drawingOf([binOf(0, 0)], size)).toEqual({ bars: '', outline: '', top: 0 })
  })

  test('stays inside its size', () => {
    const share = fc.integer({ min: 0, max: 10_000 }).map(parts => parts / 10_000)
    fc.assert(
      fc.property(fc.array(fc.tuple(share, share)), pairs => {
        const bins = pairs.map(([reference, current]) => binOf(reference, current))
        const { bars, outline } = drawingOf(bins, size)
        expect(`${bars}${outline}`).not.toMatch(/NaN|Infinity|-/)
        for (const number of `${bars}${outline}`.match(/[\d.]+/g) ?? []) {
          expect(Number(number)).toBeLessThanOrEqual(size.width)
        }
      }),
    )
  })
})

test('the bins that moved most come first; what stayed is left out', () => {
  const bins = [binOf(0.2, 0.2, 'same'), binOf(0.5, 0.1, 'less'), binOf(0.3, 0.7001, 'more')]
  expect(mostMoved(bins, 3).map(({ label, from, to }) => [label, from, to])).toEqual([
    ['more', 0.3, 0.7001],
    ['less', 0.5, 0.1],
  ])
  expect(mostMoved(bins, 1)).toHaveLength(1)
})

describe('a spark line', () => {
  test('breaks where there was no score', () => {
    const { line } = sparkOf([0.1, null, 0.1, 0.2], 0.1, size)
    expect(line.match(/[ML]/g)).toEqual(['M', 'M', 'L'])
  })

  test('shows its limit, above which a drifted score lies', () => {
    const { line, limit } = sparkOf([0, 0.5], 0.1, size)
    const [, , last] = /L([\d.]+) ([\d.]+)/.exec(line) ?? []
    expect(limit).toBeLessThan(size.height)
    expect(Number(last)).toBeLessThan(limit)
  })

  test('of nothing is empty', () => {
    expect(sparkOf([], 0.1, size).line).toBe('')
  })
})
