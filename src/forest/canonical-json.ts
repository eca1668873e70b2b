import { assert } from '../lib/assert.ts'
import type { Json } from './model.ts'

/** JSON with sorted keys and no spaces: equal values give equal text. Undefined fields are left out. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'number') assert(Number.isFinite(value), 'a number in canonical JSON is finite')
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const record = value as { readonly [key: string]: Json | undefined }
  const fields: string[] = []
  for (const key of Object.keys(record).sort()) {
    const field = record[key]
    if (field !== undefined) fields.push(`${JSON.stringify(key)}:${canonicalJson(field)}`)
  }
  return `{${fields.join(',')}}`
}
