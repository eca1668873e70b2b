import { corrupt } from './corrupt.ts'
import { missingGoesRight, type Trees, valueMax } from './model.ts'

/** Throws `MODEL_CORRUPT` unless every index leads somewhere, every walk ends and every number is usable. */
export function checkTrees(trees: Trees, featureCount: number): void {
  const nodeCount = trees.featureOf.length
  for (const name of ['thresholds', 'lefts', 'rights', 'flags'] as const)
    if (trees[name].length !== nodeCount)
      throw corrupt(`${name} has not one entry for each of ${nodeCount} nodes`, name)
  if (trees.roots.length === 0) throw corrupt('it has no tree', 'roots')

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
    checkNode(trees, node, featureCount)
    adopt(trees.lefts[node] as number, node + 1, `lefts[${node}]`)
    adopt(trees.rights[node] as number, node + 1, `rights[${node}]`)
  }
  if (parents.includes(0)) throw corrupt(`no tree reaches node ${parents.indexOf(0)}`, 'lefts')
  if (leafParents.includes(0)) throw corrupt(`no tree reaches leaf ${leafParents.indexOf(0)}`, 'leaves')
  const bad = trees.leaves.findIndex(leaf => !Number.isFinite(leaf))
  if (bad >= 0) throw corrupt(`leaf ${bad} is ${trees.leaves[bad]}`, `leaves[${bad}]`)
}

function checkNode(trees: Trees, node: number, featureCount: number): void {
  const feature = trees.featureOf[node] as number
  if (feature < 0 || feature >= featureCount)
    throw corrupt(`node ${node} asks for feature ${feature} of ${featureCount}`, `featureOf[${node}]`)
  if (Math.abs(trees.thresholds[node] as number) > valueMax)
    throw corrupt(`the threshold ${trees.thresholds[node]} is out of range`, `thresholds[${node}]`)
  if ((trees.flags[node] as number) > missingGoesRight)
    throw corrupt(`node ${node} has flags ${trees.flags[node]}, unknown to this layout`, `flags[${node}]`)
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
