// How long the partitions of a worker are without predictions when it is killed with SIGKILL: from the kill to the next
// prediction in the last of its partitions, that its successor makes (`takeover`) or the same worker, started again at
// once (`restart`). Two workers on one broker; the days of 2013 are replayed at half an hour a second from 9:00 UTC on,
// when flights are predicted in every partition all the time, and at full speed from the prediction to the next morning.
// Each kill is a day later, so what a worker has to read back would grow if it grew with history.
//
//   npm run bench -- takeover [--kills 10] [--session 6] [--json]

import { mkdirSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { endChildren } from '../scripts/proof/children.ts'
import { startWorker, until, type Worker } from '../scripts/proof/workers.ts'
import { StackFolder } from '../scripts/stack/stack.ts'
import { newSpec } from '../src/app/sources.ts'
import { type App, openApp, openReplay } from '../src/app.ts'
import { configure } from '../src/config.ts'
import { days, hours } from '../src/lib/time.ts'
import { quantiles, round } from './inputs/numbers.ts'

const { values: args } = parseArgs({
  options: {
    kills: { type: 'string', default: '10' },
    session: { type: 'string', default: '6' },
    json: { type: 'boolean' },
  },
})
/** Of each way, in turn. */
const kills = 2 * Number(args.kills)
const root = fileURLToPath(new URL('../', import.meta.url))
const folder = join(root, '.slipstream/bench/takeover')
const partitions = 4
/** On a machine that does much else. */
const patienceMs = 300_000
const begin = Date.parse('2013-02-10')
const dayText = (at: number) => new Date(at).toISOString().slice(0, 10)
const stack = new StackFolder(join(root, '.slipstream/bench-stack'))

type Way = 'takeover' | 'restart'
/** `ownedMs`: until all its partitions had an owner again that was ready to work. */
type Row = { way: Way; day: string; partitions: number; ownedMs: number; ms: number }

const rows: Row[] = []
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void ended().then(() => process.exit(130)))
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
try {
  const { kafka } = await stack.up({ brokers: 1, parts: ['kafka'], fresh: true, tell: line => console.error(line) })
  await run(kafka?.bootstrap ?? [])
} finally {
  await ended()
}

async function ended(): Promise<void> {
  endChildren()
  await stack.down()
  rmSync(folder, { recursive: true, force: true })
}

const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), load: loadavg()[0] }
const summary = { takeover: summed('takeover'), restart: summed('restart') }
if (!args.json) console.table(summary)
console.log(
  JSON.stringify({
    bench: 'takeover',
    node: process.version,
    ...machine,
    sessionMs: Number(args.session) * 1000,
    ...summary,
    rows,
  }),
)

function summed(way: Way) {
  const times = rows.filter(row => row.way === way).map(({ ms }) => ms)
  const half = Math.floor(times.length / 2)
  const mean = (some: readonly number[]) => Math.round(some.reduce((sum, ms) => sum + ms, 0) / some.length)
  // the later half has the longer history
  return {
    kills: times.length,
    ...quantiles(times),
    earlierMean: mean(times.slice(0, half)),
    laterMean: mean(times.slice(half)),
  }
}

async function run(brokers: readonly string[]): Promise<void> {
  const where = { engine: 'kafka', kafkaBrokers: brokers.join(','), dataDir: folder, kafkaSessionSeconds: args.session }
  const { config } = configure({ ...where, partitions: String(partitions), threads: '1', retrainDays: '0' })
  const flags = ['--kafka-brokers', where.kafkaBrokers, '--data-dir', folder, '--kafka-session-seconds', args.session]
  const worker = () => startWorker([...flags, '--partitions', `${partitions}`, '--threads', '1', '--retrain-days', '0'])
  // this process only publishes
  const part = { stages: [], jobs: [], isAsked: false }
  const app = await openApp({ config, part, onTrouble: (at, error) => console.error(`${at}: ${String(error)}`) })
  await app.engines.start()
  const pace: Pace = { dayPlayed: begin, kill: 0 }
  const played = { from: dayText(begin), to: dayText(begin + days(kills)), 'model-from': `${dayText(begin)}T00:00Z` }
  const replay = await openReplay(app, newSpec(played, config), {
    mayAdvance: (mark, publish) => slowByDay(mark, publish, pace),
    onProgress: ({ mark }) => void (pace.dayPlayed = mark ?? begin),
  })
  const workers = [worker(), worker()] as [Worker, Worker]
  await until(
    'all scoring is had',
    () => scoring(workers[0]).length === 2 && scoring(workers[1]).length === 2,
    patienceMs,
  )
  const running = replay.run()
  // what ends this run first is told
  running.catch(() => undefined)
  for (; pace.kill < kills; pace.kill++) {
    const at = begin + days(pace.kill) + hours(9.5)
    await until('it is morning', () => pace.dayPlayed >= at, patienceMs)
    const victim = pace.kill % 2
    rows.push(await killed(app, workers, { victim, way: victim === 0 ? 'takeover' : 'restart', worker }))
    console.error(JSON.stringify(rows.at(-1)))
  }
  await running
  await replay.close()
  await app.close()
}

type Pace = { dayPlayed: number; kill: number }

/** Half an event hour a second from the morning of the next kill on, until it is over. */
async function slowByDay(mark: number, publish: () => Promise<void>, pace: Pace): Promise<boolean> {
  if (mark >= begin + days(pace.kill) + hours(9)) {
    await publish()
    await sleep(1000 / 3)
  }
  return pace.kill < kills
}

function scoring({ tasks }: Worker): number[] {
  return tasks().flatMap(task => (task.startsWith('score-') ? [Number(task.slice(6))] : []))
}

type Kill = { victim: number; way: Way; worker: () => Worker }

async function killed(app: App, workers: [Worker, Worker], { victim, way, worker }: Kill): Promise<Row> {
  const old = workers[victim] as Worker
  const own = scoring(old)
  const killedAt = performance.now()
  old.child.kill('SIGKILL')
  await old.ended
  const other = workers[1 - victim] as Worker
  const next = way === 'restart' ? worker() : undefined
  // one that starts too slowly finds its tasks with the other, and gets others
  const owners = next ? [next, other] : [other]
  let ownedMs = 0
  const owned = until(
    'its partitions have an owner',
    () => own.every(each => owners.some(owner => scoring(owner).includes(each))),
    patienceMs,
  ).then(() => {
    ownedMs = round(performance.now() - killedAt)
  })
  await Promise.all([owned, ...own.map(partition => predicted(app, partition))])
  const ms = round(performance.now() - killedAt)
  const day = dayText(Number(await reached(app)))
  workers[victim] = next ?? worker()
  await until('the work is shared evenly again', () => workers.every(each => scoring(each).length === 2), patienceMs)
  return { way, day, partitions: own.length, ownedMs, ms }
}

async function reached({ sharing }: App): Promise<number | null> {
  await sharing?.others.refresh()
  return sharing?.others.tasks.find(({ name }) => name === 'score-0')?.reachedAt ?? null
}

/** Resolves with the first prediction of a partition from now on. */
async function predicted({ log, codec }: App, partition: number): Promise<void> {
  for (let { next: from } = await log.bounds('flights.predictions', partition); ; await sleep(5)) {
    const { records, next } = await log.read('flights.predictions', partition, from, { bytesMax: 1_000_000 })
    if (records.some(({ value }) => value && codec.decode(value).name === 'Prediction')) return
    from = next
  }
}
