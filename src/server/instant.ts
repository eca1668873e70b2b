// Instants as clients write them: ISO 8601 with a zone, or epoch milliseconds. A time without a zone is refused, since
// it would be read as another instant on another machine.

import { Failure } from '../lib/failure.ts'
import { Type } from './type.ts'

// The years that a flight can lie in; epoch seconds taken for milliseconds fall outside.
const from = Date.UTC(1980, 0, 1)
const to = Date.UTC(2100, 0, 1)

const iso = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/

export const instantSchema = Type.Union([
  Type.String({ format: 'date-time', description: 'ISO 8601 with a zone.', examples: ['2013-02-08T18:30:00Z'] }),
  Type.Integer({ minimum: from, exclusiveMaximum: to, description: 'Epoch milliseconds.', examples: [1360348200000] }),
])

/** Epoch milliseconds, or undefined for what is no instant between 1980 and 2100. */
export function parseInstant(text: string): number | undefined {
  const parts = iso.exec(text)
  if (parts === null) return undefined
  const [, year, month, day] = parts.map(Number)
  // Date.parse takes 30 February for 2 March.
  const isDay = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day)).getUTCDate() === day
  const at = Date.parse(text)
  return isDay && at >= from && at < to ? at : undefined
}

/** What the schema has let through, as epoch milliseconds. */
export function toInstant(value: unknown, field: string): number {
  const at = typeof value === 'string' ? parseInstant(value) : value
  if (typeof at === 'number') return at
  throw instantFailure(value, field)
}

/** Why a value is no instant. */
export function instantFailure(value: unknown, field: string): Failure {
  const looksLikeOne = Number.isInteger(value) || (typeof value === 'string' && iso.test(value))
  if (looksLikeOne) {
    const help = 'Instants lie between 1980 and 2100; numbers are milliseconds since 1970-01-01T00:00Z.'
    return new Failure('TIME_IMPOSSIBLE', `${field} is no time that can be`, { field, help })
  }
  const help = 'Write ISO 8601 with a zone, such as 2013-02-08T18:30:00Z, or epoch milliseconds.'
  return new Failure('FIELD_TYPE', `${field} is not an instant`, { field, help })
}
