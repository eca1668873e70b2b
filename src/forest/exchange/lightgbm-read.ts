// LightGBM's text format (gbdt_model_text.cpp and tree.cpp of version 4): a header, one block a tree, then importances,
// parameters and, from Python, the categories of pandas.
//
// decision_type of a node: bit 0 categorical, bit 1 missing goes left, bits 2 and 3 what counts as missing: 0 nothing
// (NaN reads as 0), 1 zero and NaN, 2 NaN. A category that is in no set, or missing, goes right.
//
// The file has no checksum. What it says twice is held against itself: the bytes of each tree (tree_sizes), the lengths
// of all lists, the links, the end marks. A digit changed inside of a number cannot be seen by anybody.

import { EnsembleBuilder, type Grown } from './builder.ts'
import { type Ensemble, type EnsembleColumn, flag, type Link } from './ensemble.ts'
import { type Blocks, blocksOf, numbersOf, type TreeBlock, thresholdsOf, wholesOf } from './lightgbm-text.ts'
import { broken, unsupported } from './refusal.ts'

const decision = { categorical: 1, missingGoesLeft: 2 } as const
const missingType = { none: 0, zero: 1, nan: 2 } as const

/** @throws Failure MODEL_CORRUPT or MODEL_UNSUPPORTED */
export function readLightgbm(text: string): Ensemble {
  const blocks = blocksOf(text)
  const { header, trees } = blocks
  checkHeader(header)
  const names = namesOf(header)
  const builder = new EnsembleBuilder()
  const categorical = new Set<number>()
  for (const block of trees) addTree(builder, block, { featureCount: names.length, categorical })
  return {
    source: 'lightgbm',
    columns: columnsOf(names, blocks, categorical),
    trees: builder.trees(),
    base: 0,
    divisor: 1,
    isSingle: false,
    link: linkOf(header, trees.length),
  }
}

function checkHeader(header: ReadonlyMap<string, string>): void {
  const version = header.get('version')
  if (version === undefined) throw broken('the LightGBM text names no version', 'version')
  if (!/^v[234]$/.test(version)) {
    throw unsupported(
      `version ${version} of LightGBM's text is not known`,
      'Versions v2, v3 and v4 are read.',
      'version',
    )
  }
  for (const field of ['num_class', 'num_tree_per_iteration']) {
    const [count] = wholesOf(header, field, 1) as [number]
    if (count === 1) continue
    const problem = `the LightGBM model has ${field}=${count}: more than one margin a row`
    throw unsupported(
      problem,
      'Only models of one output are read: binary, regression, quantile and their like.',
      field,
    )
  }
}

function namesOf(header: ReadonlyMap<string, string>): string[] {
  const [highest] = wholesOf(header, 'max_feature_idx', 1) as [number]
  const names = (header.get('feature_names') ?? '').split(' ').filter(name => name !== '')
  if (names.length !== highest + 1) {
    throw broken(`feature_names has ${names.length} names for ${highest + 1} features`, 'feature_names')
  }
  if (new Set(names).size !== names.length) throw broken('two features share a name', 'feature_names')
  return names
}

/** `binary sigmoid:1`, `cross_entropy`, `quantile`, ... Without an objective (one of the user's own) there is no link. */
function linkOf(header: ReadonlyMap<string, string>, treeCount: number): Link {
  const [objective = '', ...options] = (header.get('objective') ?? '').split(' ')
  const over = header.has('average_output') ? treeCount : 1
  if (objective === 'cross_entropy' || objective === 'xentropy') return { kind: 'logistic', slope: 1, over }
  if (objective !== 'binary') return { kind: 'none', objective: objective || 'unknown' }
  const sigmoid = options.find(option => option.startsWith('sigmoid:'))?.slice('sigmoid:'.length) ?? '1'
  const slope = Number(sigmoid)
  if (sigmoid.trim() !== '' && Number.isFinite(slope) && slope > 0) return { kind: 'logistic', slope, over }
  throw broken(`the sigmoid parameter is "${sigmoid}", no number above 0`, 'objective')
}

type Context = { readonly featureCount: number; readonly categorical: Set<number> }

function addTree(builder: EnsembleBuilder, { name, fields }: TreeBlock, { featureCount, categorical }: Context): void {
  if (fields.has('leaf_features') || (fields.get('is_linear') ?? '0') !== '0') {
    const help = 'Train it without linear_tree; leaves must be single numbers.'
    throw unsupported(`${name} has a linear leaf`, help, 'is_linear')
  }
  const [leafCount] = wholesOf(fields, 'num_leaves', 1) as [number]
  if (leafCount < 1) throw broken(`${name} has ${leafCount} leaves`, 'num_leaves')
  const nodeCount = leafCount - 1
  const features = wholesOf(fields, 'split_feature', nodeCount)
  const thresholds = thresholdsOf(fields, nodeCount)
  const types = wholesOf(fields, 'decision_type', nodeCount)
  const lefts = wholesOf(fields, 'left_child', nodeCount)
  const rights = wholesOf(fields, 'right_child', nodeCount)
  const leaves = numbersOf(fields, 'leaf_value', leafCount)
  const nodeCovers = fields.has('internal_count') ? coversIn(fields, 'internal_count', nodeCount) : []
  const leafCovers = fields.get('leaf_count') ? coversIn(fields, 'leaf_count', leafCount) : []
  const sets = setsOf(builder, fields)
  /** By their numbers in the file. */
  const usedSets = new Set<number>()

  const at: Grown['at'] = place => {
    if (place < 0) {
      const leaf = leaves[~place]
      if (leaf === undefined) throw broken(`${name} leads to the leaf ${~place} of ${leafCount}`, name)
      return { leaf, cover: leafCovers[~place] }
    }
    const [feature, type, threshold] = [features[place], types[place], thresholds[place]]
    if (feature === undefined || type === undefined || threshold === undefined)
      throw broken(`${name} leads to the node ${place} of ${nodeCount}`, name)
    if (feature < 0 || feature >= featureCount)
      throw broken(`${name} asks for the feature ${feature} of ${featureCount}`, 'split_feature')
    const links = { feature, left: lefts[place] as number, right: rights[place] as number, cover: nodeCovers[place] }
    if ((type & decision.categorical) === 0) return { ...links, threshold, flags: numericFlags(type, threshold, name) }
    categorical.add(feature)
    const set = sets[threshold]
    if (set === undefined || type < 0 || type > 15)
      throw broken(`${name} has no category set ${threshold}`, 'threshold')
    if (usedSets.has(threshold)) throw broken(`${name} uses the category set ${threshold} twice`, 'threshold')
    usedSets.add(threshold)
    return { ...links, threshold: set, flags: flag.categorical | flag.missingGoesRight }
  }
  builder.addTree({ name, root: nodeCount === 0 ? -1 : 0, size: nodeCount + leafCount, at })
  if (usedSets.size !== sets.length) {
    throw broken(`${name} has ${sets.length} category sets and uses ${usedSets.size}`, 'num_cat')
  }
}

function numericFlags(type: number, threshold: number, name: string): number {
  const missing = type >> 2
  if (type < 0 || missing > missingType.nan) throw broken(`${name} has a decision_type ${type}`, 'decision_type')
  const right = (type & decision.missingGoesLeft) === 0 ? flag.missingGoesRight : 0
  if (missing === missingType.zero) return right | flag.zeroIsMissing
  if (missing === missingType.nan) return right
  return 0 <= threshold ? 0 : flag.missingGoesRight
}

function coversIn(fields: ReadonlyMap<string, string>, field: string, count: number): number[] {
  const covers = numbersOf(fields, field, count)
  if (covers.every(cover => cover >= 0)) return covers
  throw broken(`${field} has a count below 0`, field)
}

/** The sets of a tree, as indices of the builder's. */
function setsOf(builder: EnsembleBuilder, fields: ReadonlyMap<string, string>): number[] {
  const [count] = wholesOf(fields, 'num_cat', 1) as [number]
  if (count === 0) return []
  if (count < 0) throw broken(`num_cat is ${count}`, 'num_cat')
  const bounds = wholesOf(fields, 'cat_boundaries', count + 1)
  const words = numbersOf(fields, 'cat_threshold', bounds.at(-1) as number)
  const isWord = (word: number): boolean => Number.isInteger(word) && word >= 0 && word < 2 ** 32
  if (!words.every(isWord)) throw broken('cat_threshold has a number that is no set of 32 codes', 'cat_threshold')
  if (bounds[0] !== 0 || bounds.some((bound, index) => index > 0 && bound <= (bounds[index - 1] as number)))
    throw broken('cat_boundaries does not ascend from 0', 'cat_boundaries')
  return bounds.slice(0, -1).map((from, set) => builder.addSet(words.slice(from, bounds[set + 1])))
}

function columnsOf(names: readonly string[], blocks: Blocks, used: ReadonlySet<number>): EnsembleColumn[] {
  const { pandasCategories } = blocks
  const declared = declaredCategorical(blocks, names.length)
  if (pandasCategories.length > 0 && pandasCategories.length !== declared.length) {
    const problem = `pandas_categorical has ${pandasCategories.length} lists for ${declared.length} categorical columns`
    throw broken(problem, 'pandas_categorical')
  }
  return names.map((name, feature) => {
    const place = declared.indexOf(feature)
    const isCategorical = place >= 0 || used.has(feature)
    const categories = pandasCategories[place] ?? null
    return { name, kind: isCategorical ? 'categorical' : 'numeric', categories, resolution: null }
  })
}

/** Columns that were declared categorical, ascending: by the parameters, else by the form of feature_infos. */
function declaredCategorical({ header, parameters }: Blocks, featureCount: number): number[] {
  const listed = parameters.get('categorical_feature')
  if (listed !== undefined && /^\d+(,\d+)*$/.test(listed)) {
    const columns = [...new Set(listed.split(',').map(Number))].sort((a, b) => a - b)
    if (columns.every(column => column < featureCount)) return columns
  }
  const infos = (header.get('feature_infos') ?? '').split(' ')
  return infos.flatMap((info, feature) => (/^-?\d+(:-?\d+)*$/.test(info) ? [feature] : []))
}
