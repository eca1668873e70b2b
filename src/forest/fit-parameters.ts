// Parameters of a training as people write them for LightGBM (docs/Parameters.rst): its names, its common other names for
// them, its defaults. What is not known, or out of range, is refused by name: a typing error must not train another model.

import { Failure } from '../lib/failure.ts'
import { boostDefaults } from './boost.ts'
import type { ModelParameters } from './boosted-model.ts'
import type { Json } from './model.ts'

export type FitParameters = {
  readonly model: ModelParameters
  /** Names of columns, or their places among the features. */
  readonly categorical: readonly (string | number)[]
  readonly weightColumn: string | null
  readonly seed: number
  readonly threads: number
  /** Share of the rows, the last of the file, that is held out. */
  readonly heldOutShare: number
}

type Rule =
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly whole?: true }
  | { readonly kind: 'flag' }
  | { readonly kind: 'choice'; readonly of: Readonly<Record<string, string>> }
  | { readonly kind: 'list' }
  | { readonly kind: 'text' }

const whole = (min: number, max = 2 ** 31 - 1): Rule => ({ kind: 'number', min, max, whole: true })
const number = (min: number, max = Number.MAX_VALUE): Rule => ({ kind: 'number', min, max })
const share: Rule = number(Number.MIN_VALUE, 1)

const objectives = {
  binary: 'binary',
  regression: 'regression',
  regression_l2: 'regression',
  l2: 'regression',
  mse: 'regression',
  quantile: 'quantile',
}

const rules: Readonly<Record<string, Rule>> = {
  objective: { kind: 'choice', of: objectives },
  boosting: { kind: 'choice', of: { gbdt: 'gbdt', gbrt: 'gbdt', rf: 'rf', random_forest: 'rf' } },
  num_iterations: whole(1, 100_000),
  learning_rate: number(Number.MIN_VALUE),
  num_leaves: whole(2, 131_072),
  max_depth: whole(-1),
  grow_policy: { kind: 'choice', of: { lossguide: 'lossguide', depthwise: 'depthwise' } },
  min_data_in_leaf: whole(0),
  min_sum_hessian_in_leaf: number(0),
  lambda_l1: number(0),
  lambda_l2: number(0),
  min_gain_to_split: number(0),
  bagging_fraction: share,
  bagging_freq: whole(0),
  feature_fraction: share,
  feature_fraction_bynode: share,
  extra_trees: { kind: 'flag' },
  max_bin: whole(2, 255),
  max_cat_to_onehot: whole(1),
  max_cat_threshold: whole(1),
  cat_smooth: number(0),
  cat_l2: number(0),
  min_data_per_group: whole(1),
  monotone_constraints: { kind: 'list' },
  early_stopping_round: whole(0),
  validation_fraction: number(0, 0.9),
  alpha: number(Number.MIN_VALUE, 1 - 2 ** -50),
  seed: whole(0),
  num_threads: whole(0, 256),
  held_out_fraction: number(0, 0.9),
  categorical_feature: { kind: 'list' },
  weight_column: { kind: 'text' },
}

const otherNames: Readonly<Record<string, string>> = {
  application: 'objective',
  boosting_type: 'boosting',
  num_iteration: 'num_iterations',
  n_iter: 'num_iterations',
  num_trees: 'num_iterations',
  num_round: 'num_iterations',
  num_rounds: 'num_iterations',
  num_boost_round: 'num_iterations',
  n_estimators: 'num_iterations',
  eta: 'learning_rate',
  shrinkage_rate: 'learning_rate',
  max_leaves: 'num_leaves',
  num_leaf: 'num_leaves',
  min_child_samples: 'min_data_in_leaf',
  min_child_weight: 'min_sum_hessian_in_leaf',
  reg_alpha: 'lambda_l1',
  reg_lambda: 'lambda_l2',
  lambda: 'lambda_l2',
  min_split_gain: 'min_gain_to_split',
  subsample: 'bagging_fraction',
  subsample_freq: 'bagging_freq',
  colsample_bytree: 'feature_fraction',
  colsample_bynode: 'feature_fraction_bynode',
  max_bins: 'max_bin',
  mc: 'monotone_constraints',
  early_stopping_rounds: 'early_stopping_round',
  random_state: 'seed',
  random_seed: 'seed',
  n_jobs: 'num_threads',
  nthread: 'num_threads',
  num_thread: 'num_threads',
  cat_feature: 'categorical_feature',
  categorical_column: 'categorical_feature',
  weight: 'weight_column',
}

/** Say nothing about the model: what people pass along. */
const ignored = new Set(['verbose', 'verbosity', 'deterministic', 'force_col_wise', 'force_row_wise', 'metric'])

/** @throws Failure USAGE that names the parameter */
export function fitParametersOf(given: Json): FitParameters {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw refused('parameters are one JSON object, such as {"num_leaves": 31}', 'params')
  const found: Record<string, unknown> = {}
  const writtenAs = new Map<string, string>()
  for (const [written, value] of Object.entries(given as Readonly<Record<string, Json>>)) {
    if (ignored.has(written)) continue
    const name = otherNames[written] ?? written
    const rule = rules[name]
    if (rule === undefined) throw refused(`no parameter is called ${written}`, written, `It knows: ${known()}.`)
    const before = writtenAs.get(name)
    if (before !== undefined) throw refused(`${before} and ${written} are two names of one parameter`, written)
    writtenAs.set(name, written)
    found[name] = valueOf(rule, value, written)
  }
  const odd = ((found['monotone_constraints'] ?? []) as unknown[]).find(each => each !== 1 && each !== -1 && each !== 0)
  if (odd !== undefined)
    throw refused(`monotone_constraints holds ${JSON.stringify(odd)}; each is 1, -1 or 0`, 'monotone_constraints')
  const { categorical_feature, weight_column, seed, num_threads, held_out_fraction, ...ofModel } = found
  const named = Object.entries(ofModel).map(([name, value]) => [camelCase(name), value])
  const model = { ...boostDefaults, maxDepth: -1, maxBin: 255, validationShare: 0, ...Object.fromEntries(named) }
  const { validationFraction = 0, ...parameters } = model as ModelParameters & { validationFraction?: number }
  return {
    model: { ...parameters, validationShare: validationFraction },
    categorical: (categorical_feature ?? []) as readonly (string | number)[],
    weightColumn: (weight_column ?? null) as string | null,
    seed: (seed ?? 0) as number,
    threads: Math.max(1, (num_threads ?? 1) as number),
    heldOutShare: (held_out_fraction ?? 0.2) as number,
  }
}

function known(): string {
  return Object.keys(rules).join(', ')
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

function valueOf(rule: Rule, value: Json, name: string): unknown {
  const shown = JSON.stringify(value)
  switch (rule.kind) {
    case 'number': {
      const isRight =
        typeof value === 'number' && value >= rule.min && value <= rule.max && (!rule.whole || Number.isInteger(value))
      if (isRight) return value
      const least = rule.min === Number.MIN_VALUE ? 'above 0' : `from ${rule.min}`
      const most = rule.max === Number.MAX_VALUE ? '' : ` to ${rule.max}`
      throw refused(`${name} is ${shown}; it takes a ${rule.whole ? 'whole ' : ''}number ${least}${most}`, name)
    }
    case 'flag':
      if (typeof value === 'boolean') return value
      throw refused(`${name} is ${shown}; it takes true or false`, name)
    case 'choice': {
      const choice = typeof value === 'string' && Object.hasOwn(rule.of, value) ? rule.of[value] : undefined
      if (choice !== undefined) return choice
      throw refused(`${name} is ${shown}; it takes one of ${Object.keys(rule.of).join(', ')}`, name)
    }
    case 'list':
      return listOf(value, name)
    case 'text':
      if (typeof value === 'string' && value !== '') return value
      throw refused(`${name} is ${shown}; it takes the name of a column`, name)
  }
}

/** LightGBM also takes "a,b" and "name:a,b". */
function listOf(value: Json, name: string): readonly (string | number)[] {
  if (typeof value === 'string')
    return value === ''
      ? []
      : value
          .replace(/^name:/, '')
          .split(',')
          .map(numberOrText)
  if (Array.isArray(value) && value.every(item => typeof item === 'string' || typeof item === 'number'))
    return value as (string | number)[]
  throw refused(`${name} is ${JSON.stringify(value)}; it takes a list`, name)
}

function numberOrText(text: string): string | number {
  return /^-?\d+$/.test(text.trim()) ? Number(text) : text.trim()
}

function refused(problem: string, field: string, help?: string): Failure {
  return new Failure('USAGE', problem, { field, ...(help === undefined ? {} : { help }) })
}
