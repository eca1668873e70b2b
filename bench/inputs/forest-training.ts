// Training beside LightGBM and XGBoost: the same rows, parameters and threads, in turns, so that what else the machine does
// is shared. Fastest of the rounds; AUC on the last fifth of the rows.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BinnedSet, binnedSetOf } from '../../src/forest/binned.ts'
import type { TrainingFeature } from '../../src/forest/bins.ts'
import { type Boosted, boost } from '../../src/forest/boost.ts'
import { fitParametersOf } from '../../src/forest/fit-parameters.ts'
import type { Model } from '../../src/forest/model.ts'
import { compile } from '../../src/forest/score.ts'
import { missing, rowsOf, type TrainingColumn } from '../../src/forest/training-set.ts'
import { randomFrom } from '../../src/lib/random.ts'
import { dummyForest } from './dummy-forest.ts'
import { round } from './numbers.ts'

export type TrainingTask = { readonly rows: number; readonly columns: number; readonly rounds: number }

const parameters = {
  num_iterations: 100,
  num_leaves: 31,
  max_depth: 7,
  learning_rate: 0.1,
  min_data_in_leaf: 20,
  max_bin: 254,
}

type Data = { features: TrainingFeature[]; columns: TrainingColumn[]; labels: Uint8Array; train: number }
type Peer = { version: string; binSeconds: number; trainSeconds: number; auc: number; peakMiB: number }
type Scored = Peer & { oneRowUs?: number; batchRowUs: number }

/** The figures of all that are there; the ratios are ours to theirs, below 1 where ours is less. */
export function trainingBench(task: TrainingTask, python: string) {
  const data = flightLike(task)
  const folder = mkdtempSync(join(tmpdir(), 'slipstream-forest-'))
  try {
    write(folder, data)
    const best: Record<string, Scored> = {}
    for (let turn = 0; turn < task.rounds; turn++) {
      keep(best, 'slipstream', ours(data))
      if (!existsSync(python)) continue
      for (const library of ['lightgbm', 'xgboost']) keep(best, library, peer(python, folder, library))
    }
    return { task, parameters, ...(existsSync(python) ? {} : { peers: `none: ${python} is not there` }), ...told(best) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function told(best: Readonly<Record<string, Scored>>) {
  const { slipstream, lightgbm, xgboost } = best
  const over = (theirs: Scored | undefined) =>
    theirs &&
    slipstream && {
      training: round(slipstream.trainSeconds / theirs.trainSeconds, 3),
      withBinning: round(
        (slipstream.trainSeconds + slipstream.binSeconds) / (theirs.trainSeconds + theirs.binSeconds),
        3,
      ),
      auc: round(slipstream.auc - theirs.auc, 5),
      batch: round(slipstream.batchRowUs / theirs.batchRowUs, 3),
      ...(theirs.oneRowUs === undefined ? {} : { oneRow: round((slipstream.oneRowUs ?? 0) / theirs.oneRowUs, 3) }),
    }
  return { best, ratios: { lightgbm: over(lightgbm), xgboost: over(xgboost) } }
}

function keep(best: Record<string, Scored>, name: string, now: Scored): void {
  const before = best[name]
  if (before === undefined) {
    best[name] = now
    return
  }
  const least = (key: 'binSeconds' | 'trainSeconds' | 'batchRowUs') => Math.min(before[key], now[key])
  const oneRowUs = Math.min(before.oneRowUs ?? Number.MAX_VALUE, now.oneRowUs ?? Number.MAX_VALUE)
  best[name] = {
    ...now,
    binSeconds: least('binSeconds'),
    trainSeconds: least('trainSeconds'),
    batchRowUs: least('batchRowUs'),
    ...(now.oneRowUs === undefined ? {} : { oneRowUs }),
  }
}

function ours({ features, columns, labels, train }: Data): Scored {
  const start = performance.now()
  const part = columns.map(({ values, categories }) => ({ values: values.subarray(0, train), categories }))
  const binned = binnedSetOf({ features, columns: part })
  const binnedAt = performance.now()
  const { model } = fitParametersOf(parameters)
  const boosted = boost({ binned, labels: labels.subarray(0, train), trainUntil: train, seed: 1, parameters: model })
  const trainedAt = performance.now()
  return {
    version: process.version,
    binSeconds: (binnedAt - start) / 1000,
    trainSeconds: (trainedAt - binnedAt) / 1000,
    ...scoring(modelOf(binned, boosted), { features, columns, labels, train }),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }
}

function modelOf(binned: BinnedSet, { trees, base }: Boosted): Model {
  const features = binned.features.map(({ feature }) => feature)
  return { ...dummyForest(features, { trees: 1, depth: 0 }), kind: 'gradient-boosting', features, trees, base }
}

/** Rows are feature rows, as the stream has them: encoding is timed as well. */
function scoring(model: Model, { features, columns, labels, train }: Data) {
  const { rawOf, width, encode, score } = compile(model, features)
  const rows = rowsOf({ columns }, train, labels.length)
  const raws = Float64Array.from(rows, rawOf)
  const sample = rows.slice(0, 1000)
  const encoded = new Int32Array(1000 * width)
  const sums = new Float64Array(1000)
  const one: number[] = []
  const batch: number[] = []
  for (let again = 0; again < 15; again++) {
    one.push(
      microseconds(() => {
        for (const [at, row] of sample.entries()) sums[at] = rawOf(row)
      }),
    )
    batch.push(
      microseconds(() => {
        for (const [at, row] of sample.entries()) encode(row, encoded, at * width)
        score(encoded, 1000, sums)
      }),
    )
  }
  const oneRowUs = Math.min(...one) / 1000
  const batchRowUs = Math.min(...batch) / 1000
  return { auc: aucOf(raws, labels.subarray(train)), oneRowUs, batchRowUs, width }
}

function microseconds(work: () => void): number {
  const start = performance.now()
  work()
  return (performance.now() - start) * 1000
}

function aucOf(scores: Float64Array, labels: Uint8Array): number {
  const order = [...scores.keys()].sort((a, b) => (scores[a] as number) - (scores[b] as number))
  let ranks = 0
  let late = 0
  for (let first = 0; first < order.length; ) {
    let end = first
    while (end < order.length && scores[order[end] as number] === scores[order[first] as number]) end++
    for (const row of order.slice(first, end)) {
      if (labels[row] !== 1) continue
      late++
      ranks += (first + 1 + end) / 2
    }
    first = end
  }
  return (ranks - (late * (late + 1)) / 2) / (late * (order.length - late))
}

/** A third continuous, a third counts with many zeros and gaps, the rest yes or no, and three categories. */
function flightLike({ rows, columns: count }: TrainingTask): Data {
  const random = randomFrom(2013)
  const risk = new Float64Array(rows).fill(-2)
  const features: TrainingFeature[] = []
  const columns = Array.from({ length: count }, (_, index): TrainingColumn => {
    const isCategory = index >= count - 3
    features.push({ name: `f${index}`, kind: isCategory ? 'categorical' : 'numeric' })
    const sizes = [16, 3, 105]
    const size = isCategory ? (sizes[index - (count - 3)] as number) : 0
    const effects = Float64Array.from({ length: 105 }, () => 1.2 * random() - 0.6)
    const weight = 1.5 * random() ** 4
    const values = new Int32Array(rows)
    for (let row = 0; row < rows; row++) {
      const drawn = random()
      let value = Math.floor((drawn + random() + random() - 1.5) * 1000)
      if (index % 3 === 1) value = drawn < 0.6 ? 0 : Math.floor(-40 * Math.log(random()))
      if (index % 3 === 2) value = drawn < 0.3 ? 1 : 0
      if (isCategory) value = Math.floor(size * drawn ** 2)
      const isMissing = index % 4 === 1 && random() < 0.2
      values[row] = isMissing ? missing : value
      const effect = isCategory ? (effects[value] as number) : index % 3 === 0 ? value / 700 : Math.min(1, value / 30)
      risk[row] = (risk[row] as number) + (isMissing ? 0.2 : weight * effect * (index % 5 === 0 ? Math.abs(effect) : 1))
    }
    return { values, categories: isCategory ? Array.from({ length: size }, (_unused, code) => `K${code}`) : null }
  })
  const labels = Uint8Array.from(risk, margin => (random() < 1 / (1 + Math.exp(-margin)) ? 1 : 0))
  return { features, columns, labels, train: rows - Math.floor(rows / 5) }
}

function write(folder: string, { features, columns, labels, train }: Data): void {
  const rows = labels.length
  const cells = new Float64Array(columns.length * rows)
  for (const [index, { values }] of columns.entries()) {
    for (const [row, value] of values.entries()) cells[index * rows + row] = value === missing ? Number.NaN : value
  }
  writeFileSync(join(folder, 'x.bin'), cells)
  writeFileSync(join(folder, 'y.bin'), labels)
  const task = { rows, train, threads: 1, columns: features, parameters }
  writeFileSync(join(folder, 'task.json'), JSON.stringify(task))
}

function peer(python: string, folder: string, library: string): Scored {
  const script = fileURLToPath(new URL('./forest-peers.py', import.meta.url))
  const ran = spawnSync(python, [script, folder, library], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  })
  if (ran.status !== 0) throw new Error(`${library}: ${ran.stderr}`)
  return JSON.parse(ran.stdout.trimEnd().split('\n').at(-1) ?? '') as Scored
}
