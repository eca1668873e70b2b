// A random forest from rows, whatever grows its trees. Growers that are slow in rows (ml-random-forest) get a sample of a
// few thousand, drawn from the seed, for each few trees; the trees of all samples are one forest. Its shape comes from
// the samples; its leaves from all rows: the share of late rows that reach the leaf, drawn towards the overall share as
// if by `smoothingRows` more rows of that share (leaves of 5 rows would otherwise be certain of something).

import { assert } from '../lib/assert.ts'
import { below, type Random, randomFrom } from '../lib/random.ts'
import { type BinnedColumn, type Bins, binRow, columnsOf, fitBins, flatSplit, type TrainingFeature } from './bins.ts'
import { encodeRow, readersOf } from './encode.ts'
import type { FeatureRow, FeatureValue, Model, TrainedOn } from './model.ts'
import { TreeLists, type TreeNode } from './tree-lists.ts'
import { layOut, leafOf } from './walk.ts'

/** A leaf: the share of ones. A node: rows whose value of `column` is less than `below` go left. */
export type GrownTree = number | { column: number; below: number; left: GrownTree; right: GrownTree }

/** Grows `trees` trees on rows of small integers; the same arguments give the same trees. */
export type Grow = (sample: {
  readonly rows: readonly (readonly number[])[]
  readonly labels: readonly number[]
  readonly trees: number
  readonly seed: number
  readonly columnsPerTree: number
  readonly maxDepth: number
  readonly leafRows: number
}) => GrownTree[]

export type ForestParameters = {
  readonly trees: number
  /** Rows that grow one tree. */
  readonly rowsPerTree: number
  /** Trees grown on the same rows; more than one saves nothing but the sampling. */
  readonly treesPerSample: number
  /** Share of the columns that one tree may use. */
  readonly columnShare: number
  /** Decisions on the longest way; up to 8 score fastest. */
  readonly maxDepth: number
  /** A node of at most so many sampled rows is not split. */
  readonly leafRows: number
  /** Bins of a number. */
  readonly binsMax: number
  /** Null keeps the leaves of the sample. */
  readonly smoothingRows: number | null
}

export const forestDefaults: ForestParameters = {
  trees: 150,
  rowsPerTree: 2000,
  treesPerSample: 1,
  columnShare: 0.35,
  maxDepth: 8,
  leafRows: 20,
  binsMax: 32,
  smoothingRows: 20,
}

export type TrainingOptions = Partial<ForestParameters> & {
  /** What the rows hold, in order. */
  readonly features: readonly TrainingFeature[]
  readonly rows: readonly FeatureRow[]
  /** 1 for late, 0 for on time. */
  readonly labels: ArrayLike<number>
  readonly seed: number
  readonly horizonsMinutes: readonly number[]
  /** Where the rows come from and why this is done. */
  readonly origin: Omit<TrainedOn, 'rows' | 'parameters' | 'seed' | 'metrics'>
  readonly parent?: string | null
}

/**
 * The same arguments give the same model, bit by bit. It has no calibration, interval or reference yet (see
 * `fitToHeldOut`) and calls a flight late from 5000 on. Blocks the thread as long as `grow` takes.
 */
export function trainRandomForest(grow: Grow, options: TrainingOptions): Model {
  const growing = growRandomForest(grow, options)
  for (;;) {
    const { done, value } = growing.next()
    if (done) return value
  }
}

/** The same, telling the number of trees grown after each sample. */
export function* growRandomForest(grow: Grow, options: TrainingOptions): Generator<number, Model> {
  const { features, rows, labels, seed, horizonsMinutes, origin, parent = null } = options
  assert(rows.length > 0 && rows.length === labels.length, 'there are rows, each with a label')
  const parameters = parametersOf(options)
  const valuesOf = (index: number): FeatureValue[] => rows.map(row => row[index] ?? null)
  const bins = features.map((feature, index) => fitBins(feature, valuesOf(index), parameters.binsMax))
  const columns = columnsOf(bins)
  const grown = yield* growSamples(grow, { rows, labels, seed, parameters, bins, columns })
  const trees = flatten(grown, (column, belowBin) => flatSplit(bins, columns[column] as BinnedColumn, belowBin))
  const model: Model = {
    kind: 'random-forest',
    features: bins.map(({ feature }) => feature),
    horizonsMinutes,
    base: 0,
    calibration: null,
    threshold: 5000,
    interval: null,
    reference: null,
    trainedOn: { ...origin, rows: rows.length, parameters: { ...parameters }, seed, metrics: {} },
    parent,
    trees,
  }
  const { reached, late } = reachedBy(model, { rows, labels })
  if (parameters.smoothingRows === null) return { ...model, trees: { ...trees, leafCovers: reached } }
  const { smoothingRows } = parameters
  const share = rows.reduce((sum, _, row) => sum + (labels[row] as number), 0) / rows.length
  const leaves = late.map(
    (count, leaf) => (count + smoothingRows * share) / ((reached[leaf] as number) + smoothingRows),
  )
  return { ...model, trees: { ...trees, leaves, leafCovers: reached } }
}

function parametersOf(options: Partial<ForestParameters>): ForestParameters {
  const given = Object.entries(forestDefaults).map(([name, value]) => {
    const wanted = options[name as keyof ForestParameters]
    return [name, wanted === undefined ? value : wanted]
  })
  return Object.fromEntries(given) as ForestParameters
}

type Growing = {
  readonly rows: readonly FeatureRow[]
  readonly labels: ArrayLike<number>
  readonly seed: number
  readonly parameters: ForestParameters
  readonly bins: readonly Bins[]
  readonly columns: readonly BinnedColumn[]
}

function* growSamples(
  grow: Grow,
  { rows, labels, seed, parameters, bins, columns }: Growing,
): Generator<number, GrownTree[]> {
  const { trees, treesPerSample, rowsPerTree, columnShare, maxDepth, leafRows } = parameters
  const random = randomFrom(seed)
  const columnsPerTree = Math.min(columns.length, Math.max(2, Math.round(columnShare * columns.length)))
  const grown: GrownTree[] = []
  while (grown.length < trees) {
    const sample = sampleOf(rows.length, Math.min(rowsPerTree, rows.length), random)
    const more = grow({
      rows: sample.map(row => binRow(bins, columns, rows[row] as FeatureRow)),
      labels: sample.map(row => labels[row] as number),
      trees: Math.min(treesPerSample, trees - grown.length),
      seed: below(random, 2 ** 31),
      columnsPerTree,
      maxDepth,
      leafRows,
    })
    grown.push(...more)
    yield grown.length
  }
  return grown
}

/** `count` different rows of `total`, in ascending order. */
function sampleOf(total: number, count: number, random: Random): number[] {
  const rows = Int32Array.from({ length: total }, (_, row) => row)
  for (let place = 0; place < count; place++) {
    const other = place + below(random, total - place)
    const row = rows[other] as number
    rows[other] = rows[place] as number
    rows[place] = row
  }
  return [...rows.subarray(0, count).sort()]
}

/** Nodes in pre-order, tree after tree. */
function flatten(grown: readonly GrownTree[], splitOf: (column: number, below: number) => TreeNode) {
  const lists = new TreeLists()
  const place = (tree: GrownTree): number => {
    if (typeof tree === 'number') return lists.addLeaf(tree)
    const node = lists.addNode(splitOf(tree.column, tree.below))
    lists.setLeft(node, place(tree.left))
    lists.setRight(node, place(tree.right))
    return node
  }
  for (const tree of grown) lists.addRoot(place(tree))
  return lists.trees()
}

type Labelled = { readonly rows: readonly FeatureRow[]; readonly labels: ArrayLike<number> }

/** Rows, and late rows, that each leaf is reached by. */
function reachedBy({ trees, features }: Model, { rows, labels }: Labelled) {
  const layout = layOut(trees)
  const readers = readersOf(features, layout.columns, features)
  const encoded = new Int32Array(layout.columns.length)
  const reached = new Float64Array(trees.leaves.length)
  const late = new Float64Array(trees.leaves.length)
  for (const [row, values] of rows.entries()) {
    encodeRow(readers, values, encoded, 0)
    for (const root of trees.roots) {
      const leaf = leafOf(layout, root, encoded)
      reached[leaf] = (reached[leaf] as number) + 1
      late[leaf] = (late[leaf] as number) + (labels[row] as number)
    }
  }
  return { reached, late }
}
