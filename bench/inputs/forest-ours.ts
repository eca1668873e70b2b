// One training by Slipstream on the rows of bench/inputs/forest-data.ts; a JSON document on the last line of stdout. Reading
// them is not timed. Scoring is of feature rows, as the stream has them, one a call: encoding is timed as well. If the folder
// holds the trees of LightGBM, they are scored too.
//
//   node bench/inputs/forest-ours.ts FOLDER

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCrew } from '../../src/app/crew.ts'
import { type BinnedSet, binnedSetOf } from '../../src/forest/binned.ts'
import { type Boosted, boost } from '../../src/forest/boost.ts'
import type { GrowingSet } from '../../src/forest/boosted-model.ts'
import type { Crew } from '../../src/forest/crew.ts'
import { flattened } from '../../src/forest/exchange/flatten.ts'
import { readModel } from '../../src/forest/exchange/read.ts'
import { fitParametersOf } from '../../src/forest/fit-parameters.ts'
import { hashOf, pack } from '../../src/forest/flat.ts'
import type { FeatureRow, Model } from '../../src/forest/model.ts'
import { compile } from '../../src/forest/score.ts'
import { rowsOf } from '../../src/forest/training-set.ts'
import { dummyForest } from './dummy-forest.ts'
import { type Data, readRows, type Task, type Told } from './forest-data.ts'

const [folder = '.'] = process.argv.slice(2)
const { data, task } = readRows(folder)
const heldMiB = peakMiB()
const { crew, close } = openCrew(task.threads)
const timed = trained(data, task, crew)
await close()
const trainedMiB = peakMiB()
const rows = rowsOf(data, data.train, data.labels.length)
const own = compile(timed.model, data.features)
const margins = Float64Array.from(rows, own.rawOf)
const told: Told = {
  version: process.version,
  ...timed.seconds,
  heldMiB,
  peakMiB: trainedMiB,
  hash: hashOf(pack(timed.model)),
  auc: aucOf(margins, data.labels.subarray(data.train)),
  ...scoringTimes(timed.model, rows.slice(0, 1000)),
  ...sameTrees(),
}
console.log(JSON.stringify(told))

/** Of this process. What getrusage says begins with the peak of its parent. */
function peakMiB(): number {
  const [, kib = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return Math.round(Number(kib) / 1024)
}

function trained({ features, columns, labels, train }: Data, { parameters }: Task, members: Crew | undefined) {
  const { model: grown } = fitParametersOf(parameters)
  const part = columns.map(({ values, categories }) => ({ values: values.subarray(0, train), categories }))
  const [start, startCpu] = [performance.now(), process.cpuUsage()]
  const binned = binnedSetOf({ features, columns: part, binsMax: grown.maxBin })
  const [middle, middleCpu] = [performance.now(), process.cpuUsage()]
  const of = { binned, labels: labels.subarray(0, train), trainUntil: train, seed: 1, parameters: grown, crew: members }
  const boosted = boost(of)
  const [end, endCpu] = [performance.now(), process.cpuUsage()]
  const cpu = (from: NodeJS.CpuUsage, to: NodeJS.CpuUsage) => (to.user + to.system - from.user - from.system) / 1e6
  return {
    model: modelOf(binned, boosted),
    seconds: {
      binSeconds: (middle - start) / 1000,
      binCpuSeconds: cpu(startCpu, middleCpu),
      trainSeconds: (end - middle) / 1000,
      trainCpuSeconds: cpu(middleCpu, endCpu),
    },
  }
}

function modelOf(binned: BinnedSet, { trees, base }: Boosted): Model {
  const features = binned.features.map(({ feature }) => feature)
  return { ...dummyForest(features, { trees: 1, depth: 0 }), kind: 'gradient-boosting', features, trees, base }
}

function scoringTimes(model: Model, sample: readonly FeatureRow[]) {
  const { rawOf } = compile(model, data.features)
  const sums = new Float64Array(sample.length)
  const times: number[] = []
  for (let again = 0; again < 40; again++) {
    const start = performance.now()
    for (let at = 0; at < sample.length; at++) sums[at] = rawOf(sample[at] as FeatureRow)
    times.push(((performance.now() - start) * 1000) / sample.length)
  }
  return { oneRowUs: Math.min(...times), batchRowUs: Math.min(...times) }
}

/** LightGBM's own trees, and how far its margins are from ours. */
function sameTrees(): Told {
  const file = join(folder, 'lightgbm.txt')
  if (!existsSync(file)) return {}
  const read = readModel(readFileSync(file))
  const categories = data.columns.map(column => column.categories)
  const columns = read.columns.map((column, index) => ({ ...column, categories: categories[index] ?? null }))
  const origin: Pick<GrowingSet, 'origin'>['origin'] = { from: 0, to: 0, cut: 0, featuresHash: '', why: 'To compare.' }
  const model = flattened(
    { ...read, columns },
    {
      features: data.features,
      horizonsMinutes: [],
      origin: { ...origin, parameters: {}, seed: 0, metrics: {} },
      parent: null,
    },
  )
  const { rawOf } = compile(model, data.features)
  const theirs = new Float64Array(new Uint8Array(readFileSync(join(folder, 'lightgbm-margins.bin'))).buffer)
  let most = 0
  for (const [at, row] of rows.entries()) most = Math.max(most, Math.abs(rawOf(row) - (theirs[at] as number)))
  const { oneRowUs } = scoringTimes(model, rows.slice(0, 1000))
  return { sameTrees: model.trees.roots.length, sameTreesUs: oneRowUs, largestDifference: most }
}

function aucOf(scores: Float64Array, labels: Uint8Array): number {
  const order = Int32Array.from(scores.keys()).sort((a, b) => (scores[a] as number) - (scores[b] as number))
  let ranks = 0
  let late = 0
  for (let first = 0; first < order.length; ) {
    let end = first
    while (end < order.length && scores[order[end] as number] === scores[order[first] as number]) end++
    for (let at = first; at < end; at++) {
      if (labels[order[at] as number] !== 1) continue
      late++
      ranks += (first + 1 + end) / 2
    }
    first = end
  }
  return (ranks - (late * (late + 1)) / 2) / (late * (order.length - late))
}
