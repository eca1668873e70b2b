import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  distributionOfAll,
  emptySketch,
  NumericSketch,
  type Sketch,
  type SketchKind,
  sketchOf,
} from '../../src/drift/sketch.ts'

type Value = number | string | null

const someRows: Record<SketchKind, fc.Arbitrary<Value[]>> = {
  numeric: fc.array(
    fc.oneof(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.constant(null)),
    { maxLength: 80 },
  ),
  categorical: fc.array(fc.oneof(fc.constantFrom('a', 'b', 'B', 'é', ''), fc.string(), fc.constant(null)), {
    maxLength: 80,
  }),
}

function counted(kind: SketchKind, rows: readonly Value[]): Sketch {
  const sketch = emptySketch(kind)
  for (const value of rows) sketch.add(value)
  return sketch
}

describe.each(['numeric', 'categorical'] as const)('a %s sketch', kind => {
  test('holds each value with its rows, ascending', () => {
    fc.assert(
      fc.property(someRows[kind], rows => {
        const { missing, values, categories, counts } = counted(kind, rows).content()
        const keys: readonly Value[] = kind === 'numeric' ? values : categories
        expect(kind === 'numeric' ? categories : values).toEqual([])
        expect(missing).toBe(rows.filter(value => value === null).length)
        expect(new Set(keys)).toEqual(new Set(rows.filter(value => value !== null)))
        expect(counts).toEqual(keys.map(key => rows.filter(value => value === key).length))
        const falls = keys.slice(1).filter((key, at) => !((keys[at] as number) < (key as number)))
        expect(falls).toEqual([])
      }),
    )
  })

  test('of parts merged in any order equals that of all rows', () => {
    fc.assert(
      fc.property(fc.array(someRows[kind], { maxLength: 5 }), parts => {
        const all = counted(kind, parts.flat())
        const merged = emptySketch(kind)
        for (const part of parts.toReversed()) merged.merge(counted(kind, part).content())
        expect(merged.content()).toEqual(all.content())
        expect(merged.total).toBe(all.total)
      }),
    )
  })

  test('loses again what was merged before', () => {
    fc.assert(
      fc.property(someRows[kind], someRows[kind], someRows[kind], (first, second, third) => {
        const sketch = counted(kind, [...first, ...second])
        sketch.merge(counted(kind, third).content())
        sketch.subtract(counted(kind, first).content())
        expect(sketch.content()).toEqual(counted(kind, [...second, ...third]).content())
        expect(sketch.total).toBe(counted(kind, [...second, ...third]).total)
      }),
    )
  })

  test('slides as if it merged and then lost', () => {
    fc.assert(
      fc.property(someRows[kind], someRows[kind], someRows[kind], (kept, gone, come) => {
        const sketch = counted(kind, [...kept, ...gone])
        const slide = (taken: Value[], left: Value[]) => {
          sketch.slide(counted(kind, taken).content(), counted(kind, left).content())
        }
        slide(come, gone)
        expect(sketch.content()).toEqual(counted(kind, [...kept, ...come]).content())
        slide(gone, come)
        expect(sketch.content()).toEqual(counted(kind, [...kept, ...gone]).content())
        slide([], gone)
        expect(sketch.content()).toEqual(counted(kind, kept).content())
        expect(sketch.total).toBe(counted(kind, kept).total)
        sketch.add(kind === 'numeric' ? 3 : 'a')
        expect(sketch.content()).toEqual(counted(kind, [...kept, kind === 'numeric' ? 3 : 'a']).content())
      }),
    )
  })

  test('comes back from its content', () => {
    fc.assert(
      fc.property(someRows[kind], rows => {
        const { content, total } = { content: counted(kind, rows).content(), total: counted(kind, rows).total }
        expect(sketchOf(kind, content).content()).toEqual(content)
        expect(sketchOf(kind, content).total).toBe(total)
      }),
    )
  })

  test('refuses to lose what it does not have', () => {
    const [low, high] = kind === 'numeric' ? [1, 2] : ['a', 'b']
    const other = counted(kind, [low, high, high, null])
    for (const rows of [[low, high, null], [low, high, high], [high, high, null], []] as Value[][]) {
      expect(() => counted(kind, rows).subtract(other.content())).toThrow('what is subtracted was in the sketch')
    }
  })
})

test('a numeric sketch counts 32-bit integers, a categorical one strings', () => {
  for (const value of [0.5, 2 ** 31, Number.NaN, 'a']) {
    expect(() => emptySketch('numeric').add(value)).toThrow('32-bit integer')
  }
  expect(() => emptySketch('categorical').add(1)).toThrow('a category is a string')
})

test('stands for the numbers that its resolution says, and is whole if there is no gap in it', () => {
  const sketch = new NumericSketch()
  for (const steps of [123, -5, 123]) sketch.add(steps)
  const { values, counts, total, isWhole } = sketch.distribution(0.1)
  expect([...values]).toEqual([-0.5, 12.3])
  expect([...counts]).toEqual([1, 2])
  expect([total, isWhole]).toEqual([3, false])
  expect(sketch.distribution(1).isWhole).toBe(true)
  sketch.add(null)
  expect(sketch.distribution(1)).toMatchObject({ isWhole: false, missing: 1 })
})

test('several sketches show the numbers of all their rows', () => {
  const rows = fc.array(fc.integer({ min: -5, max: 5 }))
  fc.assert(
    fc.property(fc.array(rows, { maxLength: 4 }), fc.constantFrom(1, 0.1, 30), (parts, resolution) => {
      const sketches = parts.map(part => counted('numeric', part) as NumericSketch)
      const all = counted('numeric', parts.flat()) as NumericSketch
      expect(distributionOfAll(sketches, resolution)).toEqual(all.distribution(resolution))
    }),
  )
})
