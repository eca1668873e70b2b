// The trees laid out for walking (see score.ts for the idea), and the walks. Every walk adds a row's leaves in the order
// of the trees.

import { missingGoesRight, missingMagnitude, type Trees } from './model.ts'
import { treeDepths } from './trees.ts'

/** Trees up to this many decisions become perfect: at 8, 256 places each. Deeper ones keep child indices. */
export const perfectDepthMax = 8

/** Rows that pass through a tree before the next tree is fetched: their integers and one tree fit the nearest cache. */
export const batchRows = 64

/** One integer of an encoded row: a feature, and what it reads as when missing. */
export type Column = { readonly feature: number; readonly fill: number }

export type Layout = {
  readonly columns: readonly Column[]
  readonly depths: Int32Array
  /** Where a perfect tree's places start; the root node of a deeper tree. */
  readonly starts: Int32Array
  // perfect trees: node i of a tree at starts + i, its leaves at starts + 0 .. 2^depth - 1
  readonly columnAt: Int32Array
  readonly thresholdAt: Int32Array
  readonly leafAt: Float64Array
  // deeper trees, as in the model
  readonly columnOf: Int32Array
  readonly trees: Trees
}

export function layOut(trees: Trees): Layout {
  const { columns, columnOf } = columnsOf(trees)
  const depths = treeDepths(trees)
  const starts = new Int32Array(depths.length)
  let places = 0
  for (let tree = 0; tree < depths.length; tree++) {
    const depth = depths[tree] as number
    starts[tree] = depth > perfectDepthMax ? (trees.roots[tree] as number) : places
    if (depth <= perfectDepthMax) places += 1 << depth
  }
  const columnAt = new Int32Array(places)
  const thresholdAt = new Int32Array(places)
  const leafAt = new Float64Array(places)
  const layout = { columns, depths, starts, columnAt, thresholdAt, leafAt, columnOf, trees }
  for (let tree = 0; tree < depths.length; tree++)
    if ((depths[tree] as number) <= perfectDepthMax)
      fill(layout, tree, { place: 1, child: trees.roots[tree] as number })
  return layout
}

/** Copies the subtree of `child` to `place` and below; a leaf goes to every bottom place under it. */
function fill(layout: Layout, tree: number, { place, child }: { place: number; child: number }): void {
  const { trees, columnAt, thresholdAt, leafAt } = layout
  const start = layout.starts[tree] as number
  const bottom = 1 << (layout.depths[tree] as number)
  if (place >= bottom) {
    leafAt[start + place - bottom] = trees.leaves[~child] as number
    return
  }
  if (child >= 0) {
    columnAt[start + place] = layout.columnOf[child] as number
    thresholdAt[start + place] = trees.thresholds[child] as number
  }
  fill(layout, tree, { place: 2 * place, child: child < 0 ? child : (trees.lefts[child] as number) })
  fill(layout, tree, { place: 2 * place + 1, child: child < 0 ? child : (trees.rights[child] as number) })
}

/** The copies of features that some node reads, by feature and low before high, and the one each node reads. */
function columnsOf(trees: Trees): { columns: Column[]; columnOf: Int32Array } {
  const copyOf = trees.featureOf.map(
    (feature, node) => 2 * feature + ((trees.flags[node] as number) & missingGoesRight),
  )
  const copies = [...new Set(copyOf)].sort((a, b) => a - b)
  const places = new Map(copies.map((copy, place) => [copy, place]))
  const columns = copies.map(copy => ({
    feature: copy >> 1,
    fill: (copy & 1) === missingGoesRight ? missingMagnitude : -missingMagnitude,
  }))
  return { columns, columnOf: copyOf.map(copy => places.get(copy) as number) }
}

/** `base` plus the row's leaves. Four trees of equal depth walk together. */
export function scoreRow(layout: Layout, rows: Int32Array, at: number, base: number): number {
  const { depths, starts, columnAt, thresholdAt, leafAt } = layout
  let sum = base
  let tree = 0
  while (tree < depths.length) {
    const depth = depths[tree] as number
    if (!fourAlike(depths, tree)) {
      sum += depth > perfectDepthMax ? walkDeep(layout, tree, rows, at) : walkPerfect(layout, tree, rows, at)
      tree++
      continue
    }
    const a = starts[tree] as number
    const b = starts[tree + 1] as number
    const c = starts[tree + 2] as number
    const d = starts[tree + 3] as number
    let i = 1
    let j = 1
    let k = 1
    let l = 1
    for (let step = depth; step > 0; step--) {
      i =
        ((i << 1) + (((thresholdAt[a + i] as number) - (rows[at + (columnAt[a + i] as number)] as number)) >>> 31)) | 0
      j =
        ((j << 1) + (((thresholdAt[b + j] as number) - (rows[at + (columnAt[b + j] as number)] as number)) >>> 31)) | 0
      k =
        ((k << 1) + (((thresholdAt[c + k] as number) - (rows[at + (columnAt[c + k] as number)] as number)) >>> 31)) | 0
      l =
        ((l << 1) + (((thresholdAt[d + l] as number) - (rows[at + (columnAt[d + l] as number)] as number)) >>> 31)) | 0
    }
    const bottom = 1 << depth
    sum += leafAt[a + i - bottom] as number
    sum += leafAt[b + j - bottom] as number
    sum += leafAt[c + k - bottom] as number
    sum += leafAt[d + l - bottom] as number
    tree += 4
  }
  return sum
}

function fourAlike(depths: Int32Array, tree: number): boolean {
  const depth = depths[tree] as number
  return (
    depth <= perfectDepthMax && depths[tree + 1] === depth && depths[tree + 2] === depth && depths[tree + 3] === depth
  )
}

/** Adds the leaves of rows `from` up to `to` to `sums`: each tree over all of them before the next, four rows together. */
export function scoreBatch(layout: Layout, rows: Int32Array, sums: Float64Array, { from, to }: RowRange): void {
  const { depths, starts, columnAt, thresholdAt, leafAt } = layout
  const width = layout.columns.length
  const fours = from + ((to - from) & ~3)
  for (let tree = 0; tree < depths.length; tree++) {
    const s = starts[tree] as number
    const depth = depths[tree] as number
    const isDeep = depth > perfectDepthMax
    const first = isDeep ? from : fours
    const leaves = s - (1 << depth)
    for (let row = from; row < first; row += 4) {
      const a = row * width
      const b = a + width
      const c = b + width
      const d = c + width
      let i = 1
      let j = 1
      let k = 1
      let l = 1
      for (let step = depth; step > 0; step--) {
        i =
          ((i << 1) + (((thresholdAt[s + i] as number) - (rows[a + (columnAt[s + i] as number)] as number)) >>> 31)) | 0
        j =
          ((j << 1) + (((thresholdAt[s + j] as number) - (rows[b + (columnAt[s + j] as number)] as number)) >>> 31)) | 0
        k =
          ((k << 1) + (((thresholdAt[s + k] as number) - (rows[c + (columnAt[s + k] as number)] as number)) >>> 31)) | 0
        l =
          ((l << 1) + (((thresholdAt[s + l] as number) - (rows[d + (columnAt[s + l] as number)] as number)) >>> 31)) | 0
      }
      sums[row] = (sums[row] as number) + (leafAt[leaves + i] as number)
      sums[row + 1] = (sums[row + 1] as number) + (leafAt[leaves + j] as number)
      sums[row + 2] = (sums[row + 2] as number) + (leafAt[leaves + k] as number)
      sums[row + 3] = (sums[row + 3] as number) + (leafAt[leaves + l] as number)
    }
    for (let row = first; row < to; row++) {
      const leaf = isDeep ? walkDeep(layout, tree, rows, row * width) : walkPerfect(layout, tree, rows, row * width)
      sums[row] = (sums[row] as number) + leaf
    }
  }
}

export type RowRange = { from: number; to: number }

function walkPerfect(layout: Layout, tree: number, rows: Int32Array, at: number): number {
  const { columnAt, thresholdAt } = layout
  const start = layout.starts[tree] as number
  const depth = layout.depths[tree] as number
  let i = 1
  for (let step = depth; step > 0; step--)
    i =
      (i << 1) + (((thresholdAt[start + i] as number) - (rows[at + (columnAt[start + i] as number)] as number)) >>> 31)
  return layout.leafAt[start + i - (1 << depth)] as number
}

function walkDeep(layout: Layout, tree: number, rows: Int32Array, at: number): number {
  return layout.trees.leaves[leafOf(layout, layout.starts[tree] as number, rows, at)] as number
}

/** The leaf that the encoded row at `rows[at]` reaches from a root. */
export function leafOf(layout: Layout, root: number, rows: Int32Array, at: number): number {
  const { columnOf } = layout
  const { thresholds, lefts, rights } = layout.trees
  let node = root
  while (node >= 0) {
    const value = rows[at + (columnOf[node] as number)] as number
    node = (value <= (thresholds[node] as number) ? lefts[node] : rights[node]) as number
  }
  return ~node
}
