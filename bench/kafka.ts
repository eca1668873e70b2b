// The pipeline on Kafka, one broker on this machine, exactly once, as a consumer of another make sees it: broker, pipeline,
// and who publishes and reads are processes of their own that share the processors.
//
//   drain    the events of some days lie in the topic when the pipeline starts, a model in force: events a second from the start of its
//            process to the last prediction, and from the first prediction on; by the most steps of a unit of work,
//            which is what a commit costs as a curve. One such drain comes before and is not counted
//   rate     events come at a pace, after three days at full speed: milliseconds from when the mark was due that a
//            prediction had to wait for to its receipt, by the time between two commits of the publisher. One such run
//            comes before and is not counted, nor are the first seconds of each: broker and pipeline become machine code
//            while they run, for which a broker that has just been started takes half of its time; brokers run for months
//   profile  (--profile) one drain more under V8's profiler: bench/profiles/kafka.txt
//   peers    Kafka Streams on its smaller job, by the driver of the folder --peers, on the same broker
//
// All stages run, drift and registry included; nothing is trained. `cores` says who used the processors: where `others`
// is not near 0 the figures are lower bounds, and only those of one run may be compared.
//
//   npm run bench -- kafka [--only drain,rate,peers] [--to 2013-02-28] [--pace 5000] [--every 20,100] [--warm-up 30] [--units 6000]
//     [--partitions 2] [--threads 2] [--profile] [--peers ../shared/peers] [--json]

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { StackFolder } from '../scripts/stack/stack.ts'
import { days } from '../src/lib/time.ts'
import { App, coresUsed, Load } from './inputs/kafka-children.ts'
import { type Peers, runPeers } from './inputs/kafka-peers.ts'
import type { Usage } from './inputs/measured.ts'
import { type Quantiles, round } from './inputs/numbers.ts'
import { profileTables } from './inputs/profile.ts'

const { values: args } = parseArgs({
  options: {
    only: { type: 'string', default: 'drain,rate,peers' },
    from: { type: 'string', default: '2013-02-01' },
    to: { type: 'string', default: '2013-02-28' },
    units: { type: 'string', default: '250,1000,6000' },
    pace: { type: 'string', default: '5000,2500,1000' },
    every: { type: 'string', default: '20,50,100,200' },
    seconds: { type: 'string', default: '20' },
    'warm-up': { type: 'string', default: '30' },
    partitions: { type: 'string', default: '2' },
    threads: { type: 'string', default: '2' },
    profile: { type: 'boolean' },
    peers: { type: 'string', default: fileURLToPath(new URL('../../shared/peers', import.meta.url)) },
    json: { type: 'boolean' },
  },
})
const profileFile = fileURLToPath(new URL('profiles/kafka.txt', import.meta.url))
const warmUpSeconds = Number(args['warm-up'])
/** Predictions begin with the second day of departures; the publisher is as good as on time within this. */
const fastDays = 3
const heldMs = 1000

type Cores = Record<'app' | 'load' | 'broker' | 'others', number>
type Drain = {
  unitSteps: number
  events: number
  predictions: number
  doubled: number
  seconds: number
  eventsPerSecond: number
  eventsPerSecondAfterFirst: number
  cores: Cores
} & Usage
type AtRate = { everyMs: number; perSecond: number; held: boolean; behindMs: number; ms: Quantiles; cores: Cores }

const folder = mkdtempSync(join(tmpdir(), 'slipstream-bench-'))
const stackFolder = new StackFolder(join(folder, 'stack'))
let runs = 0
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stackFolder.down().finally(() => process.exit(1)))
}
try {
  const tell = (line: string) => console.error(line)
  const stack = await stackFolder.up({ brokers: 1, parts: ['kafka'], fresh: true, tell })
  const bootstrap = stack.kafka?.bootstrap[0] as string
  const broker = stack.processes[0]?.pid as number
  const parts = args.only.split(',')
  const drains: Drain[] = []
  const units = parts.includes('drain') ? numbers(args.units) : []
  for (const unitSteps of units.slice(0, 1)) await drain({ bootstrap, broker, unitSteps })
  for (const unitSteps of units) {
    drains.push(await drain({ bootstrap, broker, unitSteps }))
    show(drains.at(-1))
  }
  const rates: AtRate[] = []
  if (parts.includes('rate'))
    await atRate({ bootstrap, broker, everyMs: 100, perSecond: numbers(args.pace)[0] as number })
  for (const everyMs of parts.includes('rate') ? numbers(args.every) : []) {
    rates.push(await highestHeld({ bootstrap, broker, everyMs }))
    show(rates.at(-1))
  }
  if (args.profile) await profile({ bootstrap, broker })
  let peers: Peers | undefined
  if (parts.includes('peers')) {
    const flights = fileURLToPath(new URL('../data/nycflights13', import.meta.url))
    const pace = numbers(args.pace)[0] as number
    peers = await runPeers({ folder: args.peers, flights, bootstrap, broker, pace, tell })
    show(peers)
  }
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() }
  const { partitions, threads } = args
  console.log(JSON.stringify({ bench: 'kafka', ...machine, partitions, threads, drains, rates, peers }))
} finally {
  await stackFolder.down()
  rmSync(folder, { recursive: true, force: true })
}

type Where = { readonly bootstrap: string; readonly broker: number }

/** Settings of a run of its own. */
function settingsOf({ bootstrap }: Where, more: Record<string, string> = {}): Record<string, string> {
  const number = runs++
  const { partitions, threads } = args
  const where = { engine: 'kafka', kafkaBrokers: bootstrap, kafkaPrefix: `bench-${number}.` }
  return { ...where, dataDir: join(folder, `run-${number}`), partitions, threads, ...more }
}

async function drain({ unitSteps, nodeFlags = [], ...where }: Where & { unitSteps: number; nodeFlags?: string[] }) {
  const flags = settingsOf(where, { unitSteps: String(unitSteps) })
  const load = await Load.start({ flags, from: args.from, to: args.to })
  const before = await broughtIntoForce(flags, load)
  await load.publish()
  const startedAt = Date.now()
  const app = new App(flags, nodeFlags)
  const cores = coresUsed({ app: app.pid, load: load.pid, broker: where.broker })
  const events = (await app.caughtUp()) - before
  const used = cores()
  // the last ones are on their way to the reader
  await new Promise(resolve => setTimeout(resolve, 500))
  const { predictions, doubled, firstAt, lastAt } = await load.received()
  const usage = await app.end()
  await load.end()
  const seconds = (lastAt - startedAt) / 1000
  return {
    unitSteps,
    events,
    predictions,
    doubled,
    seconds: round(seconds),
    eventsPerSecond: Math.round(events / seconds),
    eventsPerSecondAfterFirst: Math.round(events / ((lastAt - firstAt) / 1000)),
    cores: used,
    ...usage,
  }
}

/** The model is named by frames from the first day on, so that every run predicts the same. @returns events taken */
async function broughtIntoForce(flags: Record<string, string>, load: Load): Promise<number> {
  const app = new App(flags)
  await app.ready()
  await load.publish(Date.parse(args.from) - days(1))
  const events = await app.caughtUp()
  await app.end()
  await load.received()
  return events
}

/** At the first of the paces that is held, else at the last one. */
async function highestHeld(run: Where & { everyMs: number }): Promise<AtRate> {
  let found: AtRate | undefined
  for (const perSecond of numbers(args.pace)) {
    found = await atRate({ ...run, perSecond })
    if (found.held) break
    if (!args.json) console.log(`${perSecond} events/s were not held: ${round(found.behindMs / 1000)} s behind`)
  }
  return found as AtRate
}

async function atRate({ everyMs, perSecond, ...where }: Where & { everyMs: number; perSecond: number }) {
  const flags = settingsOf(where)
  const seconds = Number(args.seconds) + warmUpSeconds
  const load = await Load.start({
    flags,
    from: args.from,
    to: dayAfter(args.from, fastDays + daysOf(perSecond * seconds)),
  })
  const app = new App(flags)
  await app.ready()
  await load.publish(Date.parse(args.from) + days(fastDays))
  await app.caughtUp()
  const cores = coresUsed({ app: app.pid, load: load.pid, broker: where.broker })
  const { behindMs, ms } = await load.atRate({ perSecond, seconds, warmUpSeconds, everyMs })
  const used = cores()
  await app.end()
  await load.end()
  // a pipeline that falls behind shows in how long its predictions take
  return {
    everyMs,
    perSecond,
    held: behindMs < heldMs && ms.p99 < 2 * heldMs,
    behindMs: round(behindMs),
    ms,
    cores: used,
  }
}

async function profile(where: Where): Promise<void> {
  const profiles = join(folder, 'profiles')
  const nodeFlags = ['--cpu-prof', '--cpu-prof-dir', profiles, '--cpu-prof-interval', '500']
  const { events, seconds, cores } = await drain({ ...where, unitSteps: 6000, nodeFlags })
  const command = `npm run bench -- kafka --only none --profile --from ${args.from} --to ${args.to}`
  const head = `${command}\n${events.toLocaleString('en')} events in ${seconds} s under the profiler, ${process.version}\n`
  mkdirSync(dirname(profileFile), { recursive: true })
  writeFileSync(profileFile, `${head}cores used: ${JSON.stringify(cores)}\n\n${profileTables(profiles, 25)}`)
  if (!args.json) console.log(readFileSync(profileFile, 'utf8'))
}

function show(row: object | undefined): void {
  if (!args.json) console.log(row)
}

function numbers(text: string): number[] {
  return text.split(',').map(Number)
}

/** Days that hold so many events, and some more. */
function daysOf(events: number): number {
  return Math.ceil(events / 3000) + 2
}

function dayAfter(day: string, count: number): string {
  return new Date(Date.parse(day) + days(count)).toISOString().slice(0, 10)
}
