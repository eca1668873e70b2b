// Replays as processes, undisturbed or killed with SIGKILL at moments drawn from a seed and gone on with, and what must
// be equal between two of them.

import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { LogSqlite } from '../../src/adapters/log-sqlite.ts'
import type { Summary } from '../../src/app/summary.ts'
import { openStores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import { TrainQueue } from '../../src/jobs/train-queue.ts'
import { failureIn } from '../../src/lib/failure.ts'
import { randomFrom } from '../../src/lib/random.ts'
import { type Command, documentOf, start } from './children.ts'

/** When a process is killed: a while after something has happened. */
export type Moment = {
  /** It was started; it has published a share of all events; a training was asked for. */
  readonly after: 'start' | 'training' | number
  readonly afterMs: number
}

/**
 * Of five one falls while the process starts and, if there are `trainings`, one while it trains; the others are spread
 * over what is published, in their order.
 */
export function momentsFrom(seed: number, count: number, { trainings = false } = {}): Moment[] {
  const random = randomFrom(seed)
  const kinds = Array.from({ length: count }, (_, index) => {
    if (index % 5 === 4) return 'start'
    return trainings && index % 5 === 2 ? 'training' : 'share'
  })
  const shares = kinds.map(() => random() * 0.97).sort((a, b) => a - b)
  return kinds.map((kind, index) => {
    if (kind === 'share') return { after: shares[index] as number, afterMs: Math.round(random() * 200) }
    return { after: kind, afterMs: Math.round(random() * (kind === 'start' ? 1500 : 1000)) }
  })
}

export function momentText({ after, afterMs }: Moment): string {
  return `${typeof after === 'number' ? `${(after * 100).toFixed(2)} %` : after} + ${afterMs} ms`
}

/** @throws when it does not end with 0, as an uneven balance makes it */
export function replay(dataDir: string, flags: readonly string[]): Promise<Summary> {
  return documentOf<Summary>(['replay', '--data-dir', dataDir, '--quiet', ...flags])
}

export type KilledRun = {
  readonly dataDir: string
  readonly flags: readonly string[]
  readonly moments: readonly Moment[]
  /** Records of flights.events at the end of the whole replay. */
  readonly records: number
}

type Resumed = { readonly summary: Summary; readonly kills: number; readonly inTraining: number }

/**
 * The same replay, killed at each of the moments and started again with --resume. A short replay on a quick machine may
 * be over before its last kill and has shown less than it should: it is then done anew, each kill half as long after
 * what it waits for.
 * @returns what came of it, and how many of the kills found the process at work, and at a training
 */
export async function replayKilled({ moments, ...run }: KilledRun): Promise<Resumed> {
  for (let again = 0; ; again++) {
    const sooner = moments.map(({ after, afterMs }) => ({ after, afterMs: Math.round(afterMs / 2 ** again) }))
    const resumed = await replayOnce({ ...run, moments: sooner })
    if (resumed.kills === moments.length || again === 4) return resumed
    rmSync(run.dataDir, { recursive: true })
  }
}

async function replayOnce({ dataDir, flags, moments, records }: KilledRun): Promise<Resumed> {
  let [kills, inTraining] = [0, 0]
  for (const { after, afterMs } of moments) {
    const before = await recordsIn(dataDir)
    const asked = await recordsIn(dataDir, 'retrain.requests')
    const command = start(['replay', '--data-dir', dataDir, '--json', '--quiet', '--resume', ...flags])
    if (after === 'training') await reached(command, { dataDir, topic: 'retrain.requests', records: asked + 1 })
    else if (after !== 'start') {
      await reached(command, { dataDir, topic: 'flights.events', records: Math.max(after * records, before + 1) })
    }
    await sleep(afterMs)
    command.child.kill('SIGKILL')
    const { signal, code, err } = await command.ended
    if (signal !== 'SIGKILL' && code !== 0) {
      throw new Error(`the replay in ${dataDir} ended with ${signal ?? code}: ${err}`)
    }
    if (signal === 'SIGKILL') kills++
    if (signal === 'SIGKILL' && (await isAskedFor(dataDir))) inTraining++
  }
  return { summary: await replay(dataDir, ['--resume', ...flags]), kills, inTraining }
}

type Reached = { dataDir: string; topic: string; records: number }

/** Resolves once the process has written so many records of a topic, or has ended. */
async function reached({ child }: Command, { dataDir, topic, records }: Reached): Promise<void> {
  while (child.exitCode === null && (await recordsIn(dataDir, topic)) < records) await sleep(10)
}

/** Whether the folder holds a request for a training that has no answer. */
async function isAskedFor(dataDir: string): Promise<boolean> {
  const stores = await openStores(configure({ dataDir }).config, 'reader')
  try {
    const queue = new TrainQueue(stores)
    await queue.look()
    return queue.waiting.length > 0
  } catch (error) {
    // it was killed before there was a topic
    if (failureIn(error)?.code === 'TOPIC_MISMATCH') return false
    throw error
  } finally {
    await stores.close()
  }
}

/** Records of a topic in a folder, in which another process may be writing. */
export async function recordsIn(dataDir: string, topic = 'flights.events'): Promise<number> {
  let log: LogSqlite
  try {
    log = LogSqlite.openReadOnly(dataDir)
  } catch {
    // there is none yet, or it is just being made
    return 0
  }
  try {
    const spec = (await log.topics()).find(({ name }) => name === topic)
    let sum = 0
    for (let partition = 0; partition < (spec?.partitions ?? 0); partition++) {
      sum += (await log.bounds(topic, partition)).next
    }
    return sum
  } finally {
    await log.close()
  }
}

type Compared = Pick<Summary, 'digests' | 'canonical' | 'balance' | 'metrics'>

/** In the order of the road, so that the first difference is the one that caused the others. */
const road = ['flights.events', 'models.commands', 'flights.timeline', 'flights.rejected', 'flights.late']

/** What is not the same in two runs over the same input, by name of topic; null when nothing is. */
export function differenceBetween(a: Compared, b: Compared): string | null {
  const names = [...new Set([...road, ...Object.keys(a.digests), ...Object.keys(b.digests)])]
  const topic = names.find(name => a.digests[name] !== b.digests[name])
  if (topic !== undefined) return `topic ${topic}: ${a.digests[topic]} against ${b.digests[topic]}`
  const other = (['canonical', 'balance', 'metrics'] as const).find(
    part => JSON.stringify(a[part]) !== JSON.stringify(b[part]),
  )
  return other === undefined ? null : `${other}: ${JSON.stringify(a[other])} against ${JSON.stringify(b[other])}`
}

/** The same of two runs with other partitions. */
export function canonicalDifference(a: Compared, b: Compared): string | null {
  const canonicalOf = ({ canonical }: Compared) => canonical as Record<string, string>
  const [one, other] = [canonicalOf(a), canonicalOf(b)]
  const name = Object.keys(one).find(each => one[each] !== other[each])
  if (name !== undefined) return `canonical ${name}: ${one[name]} against ${other[name]}`
  const totals = ({ balance }: Compared) => JSON.stringify({ ...balance, partitions: [] })
  return totals(a) === totals(b) ? null : `balance: ${totals(a)} against ${totals(b)}`
}
