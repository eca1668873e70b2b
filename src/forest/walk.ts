// The trees laid out for walking (see score.ts for the idea and walk-code.ts for the walk itself).

import { asksForSet, missingGoesRight, missingMagnitude, type Trees } from './model.ts'
import { setWordsOf, treeDepths } from './trees.ts'
import { aboveAll, columnsMax, placeBytes, rootBytes, walkModule } from './walk-code.ts'

/** Trees up to this many decisions are placed for the walk: at 8, at most 8 KiB each. Deeper ones keep child indices. */
const placedDepthMax = 8

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

type WalkPlaced = (roots: number, end: number, leaves: number, sum: number) => number

/**
 * Consecutive trees that are walked in one call, by the addresses of their roots; `walk` is null for a single tree that
 * keeps its child indices.
 */
type Run = { walk: WalkPlaced | null; from: number; to: number }

const depths = Array.from({ length: placedDepthMax + 1 }, (_, depth) => depth)
const code = new WebAssembly.Module(walkModule(depths))
const pageBytes = 65_536

/** Copies the trees into a memory of their own. A model of 200 trees of 30 leaves takes 200 KiB there. */
export function walkerOf(layout: Layout): Walker {
  const { trees, columns } = layout
  const rootsAt = whole(4 * columns.length)
  const placesAt = rootsAt + whole(rootBytes * trees.roots.length)
  // each node and leaf has one place, and the leaves' values lie as far behind the places as these reach
  const leaves = placeBytes * (trees.featureOf.length + trees.leaves.length)
  const memory = new WebAssembly.Memory({ initial: Math.ceil((placesAt + 2 * leaves) / pageBytes) })
  const { exports } = new WebAssembly.Instance(code, { env: { memory } })

  const view = new DataView(memory.buffer)
  const treeDepth = treeDepths(trees)
  const runs: Run[] = []
  let at = placesAt
  for (const [tree, root] of trees.roots.entries()) {
    const depth = treeDepth[tree] as number
    if (depth > placedDepthMax || columns.length > columnsMax) {
      runs.push({ walk: null, from: root, to: root })
      continue
    }
    const rootAt = rootsAt + rootBytes * tree
    view.setInt32(rootAt, at, true)
    at = fill(layout, { view, at, leaves }, root)
    const walk = exports[`walk${depth}`] as WalkPlaced
    const last = runs.at(-1)
    if (last?.walk === walk) last.to = rootAt + rootBytes
    else runs.push({ walk, from: rootAt, to: rootAt + rootBytes })
  }

  const row = new Int32Array(memory.buffer, 0, columns.length)
  return { row, walk: base => walkRuns(runs, layout, { row, leaves }, base) }
}

function whole(bytes: number): number {
  return Math.ceil(bytes / placeBytes) * placeBytes
}

type Free = { readonly view: DataView; readonly at: number; readonly leaves: number }

/** Places a tree, level by level so that what every walk reads lies together. @returns the end of its places */
function fill({ trees, columnOf, limits }: Layout, { view, at, leaves }: Free, root: number): number {
  const placed = [root]
  for (let place = 0; place < placed.length; place++) {
    const child = placed[place] as number
    const address = at + place * placeBytes
    if (child < 0) {
      view.setInt32(address, aboveAll, true)
      view.setFloat64(address + leaves, trees.leaves[~child] as number, true)
      continue
    }
    view.setInt32(address, limits[child] as number, true)
    view.setUint16(address + 4, 4 * (columnOf[child] as number), true)
    view.setUint16(address + 6, (placed.length - place) * placeBytes, true)
    placed.push(trees.lefts[child] as number, trees.rights[child] as number)
  }
  return at + placed.length * placeBytes
}

type Place = { readonly row: Int32Array; readonly leaves: number }

function walkRuns(runs: readonly Run[], layout: Layout, { row, leaves }: Place, base: number): number {
  let sum = base
  for (const { walk, from, to } of runs) {
    if (walk === null) sum += layout.trees.leaves[leafOf(layout, from, row)] as number
    else sum = walk(from, to, leaves, sum)
  }
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
