// How trees are grown. Names and meanings are LightGBM's (docs/Parameters.rst), written in our way: `num_leaves` is
// `numLeaves`.

export type GrowParameters = {
  /** Leaves of a tree at most. */
  readonly numLeaves: number
  /** Decisions on the longest way; up to 8 score fastest; 0 or less: any number. */
  readonly maxDepth: number
  /** Which leaf is split next: the one that gains most, or the one nearest to the root. */
  readonly growPolicy: 'lossguide' | 'depthwise'
  /** Rows of a leaf at least, estimated from the hessian. */
  readonly minDataInLeaf: number
  readonly minSumHessianInLeaf: number
  readonly lambdaL1: number
  readonly lambdaL2: number
  /** What a split must gain at least. */
  readonly minGainToSplit: number
  /** Share of the features that a tree, and of those that a node, may use. */
  readonly featureFraction: number
  readonly featureFractionBynode: number
  /** One random threshold a feature and node instead of the best. */
  readonly extraTrees: boolean
  /** Up to so many categories, one is told from the others. */
  readonly maxCatToOnehot: number
  /** Rows of average gradient that are added to each category before they are put in order. */
  readonly catSmooth: number
  /** Added to `lambdaL2` where sets of categories are split. */
  readonly catL2: number
  /** Categories that go left at most. */
  readonly maxCatThreshold: number
  /** Rows of a group of categories at least. */
  readonly minDataPerGroup: number
  /** By feature: 1 rising, -1 falling, 0 free; all free if empty. */
  readonly monotoneConstraints: readonly number[]
}

export const growDefaults: GrowParameters = {
  numLeaves: 31,
  maxDepth: 8,
  growPolicy: 'lossguide',
  minDataInLeaf: 20,
  minSumHessianInLeaf: 1e-3,
  lambdaL1: 0,
  lambdaL2: 0,
  minGainToSplit: 0,
  featureFraction: 1,
  featureFractionBynode: 1,
  extraTrees: false,
  maxCatToOnehot: 4,
  catSmooth: 10,
  catL2: 10,
  maxCatThreshold: 32,
  minDataPerGroup: 100,
  monotoneConstraints: [],
}
