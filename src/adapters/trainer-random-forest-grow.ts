// Grows trees with ml-random-forest. That library compares plain numbers, draws the columns once a tree, and tries
// every place of a column where neighbours in its order have different labels: each try is a pass over the rows, so time
// grows with rows x places. Rows are therefore put in order of their labels first (its sort is stable: rows of equal
// value then change label once, not at random) and should come with few distinct values, as src/forest/train.ts sees to.

import { RandomForestRegression } from 'ml-random-forest'

/** What to grow trees on, and how. */
export type GrowOptions = {
  /** Rows of equal length without gaps. */
  readonly rows: readonly (readonly number[])[]
  /** 0 or 1 for each row. */
  readonly labels: readonly number[]
  readonly trees: number
  /** 32-bit. */
  readonly seed: number
  /** Columns that each tree may use, drawn from the seed; at least 2. */
  readonly columnsPerTree: number
  readonly maxDepth: number
  /** A node of at most so many rows is not split. */
  readonly leafRows: number
}

/** A leaf: the share of ones. A node: rows whose value of `column` is less than `below` go left. */
export type GrownTree = number | { column: number; below: number; left: GrownTree; right: GrownTree }

/**
 * The same options give the same trees. Blocks the thread: 0.5 s a tree for 2,000 rows, 29 columns a tree of 32 values
 * each, and depth 8.
 */
export function growTrees(options: GrowOptions): GrownTree[] {
  const { forest } = growForest(options)
  const { baseModel } = forest.toJSON() as unknown as MlForest
  return baseModel.estimators.map(({ root }, tree) => grown(root, baseModel.indexes[tree] ?? []))
}

/** The library's own forest, for comparison. */
export function growForest({ rows, labels, trees, seed, ...options }: GrowOptions): { forest: RandomForestRegression } {
  const order = rows.map((_, row) => row).sort((a, b) => (labels[a] as number) - (labels[b] as number) || a - b)
  const forest = new RandomForestRegression({
    nEstimators: trees,
    seed,
    maxFeatures: options.columnsPerTree,
    replacement: false,
    useSampleBagging: false,
    noOOB: true,
    selectionMethod: 'mean',
    // by its default of 0 a split that leaves no error at all would not be made
    treeOptions: { maxDepth: options.maxDepth, minNumSamples: options.leafRows, gainThreshold: -1 },
  })
  forest.train(
    order.map(row => [...(rows[row] as readonly number[])]),
    order.map(row => labels[row] as number),
  )
  return { forest }
}

type MlNode = { splitColumn?: number; splitValue?: number; distribution?: number; left?: MlNode; right?: MlNode }
type MlForest = { baseModel: { indexes: number[][]; estimators: { root: MlNode }[] } }

/** A leaf keeps the split that it considered, so only children tell a node from a leaf. */
function grown(node: MlNode, columns: readonly number[]): GrownTree {
  const { left, right, splitColumn, splitValue, distribution } = node
  if (left === undefined || right === undefined) return distribution as number
  return {
    column: columns[splitColumn as number] as number,
    below: splitValue as number,
    left: grown(left, columns),
    right: grown(right, columns),
  }
}
