// Scoring a forest: microseconds a row, by layout, on one thread. 300 perfect trees of depth 6 over 70 features (60
// numbers, 10 categories; 5 % missing), 32,000 seeded rows. Rounds alternate between the candidates after a warm-up;
// min, and mean with standard deviation, over the rounds. All candidates must give the same bits.
//
// Then training: seconds, memory and AUC beside LightGBM 4 and XGBoost 3 with one thread and two; scoring beside LightGBM's
// C API; and how training grows with rows and columns. The libraries are installed in .slipstream/peers if there is a
// Python 3; without it, only our own figures are told.
//
// With profile among the parts, the heaviest functions of a training go to bench/profiles/forest.txt.
//
//   npm run bench -- forest [--rounds 12] [--trees 300] [--depth 6] [--rows 100000] [--columns 64] [--turns 2] [--threads 1,2]
//                           [--parts layouts,training,scoring,growth,profile]
//                           [--python PATH] [--json]

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { encodeRow, readersOf } from '../src/forest/encode.ts'
import type { FeatureRow, ModelFeature } from '../src/forest/model.ts'
import { compile } from '../src/forest/score.ts'
import { layOut, leafOf } from '../src/forest/walk.ts'
import { aboveAll, placeBytes, rootBytes, walkModule } from '../src/forest/walk-code.ts'
import { below, randomFrom } from '../src/lib/random.ts'
import { dummyForest } from './inputs/dummy-forest.ts'
import { growthBench, peersOf, scoringBench, trainingBench, trainingProfile } from './inputs/forest-training.ts'

const { values: args } = parseArgs({
  options: {
    rounds: { type: 'string', default: '12' },
    trees: { type: 'string', default: '300' },
    depth: { type: 'string', default: '6' },
    rows: { type: 'string', default: '100000' },
    columns: { type: 'string', default: '64' },
    turns: { type: 'string', default: '2' },
    threads: { type: 'string', default: '1,2' },
    parts: { type: 'string', default: 'layouts,training,scoring,growth' },
    python: { type: 'string', default: fileURLToPath(new URL('../.slipstream/peers/bin/python', import.meta.url)) },
    json: { type: 'boolean' },
  },
})
const rounds = Number(args.rounds)
const treeCount = Number(args.trees)
const depth = Number(args.depth)
const rowCount = 32_000

const categories = Array.from({ length: 20 }, (_, code) => `K${code}`)
const features = Array.from({ length: 70 }, (_, at): ModelFeature => {
  return at < 60 ? { name: `n${at}`, kind: 'numeric' } : { name: `c${at}`, kind: 'categorical', categories }
})
const model = dummyForest(features, { trees: treeCount, depth })
const layout = layOut(model.trees)
const readers = readersOf(features, layout.columns, features)
const width = layout.columns.length
const scorer = compile(model)

const random = randomFrom(2013)
const rows = Array.from({ length: rowCount }, () =>
  features.map(({ kind }): FeatureRow[number] => {
    if (random() < 0.05) return null
    return kind === 'numeric' ? below(random, 800) - 200 : `K${below(random, 22)}`
  }),
)
const encoded = new Int32Array(rowCount * width)
for (const [row, values] of rows.entries()) encodeRow(readers, values, encoded, row * width)
const perfect = perfectArrays()

type Candidate = (sums: Float64Array) => void

const candidates: Record<string, Candidate> = {
  'child indices': sums => {
    const row = new Int32Array(width)
    for (let at = 0; at < rowCount; at++) {
      row.set(encoded.subarray(at * width, (at + 1) * width))
      let sum = 0
      for (const root of model.trees.roots) sum += model.trees.leaves[leafOf(layout, root, row)] as number
      sums[at] = sum
    }
  },
  'JavaScript, 64 rows, 4 together': sums => {
    sums.fill(0)
    for (let from = 0; from < rowCount; from += 64) batchOfRows(from, sums)
  },
  ...Object.fromEntries([1, 2, 4, 8, 12].map(lanes => [`WebAssembly, ${lanes} trees together`, wasmRows(lanes)])),
  'Scorer.score': sums => {
    scorer.score(encoded, rowCount, sums)
  },
  'Scorer.rawOf (encoding included)': sums => {
    for (let row = 0; row < rowCount; row++) sums[row] = scorer.rawOf(rows[row] as FeatureRow)
  },
  'encoding alone': sums => {
    const into = new Int32Array(width)
    for (let row = 0; row < rowCount; row++) {
      scorer.encode(rows[row] as FeatureRow, into, 0)
      sums[row] = into[0] as number
    }
  },
}

const summed = [
  'child indices',
  'JavaScript, 64 rows, 4 together',
  'WebAssembly, 1 trees together',
  'WebAssembly, 8 trees together',
]
const parts = new Set(args.parts.split(','))
const table = parts.has('layouts') ? layouts() : []
if (args.json !== true && table.length > 0) console.table(table)
const peers = peersOf(args.python)
const size = { rows: Number(args.rows), columns: Number(args.columns) }
const turns = Number(args.turns)
const training = parts.has('training')
  ? trainingBench({ size, rounds: turns, peers }, args.threads.split(',').map(Number))
  : []
const scoring = parts.has('scoring')
  ? scoringBench({ size: { rows: 50_000, columns: 30 }, rounds: turns, peers })
  : null
const sizes = {
  rows: [10_000, 30_000, 100_000, 300_000, 1_000_000].map(count => ({ rows: count, columns: 16 })),
  columns: [16, 32, 64, 128, 256, 512].map(count => ({ rows: 20_000, columns: count })),
}
const growth = parts.has('growth')
  ? { rows: growthBench(sizes.rows, turns, peers), columns: growthBench(sizes.columns, turns, peers) }
  : null
if (parts.has('profile')) writeFileSync(new URL('profiles/forest.txt', import.meta.url), trainingProfile(size))
if (args.json !== true) {
  for (const { threads, best, ratios } of training) {
    console.log(`${threads} thread${threads === 1 ? '' : 's'}`)
    console.table(best)
    console.table(ratios)
  }
  if (scoring !== null) console.table({ ...scoring.best, timesFaster: scoring.timesFaster })
  for (const steps of growth === null ? [] : [growth.rows, growth.columns]) {
    console.table(
      steps.map(({ rows: count, columns: wide, ratio, slipstream, lightgbm }) => ({
        rows: count,
        columns: wide,
        ...slipstream,
        lightgbm: lightgbm?.seconds,
        ratio,
      })),
    )
  }
}
console.log(
  JSON.stringify({
    bench: 'forest',
    node: process.version,
    trees: treeCount,
    depth,
    width,
    rows: table,
    ...(peers.missing === null ? {} : { missing: peers.missing }),
    training,
    scoring,
    growth,
  }),
)

function layouts() {
  const times = new Map(Object.keys(candidates).map(name => [name, [] as number[]]))
  const results = new Map(Object.keys(candidates).map(name => [name, new Float64Array(rowCount)]))
  for (let round = -2; round < rounds; round++) {
    for (const [name, candidate] of Object.entries(candidates)) {
      const start = performance.now()
      candidate(results.get(name) as Float64Array)
      const us = ((performance.now() - start) * 1000) / rowCount
      if (round >= 0) times.get(name)?.push(us)
    }
  }
  for (const name of summed) {
    const same = results.get(name)?.every((sum, row) => sum === results.get('child indices')?.[row])
    if (same !== true) throw new Error(`${name} gives other bits`)
  }
  return [...times].map(([name, us]) => {
    const mean = us.reduce((sum, each) => sum + each, 0) / us.length
    const deviation = Math.sqrt(us.reduce((sum, each) => sum + (each - mean) ** 2, 0) / us.length)
    return { layout: name, minUs: rounded(Math.min(...us)), meanUs: rounded(mean), deviationUs: rounded(deviation) }
  })
}

function rounded(us: number): number {
  return Math.round(us * 100) / 100
}

/** Node i of tree t at t * 2^depth + i, its leaves at t * 2^depth; the dummy's nodes are perfect and in level order. */
function perfectArrays() {
  const size = 2 ** depth
  const columnAt = new Int32Array(treeCount * size)
  const thresholdAt = new Int32Array(treeCount * size)
  for (let tree = 0; tree < treeCount; tree++) {
    for (let place = 1; place < size; place++) {
      const node = tree * (size - 1) + place - 1
      columnAt[tree * size + place] = layout.columnOf[node] as number
      thresholdAt[tree * size + place] = model.trees.thresholds[node] as number
    }
  }
  return { columnAt, thresholdAt, leafAt: model.trees.leaves }
}

function batchOfRows(from: number, sums: Float64Array): void {
  const { columnAt: column, thresholdAt: threshold, leafAt } = perfect
  const x = encoded
  const size = 1 << depth
  for (let tree = 0, s = 0; tree < treeCount; tree++, s += size) {
    for (let row = from; row < from + 64; row += 4) {
      const a = row * width
      const b = a + width
      const c = b + width
      const d = c + width
      let i = 1
      let j = 1
      let k = 1
      let l = 1
      for (let step = depth; step > 0; step--) {
        i = ((i << 1) + (((threshold[s + i] as number) - (x[a + (column[s + i] as number)] as number)) >>> 31)) | 0
        j = ((j << 1) + (((threshold[s + j] as number) - (x[b + (column[s + j] as number)] as number)) >>> 31)) | 0
        k = ((k << 1) + (((threshold[s + k] as number) - (x[c + (column[s + k] as number)] as number)) >>> 31)) | 0
        l = ((l << 1) + (((threshold[s + l] as number) - (x[d + (column[s + l] as number)] as number)) >>> 31)) | 0
      }
      sums[row] = (sums[row] as number) + (leafAt[s + i - size] as number)
      sums[row + 1] = (sums[row + 1] as number) + (leafAt[s + j - size] as number)
      sums[row + 2] = (sums[row + 2] as number) + (leafAt[s + k - size] as number)
      sums[row + 3] = (sums[row + 3] as number) + (leafAt[s + l - size] as number)
    }
  }
}

function wasmRows(lanes: number): Candidate {
  const size = 2 ** depth
  const [rootsAt, placesAt] = [4096, 8192]
  const leaves = treeCount * 2 * size * placeBytes
  const memory = new WebAssembly.Memory({ initial: Math.ceil((placesAt + 2 * leaves) / 65_536) })
  const code = new WebAssembly.Module(walkModule([depth], lanes))
  const { exports } = new WebAssembly.Instance(code, { env: { memory } })
  const walk = exports[`walk${depth}`] as (from: number, end: number, leaves: number, sum: number) => number
  const view = new DataView(memory.buffer)
  for (let tree = 0; tree < treeCount; tree++) {
    // places count from 1 here: the children of place i are 2i and 2i + 1
    const addressOf = (place: number) => placesAt + (tree * 2 * size + place) * placeBytes
    view.setInt32(rootsAt + tree * rootBytes, addressOf(1), true)
    for (let place = 0; place < size; place++) {
      const at = addressOf(place)
      view.setInt32(at, perfect.thresholdAt[tree * size + place] as number, true)
      view.setUint16(at + 4, 4 * (perfect.columnAt[tree * size + place] as number), true)
      view.setUint16(at + 6, place * placeBytes, true)
      const leaf = addressOf(size + place)
      view.setInt32(leaf, aboveAll, true)
      view.setFloat64(leaf + leaves, perfect.leafAt[tree * size + place] as number, true)
    }
  }
  const row = new Int32Array(memory.buffer, 0, width)
  return sums => {
    for (let index = 0; index < rowCount; index++) {
      for (let column = 0; column < width; column++) row[column] = encoded[index * width + column] as number
      sums[index] = walk(rootsAt, rootsAt + treeCount * rootBytes, leaves, 0)
    }
  }
}
