// slipstream topics tail: records as they lie in the log, decoded; in --json mode one object a line.
//
//   without --follow   partition by partition, each in the order of its offsets
//   with --follow      then whatever is appended, until Ctrl-C or --limit
//
// With --raw each object carries the record's `body`, so that anybody can recompute digests: base64 of the Avro body
// behind the wire header, or of all bytes where no schema explains them.

import type { Stores } from '../app.ts'
import { Failure } from '../lib/failure.ts'
import { changesIn, unitKey } from '../runtime/changes.ts'
import type { LogRecord, TopicSpec } from '../runtime/log.ts'
import { type Codec, wireHeaderBytes } from '../runtime/schemas.ts'
import { type Command, type CommandIo, namedArgs, wholeFlag } from './command.ts'
import { exitCode } from './exit-code.ts'
import { plain, topicNamed, tryDecode, withStores } from './opened.ts'

const lastCount = 10
const readBytes = 1_000_000
const followEveryMs = 200

export const topicsTail: Command = {
  name: 'tail',
  summary: 'the records of a topic, decoded',
  usage: 'slipstream topics tail TOPIC [--from-beginning] [--limit N] [--partition P] [--follow] [--raw] [--json]',
  flags: {
    'from-beginning': {
      type: 'boolean',
      about: `from the first record kept; without it the last ${lastCount} of each partition`,
    },
    limit: {
      type: 'string',
      value: 'N',
      about: 'at most so many records; without --from-beginning the last N of each partition',
    },
    partition: { type: 'string', value: 'P', about: 'of this partition alone' },
    follow: { type: 'boolean', short: 'f', about: 'go on with what is appended, until Ctrl-C' },
    raw: { type: 'boolean', about: "with each record's bytes (body, base64)" },
  },
  examples: [
    'slipstream topics tail flights.predictions --limit 5',
    'slipstream topics tail flights.events --from-beginning --json',
    'slipstream topics tail flights.rejected --follow --json',
  ],
  run: io =>
    withStores(io, 'reader', async stores => {
      const [name = ''] = namedArgs(io, topicsTail.usage, ['TOPIC'])
      return await tail(io, stores, await topicNamed(stores, name))
    }),
}

type Cursor = { readonly partition: number; at: number }

async function tail(io: CommandIo, stores: Stores, topic: TopicSpec): Promise<number> {
  const limit = wholeFlag(io, 'limit', 1)
  const fromBeginning = io.flags['from-beginning'] === true
  const cursors = await cursorsOf(io, stores, topic)
  const budget = { left: fromBeginning && limit !== undefined ? limit : Number.POSITIVE_INFINITY }
  const read = { io, stores, topic: topic.name, budget }
  const signal = io.flags['follow'] === true ? io.interruption() : undefined
  const starts = cursors.map(({ at }) => at)
  for (const cursor of cursors) await printRest(read, cursor)
  const isEmpty = cursors.every(({ at }, index) => at === starts[index])
  if (isEmpty) io.err(`${topic.name} has no record${signal ? ' yet' : ''}`)
  if (signal === undefined) return exitCode.ok
  while (budget.left > 0 && !signal.aborted) {
    await io.drained()
    await stores.clock.sleep(followEveryMs, signal)
    for (const cursor of cursors) await printRest({ ...read, signal }, cursor)
  }
  return signal.aborted ? exitCode.interrupted : exitCode.ok
}

async function cursorsOf(io: CommandIo, { log }: Stores, { name, partitions }: TopicSpec): Promise<Cursor[]> {
  const one = wholeFlag(io, 'partition')
  if (one !== undefined && one >= partitions) {
    throw new Failure('USAGE', `${name} has no partition ${one}; it has ${partitions}`, { field: 'partition' })
  }
  const chosen = one === undefined ? Array.from({ length: partitions }, (_, partition) => partition) : [one]
  const back = io.flags['from-beginning'] ? Number.POSITIVE_INFINITY : (wholeFlag(io, 'limit', 1) ?? lastCount)
  return await Promise.all(
    chosen.map(async partition => {
      const { first, next } = await log.bounds(name, partition)
      return { partition, at: Math.max(first, next - back) }
    }),
  )
}

type Reading = { io: CommandIo; stores: Stores; topic: string; budget: { left: number }; signal?: AbortSignal }

/** Everything from the cursor to the end of the partition, as far as the budget goes. */
async function printRest({ io, stores, topic, budget, signal }: Reading, cursor: Cursor): Promise<void> {
  while (budget.left > 0 && signal?.aborted !== true) {
    const { partition, at } = cursor
    const { records, next } = await stores.log.read(topic, partition, at, { bytesMax: readBytes })
    if (records.length === 0 && next === at) return
    for (const record of records.slice(0, budget.left)) {
      budget.left--
      await print(io, stores.codec, { record, topic, partition })
    }
    cursor.at = next
    await io.drained()
  }
}

type Placed = { record: LogRecord; topic: string; partition: number }

async function print(io: CommandIo, codec: Codec, placed: Placed): Promise<void> {
  const shown = await shownRecord(codec, placed, io.flags['raw'] === true)
  if (io.json) return io.record(shown)
  const { partition, offset, key, name, value, problem } = shown
  const place = io.color('dim', `${partition}-${offset}`)
  if (problem !== undefined) return io.out(`${place}  ${key}  ${io.color('red', problem)}`)
  io.out(
    `${place}  ${key}  ${io.color('cyan', name ?? (value === null ? 'tombstone' : 'row'))}  ${value === null ? '' : JSON.stringify(value)}`.trimEnd(),
  )
}

export type ShownRecord = {
  topic: string
  partition: number
  offset: number
  key: string
  /** The record's name; null: a tombstone, or bytes that cannot be decoded. */
  name: string | null
  value: unknown
  headers?: Readonly<Record<string, string>>
  /** SHA-256 of the schema it was written with; null: not known. */
  fingerprint: string | null
  /** Why it cannot be decoded. */
  problem?: string
  body?: string | null
}

/** Records of state have no schema: changes are shown as such, what else there is as text. */
export async function shownRecord(
  codec: Codec,
  { record, topic, partition }: Placed,
  raw: boolean,
): Promise<ShownRecord> {
  const { offset, key, value: bytes, headers } = record
  const place = { topic, partition, offset, key }
  const told = headers === undefined ? {} : { headers }
  if (bytes === null)
    return { ...place, name: null, value: null, ...told, fingerprint: null, ...(raw ? { body: null } : {}) }
  const body = (from: number) => ({ body: Buffer.from(bytes.subarray(from)).toString('base64') })
  if (topic.endsWith('.changelog')) {
    return {
      ...place,
      name: null,
      value: key === unitKey ? changesIn(bytes, `${topic}/${partition}@${offset}`) : new TextDecoder().decode(bytes),
      ...told,
      fingerprint: null,
      ...(raw ? body(0) : {}),
    }
  }
  const { decoded, problem } = await tryDecode(codec, bytes)
  const fingerprint = fingerprintOf(codec, bytes)
  const shown = { ...place, name: decoded?.name ?? null, value: plain(decoded?.value ?? null), ...told, fingerprint }
  if (problem === null) return { ...shown, ...(raw ? body(wireHeaderBytes) : {}) }
  return {
    ...shown,
    problem: `${problem.code}: ${problem.message}`,
    ...body(fingerprint === null ? 0 : wireHeaderBytes),
  }
}

function fingerprintOf(codec: Codec, bytes: Uint8Array): string | null {
  try {
    return codec.fingerprint(bytes)
  } catch {
    return null
  }
}
