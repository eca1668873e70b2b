import { describe, expect, test } from 'vitest'
import { type Grown, type GrowOptions, growTree, sampleOf } from '../../src/forest/grow.ts'
import { type GrowParameters, growDefaults } from '../../src/forest/grow-parameters.ts'
import { kernelOf } from '../../src/forest/kernel.ts'
import { lossOf } from '../../src/forest/loss.ts'
import { randomFrom } from '../../src/lib/random.ts'
import { binnedRows, someRows, someTraining } from './binned-sets.ts'

const { rows, labels } = someRows(3000)
const binned = binnedRows(someTraining, rows)
const numbers = Int32Array.from(rows.keys())

function grow(changes: Partial<GrowParameters> = {}, { slots = 40, ...others }: Partial<GrowOptions> = {}): Grown {
  const kernel = kernelOf(binned, { slots })
  kernel.rows.set(numbers)
  const scale = lossOf('regression', { labels }).write(numbers, new Float64Array(rows.length), kernel.gradients)
  const parameters = { ...growDefaults, ...changes }
  const options = { parameters, scale, random: randomFrom(1), features: [0, 1, 2, 3], slots, ...others }
  return growTree(kernel, rows.length, options)
}

function depths({ nodes }: Grown): number[] {
  const found: number[] = []
  const visit = (child: number, depth: number): void => {
    if (child < 0) return void found.push(depth)
    const node = nodes[child]
    if (node === undefined) throw new Error(`no node ${child}`)
    visit(node.left, depth + 1)
    visit(node.right, depth + 1)
  }
  visit(nodes.length === 0 ? ~0 : 0, 0)
  return found
}

describe('a tree', () => {
  test('has as many leaves as it may, which hold all rows and their mean', () => {
    const grown = grow({ numLeaves: 12 })
    expect(grown.leaves.length).toBe(12)
    expect(grown.nodes.length).toBe(11)
    const inOrder = [...grown.leaves].sort((a, b) => a.from - b.from)
    expect(inOrder.map(({ from }) => from)).toEqual([0, ...inOrder.slice(0, -1).map(({ to }) => to)])
    expect(inOrder.at(-1)?.to).toBe(rows.length)
    const mean = grown.leaves.reduce((sum, { from, to, output }) => sum + output * (to - from), 0) / rows.length
    expect(mean).toBeCloseTo(labels.reduce((sum, label) => sum + label, 0) / rows.length, 8)
  })

  test('is no deeper than it may be, and leaves enough rows in a leaf', () => {
    const grown = grow({ numLeaves: 200, maxDepth: 4, minDataInLeaf: 60 })
    expect(Math.max(...depths(grown))).toBe(4)
    for (const { from, to } of grown.leaves) expect(to - from).toBeGreaterThanOrEqual(60)
  })

  test('that grows depth by depth is as balanced as it can be', () => {
    const grown = grow({ numLeaves: 16, growPolicy: 'depthwise' })
    expect([...new Set(depths(grown))]).toEqual([4])
    expect(new Set(depths(grow({ numLeaves: 16 }))).size).toBeGreaterThan(1)
  })

  test('is the same however many histograms are kept', () => {
    for (const changes of [{}, { featureFractionBynode: 0.5, extraTrees: true }])
      expect(grow(changes, { slots: 2 })).toEqual(grow(changes, { slots: 40 }))
  })

  test('uses the features that it is given', () => {
    expect(new Set(grow({}, { features: [1, 3] }).nodes.map(({ split }) => split.feature))).toEqual(new Set([1, 3]))
    expect(grow({}, { features: [] })).toMatchObject({ nodes: [], leaves: [{ from: 0, to: rows.length }] })
  })

  test('keeps its outputs in a monotone order', () => {
    const { nodes, leaves } = grow({ numLeaves: 64, minDataInLeaf: 5, monotoneConstraints: [0, -1, 0, 0] })
    const outputs = (child: number): number[] => {
      const node = nodes[child]
      if (node === undefined) return [leaves[~child]?.output ?? 0]
      return [...outputs(node.left), ...outputs(node.right)]
    }
    const constrained = nodes.filter(({ split }) => split.feature === 1)
    expect(constrained.length).toBeGreaterThan(0)
    for (const { left, right } of constrained)
      expect(Math.min(...outputs(left))).toBeGreaterThanOrEqual(Math.max(...outputs(right)))
  })
})

describe('a sample of features', () => {
  test('is a share of them in their order, never none', () => {
    const list = Array.from({ length: 20 }, (_, at) => at)
    const sample = sampleOf(list, 0.3, randomFrom(1))
    expect(sample.length).toBe(6)
    expect(sample).toEqual([...new Set(sample)].sort((a, b) => a - b))
    expect(sampleOf(list, 0.001, randomFrom(1)).length).toBe(1)
    expect(sampleOf(list, 1, randomFrom(1))).toEqual(list)
  })
})
