// The least that the runtime runs on: ports in memory, records with an instant and nothing else, and ways to put them
// into a log and see what is there. The stages are each test's own.

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { CodecAvro } from '../../src/adapters/codec-avro.ts'
import { SchemasMemory } from '../../src/adapters/schemas-memory.ts'
import { failureIn } from '../../src/lib/failure.ts'
import { readAll } from '../../src/runtime/digest.ts'
import type { Append, Log, LogRecord } from '../../src/runtime/log.ts'
import type { Codec } from '../../src/runtime/schemas.ts'

export const schemaText = (name: string): string =>
  readFileSync(new URL(`../../schemas/${name}.avsc`, import.meta.url), 'utf8')

const names = ['Mark', 'Watermark', 'Rejected']

export function openCodec(schemas = new SchemasMemory()): Promise<CodecAvro> {
  return CodecAvro.open(schemas, names.map(schemaText))
}

/** Commits a unit of a writer of its own. */
export async function append(log: Log, appends: readonly Append[]): Promise<void> {
  const claim = await log.claim('writer of the test')
  await claim.commit(appends)
  await claim.release()
}

/** A Mark for each instant, keyed by it. */
export function marks(codec: Codec, topic: string, ats: readonly number[], partition = 0): Append[] {
  return ats.map(at => ({ topic, partition, key: `${at}`, value: codec.encode('Mark', { at }) }))
}

export async function recordsOf(log: Log, topic: string, partition = 0): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for await (const record of readAll(log, topic, partition)) records.push(record)
  return records
}

/** The instants of all records of a partition, in order. */
export async function instantsOf(log: Log, codec: Codec, topic: string, partition = 0): Promise<number[]> {
  const records = await recordsOf(log, topic, partition)
  return records.map(({ value }) => (codec.decode(value as Uint8Array).value as { at: number }).at)
}

export async function expectFailure(call: Promise<unknown>, code: string): Promise<void> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(failureIn(error)?.code ?? error).toBe(code)
}

/** Everything has gone as far as it can by itself. */
export function allMoved(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
