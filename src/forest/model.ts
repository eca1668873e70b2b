// What a model is, whichever algorithm made it: a forest of binary trees over integers, what its columns mean, how its
// sum becomes a probability, and where it came from. `flat.ts` turns it into bytes and back, `score.ts` into numbers.
//
// A row is one value per feature: an INTEGER count of the feature's resolution (mean delay in 0.1 min: 123 is 12.3), a
// category as a string, or null for missing. Trees therefore compare 32-bit integers and nothing is binned at scoring.
//
// Trees live in parallel arrays. Node `n` sends a value `x` of feature `featureOf[n]` to `lefts[n]` when
// `x <= thresholds[n]`, else to `rights[n]`; a missing value goes right when bit 0 of `flags[n]` is set, else left. A
// child (or root) `c >= 0` is node `c`, `c < 0` is leaf `~c`. Children lie behind their parent; every node and leaf has
// exactly one parent (or is a root), so each walk ends.
//
// Where bit 1 of `flags[n]` is set, the node asks for a set of categories: `thresholds[n]` is the number of the set, a
// category whose code (its index in `categories`, whatever `remap` says) is in it goes left, any other right, and one
// that is missing or was not seen in training where bit 0 says. Set `s` is the bits of the words from `setStarts[s]` up to
// the next start (or the end): code `c` is bit `c & 31` of its word `c >> 5`.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** An integer count of the feature's resolution, a category, or null for missing. */
export type FeatureValue = number | string | null

/** One value per feature, in the order of the feature table it was built from. */
export type FeatureRow = readonly FeatureValue[]

/** `random-forest`: the raw score is the mean of the leaves. `gradient-boosting`: base + their sum, a log-odds margin. */
export type ModelKind = 'random-forest' | 'gradient-boosting'

export type NumericFeature = {
  readonly name: string
  readonly kind: 'numeric'
  /** What an integer step is worth, in `unit`. */
  readonly resolution?: number
  readonly unit?: string
}

export type CategoricalFeature = {
  readonly name: string
  readonly kind: 'categorical'
  /** The categories seen in training; a category's code is its index. Others count as missing. */
  readonly categories: readonly string[]
  /** Code to the ordinal that the trees compare (such as the rank by training frequency). Without it, the code. */
  readonly remap?: readonly number[]
}

export type ModelFeature = NumericFeature | CategoricalFeature

export type Trees = {
  /** Node or leaf each tree starts with. One entry a tree. */
  readonly roots: Int32Array
  readonly featureOf: Int32Array
  readonly thresholds: Int32Array
  readonly lefts: Int32Array
  readonly rights: Int32Array
  /** Bit 0: missing goes right. Bit 1: the node asks for a set of categories. The others are zero. */
  readonly flags: Uint8Array
  readonly leaves: Float64Array
  /** First word of each set of categories; empty when no node asks for one. */
  readonly setStarts: Int32Array
  readonly setWords: Int32Array
  /** Training rows that reached each leaf; those of a node are those of its leaves. Without them nothing is explained. */
  readonly leafCovers?: Float64Array
}

/** Raw score to probability: linear between knots, flat outside. Both lists ascend, `raw` strictly. */
export type Calibration = {
  readonly raw: readonly number[]
  /** 0..1 */
  readonly probability: readonly number[]
}

/** Venn-Abers bounds by uncalibrated ten-thousandth: from `scores[i]` on, up to the next, `lows[i]`..`highs[i]`. */
export type IntervalTable = {
  readonly scores: readonly number[]
  /** Ten-thousandths. */
  readonly lows: readonly number[]
  /** Ten-thousandths. */
  readonly highs: readonly number[]
}

export type TrainedOn = {
  readonly rows: number
  /** First instant of the rows, epoch ms. */
  readonly from: number
  /** First instant after them, epoch ms. */
  readonly to: number
  /** Nothing known after this instant was used, epoch ms. */
  readonly cut: number
  /** Identifies the feature table the rows were built by. */
  readonly featuresHash: string
  /** Why it was trained, as a sentence. */
  readonly why: string
  readonly parameters: Json
  readonly seed: number
  readonly metrics: Json
}

export type Model = {
  readonly kind: ModelKind
  readonly features: readonly ModelFeature[]
  /** Minutes before scheduled departure at which it may be asked. */
  readonly horizonsMinutes: readonly number[]
  /** Added to the leaves' sum before a random forest divides by its trees. */
  readonly base: number
  /** Without it, a forest's mean is its probability and a margin goes through the logistic function. */
  readonly calibration: Calibration | null
  /** Ten-thousandths: at or above it a flight is called late. */
  readonly threshold: number
  readonly interval: IntervalTable | null
  /** Sketches of the training rows that drift is measured against. */
  readonly reference: Json
  readonly trainedOn: TrainedOn
  /** Hash of the model it was derived from or is to replace. */
  readonly parent: string | null
  readonly trees: Trees
}

/** Values and thresholds stay within ±valueMax, so that the difference of any two fits 32 bits. */
export const valueMax = 2 ** 29
/** What a missing value reads as, with this sign where missing goes right and the opposite where it goes left. */
export const missingMagnitude = 2 ** 30
/** A probability of 1, in ten-thousandths. */
export const certain = 10_000
export const missingGoesRight = 1
export const asksForSet = 2
