// A model of another library as a flat model of Slipstream's own, for a table of features: for every row of that table
// the same leaves. Files hold numbers in a feature's unit, rows count its resolution: `x <= t` becomes `k <= K` with the
// largest K whose number, as the nearest double to its decimal (12.3 for 123 steps of 0.1), is at most t.
//
// Margins are sums of the same leaves in double precision, so LightGBM's to the last bits and XGBoost's, which adds in
// single precision, to about 1e-6. A sigmoid other than 1 and an average go into the leaves, so that the margin is a
// log-odds. Zero taken as missing needs up to two nodes more and copies of the subtrees below. A category that training
// did not see counts as missing.

import { Failure } from '../../lib/failure.ts'
import type { TrainingFeature } from '../bins.ts'
import {
  asksForSet,
  type Model,
  type ModelFeature,
  missingGoesRight,
  type TrainedOn,
  type Trees,
  valueMax,
} from '../model.ts'
import { TreeLists, type TreeNode } from '../tree-lists.ts'
import { type Ensemble, type EnsembleColumn, flag, isInSet } from './ensemble.ts'
import { unsupported } from './refusal.ts'

export type FlattenOptions = {
  /** The table; the model takes of it what its trees ask for. */
  readonly features: readonly TrainingFeature[]
  readonly horizonsMinutes: readonly number[]
  /** Where the model comes from; `rows`: those of its first tree, where it tells. */
  readonly origin: Omit<TrainedOn, 'rows'>
  readonly parent: string | null
}

/** @throws Failure MODEL_MISFIT, MODEL_UNSUPPORTED */
export function flattened(ensemble: Ensemble, { features, horizonsMinutes, origin, parent }: FlattenOptions): Model {
  const { link, columns, trees } = ensemble
  if (link.kind !== 'logistic') {
    const problem = link.kind === 'none' ? `the objective ${link.objective}` : 'a model that is calibrated already'
    throw unsupported(`${problem} predicts no log-odds of being late`, 'Train it with a binary objective.', 'objective')
  }
  const used = [...new Set(trees.featureOf)].sort((a, b) => a - b)
  const chosen = used.map(column => featureOf(columns[column] as EnsembleColumn, features))
  const flat = new Flattener(ensemble, { used, chosen, scale: link.slope / link.over })
  const first = trees.covers === null ? 0 : rowsOf(trees, trees.covers)
  return {
    kind: 'gradient-boosting',
    features: chosen,
    horizonsMinutes,
    base: ensemble.base * (link.slope / link.over),
    calibration: null,
    threshold: 5000,
    interval: null,
    reference: null,
    trainedOn: { ...origin, rows: first },
    parent,
    trees: flat.trees(),
  }
}

function rowsOf({ roots }: Ensemble['trees'], { nodes, leaves }: NonNullable<Ensemble['trees']['covers']>): number {
  const root = roots[0] as number
  return Math.round((root < 0 ? leaves[~root] : nodes[root]) as number)
}

function featureOf({ name, kind, categories }: EnsembleColumn, features: readonly TrainingFeature[]): ModelFeature {
  const found = features.find(feature => feature.name === name)
  if (found === undefined) {
    throw new Failure('MODEL_MISFIT', `the model asks for ${name}, which is no feature here`, {
      field: name,
      help: 'docs/features.md lists the features; the columns of the training data must have their names.',
    })
  }
  if (found.kind !== kind) {
    const help = `Train it with ${name} as a ${found.kind} column.`
    throw new Failure('MODEL_MISFIT', `${name} is ${found.kind} here and ${kind} in the model`, { field: name, help })
  }
  if (found.kind === 'numeric') {
    const { resolution, unit } = found
    return {
      name,
      kind: 'numeric',
      ...(resolution === undefined ? {} : { resolution }),
      ...(unit === undefined ? {} : { unit }),
    }
  }
  if (categories !== null) return { name, kind: 'categorical', categories }
  const help = 'Train it from pandas with a column of dtype category, so that the file holds the names.'
  throw unsupported(`the model has codes for ${name}, and not what they mean`, help, name)
}

/** The number of `count` steps, as a file has it. */
export function numberOf(count: number, resolution: number): number {
  const perUnit = Math.round(1 / resolution)
  return perUnit > 1 && Math.abs(perUnit * resolution - 1) < 1e-9 ? count / perUnit : count * resolution
}

/** The most steps whose number is at most `threshold`; beyond +-valueMax that and one more. */
export function stepsUpTo(threshold: number, resolution: number, round: (value: number) => number = same): number {
  let steps = Math.floor(threshold / resolution)
  if (!(steps < valueMax)) return valueMax
  if (steps < -valueMax) return -valueMax - 1
  while (steps < valueMax && round(numberOf(steps + 1, resolution)) <= threshold) steps++
  while (steps >= -valueMax && round(numberOf(steps, resolution)) > threshold) steps--
  return steps
}

function same(value: number): number {
  return value
}

/** Copies of subtrees may make a model this much larger, and not more. */
const growthMax = 8

type Mapping = { readonly used: readonly number[]; readonly chosen: readonly ModelFeature[]; readonly scale: number }

class Flattener {
  readonly #ensemble: Ensemble
  readonly #mapping: Mapping
  readonly #lists = new TreeLists()
  readonly #covers: number[] = []
  #isCopied = false

  constructor(ensemble: Ensemble, mapping: Mapping) {
    this.#ensemble = ensemble
    this.#mapping = mapping
  }

  trees(): Trees {
    for (const root of this.#ensemble.trees.roots) this.#lists.addRoot(this.#place(root))
    // how many rows took which of two copies, nobody knows
    if (this.#ensemble.trees.covers === null || this.#isCopied) return this.#lists.trees()
    return { ...this.#lists.trees(), leafCovers: Float64Array.from(this.#covers) }
  }

  #place(at: number): number {
    const { trees } = this.#ensemble
    if (at < 0) {
      this.#covers.push(trees.covers?.leaves[~at] ?? 0)
      return this.#lists.addLeaf((trees.leaves[~at] as number) * this.#mapping.scale)
    }
    const feature = this.#mapping.used.indexOf(trees.featureOf[at] as number)
    const about = this.#mapping.chosen[feature] as ModelFeature
    const sides = { left: trees.lefts[at] as number, right: trees.rights[at] as number }
    const missingRight = ((trees.flags[at] as number) & flag.missingGoesRight) !== 0
    if (about.kind === 'categorical')
      return this.#placeSet(at, about.categories.length, { feature, missingRight, ...sides })
    const round = this.#ensemble.isSingle ? Math.fround : same
    const steps = stepsUpTo(trees.thresholds[at] as number, about.resolution ?? 1, round)
    const zeroIsMissing = ((trees.flags[at] as number) & flag.zeroIsMissing) !== 0
    // where zero would go there anyway, it needs no node of its own
    if (zeroIsMissing && missingRight !== 0 > steps) return this.#placeZero(steps, { feature, missingRight, ...sides })
    return this.#split(steps, { feature, missingRight, ...sides })
  }

  /** Below zero, zero with missing, and above zero, each by itself. */
  #placeZero(steps: number, { feature, missingRight, left, right }: Sides): number {
    this.#isCopied = true
    const { trees } = this.#ensemble
    if (this.#lists.nodeCount > growthMax * trees.featureOf.length + 64) {
      const help = 'Train it without zero_as_missing.'
      throw unsupported('taking zero as missing would make the model many times as large', help, 'zero_as_missing')
    }
    const aside = missingRight ? right : left
    const [below, above] = missingRight ? [left, steps] : [steps, right]
    // missing goes right: negative numbers are all up to the threshold. Missing goes left: positive ones are all above it
    if (missingRight) {
      return this.#node({ feature, threshold: -1, flags: missingGoesRight }, below, () =>
        this.#node({ feature, threshold: 0, flags: 0 }, aside, () =>
          this.#split(above, { feature, missingRight, left, right }),
        ),
      )
    }
    return this.#node(
      { feature, threshold: 0, flags: 0 },
      () =>
        this.#node(
          { feature, threshold: -1, flags: missingGoesRight },
          () => this.#split(below, { feature, missingRight: true, left, right }),
          aside,
        ),
      above,
    )
  }

  #split(steps: number, { feature, missingRight, left, right }: Sides): number {
    // no number is so low: all go right, so the sides change places
    if (steps < -valueMax) {
      return this.#node({ feature, threshold: valueMax, flags: missingRight ? 0 : missingGoesRight }, right, left)
    }
    return this.#node({ feature, threshold: steps, flags: missingRight ? missingGoesRight : 0 }, left, right)
  }

  #placeSet(at: number, count: number, { feature, missingRight, left, right }: Sides): number {
    const { trees } = this.#ensemble
    const turned = ((trees.flags[at] as number) & flag.setGoesRight) !== 0
    const codes: number[] = []
    for (let code = 0; code < count; code++) {
      if (isInSet(trees, trees.thresholds[at] as number, code)) codes.push(code)
    }
    const [first, second] = turned ? [right, left] : [left, right]
    const flags = missingRight !== turned ? missingGoesRight : 0
    // codes compare as they are: none is up to -1
    if (codes.length === 0) return this.#node({ feature, threshold: -1, flags }, first, second)
    return this.#node({ feature, threshold: this.#lists.setOf(codes), flags: flags | asksForSet }, first, second)
  }

  #node(split: TreeNode, left: Side, right: Side): number {
    const node = this.#lists.addNode(split)
    const place = (side: Side): number => (typeof side === 'number' ? this.#place(side) : side())
    this.#lists.setLeft(node, place(left))
    this.#lists.setRight(node, place(right))
    return node
  }
}

/** A place in the ensemble, or what makes one here. */
type Side = number | (() => number)
type Sides = { readonly feature: number; readonly missingRight: boolean; readonly left: number; readonly right: number }
