import { corrupt } from './corrupt.ts'
import { asksForSet, type ModelFeature, missingGoesRight, type Trees, valueMax } from './model.ts'

/** Throws `MODEL_CORRUPT` unless every index leads somewhere, every walk ends and every number is usable. */
export function checkTrees(trees: Trees, features: readonly ModelFeature[]): void {
  const nodeCount = trees.featureOf.length
  for (const name of ['thresholds', 'lefts', 'rights', 'flags'] as const)
    if (trees[name].length !== nodeCount)
      throw corrupt(`${name} has not one entry for each of ${nodeCount} nodes`, name)
  if (trees.roots.length === 0) throw corrupt('it has no tree', 'roots')
  checkSets(trees)

  const parents = new Uint8Array(nodeCount)
  const leafParents = new Uint8Array(trees.leaves.length)
  const adopt = (child: number, first: number, where: string): void => {
    const of = child < 0 ? leafParents : parents
    const index = child < 0 ? ~child : child
    if (index >= of.length || (child >= 0 && child < first)) throw corrupt(`${where} leads to ${child}`, where)
    if (of[index] !== 0) throw corrupt(`${where} leads to ${child}, which has a parent already`, where)
    of[index] = 1
  }
  for (const [tree, root] of trees.roots.entries()) adopt(root, 0, `roots[${tree}]`)
  for (let node = 0; node < nodeCount; node++) {
    checkNode(trees, node, features)
    adopt(trees.lefts[node] as number, node + 1, `lefts[${node}]`)
    adopt(trees.rights[node] as number, node + 1, `rights[${node}]`)
  }
  if (parents.includes(0)) throw corrupt(`no tree reaches node ${parents.indexOf(0)}`, 'lefts')
  if (leafParents.includes(0)) throw corrupt(`no tree reaches leaf ${leafParents.indexOf(0)}`, 'leaves')
  const bad = trees.leaves.findIndex(leaf => !Number.isFinite(leaf))
  if (bad >= 0) throw corrupt(`leaf ${bad} is ${trees.leaves[bad]}`, `leaves[${bad}]`)
  checkSetsAsked(trees)
  if (trees.leafCovers !== undefined) checkCovers(trees.leafCovers, trees.leaves.length)
}

function checkCovers(covers: Float64Array, leafCount: number): void {
  if (covers.length !== leafCount) throw corrupt(`${covers.length} leaves have rows, of ${leafCount}`, 'leafCovers')
  const bad = covers.findIndex(cover => !(cover >= 0 && cover < 2 ** 53))
  if (bad >= 0) throw corrupt(`${covers[bad]} rows reached leaf ${bad}`, `leafCovers[${bad}]`)
}

function checkNode(trees: Trees, node: number, features: readonly ModelFeature[]): void {
  const feature = trees.featureOf[node] as number
  if (feature < 0 || feature >= features.length)
    throw corrupt(`node ${node} asks for feature ${feature} of ${features.length}`, `featureOf[${node}]`)
  if (Math.abs(trees.thresholds[node] as number) > valueMax)
    throw corrupt(`the threshold ${trees.thresholds[node]} is out of range`, `thresholds[${node}]`)
  const flags = trees.flags[node] as number
  if (flags > (missingGoesRight | asksForSet))
    throw corrupt(`node ${node} has flags ${flags}, unknown to this layout`, `flags[${node}]`)
  if ((flags & asksForSet) !== 0) checkNodeSet(trees, node, features[feature] as ModelFeature)
}

function checkNodeSet(trees: Trees, node: number, feature: ModelFeature): void {
  const set = trees.thresholds[node] as number
  if (feature.kind !== 'categorical')
    throw corrupt(`node ${node} asks for categories of the number ${feature.name}`, `flags[${node}]`)
  if (set < 0 || set >= trees.setStarts.length)
    throw corrupt(`node ${node} asks for set ${set} of ${trees.setStarts.length}`, `thresholds[${node}]`)
  const words = setWordsOf(trees, set)
  const bits = 32 * words.length - Math.clz32(words.at(-1) ?? 0)
  if (bits > feature.categories.length)
    throw corrupt(`set ${set} holds code ${bits - 1}, and ${feature.name} has ${feature.categories.length}`, 'setWords')
}

/** Sets are written in one way only: no empty ones, no zeros at the end, none that no node asks for. */
function checkSets({ setStarts, setWords }: Trees): void {
  if (setStarts.length === 0 && setWords.length > 0) throw corrupt('there are words without a set', 'setWords')
  for (const [set, start] of setStarts.entries()) {
    const end = setStarts[set + 1] ?? setWords.length
    if (start < 0 || end <= start || end > setWords.length || (set === 0 && start !== 0))
      throw corrupt(`set ${set} lies from ${start} to ${end}`, `setStarts[${set}]`)
    if (setWords[end - 1] === 0) throw corrupt(`set ${set} ends with a word of zeros`, `setWords[${end - 1}]`)
  }
}

function checkSetsAsked({ setStarts, thresholds, flags }: Trees): void {
  const asked = new Uint8Array(setStarts.length)
  for (const [node, flag] of flags.entries()) if ((flag & asksForSet) !== 0) asked[thresholds[node] as number] = 1
  if (asked.includes(0)) throw corrupt(`no node asks for set ${asked.indexOf(0)}`, 'setStarts')
}

/** The words of a set of categories, least codes first; no copy. */
export function setWordsOf({ setStarts, setWords }: Trees, set: number): Int32Array {
  return setWords.subarray(setStarts[set], setStarts[set + 1] ?? setWords.length)
}

/** Whether the code of a category is in the set. */
export function holdsCode(words: Int32Array, code: number): boolean {
  return (((words[code >> 5] ?? 0) >>> (code & 31)) & 1) === 1
}

/** Decisions on the longest way through each tree, 0 for a lone leaf. One entry a tree. */
export function treeDepths(trees: Trees): Int32Array {
  const heights = new Int32Array(trees.featureOf.length)
  const height = (child: number): number => (child < 0 ? 0 : (heights[child] as number))
  // children lie behind their parent
  for (let node = heights.length - 1; node >= 0; node--)
    heights[node] = 1 + Math.max(height(trees.lefts[node] as number), height(trees.rights[node] as number))
  return trees.roots.map(height)
}
