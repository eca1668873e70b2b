import { describe, expect, test } from 'vitest'
import { pack } from '../../src/forest/flat.ts'
import type { Trees } from '../../src/forest/model.ts'
import { checkTrees, holdsCode, setWordsOf, treeDepths } from '../../src/forest/trees.ts'
import { modelOf, treesOf } from './models.ts'

const model = modelOf([
  [0, 123, true, 0.1, [1, 0, false, 0.2, 0.9]],
  [2, 17, false, [0, -5, true, 0.3, 0.4], 0.5],
])

test('the depth of a tree is the decisions on its longest way', () => {
  const sketches = [0.5, [0, 1, true, 0, 1], [0, 1, true, [1, 2, true, 0, [2, 3, true, 0, 1]], 1]] as const
  expect([...treeDepths(treesOf(structuredClone(sketches) as never))]).toEqual([0, 1, 3])
})

describe('impossible trees', () => {
  const withTrees = (changes: Partial<Trees>) => () => pack({ ...model, trees: { ...model.trees, ...changes } })

  test('are refused, with the place', () => {
    expect(withTrees({ featureOf: Int32Array.of(0, 1, 3, 0) })).toThrow('node 2 asks for feature 3 of 3')
    expect(withTrees({ lefts: Int32Array.of(0, -2, 3, -4) })).toThrow('lefts[0] leads to 0')
    expect(withTrees({ lefts: Int32Array.of(-1, -2, 9, -4) })).toThrow('lefts[2] leads to 9')
    expect(withTrees({ lefts: Int32Array.of(-1, -1, 3, -4) })).toThrow('which has a parent already')
    expect(withTrees({ roots: Int32Array.of(0) })).toThrow('no tree reaches node 2')
    expect(withTrees({ roots: Int32Array.of() })).toThrow('it has no tree')
    expect(withTrees({ leaves: Float64Array.of(0, 1, 2, 3, 4, 5, 6) })).toThrow('no tree reaches leaf 6')
    expect(withTrees({ leaves: Float64Array.of(0, 1, 2, Number.NaN, 4, 5) })).toThrow('leaf 3 is NaN')
    expect(withTrees({ thresholds: Int32Array.of(0, 0, 2 ** 29 + 1, 0) })).toThrow('out of range')
    expect(withTrees({ flags: Uint8Array.of(0, 4, 0, 0) })).toThrow('node 1 has flags 4')
    expect(withTrees({ rights: Int32Array.of(1, 2, 3) })).toThrow('rights has not one entry for each of 4 nodes')
  })

  test('do not exist without their features', () => {
    expect(() => checkTrees(model.trees, model.features.slice(0, 2))).toThrow('asks for feature 2 of 2')
  })
})

describe('impossible sets of categories', () => {
  const asking = modelOf([[1, [0, 2], true, 0.1, [1, [1], false, 0.2, 0.9]]])
  const withTrees = (changes: Partial<Trees>) => () => pack({ ...asking, trees: { ...asking.trees, ...changes } })

  test('are refused, with the place', () => {
    expect(withTrees({ thresholds: Int32Array.of(0, 2) })).toThrow('node 1 asks for set 2 of 2')
    expect(withTrees({ thresholds: Int32Array.of(0, 0) })).toThrow('no node asks for set 1')
    expect(withTrees({ featureOf: Int32Array.of(1, 2) })).toThrow('node 1 asks for categories of the number hour')
    expect(withTrees({ setWords: Int32Array.of(5, 8) })).toThrow('set 1 holds code 3, and carrier has 3')
    expect(withTrees({ setWords: Int32Array.of(5, 0) })).toThrow('set 1 ends with a word of zeros')
    expect(withTrees({ setWords: Int32Array.of(5) })).toThrow('set 1 lies from 1 to 1')
    expect(withTrees({ setStarts: Int32Array.of(1, 0) })).toThrow('set 0 lies from 1 to 0')
    expect(withTrees({ setStarts: Int32Array.of() })).toThrow('there are words without a set')
  })

  test('are not those of layout 2', () => {
    expect([...setWordsOf(asking.trees, 0)]).toEqual([5])
    expect([0, 1, 2, 3, 32].map(code => holdsCode(Int32Array.of(5), code))).toEqual([true, false, true, false, false])
    expect(withTrees({})).not.toThrow()
  })
})
