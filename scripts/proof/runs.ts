// Replays as processes, undisturbed or killed with SIGKILL at moments drawn from a seed and gone on with, and what must
// be equal between two of them.

import { setTimeout as sleep } from 'node:timers/promises'
import { LogSqlite } from '../../src/adapters/log-sqlite.ts'
import type { Summary } from '../../src/app/summary.ts'
import { randomFrom } from '../../src/lib/random.ts'
import { type Command, documentOf, start } from './children.ts'

/** When a process is killed: a while after it has published a share of all, or (null) after it was started. */
export type Moment = { readonly share: number | null; readonly afterMs: number }

/** Every fifth falls while the process starts; the others are spread over what is published, in their order. */
export function momentsFrom(seed: number, count: number): Moment[] {
  const random = randomFrom(seed)
  const early = Array.from({ length: count }, (_, index) => index % 5 === 4)
  const shares = early.map(() => random() * 0.97).sort((a, b) => a - b)
  return early.map((isEarly, index) =>
    isEarly
      ? { share: null, afterMs: Math.round(random() * 1500) }
      : { share: shares[index] as number, afterMs: Math.round(random() * 200) },
  )
}

export function momentText({ share, afterMs }: Moment): string {
  return share === null ? `start + ${afterMs} ms` : `${(share * 100).toFixed(2)} % + ${afterMs} ms`
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

/**
 * The same replay, killed at each of the moments and started again with --resume.
 * @returns what came of it, and how many of the kills found the process at work
 */
export async function replayKilled({
  dataDir,
  flags,
  moments,
  records,
}: KilledRun): Promise<{ summary: Summary; kills: number }> {
  let kills = 0
  for (const { share, afterMs } of moments) {
    const before = await recordsIn(dataDir)
    const command = start(['replay', '--data-dir', dataDir, '--json', '--quiet', '--resume', ...flags])
    if (share !== null) await published(dataDir, Math.max(share * records, before + 1), command)
    await sleep(afterMs)
    command.child.kill('SIGKILL')
    const { signal, code, err } = await command.ended
    if (signal === 'SIGKILL') kills++
    else if (code !== 0) throw new Error(`the replay in ${dataDir} ended with ${signal ?? code}: ${err}`)
  }
  return { summary: await replay(dataDir, ['--resume', ...flags]), kills }
}

/** Resolves once the process has written so many records of flights.events, or has ended. */
async function published(dataDir: string, records: number, { child }: Command): Promise<void> {
  while (child.exitCode === null && (await recordsIn(dataDir)) < records) await sleep(20)
}

/** Records of flights.events in a folder, in which another process may be writing. */
export async function recordsIn(dataDir: string): Promise<number> {
  let log: LogSqlite
  try {
    log = LogSqlite.openReadOnly(dataDir)
  } catch {
    // there is none yet, or it is just being made
    return 0
  }
  try {
    const spec = (await log.topics()).find(({ name }) => name === 'flights.events')
    let sum = 0
    for (let partition = 0; partition < (spec?.partitions ?? 0); partition++) {
      sum += (await log.bounds('flights.events', partition)).next
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
