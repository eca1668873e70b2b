import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ColumnSums, noSketches, type RowOfValues, sketchesOf, sketchesOfColumns } from '../../src/drift/columns.ts'
import { emptySketch, type Sketch, type SketchKind } from '../../src/drift/sketch.ts'
import type { ColumnSketches } from '../../src/records.ts'

const kinds: readonly SketchKind[] = ['numeric', 'categorical', 'numeric', 'numeric', 'categorical']

const someValue: Record<SketchKind, fc.Arbitrary<number | string | null>> = {
  numeric: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: -6, max: 6 }) },
    { weight: 1, arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  categorical: fc.oneof(fc.constantFrom('a', 'b', 'B', 'é', ''), fc.string(), fc.constant(null)),
}
const someRows: fc.Arbitrary<RowOfValues[]> = fc.array(fc.tuple(...kinds.map(kind => someValue[kind])), {
  maxLength: 90,
})

/** Each column counted by itself. */
function sketchesBeside(rows: readonly RowOfValues[]): Sketch[] {
  return kinds.map((kind, column) => {
    const sketch = emptySketch(kind)
    for (const row of rows) sketch.add(row[column] ?? null)
    return sketch
  })
}

const contentOf = (rows: readonly RowOfValues[]): ColumnSketches => sketchesOf(kinds, rows)

function summed(...parts: readonly ColumnSketches[]): ColumnSums {
  const sums = new ColumnSums(kinds)
  for (const part of parts) sums.slide(part, noSketches)
  return sums
}

describe('columns', () => {
  test('are the sketches of their columns, one behind the other', () => {
    fc.assert(
      fc.property(someRows, rows => {
        expect(contentOf(rows)).toEqual(sketchesOfColumns(sketchesBeside(rows).map(sketch => sketch.content())))
      }),
    )
  })

  test('that a row does not have are missing there', () => {
    const { missing, distinct } = contentOf([[1], [2, 'a', null], []])
    expect(missing).toEqual([1, 2, 3, 3, 3])
    expect(distinct).toEqual([2, 1, 0, 0, 0])
  })

  test('of parts merged in any order are those of all rows, as often as it is done', () => {
    fc.assert(
      fc.property(fc.array(someRows, { maxLength: 5 }), parts => {
        const sums = summed(...parts.toReversed().map(contentOf))
        expect(sums.content()).toEqual(contentOf(parts.flat()))
        sums.clear()
        for (const part of parts) sums.slide(contentOf(part), noSketches)
        expect(sums.content()).toEqual(contentOf(parts.flat()))
      }),
    )
  })

  test('slide: what comes is there, what goes leaves no trace', () => {
    fc.assert(
      fc.property(someRows, someRows, someRows, (kept, gone, come) => {
        const sums = summed(contentOf([...kept, ...gone]))
        sums.slide(contentOf(come), contentOf(gone))
        expect(sums.content()).toEqual(contentOf([...kept, ...come]))
        sums.slide(contentOf(gone), contentOf(come))
        expect(sums.content()).toEqual(contentOf([...kept, ...gone]))
        sums.slide(noSketches, contentOf(gone))
        expect(sums.content()).toEqual(kept.length === 0 ? summed().content() : contentOf(kept))
      }),
    )
  })

  test('stand for what each of them would by itself', () => {
    fc.assert(
      fc.property(someRows, fc.constantFrom(1, 0.1, 30), (rows, resolution) => {
        const sums = summed(contentOf(rows))
        for (const [column, sketch] of sketchesBeside(rows).entries()) {
          const expected = sketch.kind === 'numeric' ? sketch.distribution(resolution) : sketch.distribution()
          expect(sums.distribution(column, resolution)).toEqual(expected)
          expect(sums.total(column)).toBe(expected.total)
        }
        for (const column of [-1, kinds.length]) expect(sums.distribution(column, resolution)).toBeUndefined()
      }),
    )
  })

  test('cannot lose what they do not have', () => {
    const sums = () => summed(contentOf([[1, 'a', 2, 3, 'b']]))
    const others = [[2], [1, 'b'], [1, 'a', 1, 3, 'b'], [1, 'a', 2, 3, null], [null, 'a', 2, 3, 'b']]
    for (const other of others) {
      expect(() => sums().slide(noSketches, contentOf([other]))).toThrow('what is subtracted was in the sketch')
    }
    const twice = contentOf([
      [1, 'a', 2, 3, 'b'],
      [1, 'a', 2, 3, 'b'],
    ])
    expect(() => sums().slide(noSketches, twice)).toThrow('what is subtracted was in the sketch')
  })

  test('count 32-bit integers and strings', () => {
    for (const value of [0.5, 2 ** 31, Number.NaN, 'a']) {
      expect(() => contentOf([[value]])).toThrow('a numeric value is a 32-bit integer')
    }
    expect(() => contentOf([[1, 1]])).toThrow('a category is a string')
  })
})
