// The whole pipeline over recorded days, each part in a process of its own, one after the other:
//
//   floor     the same events read, decoded and appended to one topic, nothing else (inputs/floor.ts)
//   seed      `slipstream replay` with the seed model in force from February on, monitored and judged, without trainings
//   dummy     the same with a forest of 300 trees of depth 6 in force from the first day (inputs/dummy-forest.ts)
//   short     as seed, up to the end of March (or over the first fourth of the days): memory must not grow with them
//   loop      as seed with trainings, as they come by default
//
// `seconds` count from the first event read to the last commit, `secondsTraining` of them with a training open;
// `eventsPerSecond` leaves those out, `timesFloor` compares it. CPU seconds and peak memory are those of the whole process,
// start, trainings and closing summary included. With --profile the seed run is
// done once more under V8's profiler, and its heaviest functions go to bench/profiles/replay.txt.
//
//   npm run bench -- replay [--from 2013-01-01] [--to 2013-12-31] [--only floor,seed] [--profile] [--json]

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seedModel } from '../src/app/sources.ts'
import { pack, unpack } from '../src/forest/flat.ts'
import { days } from '../src/lib/time.ts'
import { dummyForest } from './inputs/dummy-forest.ts'
import { runFloor } from './inputs/floor.ts'
import { type Measured, runMeasured, slipstream, type Usage } from './inputs/measured.ts'
import { round } from './inputs/numbers.ts'
import { profileTables } from './inputs/profile.ts'

const { values: args } = parseArgs({
  options: {
    from: { type: 'string', default: '2013-01-01' },
    to: { type: 'string', default: '2013-12-31' },
    only: { type: 'string', default: 'floor,seed,dummy,short,loop' },
    profile: { type: 'boolean' },
    json: { type: 'boolean' },
    /** What a child of this benchmark does: the floor. */
    floor: { type: 'boolean' },
  },
})
/** The models that are given stay in force. */
const noTrainings = ['--retrain-days', '0', '--alerts-retrain', 'off']
const profileFile = fileURLToPath(new URL('profiles/replay.txt', import.meta.url))
const firstInstant = `${args.from}T05:00:00Z`

type Row = {
  part: string
  days: number
  events: number
  seconds: number
  secondsTraining: number
  eventsPerSecond: number
  timesFloor: number | null
  balanced: boolean | null
} & Usage

/** By the floor, or by `slipstream replay`. */
type Said = {
  events: number
  seconds: number
  secondsTraining?: number
  eventsPerSecond?: number
  balanced?: boolean
}

if (args.floor) console.log(JSON.stringify(await runFloor(args.from, args.to)))
else await main()

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'slipstream-bench-'))
  try {
    const parts = args.only.split(',')
    const rows: Row[] = []
    for (const part of parts) {
      rows.push(await run(part, folder, rows[0]))
      if (!args.json) console.table(rows.slice(-1))
    }
    if (args.profile) await profile(folder)
    const memoryGrowth = growthOf(rows)
    if (!args.json) console.table(rows)
    const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() }
    console.log(JSON.stringify({ bench: 'replay', node: process.version, ...machine, rows, memoryGrowth }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function run(part: string, folder: string, first: Row | undefined): Promise<Row> {
  const to = part === 'short' ? shortTo(args.from, args.to) : args.to
  const measured =
    part === 'floor'
      ? await runMeasured(fileURLToPath(import.meta.url), ['--floor', '--from', args.from, '--to', to])
      : await replay(to, join(folder, part), { extra: extraOf(part, folder) })
  const { events, seconds, balanced, ...said } = measured.document as Said
  const eventsPerSecond = Math.round(said.eventsPerSecond ?? events / seconds)
  return {
    part,
    days: daysOf(args.from, to),
    events,
    seconds: round(seconds),
    secondsTraining: round(said.secondsTraining ?? 0),
    eventsPerSecond,
    timesFloor: first?.part === 'floor' ? round(first.eventsPerSecond / eventsPerSecond) : null,
    balanced: balanced ?? null,
    ...measured.usage,
  }
}

function extraOf(part: string, folder: string): readonly string[] {
  if (part === 'loop') return []
  return part === 'dummy' ? [...noTrainings, ...dummyModel(folder)] : noTrainings
}

type ReplayRun = { extra?: readonly string[]; nodeFlags?: readonly string[] }

async function replay(to: string, dataDir: string, { extra = [], nodeFlags = [] }: ReplayRun): Promise<Measured> {
  const what = ['--from', args.from, '--to', to, '--data-dir', dataDir]
  try {
    return await runMeasured(slipstream, ['replay', ...what, '--json', '--no-digests', ...extra], nodeFlags)
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Written to a file; its columns are the seed model's. */
function dummyModel(folder: string): string[] {
  const file = join(folder, 'dummy.forest')
  const { features } = unpack(readFileSync(seedModel))
  writeFileSync(file, pack(dummyForest(features)))
  return ['--model', file, '--model-from', firstInstant]
}

async function profile(folder: string): Promise<void> {
  const profiles = join(folder, 'profiles')
  const nodeFlags = ['--cpu-prof', '--cpu-prof-dir', profiles, '--cpu-prof-interval', '500']
  const { document } = await replay(args.to, join(folder, 'profiled'), { extra: noTrainings, nodeFlags })
  const { events, seconds } = document as { events: number; seconds: number }
  const command = `npm run bench -- replay --profile --from ${args.from} --to ${args.to}`
  const head = `${command}\n${events.toLocaleString('en')} events in ${round(seconds)} s under the profiler, ${process.version}\n`
  mkdirSync(dirname(profileFile), { recursive: true })
  writeFileSync(profileFile, `${head}\n${profileTables(profiles, 25)}`)
  if (!args.json) console.log(readFileSync(profileFile, 'utf8'))
}

/** Peak memory of all days over that of the short run. */
function growthOf(rows: readonly Row[]): number | null {
  const of = (part: string) => rows.find(row => row.part === part)?.peakRssMiB
  const [whole, short] = [of('seed'), of('short')]
  return whole === undefined || short === undefined ? null : round(whole / short)
}

function daysOf(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / days(1) + 1
}

/** 31 March, which makes three months of a year; of other ranges the last of the first fourth of the days. */
function shortTo(from: string, to: string): string {
  const march = '2013-03-31'
  if (from < march && march < to) return march
  const count = Math.max(1, Math.floor(daysOf(from, to) / 4))
  return new Date(Date.parse(from) + days(count - 1)).toISOString().slice(0, 10)
}
