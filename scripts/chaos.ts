// Shows that many processes on a cluster that breaks give what one process gives undisturbed: recorded days are replayed
// by four workers on three brokers while, on a timetable drawn from a seed, workers are killed with SIGKILL and started
// again, workers are frozen with SIGSTOP until they are given up and then continued, brokers are killed and started again,
// and answers to commits are lost. Every topic must have the digest of the embedded engine, by our own reading and by a
// consumer of another make in read_committed (proof/outside-digests.py), and the balance must be even.
//
//   node scripts/chaos.ts [--from 2013-02-01] [--to 2013-02-28] [--kills 30] [--freezes 5] [--brokers 3] [--losses 20]
//     [--workers 4] [--seed 2013]
//
// Prints a line for everything that it does, and last one JSON document. Ends with 1 at a difference, and when the days
// were over before all of the timetable was done: a faster machine needs more days.

import { execFile } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { LogKafka } from '../src/adapters/log-kafka.ts'
import type { Summary } from '../src/app/summary.ts'
import { randomFrom } from '../src/lib/random.ts'
import { topics } from '../src/pipeline.ts'
import { endChildren, start } from './proof/children.ts'
import { differenceBetween, replay } from './proof/runs.ts'
import { startWorker, until, type Worker } from './proof/workers.ts'
import { restartNode } from './stack/kafka.ts'
import { fetchKafka, fetchPythonClients } from './stack/parts.ts'
import { isAlive, type StackProcess, stopProcess } from './stack/processes.ts'
import { StackFolder } from './stack/stack.ts'

const { values: args } = parseArgs({
  options: {
    from: { type: 'string', default: '2013-02-01' },
    to: { type: 'string', default: '2013-02-28' },
    'model-from': { type: 'string', default: '2013-02-01T05:00:00Z' },
    kills: { type: 'string', default: '30' },
    freezes: { type: 'string', default: '5' },
    brokers: { type: 'string', default: '3' },
    losses: { type: 'string', default: '20' },
    workers: { type: 'string', default: '4' },
    seed: { type: 'string', default: '2013' },
  },
})
const partitions = 4
const sessionMs = 6000
const root = fileURLToPath(new URL('../.slipstream/chaos', import.meta.url))
const lossy = pathToFileURL(join(import.meta.dirname, 'proof/lossy.ts')).href
const random = randomFrom(Number(args.seed))
const startedAt = performance.now()
const tell = (line: string) =>
  console.error(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${line}`)

type Kind = 'kills' | 'freezes' | 'brokers' | 'losses'
type Event = { readonly kind: Kind; readonly share: number }

const kinds: readonly Kind[] = ['kills', 'freezes', 'brokers', 'losses']
const events: Event[] = kinds
  .flatMap(kind => Array.from({ length: Number(args[kind]) }, () => ({ kind, share: 0.02 + random() * 0.93 })))
  .sort((a, b) => a.share - b.share)
const done: Record<Kind, number> = { kills: 0, freezes: 0, brokers: 0, losses: 0 }

const stack = new StackFolder(join(root, 'stack'))
const pipeline = ['--retrain-days', '0', '--partitions', String(partitions), '--threads', '1', '--quiet']
const days = ['--from', args.from, '--to', args.to, '--model-from', args['model-from']]
let nodes: StackProcess[] = []
/** Those that hear when they are to lose an answer. */
const canLose = new Set<Worker>()
let lostAnswers = 0

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void ended().then(() => process.exit(130)))
rmSync(root, { recursive: true, force: true })
mkdirSync(root, { recursive: true })
try {
  const difference = (await prove()) ?? leftUndone()
  console.log(JSON.stringify({ chaos: 'workers', ...args, done, lostAnswers, equal: difference === null, difference }))
  if (difference !== null) process.exitCode = 1
} finally {
  await ended()
}

async function ended(): Promise<void> {
  endChildren()
  for (const node of nodes) await stopProcess(node)
  await stack.down()
}

/** What the days were too few for; null when nothing. */
function leftUndone(): string | null {
  const short = kinds.filter(kind => done[kind] < Number(args[kind]))
  if (short.length === 0) return null
  return `the days were over with ${short.map(kind => `${done[kind]} of ${args[kind]} ${kind}`).join(', ')} done; give a later --to`
}

async function prove(): Promise<string | null> {
  tell('the embedded engine, undisturbed')
  const embedded = await replay(join(root, 'embedded'), [...days, ...pipeline])
  const found = await stack.up({ brokers: 3, parts: ['kafka'], fresh: true, tell })
  nodes = [...found.processes]
  const brokers = (found.kafka?.bootstrap ?? []).join(',')
  const jars = await fetchKafka(tell)
  const flags = ['--kafka-brokers', brokers, '--data-dir', join(root, 'shared'), ...pipeline]
  await start(['topics', 'create', '--engine', 'kafka', ...flags]).ended
  // who is started from now on can lose an answer
  process.env['NODE_OPTIONS'] = `--import ${lossy} --disable-warning=ExperimentalWarning`
  const join_ = () => listening(startWorker(flags))
  const workers = Array.from({ length: Number(args.workers) }, join_)
  await until('all workers have tasks', () => workers.every(({ tasks }) => tasks().length > 0), 120_000)
  tell(`${workers.length} workers have ${workers.flatMap(({ tasks }) => tasks()).length} tasks`)
  const played = start(['replay', '--engine', 'kafka', ...flags, ...days, '--json'])
  const log = new LogKafka({ brokers: brokers.split(','), clientId: 'chaos', prefix: '' })
  const happening = happen({ workers, join: join_, jars, log, events: embedded.events, ended: played.ended })
  const { code, out, err } = await played.ended
  await happening
  await log.close()
  if (code !== 0 && code !== 4) return `the replay ended with ${code}: ${err.slice(-500)}`
  const summary = JSON.parse(out) as Summary
  tell(`${summary.events} events in ${summary.seconds.toFixed(1)} s, balance ${summary.balanced ? 'even' : 'NOT EVEN'}`)
  const difference = differenceBetween(embedded, summary) ?? (summary.balanced ? null : 'the balance is not even')
  return difference ?? (await outsideDifference(brokers, embedded.digests))
}

/** What a consumer of another make finds otherwise; null when nothing is. */
async function outsideDifference(brokers: string, digests: Summary['digests']): Promise<string | null> {
  const script = join(import.meta.dirname, 'proof/outside-digests.py')
  const named = topics.map(({ name, cleanup }) => (cleanup === 'compact' ? `${name}=compact` : name))
  const python = await fetchPythonClients(tell)
  const asked = [script, brokers, join(root, 'shared/schemas.json'), ...named]
  const { stdout } = await promisify(execFile)(python, asked)
  const found = JSON.parse(stdout) as Record<string, { digest: string; records: number }>
  for (const { name } of topics) {
    const { digest, records } = found[name] as { digest: string; records: number }
    tell(`${name}: ${records} records by the consumer of another make`)
    if (digest !== digests[name]) return `${name} by a consumer of another make: ${digest} against ${digests[name]}`
  }
  return null
}

function listening(worker: Worker): Worker {
  worker.child.stderr?.on('data', bytes => {
    if (String(bytes).includes('lossy: ready')) canLose.add(worker)
    if (String(bytes).includes('lossy: an answer')) lostAnswers++
  })
  return worker
}

type World = {
  workers: Worker[]
  join: () => Worker
  jars: string
  log: LogKafka
  events: number
  ended: Promise<unknown>
}

async function happen({ workers, join, jars, log, events: total, ended }: World): Promise<void> {
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  const frozen = new Set<Worker>()
  const pending: Promise<void>[] = []
  const calm = () => workers.filter(each => !frozen.has(each))
  const pick = <T>(some: readonly T[]): T => some[Math.floor(random() * some.length)] as T
  for (const { kind, share } of events) {
    await until('so much is published', async () => isOver || (await publishedIn(log)) >= share * total, 600_000)
    if (isOver) break
    const progress = `${(share * 100).toFixed(1)} %`
    if (kind === 'kills') {
      const victim = pick(calm())
      victim.child.kill('SIGKILL')
      await victim.ended
      await sleep(random() < 0.5 ? 0 : random() * 2 * sessionMs)
      workers[workers.indexOf(victim)] = join()
      tell(`${progress}: a worker killed and started again`)
    } else if (kind === 'freezes') {
      const victim = pick(calm())
      victim.child.kill('SIGSTOP')
      frozen.add(victim)
      pending.push(
        sleep(sessionMs * 1.5).then(() => {
          victim.child.kill('SIGCONT')
          frozen.delete(victim)
          tell('the frozen worker is continued')
        }),
      )
      tell(`${progress}: a worker frozen`)
    } else if (kind === 'losses') {
      // who is killed before its next commit loses nothing: then another one is asked
      const before = lostAnswers
      while (lostAnswers === before && !isOver) {
        pick(calm().filter(worker => canLose.has(worker)))?.child.kill('SIGUSR2')
        await happensWithin(2000, () => lostAnswers > before || isOver)
      }
      tell(`${progress}: an answer to a commit lost`)
    } else {
      const index = Math.floor(random() * nodes.length)
      const node = nodes[index] as StackProcess
      process.kill(node.pid, 'SIGKILL')
      while (isAlive(node)) await sleep(20)
      await sleep(1000 + random() * 4000)
      nodes[index] = restartNode(jars, node)
      tell(`${progress}: ${node.name} killed and started again`)
      // two of three must be in sync before another one may go
      await sleep(10_000)
    }
    done[kind]++
  }
  await Promise.all(pending)
}

async function happensWithin(milliseconds: number, happened: () => boolean): Promise<void> {
  const end = performance.now() + milliseconds
  while (!happened() && performance.now() < end) await sleep(20)
}

/** Events that can be read; as many as before while nobody answers. */
async function publishedIn(log: LogKafka): Promise<number> {
  try {
    const ends = await Promise.all([...Array(partitions).keys()].map(each => log.bounds('flights.events', each)))
    return ends.reduce((sum, { next }) => sum + next, 0)
  } catch {
    return 0
  }
}
