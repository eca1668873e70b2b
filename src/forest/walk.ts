// The trees laid out for walking (see score.ts for the idea and walk-code.ts for the walk itself).

import { asksForSet, missingGoesRight, missingMagnitude, type Trees } from './model.ts'
import { setWordsOf, treeDepths } from './trees.ts'
import { blockBytes, placeBytes, walkModule } from './walk-code.ts'

/** Trees up to this many decisions become perfect: at 8, 4 KiB each. Deeper ones keep child indices. */
const perfectDepthMax = 8

/** One integer of an encoded row: a feature, and what it reads as when missing. */
export type Column = {
  readonly feature: number
  readonly fill: number
  /** Words of a set of categories: the column is 0 for those in it, 1 for the others, and `fill` (0 or 1) for missing. */
  readonly set?: Int32Array
}

export type Layout = {
  readonly columns: readonly Column[]
  /** Column that each node reads. */
  readonly columnOf: Int32Array
  /** A row goes left at a node when its column is at most this: 0 where the column tells of a set. */
  readonly limits: Int32Array
  readonly trees: Trees
}

/**
 * The copies of features that some node reads, by feature and low before high, then the sets that some node asks for, by
 * feature and in the order of the nodes; and the column that each node reads.
 */
export function layOut(trees: Trees): Layout {
  const { columns, columnOf } = layOutCopies(trees)
  if (trees.setStarts.length === 0) return { columns, columnOf, limits: trees.thresholds, trees }
  const isSet = (node: number): boolean => ((trees.flags[node] as number) & asksForSet) !== 0
  const { sets, places } = layOutSets(trees, isSet)
  const first = columns.length
  return {
    columns: [...columns, ...sets],
    columnOf: columnOf.map((column, node) => (isSet(node) ? first + (places[node] as number) : column)),
    limits: trees.thresholds.map((threshold, node) => (isSet(node) ? 0 : threshold)),
    trees,
  }
}

/** Equal sets of one feature share a column if they send missing the same way. */
function layOutSets(trees: Trees, isSet: (node: number) => boolean): { sets: readonly Column[]; places: Int32Array } {
  const found = new Map<string, { column: Column; nodes: number[] }>()
  for (const [node, feature] of trees.featureOf.entries()) {
    if (!isSet(node)) continue
    const set = setWordsOf(trees, trees.thresholds[node] as number)
    const fill = (trees.flags[node] as number) & missingGoesRight
    const name = `${feature} ${fill} ${set.join(' ')}`
    const known = found.get(name)
    if (known) known.nodes.push(node)
    else found.set(name, { column: { feature, fill, set }, nodes: [node] })
  }
  const inOrder = [...found.values()].sort((a, b) => a.column.feature - b.column.feature)
  const places = new Int32Array(trees.featureOf.length)
  for (const [place, { nodes }] of inOrder.entries()) for (const node of nodes) places[node] = place
  return { sets: inOrder.map(({ column }) => column), places }
}

function layOutCopies(trees: Trees): { columns: Column[]; columnOf: Int32Array } {
  const copyOf = trees.featureOf.map(
    (feature, node) => 2 * feature + ((trees.flags[node] as number) & missingGoesRight),
  )
  const read = copyOf.filter((_, node) => ((trees.flags[node] as number) & asksForSet) === 0)
  const copies = [...new Set(read)].sort((a, b) => a - b)
  const places = new Map(copies.map((copy, place) => [copy, place]))
  const columns = copies.map(copy => ({
    feature: copy >> 1,
    fill: (copy & 1) === missingGoesRight ? missingMagnitude : -missingMagnitude,
  }))
  return { columns, columnOf: copyOf.map(copy => places.get(copy) ?? -1) }
}

type Walker = {
  /** The encoded row to be walked: written here before `walk` is called. */
  readonly row: Int32Array
  /** `base` plus the leaves that the row reaches, added one by one in the order of the trees. */
  readonly walk: (base: number) => number
}

type WalkPerfect = (tree: number, end: number, row: number, sum: number) => number

/** Consecutive trees that are walked in one call; `walk` is null for a single tree that is too deep to be perfect. */
type Run = { walk: WalkPerfect | null; from: number; to: number }

const depths = Array.from({ length: perfectDepthMax + 1 }, (_, depth) => depth)
const code = new WebAssembly.Module(walkModule(depths))
const pageBytes = 65_536

/** Copies the trees into a memory of their own. A model of 300 trees of depth 6 takes 300 KiB there. */
export function walkerOf(layout: Layout): Walker {
  const { trees, columns } = layout
  const treeDepth = treeDepths(trees)
  const rowBytes = Math.ceil((4 * columns.length) / placeBytes) * placeBytes
  const perfectBytes = treeDepth.reduce((sum, depth) => sum + (depth > perfectDepthMax ? 0 : blockBytes(depth)), 0)
  const memory = new WebAssembly.Memory({ initial: Math.ceil((rowBytes + perfectBytes) / pageBytes) })
  const { exports } = new WebAssembly.Instance(code, { env: { memory } })

  const view = new DataView(memory.buffer)
  const runs: Run[] = []
  let at = rowBytes
  for (const [tree, root] of trees.roots.entries()) {
    const depth = treeDepth[tree] as number
    if (depth > perfectDepthMax) {
      runs.push({ walk: null, from: root, to: root })
      continue
    }
    fill(layout, { view, at, bottom: 1 << depth }, 1, root)
    const walk = exports[`walk${depth}`] as WalkPerfect
    const last = runs.at(-1)
    if (last?.walk === walk) last.to = at + blockBytes(depth)
    else runs.push({ walk, from: at, to: at + blockBytes(depth) })
    at += blockBytes(depth)
  }

  const row = new Int32Array(memory.buffer, 0, columns.length)
  return { row, walk: base => walkRuns(runs, layout, row, base) }
}

type Block = { view: DataView; at: number; bottom: number }

/** Copies the subtree of `child` to `place` and below; a leaf above the bottom fills every place under it. */
function fill(layout: Layout, block: Block, place: number, child: number): void {
  const { trees, columnOf, limits } = layout
  const { view, at, bottom } = block
  const address = at + place * placeBytes
  if (place >= bottom) {
    view.setFloat64(address, trees.leaves[~child] as number, true)
    return
  }
  if (child >= 0) {
    view.setInt32(address, limits[child] as number, true)
    view.setInt32(address + 4, 4 * (columnOf[child] as number), true)
  }
  fill(layout, block, 2 * place, child < 0 ? child : (trees.lefts[child] as number))
  fill(layout, block, 2 * place + 1, child < 0 ? child : (trees.rights[child] as number))
}

function walkRuns(runs: readonly Run[], layout: Layout, row: Int32Array, base: number): number {
  let sum = base
  for (const { walk, from, to } of runs)
    sum = walk === null ? sum + (layout.trees.leaves[leafOf(layout, from, row)] as number) : walk(from, to, 0, sum)
  return sum
}

/** The leaf that an encoded row reaches from a root, by child indices. */
export function leafOf({ columnOf, limits, trees }: Layout, root: number, row: Int32Array): number {
  const { lefts, rights } = trees
  let node = root
  while (node >= 0) {
    const value = row[columnOf[node] as number] as number
    node = (value <= (limits[node] as number) ? lefts[node] : rights[node]) as number
  }
  return ~node
}
