// Gradient boosting (Friedman 2001) on binned rows: each tree is grown on the gradients of the loss at the scores so far,
// and its outputs, shrunk by the learning rate, are added to them. Random forests and extra trees are the same trees grown
// on the gradients of a squared loss at the mean, each on its own sample of rows, and averaged.
//
// The same rows, parameters and seed give the same trees, bit by bit.

import { assert } from '../lib/assert.ts'
import { randomFrom } from '../lib/random.ts'
import { type BinnedSet, type Place } from './binned.ts'
import type { Crew } from './crew.ts'
import { type Grown, growTree, sampleOf } from './grow.ts'
import { type GrowParameters, growDefaults } from './grow-parameters.ts'
import { ForestBuilder } from './grown-forest.ts'
import { type Kernel, kernelOf, slotBytes } from './kernel.ts'
import { type Loss, lossOf, type Objective } from './loss.ts'
import type { Trees } from './model.ts'
import { sidesOf } from './split-finder.ts'

/** Names and meanings are LightGBM's. */
export type BoostParameters = GrowParameters & {
  readonly boosting: 'gbdt' | 'rf'
  readonly objective: Objective
  /** Of the quantile. */
  readonly alpha: number
  readonly numIterations: number
  readonly learningRate: number
  /** Share of the rows that a tree is grown on, drawn anew every `baggingFreq` trees; 0: never. */
  readonly baggingFraction: number
  readonly baggingFreq: number
  /** Ends when the validation rows have not improved for so many trees; 0: never. */
  readonly earlyStoppingRound: number
}

export const boostDefaults: BoostParameters = {
  ...growDefaults,
  boosting: 'gbdt',
  objective: 'binary',
  alpha: 0.9,
  numIterations: 100,
  learningRate: 0.1,
  baggingFraction: 1,
  baggingFreq: 0,
  earlyStoppingRound: 0,
}

export type BoostOptions = {
  readonly binned: BinnedSet
  /** By row. */
  readonly labels: ArrayLike<number>
  readonly weights?: ArrayLike<number> | undefined
  /** Rows before it grow trees. */
  readonly trainUntil: number
  /** Rows from `trainUntil` up to it tell when to stop; the same number: none. */
  readonly validUntil?: number
  /** 32-bit. */
  readonly seed: number
  readonly parameters: Partial<BoostParameters>
  /** Threads that help; they change the time, not the trees. */
  readonly crew?: Crew | undefined
}

export type Boosted = {
  readonly trees: Trees
  readonly base: number
  /** Mean loss on the validation rows after each tree; empty without them. */
  readonly validLosses: readonly number[]
}

/** Told after each tree: how many there are, of how many. */
export type BoostStep = { readonly done: number; readonly of: number }

/** Histograms that are kept at most; more leaves than that are summed anew. */
const slotsBytesMax = 64 * 2 ** 20

export function boost(options: BoostOptions): Boosted {
  const boosting = boostSteps(options)
  for (;;) {
    const { done, value } = boosting.next()
    if (done) return value
  }
}

/** The same, yielding after each tree. */
export function* boostSteps(options: BoostOptions): Generator<BoostStep, Boosted> {
  const boosting = new Boosting(options)
  const of = boosting.parameters.numIterations
  try {
    for (let done = 1; done <= of && boosting.grow(); done++) yield { done, of }
    return boosting.boosted()
  } finally {
    boosting.close()
  }
}

class Boosting {
  readonly parameters: BoostParameters
  readonly #kernel: Kernel
  readonly #slots: number
  readonly #loss: Loss
  readonly #builder: ForestBuilder
  readonly #random: () => number
  readonly #features: readonly number[]
  readonly #base: number
  readonly #scores: Float64Array
  /** Numbers of the rows that grow trees, those of the present sample, and those of the others. */
  readonly #all: Int32Array
  readonly #valid: Int32Array
  #bag: Int32Array
  #others: Int32Array
  readonly #validLosses: number[] = []
  #bestTrees = 0

  constructor(options: BoostOptions) {
    const { binned, trainUntil, validUntil = trainUntil, seed } = options
    assert(trainUntil > 0 && trainUntil <= validUntil && validUntil <= binned.rows, 'rows to grow on come first')
    this.parameters = { ...boostDefaults, ...options.parameters }
    const { objective, alpha, numLeaves, boosting } = this.parameters
    this.#slots = Math.max(2, Math.min(numLeaves + 1, Math.floor(slotsBytesMax / Math.max(1, slotBytes(binned)))))
    this.#kernel = kernelOf(binned, {
      slots: this.#slots,
      chosenMax: this.parameters.featureFraction < 1 ? binned.columnCount : 0,
      crew: options.crew,
    })
    // a forest's trees all have the mean of the labels as their aim
    this.#loss = lossOf(boosting === 'rf' && objective === 'binary' ? 'regression' : objective, options, alpha)
    this.#builder = new ForestBuilder(binned.features)
    this.#random = randomFrom(seed)
    this.#features = [...binned.features.keys()].filter(feature => binned.places[feature] !== null)
    this.#all = Int32Array.from({ length: trainUntil }, (_, row) => row)
    this.#valid = Int32Array.from({ length: validUntil - trainUntil }, (_, at) => trainUntil + at)
    this.#bag = this.#all
    this.#others = new Int32Array()
    this.#base = this.#loss.base(this.#all)
    this.#scores = new Float64Array(binned.rows).fill(this.#base)
  }

  /** One tree more. @returns whether another one may help */
  grow(): boolean {
    const { parameters } = this
    this.#draw()
    const { rows, gradients } = this.#kernel
    rows.set(this.#bag)
    const scale = this.#loss.write(this.#bag, this.#scores, gradients)
    const features = sampleOf(this.#features, parameters.featureFraction, this.#random)
    this.#use(features)
    const options = { parameters, scale, random: this.#random, features, slots: this.#slots }
    const grown = growTree(this.#kernel, this.#bag.length, options)
    const outputs = this.#outputsOf(grown)
    this.#builder.add(grown, outputs)
    if (parameters.boosting === 'rf') return true
    this.#addToScores(grown, outputs)
    this.#route(grown, outputs, this.#others)
    this.#route(grown, outputs, this.#valid)
    // without a split, another tree from the same rows would have none either
    if (grown.nodes.length === 0 && parameters.baggingFreq === 0 && parameters.featureFraction >= 1) return false
    return this.#goesOn()
  }

  #use(features: readonly number[]): void {
    if (this.parameters.featureFraction >= 1) return
    const { places } = this.#kernel.binned
    const columns = new Set(features.map(feature => (places[feature] as Place).column))
    this.#kernel.use([...columns].sort((a, b) => a - b))
  }

  boosted(): Boosted {
    const isStopped = this.#valid.length > 0 && this.parameters.earlyStoppingRound > 0
    const trees = this.#builder.trees(isStopped ? this.#bestTrees : undefined)
    const base = this.parameters.boosting === 'rf' ? 0 : this.#base
    return { trees, base, validLosses: this.#validLosses }
  }

  close(): void {
    this.#kernel.close()
  }

  #goesOn(): boolean {
    const { earlyStoppingRound } = this.parameters
    if (this.#valid.length === 0) return true
    const loss = this.#loss.mean(this.#valid, this.#scores)
    const best = this.#validLosses[this.#bestTrees - 1]
    this.#validLosses.push(loss)
    if (best === undefined || loss < best) this.#bestTrees = this.#validLosses.length
    return earlyStoppingRound === 0 || this.#validLosses.length - this.#bestTrees < earlyStoppingRound
  }

  /** The rows of the next tree, in ascending order: each as often as the others, by chance. */
  #draw(): void {
    const { baggingFraction, baggingFreq } = this.parameters
    if (baggingFraction >= 1 || baggingFreq === 0 || this.#builder.treeCount % baggingFreq !== 0) return
    const random = this.#random
    const all = this.#all.length
    const wanted = Math.max(1, Math.round(baggingFraction * all))
    // each row is written to both, and only the list where it belongs moves on: nobody can foretell a branch here
    const bag = new Int32Array(wanted + 1)
    const others = new Int32Array(all - wanted + 1)
    let taken = 0
    // Knuth's algorithm S: exactly so many, every subset alike
    for (let row = 0; row < all; row++) {
      bag[taken] = row
      others[row - taken] = row
      taken += random() * (all - row) < wanted - taken ? 1 : 0
    }
    this.#bag = bag.subarray(0, wanted)
    this.#others = others.subarray(0, all - wanted)
  }

  #outputsOf({ leaves }: Grown): Float64Array {
    const { learningRate, boosting } = this.parameters
    // a forest is the mean of its trees: each holds the whole of what it says
    const [start, rate] = boosting === 'rf' ? [this.#base, 1] : [0, learningRate]
    const { output } = this.#loss
    const { rows } = this.#kernel
    return Float64Array.from(leaves, leaf => {
      const better = output === null ? leaf.output : output(rows.slice(leaf.from, leaf.to).sort(), this.#scores)
      return start + better * rate
    })
  }

  #addToScores({ leaves }: Pick<Grown, 'leaves'>, outputs: Float64Array): void {
    const { rows } = this.#kernel
    for (const [leaf, { from, to }] of leaves.entries()) {
      const output = outputs[leaf] as number
      for (let at = from; at < to; at++) {
        const row = rows[at] as number
        this.#scores[row] = (this.#scores[row] as number) + output
      }
    }
  }

  /** Adds to the scores of rows that the tree was not grown on. */
  #route({ nodes, leaves }: Grown, outputs: Float64Array, numbers: Int32Array): void {
    if (numbers.length === 0) return
    const { binned, sides, partition, rows } = this.#kernel
    rows.set(numbers)
    const reached = leaves.map(() => ({ from: 0, to: 0, output: 0 }))
    const ways = [{ child: nodes.length === 0 ? ~0 : 0, from: 0, to: numbers.length }]
    for (let way = ways.pop(); way !== undefined; way = ways.pop()) {
      const { child, from, to } = way
      if (child < 0) {
        reached[~child] = { from, to, output: 0 }
        continue
      }
      const { split, left, right } = nodes[child] as Grown['nodes'][number]
      sidesOf(binned, split, sides)
      const middle = partition((binned.places[split.feature] as Place).column, from, to)
      ways.push({ child: left, from, to: middle }, { child: right, from: middle, to })
    }
    this.#addToScores({ leaves: reached }, outputs)
  }
}
