// What tests of logs write and how they read it back.

import { expect } from 'vitest'
import { failureIn } from '../../src/lib/failure.ts'
import type { Append, Log, LogRecord } from '../../src/runtime/log.ts'

const plenty = { bytesMax: 10_000_000 }
const endKey = 'end of contents'
let ends = 0

export function event(key: string, text: string, partition = 0): Append {
  return { topic: 'events', partition, key, value: new TextEncoder().encode(text) }
}

export function textOf({ value }: Pick<LogRecord, 'value'>): string {
  return value === null ? 'tombstone' : new TextDecoder().decode(value)
}

/** All that was committed to a partition when this was called. */
export async function contents(
  log: Log,
  topic: string,
  partition: number,
  { from = 0, limits = plenty }: { from?: number; limits?: { bytesMax: number; recordsMax?: number } } = {},
): Promise<LogRecord[]> {
  const key = `${endKey} ${++ends}`
  const claim = await log.claim(key)
  await claim.commit([{ topic, partition, key, value: new Uint8Array(0) }])
  const found: LogRecord[] = []
  for (let at = from; ; ) {
    const { records, next } = await log.read(topic, partition, at, limits)
    found.push(...records)
    if (records.some(record => record.key === key)) return found.filter(record => !record.key.startsWith(endKey))
    if (next === at) await pause()
    at = next
  }
}

export async function expectFailure(call: Promise<unknown>, code: string): Promise<void> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(failureIn(error)?.code ?? error).toBe(code)
}

export function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 1))
}

/** A read from the start, past what may be empty. */
export async function readSome(log: Log, limits: { bytesMax: number; recordsMax?: number }) {
  for (let from = 0; ; ) {
    const chunk = await log.read('events', 0, from, limits)
    if (chunk.records.length > 0) return chunk
    from = chunk.next
  }
}

/** What of a record does not depend on where it lies. A broker does not tell empty headers from none. */
export function shown({ key, value, headers = {} }: Pick<LogRecord, 'key' | 'value' | 'headers'>): unknown {
  return { key, value: value && [...value], headers: { ...headers } }
}
