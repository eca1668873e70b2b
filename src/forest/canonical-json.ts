import { assert } from '../lib/assert.ts'
import type { Json } from './model.ts'

/** JSON with sorted keys and no spaces: equal values give equal text. Undefined fields are left out. */
export function canonicalJson(value: Json): string {
  return isSorted(value) ? JSON.stringify(value) : sorted(value)
}

/** Whether it is canonical as it stands: what was read from canonical JSON is, and then the engine is eight times faster. */
function isSorted(value: Json): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || typeof value !== 'object') return true
  if (Array.isArray(value)) return value.every(isSorted)
  const record = value as { readonly [key: string]: Json | undefined }
  let before: string | undefined
  for (const key of Object.keys(record)) {
    const field = record[key]
    if ((before !== undefined && before > key) || (field !== undefined && !isSorted(field))) return false
    before = key
  }
  return true
}

function sorted(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`
  if (typeof value === 'number') assert(Number.isFinite(value), 'a number in canonical JSON is finite')
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const record = value as { readonly [key: string]: Json | undefined }
  const fields: string[] = []
  for (const key of Object.keys(record).sort()) {
    const field = record[key]
    if (field !== undefined) fields.push(`${JSON.stringify(key)}:${sorted(field)}`)
  }
  return `{${fields.join(',')}}`
}
