// Proves that a replay is what it says: the same events give the same bytes, whatever happens on the way. For clean and
// for spoiled input:
//
//   counts      balanced; of all of 2013 every event and flight of the file; no topic empty that this run should fill
//   runs        two runs, every topic's digest
//   kills       killed with SIGKILL at random moments (drawn from --seed, printed), some while it trains, and resumed,
//               every topic's digest
//   units       units of work of 1, 7 and 1,000 steps over --units-from to --units-to, every topic's digest
//   partitions  1, 4 and 7 partitions against 2, the canonical digests
//   verify      `slipstream verify` recomputes the run bit for bit
//   retrain     `slipstream verify --retrain` trains every model again, to the same hash
//   tail        digests computed from `slipstream topics tail` by other code (proof/tail-digest.ts)
//
//   node scripts/prove.ts [--from 2013-01-01] [--to 2013-12-31] [--only runs,kills] [--inputs clean,spoiled] [--jobs 2]
//
// Prints a line a check and last one JSON document. Ends with 1 at the first difference, naming the topic.

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Summary } from '../src/app/summary.ts'
import { documentOf, endChildren, start } from './proof/children.ts'
import {
  canonicalDifference,
  differenceBetween,
  momentsFrom,
  momentText,
  recordsIn,
  replay,
  replayKilled,
} from './proof/runs.ts'
import { type TailedTopic, tailDigest } from './proof/tail-digest.ts'

const parts = ['counts', 'runs', 'kills', 'units', 'partitions', 'verify', 'retrain', 'tail'] as const
type Part = (typeof parts)[number]
type Input = 'clean' | 'spoiled'

const { values: args } = parseArgs({
  options: {
    from: { type: 'string', default: '2013-01-01' },
    to: { type: 'string', default: '2013-12-31' },
    only: { type: 'string', default: parts.join(',') },
    inputs: { type: 'string', default: 'clean,spoiled' },
    'units-from': { type: 'string', default: '2013-02-01' },
    'units-to': { type: 'string', default: '2013-02-28' },
    'model-from': { type: 'string', default: '2013-02-01T05:00:00Z' },
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '2013' },
    tail: { type: 'string', default: '' },
    jobs: { type: 'string', default: '1' },
    'work-dir': { type: 'string', default: fileURLToPath(new URL('../.slipstream/prove', import.meta.url)) },
  },
})
const chosen = args.only.split(',') as Part[]
const unknown = chosen.find(part => !parts.includes(part))
if (unknown !== undefined) throw new Error(`there is no part ${unknown}; there are ${parts.join(', ')}`)

const spoiling = ['--inject', 'late=0.01,duplicate=0.01,conflict=0.001,future=0.0001,garbage=0.0001', '--seed', '7']
const ofWholeYear = { events: 1_354_270, flights: 336_776 }
const isWholeYear = args.from === '2013-01-01' && args.to === '2013-12-31'
/** A short run asks for no training. */
const emptyWhenShort = isWholeYear ? [] : ['retrain.requests']
const emptyWhenClean = ['flights.late', 'flights.rejected']

type Check = { input: Input; part: Part; what: string; equal: boolean; seconds: number; detail: string }
type Base = { summary: Summary; dataDir: string; records: number }
/** Says what differs, or null, and what else to print. */
type Finding = { difference: string | null; detail: string }

const checks: Check[] = []
const known: Partial<Record<Input, Pick<Summary, 'events' | 'balance' | 'digests' | 'canonical' | 'metrics'>>> = {}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
rmSync(args['work-dir'], { recursive: true, force: true })
mkdirSync(args['work-dir'], { recursive: true })
try {
  for (const input of args.inputs.split(',') as Input[]) await prove(input)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  endChildren()
  rmSync(args['work-dir'], { recursive: true, force: true })
}
const { from, to } = args
const proved = process.exitCode !== 1
console.log(JSON.stringify({ prove: 'replay', from, to, seed: Number(args.seed), proved, checks, runs: known }))

async function prove(input: Input): Promise<void> {
  const base = await baseOf(input)
  const { events, balance, digests, canonical, metrics } = base.summary
  known[input] = { events, balance, digests, canonical, metrics }
  const jobs: (() => Promise<void>)[] = []
  const add = (part: Part, what: string, find: () => Promise<Finding>) => {
    if (chosen.includes(part)) jobs.push(() => check({ input, part, what, find }))
  }
  add('counts', `${args.from} to ${args.to}`, () => counts(input, base))
  add('runs', 'a second run', async () => same(base.summary, await fresh(input, 'second')))
  add('kills', `SIGKILL, ${args.kills} times`, () => killed(input, base))
  for (const partitions of [1, 4, 7]) {
    add('partitions', `${partitions} against 2`, async () => {
      const other = await fresh(input, `p${partitions}`, { more: ['--partitions', String(partitions)] })
      return { difference: canonicalDifference(base.summary, other), detail: '' }
    })
  }
  add('verify', 'every recomputed topic', () => verified(base, []))
  add('retrain', 'every model', () => verified(base, ['--retrain']))
  if (chosen.includes('tail')) {
    for (const topic of await tailed(base)) add('tail', topic.name, () => tail(base, topic))
  }
  if (chosen.includes('units')) jobs.push(() => units(input))
  await inTurn(jobs)
  rmSync(base.dataDir, { recursive: true })
}

/** The run that all others are compared with. */
async function baseOf(input: Input): Promise<Base> {
  const dataDir = join(args['work-dir'], `${input}-first`)
  const startedAt = performance.now()
  const summary = await replay(dataDir, flagsOf(input, args.from, args.to))
  const { events, eventsPerSecond, alerts, trainings, promotions, rejections } = summary
  const speed = `${events.toLocaleString('en')} events, ${eventsPerSecond.toLocaleString('en')} a second`
  const turns = `${alerts} alerts, ${trainings} trainings, ${promotions} promotions, ${rejections} rejections`
  console.log(line('first run', input, `${speed}; ${turns}`, performance.now() - startedAt))
  return { summary, dataDir, records: await recordsIn(dataDir) }
}

function flagsOf(input: Input, from: string, to: string): string[] {
  const days = ['--from', from, '--to', to, '--model-from', args['model-from']]
  return input === 'clean' ? days : [...days, ...spoiling]
}

type Fresh = { more?: readonly string[]; from?: string; to?: string }

/** A run in a folder of its own, which is gone afterwards. */
async function fresh(input: Input, name: string, { more = [], from, to }: Fresh = {}): Promise<Summary> {
  const dataDir = join(args['work-dir'], `${input}-${name}`)
  const summary = await replay(dataDir, [...flagsOf(input, from ?? args.from, to ?? args.to), ...more])
  rmSync(dataDir, { recursive: true })
  return summary
}

async function counts(input: Input, { summary, dataDir }: Base): Promise<Finding> {
  const { events, balance, balanced } = summary
  const detail = `${events.toLocaleString('en')} events, ${balance.flights.toLocaleString('en')} flights scheduled`
  if (!balanced) return { difference: `the balance is not even: ${JSON.stringify(balance)}`, detail }
  if (isWholeYear && input === 'clean') {
    const { events: wanted, flights } = ofWholeYear
    if (events !== wanted) return { difference: `topic flights.events: ${events} events, not ${wanted}`, detail }
    if (balance.flights !== flights) return { difference: `${balance.flights} flights, not ${flights}`, detail }
  }
  const mayBeEmpty = input === 'clean' ? [...emptyWhenShort, ...emptyWhenClean] : emptyWhenShort
  const empty = (await topicsOf(dataDir)).find(
    ({ name, partitions }) => !mayBeEmpty.includes(name) && partitions.every(({ first, next }) => first === next),
  )
  return { difference: empty ? `topic ${empty.name} is empty` : null, detail }
}

type Listed = TailedTopic & { readonly partitions: readonly { first: number; next: number }[] }

async function topicsOf(dataDir: string): Promise<Listed[]> {
  return (await documentOf<{ topics: Listed[] }>(['topics', 'ls', '--data-dir', dataDir])).topics
}

async function killed(input: Input, { summary, records }: Base): Promise<Finding> {
  const seed = Number(args.seed) + (input === 'clean' ? 0 : 1)
  const moments = momentsFrom(seed, Number(args.kills), { trainings: summary.trainings > 2 })
  console.log(`  kills of the ${input} input: ${moments.map(momentText).join(', ')}`)
  const dataDir = join(args['work-dir'], `${input}-killed`)
  const {
    summary: resumed,
    kills,
    inTraining,
  } = await replayKilled({
    dataDir,
    flags: flagsOf(input, args.from, args.to),
    moments,
    records,
  })
  rmSync(dataDir, { recursive: true })
  const difference = kills < moments.length ? `only ${kills} of ${moments.length} kills found it at work` : null
  return {
    difference: difference ?? differenceBetween(summary, resumed),
    detail: `${kills} kills, ${inTraining} of them in a training`,
  }
}

/** Over fewer days than the rest, for units of one step are slow. */
async function units(input: Input): Promise<void> {
  const days = { from: args['units-from'], to: args['units-to'] }
  const usual = await fresh(input, 'units', days)
  await inTurn(
    [1, 7, 1000].map(
      steps => () =>
        check({
          input,
          part: 'units',
          what: `${steps} steps, ${days.from} to ${days.to}`,
          find: async () =>
            same(usual, await fresh(input, `u${steps}`, { ...days, more: ['--unit-steps', String(steps)] })),
        }),
    ),
  )
}

async function verified({ dataDir }: Base, flags: readonly string[]): Promise<Finding> {
  const { code, out, err } = await start(['verify', ...flags, '--data-dir', dataDir, '--json', '--quiet']).ended
  const detail = `exit code ${code}`
  return { difference: code === 0 ? null : `verify: ${out.trim() || err.trim()}`, detail }
}

/** Those named in --tail, else all. */
async function tailed({ summary, dataDir }: Base): Promise<TailedTopic[]> {
  const wanted = args.tail === '' ? Object.keys(summary.digests) : args.tail.split(',')
  return (await topicsOf(dataDir)).filter(({ name }) => wanted.includes(name))
}

async function tail({ summary, dataDir }: Base, topic: TailedTopic): Promise<Finding> {
  const { digest, records } = await tailDigest(dataDir, topic)
  const own = summary.digests[topic.name]
  const difference = digest === own ? null : `topic ${topic.name}: ${own}, from its tail ${digest}`
  return { difference, detail: `${records.toLocaleString('en')} records` }
}

function same(a: Summary, b: Summary): Finding {
  return { difference: differenceBetween(a, b), detail: `${Object.keys(a.digests).length} digests` }
}

type ToCheck = { input: Input; part: Part; what: string; find: () => Promise<Finding> }

async function check({ input, part, what, find }: ToCheck): Promise<void> {
  const startedAt = performance.now()
  const { difference, detail } = await find()
  const ms = performance.now() - startedAt
  checks.push({ input, part, what, equal: difference === null, seconds: Math.round(ms / 100) / 10, detail })
  if (difference !== null) throw new Error(`DIFFERENT  ${input}  ${part}  ${what}: ${difference}`)
  console.log(line(part, input, `${what}${detail && `: ${detail}`}`, ms))
}

function line(part: string, input: string, text: string, ms: number): string {
  return `equal  ${input.padEnd(8)} ${part.padEnd(11)} ${(ms / 1000).toFixed(1).padStart(7)} s  ${text}`
}

/** At most --jobs at a time; the first to fail ends the rest. */
async function inTurn(jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = [...jobs]
  const work = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) await job()
  }
  await Promise.all(Array.from({ length: Number(args.jobs) }, work))
}
