// The contracts with others as they lie in the project: topics/*.json and schemas/*.avsc.

import { readdirSync, readFileSync } from 'node:fs'

export type TopicContract = {
  readonly name: string
  readonly doc: string
  readonly key: string
  readonly partitions: 'N' | 1
  readonly cleanup: 'delete' | 'compact'
  /** null: for ever. */
  readonly retentionDays: number | null
  readonly records: readonly string[]
  /** The stage that writes it; null: the doors alone. */
  readonly writtenBy: string | null
  readonly doors: readonly string[]
}

export type AvroField = {
  readonly name: string
  readonly type: unknown
  readonly doc?: string
  readonly knowable?: string
  readonly default?: unknown
}
export type AvroRecord = { readonly name: string; readonly doc?: string; readonly fields: readonly AvroField[] }

export const projectRoot = new URL('../../', import.meta.url)

/** By name, sorted. */
export function topicContracts(): TopicContract[] {
  return jsonFiles('topics/', '.json') as TopicContract[]
}

/** By name, sorted. */
export function recordSchemas(): AvroRecord[] {
  return jsonFiles('schemas/', '.avsc') as AvroRecord[]
}

function jsonFiles(folder: string, ending: string): unknown[] {
  const url = new URL(folder, projectRoot)
  const files = readdirSync(url).filter(file => file.endsWith(ending))
  return files.sort().map(file => JSON.parse(readFileSync(new URL(file, url), 'utf8')))
}
