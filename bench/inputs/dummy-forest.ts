import type { Model, ModelFeature } from '../../src/forest/model.ts'
import { randomFrom } from '../../src/lib/random.ts'

/**
 * A forest of the size of a real one whose answers mean nothing: perfect trees of `depth` whose nodes ask random
 * features of the table. Half of the nodes send missing values right. The same seed gives the same model.
 */
export function dummyForest(
  features: readonly ModelFeature[],
  { trees = 300, depth = 6, seed = 1 }: { trees?: number; depth?: number; seed?: number } = {},
): Model {
  const next = randomFrom(seed)
  const nodesPerTree = 2 ** depth - 1
  const nodes = trees * nodesPerTree
  const featureOf = new Int32Array(nodes)
  const thresholds = new Int32Array(nodes)
  const lefts = new Int32Array(nodes)
  const rights = new Int32Array(nodes)
  const flags = new Uint8Array(nodes)
  const leaves = Float64Array.from({ length: trees * 2 ** depth }, () => next() * 0.5)
  for (let node = 0; node < nodes; node++) {
    const tree = Math.floor(node / nodesPerTree)
    const first = tree * nodesPerTree
    const place = node - first + 1
    const child = (below: number): number =>
      below <= nodesPerTree ? first + below - 1 : ~(tree * 2 ** depth + below - 2 ** depth)
    const feature = Math.floor(next() * features.length)
    const found = features[feature]
    featureOf[node] = feature
    thresholds[node] =
      found?.kind === 'categorical'
        ? Math.floor(next() * Math.max(1, found.categories.length - 1))
        : Math.floor((next() + next() + next() - 1) * 400)
    lefts[node] = child(2 * place)
    rights[node] = child(2 * place + 1)
    flags[node] = next() < 0.5 ? 1 : 0
  }
  return {
    kind: 'random-forest',
    features,
    horizonsMinutes: [120],
    base: 0,
    calibration: null,
    threshold: 2500,
    interval: null,
    reference: null,
    trainedOn: {
      rows: 0,
      from: 0,
      to: 0,
      cut: 0,
      featuresHash: 'dummy',
      why: 'Measures speed.',
      parameters: { trees, depth },
      seed,
      metrics: {},
    },
    parent: null,
    trees: {
      roots: Int32Array.from({ length: trees }, (_, tree) => (depth === 0 ? ~tree : tree * nodesPerTree)),
      featureOf,
      thresholds,
      lefts,
      rights,
      flags,
      leaves,
      setStarts: new Int32Array(),
      setWords: new Int32Array(),
    },
  }
}
