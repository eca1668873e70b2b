// A model of Slipstream's own as LightGBM's text (version v4), for LightGBM and whatever reads its models. Margins are
// equal; calibration, interval and decision threshold have no place there.
//
// Files hold numbers in the feature's unit, such as 12.3 minutes for 123 steps of 0.1: a threshold stands half way between
// two steps, so that no rounding of such a number changes sides. A category is its code, and its name stands in
// pandas_categorical. A category's missing value always goes right in LightGBM, so where ours goes left the node is turned
// round: left and right change places and the set becomes the codes that are not in it.

import type { Model } from '../model.ts'
import { type Ensemble, type EnsembleTrees, flag, isInSet } from './ensemble.ts'
import { ensembleOf } from './flat-ensemble.ts'
import { unsupported } from './refusal.ts'

const decision = { categorical: 1, missingGoesLeft: 2, nanIsMissing: 2 << 2 } as const

/** @throws Failure MODEL_UNSUPPORTED when a feature's name cannot be written */
export function writeLightgbm(model: Model): string {
  const ensemble = ensembleOf(model)
  const names = ensemble.columns.map(({ name }) => name)
  const odd = names.find(name => /[\s:,[\]{}"]/.test(name))
  if (odd !== undefined) {
    const help = 'Names must be without blanks, colons, commas, brackets and quotes.'
    throw unsupported(`LightGBM cannot have a feature named ${JSON.stringify(odd)}`, help, odd)
  }
  const trees = [...ensemble.trees.roots.keys()].map(tree => `Tree=${tree}\n${treeText(ensemble, tree)}\n\n\n`)
  const isAverage = model.kind === 'random-forest'
  const header = [
    'tree',
    'version=v4',
    'num_class=1',
    'num_tree_per_iteration=1',
    'label_index=0',
    `max_feature_idx=${names.length - 1}`,
    // a forest's mean is a share, which no objective of LightGBM makes of a margin
    isAverage ? 'objective=regression' : 'objective=binary sigmoid:1',
    ...(isAverage ? ['average_output'] : []),
    `feature_names=${names.join(' ')}`,
    `feature_infos=${ensemble.columns.map(infoOf).join(' ')}`,
    `tree_sizes=${trees.map(text => Buffer.byteLength(text)).join(' ')}`,
  ]
  const categorical = ensemble.columns.flatMap(({ kind }, index) => (kind === 'categorical' ? [index] : []))
  const categories = ensemble.columns.flatMap(column => (column.categories === null ? [] : [column.categories]))
  return [
    `${header.join('\n')}\n\n${trees.join('')}end of trees\n`,
    '\nfeature_importances:\n',
    `\nparameters:\n[boosting: ${isAverage ? 'rf' : 'gbdt'}]\n[objective: ${isAverage ? 'regression' : 'binary'}]\n`,
    `[categorical_feature: ${categorical.join(',')}]\n\nend of parameters\n`,
    `\npandas_categorical:${categories.length === 0 ? 'null' : JSON.stringify(categories)}\n`,
  ].join('')
}

function infoOf({ categories }: Ensemble['columns'][number]): string {
  if (categories === null) return '[-1e300:1e300]'
  return categories.length === 0 ? 'none' : [...categories.keys()].join(':')
}

/** A tree with its own numbering: nodes and leaves in the order in which they are met, the left side first. */
type Numbered = { readonly nodes: number[]; readonly leaves: number[]; readonly links: Map<number, number> }

function numbered({ roots, lefts, rights }: EnsembleTrees, tree: number): Numbered {
  const [nodes, leaves, links]: [number[], number[], Map<number, number>] = [[], [], new Map()]
  const waiting = [roots[tree] as number]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (at < 0) links.set(at, ~(leaves.push(~at) - 1))
    else {
      links.set(at, nodes.push(at) - 1)
      waiting.push(rights[at] as number, lefts[at] as number)
    }
  }
  return { nodes, leaves, links }
}

function treeText(ensemble: Ensemble, tree: number): string {
  const { trees, base } = ensemble
  const { nodes, leaves, links } = numbered(trees, tree)
  const sets: number[][] = []
  const splits = nodes.map(node => splitOf(ensemble, node, sets))
  const linkTo = (child: number | undefined): number => links.get(child as number) as number
  // LightGBM has no base: it stands in the leaves of the first tree
  const first = tree === 0 ? base : 0
  const { covers } = trees
  const lists: [string, readonly (number | string)[]][] = [
    ['split_feature', nodes.map(node => trees.featureOf[node] as number)],
    ['split_gain', nodes.map(() => 0)],
    ['threshold', splits.map(({ threshold }) => threshold)],
    ['decision_type', splits.map(({ type }) => type)],
    ['left_child', nodes.map((node, at) => linkTo((splits[at]?.isTurned ? trees.rights : trees.lefts)[node]))],
    ['right_child', nodes.map((node, at) => linkTo((splits[at]?.isTurned ? trees.lefts : trees.rights)[node]))],
    ['leaf_value', leaves.map(leaf => first + (trees.leaves[leaf] as number))],
    ['leaf_weight', leaves.map(leaf => covers?.leaves[leaf] ?? 0)],
    ['leaf_count', leaves.map(leaf => Math.round(covers?.leaves[leaf] ?? 0))],
    ['internal_value', nodes.map(() => 0)],
    ['internal_weight', nodes.map(node => covers?.nodes[node] ?? 0)],
    ['internal_count', nodes.map(node => Math.round(covers?.nodes[node] ?? 0))],
  ]
  const lines = lists.map(([name, values]) => `${name}=${values.join(' ')}`)
  const setLines =
    sets.length === 0
      ? []
      : [`cat_boundaries=${[0, ...runningLengths(sets)].join(' ')}`, `cat_threshold=${sets.flat().join(' ')}`]
  const head = [`num_leaves=${leaves.length}`, `num_cat=${sets.length}`]
  return [...head, ...lines, ...setLines, 'is_linear=0', 'shrinkage=1'].join('\n')
}

function runningLengths(sets: readonly (readonly number[])[]): number[] {
  let sum = 0
  return sets.map(set => (sum += set.length))
}

type WrittenSplit = { readonly threshold: number; readonly type: number; readonly isTurned: boolean }

function splitOf({ trees, columns }: Ensemble, node: number, sets: number[][]): WrittenSplit {
  const column = columns[trees.featureOf[node] as number] as Ensemble['columns'][number]
  const threshold = trees.thresholds[node] as number
  const missingRight = ((trees.flags[node] as number) & flag.missingGoesRight) !== 0
  if (column.categories === null) {
    const type = decision.nanIsMissing | (missingRight ? 0 : decision.missingGoesLeft)
    return { threshold: (threshold + 0.5) * (column.resolution ?? 1), type, isTurned: false }
  }
  const words = Array.from({ length: Math.max(1, Math.ceil(column.categories.length / 32)) }, () => 0)
  for (const code of column.categories.keys()) {
    if (isInSet(trees, threshold, code) !== missingRight) continue
    words[code >>> 5] = ((words[code >>> 5] as number) | (1 << (code & 31))) >>> 0
  }
  return { threshold: sets.push(words) - 1, type: decision.categorical, isTurned: !missingRight }
}
