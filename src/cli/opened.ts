// The data folder's log as the commands look at it: opened for reading, also while a pipeline runs on it, and closed
// whatever happens.

import { openStores, type Stores } from '../app.ts'
import { Failure, failureIn } from '../lib/failure.ts'
import type { TopicSpec } from '../runtime/log.ts'
import type { Codec, Decoded } from '../runtime/schemas.ts'
import type { CommandIo } from './command.ts'
import { didYouMean } from './suggest.ts'

/** @throws Failure SOURCE_UNREADABLE when there is no log, and what `use` throws */
export async function withStores<T>(
  io: CommandIo,
  access: 'owner' | 'reader',
  use: (stores: Stores) => Promise<T>,
): Promise<T> {
  const stores = await openStores(io.config, access)
  try {
    return await use(stores)
  } finally {
    await stores.close()
  }
}

/** @throws Failure USAGE when the data folder has no such topic */
export async function topicNamed({ log }: Pick<Stores, 'log'>, name: string): Promise<TopicSpec> {
  const specs = await log.topics()
  const spec = specs.find(each => each.name === name)
  if (spec) return spec
  const names = specs.map(each => each.name)
  throw new Failure('USAGE', `the data folder has no topic "${name}"`, {
    field: 'TOPIC',
    help: didYouMean(name, names, '`slipstream topics ls` lists them.'),
  })
}

/** A record, or why it cannot be decoded. */
export type Attempt =
  | { readonly decoded: Decoded; readonly problem: null }
  | { readonly decoded: null; readonly problem: Failure }

/** Decodes; asks the registry once for a schema that is not known here yet. */
export async function tryDecode(codec: Codec, bytes: Uint8Array): Promise<Attempt> {
  const first = attempt(codec, bytes)
  if (first.problem?.code !== 'SCHEMA_UNKNOWN' || !(await codec.learn())) return first
  return attempt(codec, bytes)
}

function attempt(codec: Codec, bytes: Uint8Array): Attempt {
  try {
    return { decoded: codec.decode(bytes), problem: null }
  } catch (error) {
    const problem = failureIn(error)
    if (problem) return { decoded: null, problem }
    throw error
  }
}

/** The value with its bytes as base64, for JSON. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))
}
