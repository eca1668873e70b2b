import { describe, expect, test } from 'vitest'
import { EnsembleBuilder, type Grown } from '../../../src/forest/exchange/builder.ts'

type Sketch = Record<number, number | [left: number, right: number]>

function grown(sketch: Sketch, cover: (place: number) => number | undefined = () => undefined): Grown {
  return {
    name: 'tree 0',
    root: 0,
    size: Object.keys(sketch).length,
    at(place) {
      const found = sketch[place] as number | [number, number]
      if (typeof found === 'number') return { leaf: found, cover: cover(place) }
      const [left, right] = found
      return { feature: 0, threshold: place, flags: 0, left, right, cover: cover(place) }
    },
  }
}

describe('trees of a file', () => {
  test('are renumbered so that children lie behind their parent', () => {
    const builder = new EnsembleBuilder()
    builder.addTree(grown({ 0: [4, 1], 1: 10, 4: [2, 3], 2: 20, 3: 30 }, place => 7 - place))
    builder.addTree(grown({ 0: 5 }, () => 1))
    const trees = builder.trees()
    expect([...trees.roots]).toEqual([0, ~3])
    expect([...trees.thresholds]).toEqual([0, 4])
    expect([...trees.lefts]).toEqual([1, ~0])
    expect([...trees.rights]).toEqual([~2, ~1])
    expect([...trees.leaves]).toEqual([20, 30, 10, 5])
    expect([...(trees.covers?.nodes ?? [])]).toEqual([7, 3])
    expect([...(trees.covers?.leaves ?? [])]).toEqual([5, 4, 6, 1])
  })

  test('have covers only if all nodes and leaves have', () => {
    const builder = new EnsembleBuilder()
    builder.addTree(grown({ 0: [1, 2], 1: 10, 2: 20 }, place => (place === 2 ? undefined : 1)))
    expect(builder.trees().covers).toBeNull()
  })

  test('that run in a circle, meet or leave something out are refused', () => {
    const plant = (sketch: Sketch) => () => new EnsembleBuilder().addTree(grown(sketch))
    const corrupt = expect.objectContaining({ code: 'MODEL_CORRUPT' })
    expect(plant({ 0: [0, 1], 1: 10 })).toThrow(corrupt)
    expect(plant({ 0: [1, 1], 1: 10 })).toThrow(corrupt)
    expect(plant({ 0: [1, 2], 1: 10, 2: 20, 3: 30 })).toThrow(corrupt)
  })

  test('of thousands of decisions in a row are refused by name', () => {
    const at = (place: number) =>
      place < 0
        ? { leaf: 1, cover: 1 }
        : { feature: 0, threshold: 1, flags: 0, left: -1, right: place === 5000 ? -1 : place + 1, cover: 1 }
    const plant = () => new EnsembleBuilder().addTree({ name: 'tree 0', root: 0, size: 10_003, at })
    expect(plant).toThrow(expect.objectContaining({ code: 'MODEL_UNSUPPORTED' }))
  })
})
