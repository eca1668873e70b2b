import fc from 'fast-check'
import type { Model, ModelFeature, Trees } from '../../src/forest/model.ts'

export const someFeatures: readonly ModelFeature[] = [
  { name: 'delay', kind: 'numeric', resolution: 0.1, unit: 'min' },
  { name: 'carrier', kind: 'categorical', categories: ['UA', 'B6', 'AA'], remap: [0, 2, 1] },
  { name: 'hour', kind: 'numeric' },
]

/** Categorical features c0, c1, ... whose categories are named by their codes. */
export function categorical(count: number, codes: number): ModelFeature[] {
  const categories = Array.from({ length: codes }, (_, code) => `${code}`)
  return Array.from({ length: count }, (_, at) => ({ name: `c${at}`, kind: 'categorical', categories }))
}

/** A node: `[feature, threshold or codes that go left, missing goes right, left, right]`; a leaf: its value. */
export type Sketch = number | [feature: number, asked: number | number[], right: boolean, Sketch, Sketch]

export function treesOf(sketches: readonly Sketch[]): Trees {
  const nodes: { feature: number; threshold: number; flag: number; left: number; right: number }[] = []
  const leaves: number[] = []
  const setStarts: number[] = []
  const setWords: number[] = []
  const setOf = (codes: readonly number[]): number => {
    const words = new Int32Array((Math.max(...codes) >> 5) + 1)
    for (const code of codes) words[code >> 5] = (words[code >> 5] as number) | (1 << (code & 31))
    setStarts.push(setWords.length)
    setWords.push(...words)
    return setStarts.length - 1
  }
  const place = (sketch: Sketch): number => {
    if (typeof sketch === 'number') return ~(leaves.push(sketch) - 1)
    const [feature, asked, right] = sketch
    const isSet = typeof asked !== 'number'
    const threshold = isSet ? setOf(asked) : asked
    const node = { feature, threshold, flag: (right ? 1 : 0) + (isSet ? 2 : 0), left: 0, right: 0 }
    const index = nodes.push(node) - 1
    node.left = place(sketch[3])
    node.right = place(sketch[4])
    return index
  }
  const roots = Int32Array.from(sketches.map(place))
  return {
    roots,
    featureOf: Int32Array.from(nodes, node => node.feature),
    thresholds: Int32Array.from(nodes, node => node.threshold),
    lefts: Int32Array.from(nodes, node => node.left),
    rights: Int32Array.from(nodes, node => node.right),
    flags: Uint8Array.from(nodes, node => node.flag),
    leaves: Float64Array.from(leaves),
    setStarts: Int32Array.from(setStarts),
    setWords: Int32Array.from(setWords),
  }
}

export function modelOf(sketches: readonly Sketch[], changes: Partial<Model> = {}): Model {
  return {
    kind: 'random-forest',
    features: someFeatures,
    horizonsMinutes: [120, 30],
    base: 0,
    calibration: { raw: [0.1, 0.4], probability: [0.05, 0.8] },
    threshold: 2500,
    interval: { scores: [0, 5000], lows: [0, 2000], highs: [4000, 10_000] },
    reference: { delay: [[0, 12]] },
    trainedOn: {
      rows: 4,
      from: 1_356_998_400_000,
      to: 1_359_676_800_000,
      cut: 1_359_676_800_000,
      featuresHash: 'ab',
      why: 'The first model.',
      parameters: { trees: 2 },
      seed: 7,
      metrics: { auc: 0.7 },
    },
    parent: null,
    trees: treesOf(sketches),
    ...changes,
  }
}

/** Trees over `features` numeric columns with leaves in -1..1 and thresholds that values of -50..50 straddle. */
export function anySketch(features: number, depthMax: number): fc.Arbitrary<Sketch> {
  const leaf = fc.double({ min: -1, max: 1, noNaN: true }).map(value => value + 0)
  if (depthMax === 0) return leaf
  const below = anySketch(features, depthMax - 1)
  const feature = fc.nat(features - 1)
  const node = fc.tuple(feature, fc.integer({ min: -50, max: 50 }), fc.boolean(), below, below)
  return fc.oneof({ weight: 1, arbitrary: leaf }, { weight: 3, arbitrary: node as fc.Arbitrary<Sketch> })
}

/** Trees over `features` categorical columns of `codes` categories, asking for sets. */
export function anySetSketch(features: number, codes: number, depthMax: number): fc.Arbitrary<Sketch> {
  const leaf = fc.double({ min: -1, max: 1, noNaN: true }).map(value => value + 0)
  if (depthMax === 0) return leaf
  const below = anySetSketch(features, codes, depthMax - 1)
  const set = fc.uniqueArray(fc.nat(codes - 1), { minLength: 1 })
  const node = fc.tuple(fc.nat(features - 1), set, fc.boolean(), below, below)
  return fc.oneof({ weight: 1, arbitrary: leaf }, { weight: 3, arbitrary: node as fc.Arbitrary<Sketch> })
}

/** The definition: follow the sketch. A category is its code. */
export function walk(sketch: Sketch, row: readonly (number | null)[]): number {
  let at = sketch
  while (typeof at !== 'number') {
    const [feature, asked, missingRight, left, right] = at
    const value = row[feature] ?? null
    const goesRight = value !== null && (typeof asked === 'number' ? value > asked : !asked.includes(value))
    at = (value === null ? missingRight : goesRight) ? right : left
  }
  return at
}
