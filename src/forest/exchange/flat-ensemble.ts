// A model of Slipstream's own as an ensemble, to score rows of a file, to explain and to write it for others. Sums are the
// same bits as those of ../score.ts: the same leaves, added in the same order.

import { asksForSet, type CategoricalFeature, type Model, type Trees } from '../model.ts'

import { type Covers, type Ensemble, type EnsembleColumn, flag, type Link } from './ensemble.ts'

/** Its rows hold counts of the resolution, and codes of categories. */
export function ensembleOf(model: Model): Ensemble {
  const { kind, trees, features, base } = model
  const columns = features.map((feature): EnsembleColumn => {
    const { name } = feature
    return feature.kind === 'numeric'
      ? { name, kind: 'numeric', categories: null, resolution: feature.resolution ?? 1 }
      : { name, kind: 'categorical', categories: feature.categories, resolution: null }
  })
  return {
    source: 'slipstream',
    columns,
    trees: { ...trees, ...splitsOf(model), covers: coversOf(trees) },
    base,
    divisor: kind === 'random-forest' ? trees.roots.length : 1,
    isSingle: false,
    link: linkOf(model),
  }
}

function linkOf({ kind, calibration }: Model): Link {
  if (calibration !== null) return { kind: 'calibration', calibration }
  return kind === 'random-forest' ? { kind: 'share' } : { kind: 'logistic', slope: 1, over: 1 }
}

/** Splits of ordinals become sets of codes, each different one once. */
function splitsOf({
  trees,
  features,
}: Model): Pick<Ensemble['trees'], 'thresholds' | 'flags' | 'setStarts' | 'setWords'> {
  const thresholds = Float64Array.from(trees.thresholds)
  const flags = trees.flags.slice()
  const words = [...trees.setWords]
  const starts = [...trees.setStarts]
  const known = new Map<string, number>()
  for (const [node, index] of trees.featureOf.entries()) {
    const feature = features[index]
    if (feature?.kind !== 'categorical' || ((flags[node] as number) & asksForSet) !== 0) continue
    const threshold = trees.thresholds[node] as number
    const name = `${index} ${threshold}`
    let set = known.get(name)
    if (set === undefined) {
      set = starts.push(words.length) - 1
      words.push(...codesUpTo(feature, threshold))
      known.set(name, set)
    }
    thresholds[node] = set
    flags[node] = (flags[node] as number) | flag.categorical
  }
  starts.push(words.length)
  return { thresholds, flags, setStarts: Int32Array.from(starts), setWords: Int32Array.from(words) }
}

/** Words of the set of codes whose ordinal is at most `threshold`. */
function codesUpTo({ categories, remap }: CategoricalFeature, threshold: number): Int32Array {
  const words = new Int32Array(Math.ceil(categories.length / 32))
  for (let code = 0; code < categories.length; code++) {
    if ((remap?.[code] ?? code) <= threshold) words[code >>> 5] = (words[code >>> 5] as number) | (1 << (code & 31))
  }
  return words
}

/** A node's rows are those of its leaves. */
function coversOf(trees: Trees): Covers | null {
  const { leafCovers: leaves, lefts, rights } = trees
  if (leaves === undefined) return null
  const nodes = new Float64Array(lefts.length)
  const of = (child: number): number => (child < 0 ? leaves[~child] : nodes[child]) as number
  // children lie behind their parent
  for (let node = nodes.length - 1; node >= 0; node--)
    nodes[node] = of(lefts[node] as number) + of(rights[node] as number)
  return { nodes, leaves }
}
