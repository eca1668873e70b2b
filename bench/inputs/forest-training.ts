// Training beside LightGBM and XGBoost: the same rows, parameters and threads, each in a process of its own and in turns, so
// that what else the machine does is shared. The least of the rounds. Seconds of processor time say more than those of the
// clock where others are at work; with two threads only the clock's say what the second one is worth. Where others are at
// work, OMP_WAIT_POLICY=passive keeps the threads of the libraries from waiting in a loop. AUC on the last fifth of the rows.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { flightLike, type Parameters, type Size, type Told, writeRows, writeTask } from './forest-data.ts'
import { round } from './numbers.ts'
import { profileTables } from './profile.ts'

const parameters: Parameters = {
  num_iterations: 100,
  num_leaves: 31,
  max_depth: 7,
  learning_rate: 0.1,
  min_data_in_leaf: 20,
  max_bin: 254,
}
/** Of the model that is scored. */
const scoredParameters: Parameters = { ...parameters, num_iterations: 300, num_leaves: 64, max_depth: 6 }
const grownParameters: Parameters = { ...parameters, num_iterations: 20 }

const packages = ['lightgbm==4.7.0', 'xgboost-cpu==3.2.0', 'numpy']
const scripts = { slipstream: './forest-ours.ts', lightgbm: './forest-peers.py', xgboost: './forest-peers.py' }
type Contestant = keyof typeof scripts
type Peers = { readonly python: string; readonly has: boolean; readonly missing: string | null }
type Best = Partial<Record<Contestant, Told>>

/** A Python with the two libraries: the one given, or one made for it if there is a Python 3. */
export function peersOf(python: string): Peers {
  const folder = join(python, '../..')
  const runs = (command: string, args: readonly string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0
  if (!existsSync(python)) {
    if (!runs('python3', ['--version'])) return { python, has: false, missing: 'there is no python3' }
    process.stderr.write(`making ${folder} with ${packages.join(', ')}\n`)
    const isMade = runs('python3', ['-m', 'venv', folder]) && runs(python, ['-m', 'pip', 'install', ...packages])
    if (!isMade) return { python, has: false, missing: `${folder} could not be made with ${packages.join(', ')}` }
  }
  const has = runs(python, ['-c', 'import numpy, lightgbm, xgboost'])
  return { python, has, missing: has ? null : `${python} has no ${packages.join(', ')}` }
}

export type Comparison = { readonly size: Size; readonly rounds: number; readonly peers: Peers }

/** With each of these counts of threads. The ratios are ours to theirs, below 1 where ours is less. */
export function trainingBench({ size, rounds, peers }: Comparison, counts: readonly number[]) {
  return inFolder(size, (folder, data) =>
    counts.map(threads => {
      writeTask(folder, data, parameters, threads)
      const best = bestOf(folder, { rounds, peers, among: ['slipstream', 'lightgbm', 'xgboost'] })
      return { threads, ...size, best, ratios: ratiosOf(best) }
    }),
  )
}

/** Microseconds a row of 300 trees of depth 6, one thread; ours also with LightGBM's own trees. */
export function scoringBench({ size, rounds, peers }: Comparison) {
  return inFolder(size, (folder, data) => {
    writeTask(folder, data, scoredParameters, 1)
    const { slipstream, lightgbm } = bestOf(folder, { rounds, peers, among: ['lightgbm', 'slipstream'] })
    const over = (theirs: number, ours: number) => round(theirs / ours)
    const [one, batch] = [number(lightgbm, 'oneRowUs'), number(lightgbm, 'batchRowUs')]
    const ours = number(slipstream, 'oneRowUs')
    const same = number(slipstream, 'sameTreesUs')
    return {
      ...size,
      best: { slipstream, lightgbm },
      timesFaster: lightgbm && {
        oneRow: over(one, ours),
        batch: over(batch, ours),
        oneRowSameTrees: over(one, same),
        batchSameTrees: over(batch, same),
      },
    }
  })
}

/** Ours and LightGBM with 20 trees on one thread: seconds of processor time, and nanoseconds a row, column and tree. */
export function growthBench(sizes: readonly Size[], rounds: number, peers: Peers) {
  return sizes.map(size =>
    inFolder(size, (folder, data) => {
      writeTask(folder, data, grownParameters, 1)
      const { slipstream, lightgbm } = bestOf(folder, { rounds, peers, among: ['slipstream', 'lightgbm'] })
      const cells = size.rows * 0.8 * size.columns * 20
      const of = (told: Told | undefined) =>
        told && {
          seconds: round(number(told, 'trainCpuSeconds'), 3),
          binSeconds: round(number(told, 'binCpuSeconds'), 3),
          nsPerCell: round((number(told, 'trainCpuSeconds') * 1e9) / cells, 3),
          peakMiB: number(told, 'peakMiB'),
          heldMiB: number(told, 'heldMiB'),
        }
      const ratio = lightgbm && number(slipstream, 'trainCpuSeconds') / number(lightgbm, 'trainCpuSeconds')
      return { ...size, slipstream: of(slipstream), lightgbm: of(lightgbm), ratio: ratio && round(ratio, 3) }
    }),
  )
}

/** The heaviest functions of one training on one thread, as text. */
export function trainingProfile(size: Size): string {
  return inFolder(size, (folder, data) => {
    writeTask(folder, data, parameters, 1)
    const profiles = join(folder, 'profiles')
    const told = ran(folder, 'slipstream', '', ['--cpu-prof', '--cpu-prof-dir', profiles, '--cpu-prof-interval', '500'])
    const { rows, columns } = size
    const head = `npm run bench -- forest --parts profile --rows ${rows} --columns ${columns}`
    const seconds = round(number(told, 'trainCpuSeconds'))
    return `${head}\n100 trees in ${seconds} s of processor time under the profiler, ${process.version}; reading, binning and scoring are in it\n\n${profileTables(profiles, 25)}`
  })
}

function inFolder<T>(size: Size, work: (folder: string, data: ReturnType<typeof flightLike>) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'slipstream-forest-'))
  try {
    const data = flightLike(size)
    writeRows(folder, data)
    return work(folder, data)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function ratiosOf({ slipstream, lightgbm, xgboost }: Best) {
  const over = (theirs: Told | undefined) => {
    const ratio = (...keys: readonly string[]) => {
      const sum = (told: Told | undefined) => keys.reduce((total, key) => total + number(told, key), 0)
      return round(sum(slipstream) / sum(theirs), 3)
    }
    return (
      theirs && {
        training: ratio('trainSeconds'),
        trainingCpu: ratio('trainCpuSeconds'),
        withBinning: ratio('trainSeconds', 'binSeconds'),
        withBinningCpu: ratio('trainCpuSeconds', 'binCpuSeconds'),
        auc: round(number(slipstream, 'auc') - number(theirs, 'auc'), 5),
        peakMemory: ratio('peakMiB'),
      }
    )
  }
  return { lightgbm: over(lightgbm), xgboost: over(xgboost) }
}

function number(told: Told | undefined, key: string): number {
  const value = told?.[key]
  return typeof value === 'number' ? value : Number.NaN
}

type Round = { readonly rounds: number; readonly peers: Peers; readonly among: readonly Contestant[] }

function bestOf(folder: string, { rounds, peers, among }: Round): Best {
  const best: Best = {}
  for (let turn = 0; turn < rounds; turn++) {
    for (const name of among) {
      if (name !== 'slipstream' && !peers.has) continue
      best[name] = least(best[name], ran(folder, name, peers.python))
    }
  }
  return best
}

/** Times are the least of all rounds; everything else is the last round's. */
function least(before: Told | undefined, now: Told): Told {
  const kept = Object.entries(now).map(([key, value]) => {
    const isTime = key.endsWith('Seconds') || key.endsWith('Us')
    return [key, isTime ? Math.min(number(before, key) || Number.MAX_VALUE, value as number) : value]
  })
  return Object.fromEntries(kept) as Told
}

function ran(folder: string, name: Contestant, python: string, nodeFlags: readonly string[] = []): Told {
  const script = fileURLToPath(new URL(scripts[name], import.meta.url))
  const own = ['--disable-warning=ExperimentalWarning', ...nodeFlags, script, folder]
  const flags = name === 'slipstream' ? own : [script, folder, name]
  const done = spawnSync(name === 'slipstream' ? process.execPath : python, flags, { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`${name}: ${done.stderr}`)
  return JSON.parse(done.stdout.trimEnd().split('\n').at(-1) ?? '') as Told
}
