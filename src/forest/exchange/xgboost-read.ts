// XGBoost's model, from its JSON or UBJSON (doc/model.schema of version 3). Its arithmetic is in single precision: values
// are rounded to it, `x < condition` decides, and leaves are added one by one from the base margin on, rounded each time.
// So `x <= threshold` here, with the next lower single number as threshold, decides alike for every value.
//
// A categorical node holds the categories that go RIGHT; missing follows default_left. base_score is what the objective
// predicts without trees: of a logistic one a probability, whose log-odds is the base margin.

import { EnsembleBuilder, type Grown } from './builder.ts'
import { type Ensemble, type EnsembleColumn, flag, type Link } from './ensemble.ts'
import { broken, unsupported } from './refusal.ts'
import { categoriesOf } from './xgboost-categories.ts'
import {
  fieldsOf,
  flagsOf,
  type Json,
  listOf,
  numbersOf,
  objectOf,
  textOf,
  textsOf,
  wholeOf,
  wholesOf,
} from './xgboost-json.ts'

const oneOutput = 'It must have one output, and a single number in each leaf.'

/** @throws Failure MODEL_CORRUPT or MODEL_UNSUPPORTED */
export function readXgboost(model: unknown): Ensemble {
  const learner = fieldsOf(objectOf(model, 'the root'), 'learner')
  const parameters = fieldsOf(learner, 'learner_model_param')
  const objective = textOf(fieldsOf(learner, 'objective'), 'name')
  checkOutputs(parameters, objective)
  const booster = fieldsOf(learner, 'gradient_booster')
  const name = textOf(booster, 'name')
  if (name !== 'gbtree') {
    throw unsupported(`the XGBoost booster is ${name}`, 'Only gbtree is read; train it without dart or gblinear.', name)
  }
  const forest = fieldsOf(booster, 'model')
  const featureCount = wholeOf(parameters, 'num_feature')
  if (featureCount > codeMax) throw broken(`num_feature is ${featureCount}`, 'num_feature')
  const trees = listOf(forest, 'trees')
  const announced = wholeOf(fieldsOf(forest, 'gbtree_model_param'), 'num_trees')
  if (trees.length === 0 || trees.length !== announced)
    throw broken(`there are ${trees.length} trees, of ${announced} announced`, 'num_trees')
  const builder = new EnsembleBuilder()
  const categorical = new Set<number>()
  for (const [index, tree] of trees.entries())
    addTree(builder, { name: `tree ${index}`, tree: objectOf(tree, `trees[${index}]`), featureCount, categorical })
  return {
    source: 'xgboost',
    columns: columnsOf(learner, featureCount, { used: categorical, names: categoriesOf(forest, featureCount) }),
    trees: builder.trees(),
    base: baseOf(parameters, objective),
    divisor: 1,
    isSingle: true,
    link: linkOf(objective),
  }
}

function checkOutputs(parameters: Json, objective: string): void {
  const [classes, targets] = ['num_class', 'num_target'].map(field => wholeOf(parameters, field, 1)) as [number, number]
  if (classes <= 1 && targets <= 1) return
  const problem = `the XGBoost model of ${objective} has ${Math.max(classes, targets)} outputs`
  throw unsupported(problem, oneOutput, classes > 1 ? 'num_class' : 'num_target')
}

const logOdds = new Set(['binary:logistic', 'reg:logistic'])
const logs = new Set(['count:poisson', 'reg:gamma', 'reg:tweedie', 'survival:cox', 'survival:aft'])

function linkOf(objective: string): Link {
  if (logOdds.has(objective) || objective === 'binary:logitraw') return { kind: 'logistic', slope: 1, over: 1 }
  return { kind: 'none', objective }
}

/** `5E-1`, or since 3.1 `[5E-1]`. */
function baseOf(parameters: Json, objective: string): number {
  const text = textOf(parameters, 'base_score').replace(/^\[(.*)\]$/, '$1')
  const score = Math.fround(Number(text))
  if (text.trim() === '' || !Number.isFinite(score)) throw broken(`base_score is "${text}", no number`, 'base_score')
  if (logs.has(objective)) return Math.fround(Math.log(score))
  if (!logOdds.has(objective)) return score
  if (score > 0 && score < 1) return Math.fround(-Math.log(Math.fround(Math.fround(1 / score) - 1)))
  throw broken(`base_score is ${score}, no probability`, 'base_score')
}

type Growing = {
  readonly name: string
  readonly tree: Json
  readonly featureCount: number
  readonly categorical: Set<number>
}

function addTree(builder: EnsembleBuilder, { name, tree, featureCount, categorical }: Growing): void {
  const parameters = fieldsOf(tree, 'tree_param')
  const count = wholeOf(parameters, 'num_nodes')
  const deleted = wholeOf(parameters, 'num_deleted', 0)
  if (wholeOf(parameters, 'size_leaf_vector', 1) > 1)
    throw unsupported(`${name} has a vector in each leaf`, oneOutput, 'size_leaf_vector')
  const lefts = wholesOf(tree, 'left_children', count)
  const rights = wholesOf(tree, 'right_children', count)
  const features = wholesOf(tree, 'split_indices', count)
  const conditions = singlesOf(tree, 'split_conditions', count)
  const defaults = flagsOf(tree, 'default_left', count)
  const covers = singlesOf(tree, 'sum_hessian', count)
  if (covers.some(cover => cover < 0)) throw broken(`${name} has a sum_hessian below 0`, 'sum_hessian')
  const sets = setsOf(builder, tree, count)

  const at: Grown['at'] = place => {
    const [left, right, condition, feature] = [lefts[place], rights[place], conditions[place], features[place]]
    if (left === undefined || right === undefined || condition === undefined || feature === undefined)
      throw broken(`${name} leads to the node ${place} of ${count}`, name)
    const cover = covers[place]
    if (left === -1 && right === -1) return { leaf: condition, cover }
    if (feature < 0 || feature >= featureCount)
      throw broken(`${name} asks for the feature ${feature} of ${featureCount}`, 'split_indices')
    const missing = defaults[place] ? 0 : flag.missingGoesRight
    const set = sets.get(place)
    if (set === undefined) {
      return { feature, left, right, cover, threshold: below(condition), flags: missing }
    }
    categorical.add(feature)
    return { feature, left, right, cover, threshold: set, flags: missing | flag.categorical | flag.setGoesRight }
  }
  builder.addTree({ name, root: 0, size: count - deleted, at })
}

function singlesOf(tree: Json, field: string, count: number): number[] {
  const singles = numbersOf(tree, field, count).map(Math.fround)
  if (singles.every(Number.isFinite)) return singles
  throw broken(`${field} holds a number beyond single precision`, field)
}

/** By node, the set of its categories. */
function setsOf(builder: EnsembleBuilder, tree: Json, count: number): Map<number, number> {
  const types = 'split_type' in tree ? wholesOf(tree, 'split_type', count) : []
  const nodes = 'categories_nodes' in tree ? wholesOf(tree, 'categories_nodes') : []
  const sets = new Map<number, number>()
  const marked = types.filter(type => type !== 0).length
  if (marked !== nodes.length || nodes.some(node => types[node] !== 1))
    throw broken(`${marked} nodes are categorical, ${nodes.length} have categories`, 'categories_nodes')
  if (nodes.length === 0) return sets
  const categories = wholesOf(tree, 'categories')
  const starts = wholesOf(tree, 'categories_segments', nodes.length)
  const sizes = wholesOf(tree, 'categories_sizes', nodes.length)
  for (const [index, node] of nodes.entries()) {
    const [start, size] = [starts[index] as number, sizes[index] as number]
    if (start < 0 || size < 0 || start + size > categories.length)
      throw broken(`the categories of node ${node} lie outside of the list`, 'categories_segments')
    if (sets.has(node)) throw broken(`node ${node} has two sets of categories`, 'categories_nodes')
    sets.set(node, builder.addSet(wordsOf(categories.slice(start, start + size))))
  }
  return sets
}

/** Sets are stored as bits: a larger code than this would be a mistake. */
const codeMax = 2 ** 20

function wordsOf(codes: readonly number[]): number[] {
  let highest = 0
  for (const code of codes) {
    if (code < 0 || code > codeMax) throw broken(`the category code ${code} is out of range`, 'categories')
    highest = Math.max(highest, code)
  }
  const words = Array.from({ length: 1 + (highest >>> 5) }, () => 0)
  for (const code of codes) words[code >>> 5] = ((words[code >>> 5] as number) | (1 << (code & 31))) >>> 0
  return words
}

type Categories = { readonly used: ReadonlySet<number>; readonly names: readonly (readonly string[] | null)[] }

function columnsOf(learner: Json, featureCount: number, { used, names: categories }: Categories): EnsembleColumn[] {
  const names = 'feature_names' in learner ? textsOf(learner, 'feature_names') : []
  const types = 'feature_types' in learner ? textsOf(learner, 'feature_types') : []
  for (const [field, list] of Object.entries({ feature_names: names, feature_types: types })) {
    if (list.length !== 0 && list.length !== featureCount)
      throw broken(`${field} has ${list.length} entries for ${featureCount} features`, field)
  }
  if (new Set(names).size !== names.length) throw broken('two features share a name', 'feature_names')
  return Array.from({ length: featureCount }, (_, feature) => {
    const isCategorical = types[feature] === 'c' || used.has(feature) || categories[feature] != null
    const kind = isCategorical ? 'categorical' : 'numeric'
    return { name: names[feature] ?? `f${feature}`, kind, categories: categories[feature] ?? null, resolution: null }
  })
}

const single = new Float32Array(1)
const bits = new Int32Array(single.buffer)

/** The highest single-precision number below a finite one. */
function below(value: number): number {
  if (value === 0) return -(2 ** -149)
  single[0] = value
  bits[0] = (bits[0] as number) + (value > 0 ? -1 : 1)
  return single[0]
}
