import type { TSchema } from 'typebox'
import { Failure } from '../lib/failure.ts'
import { Type } from './type.ts'

export type EachOptions<T> = {
  readonly body: unknown
  readonly countMax: number
  /** `field` is the path to the item: empty when it came alone. */
  readonly parse: (item: unknown, field: string) => T
}

/** Bodies hold one item or an array of them. @throws Failure of the first item that does not fit */
export function each<T>({ body, countMax, parse }: EachOptions<T>): T[] {
  if (body === undefined || body === null) throw new Failure('REQUEST_MALFORMED', 'the body is empty')
  if (!Array.isArray(body)) return [parse(body, '')]
  if (body.length === 0) throw new Failure('FIELD_TYPE', 'the array is empty')
  if (body.length > countMax) {
    const help = `Send at most ${countMax} at once.`
    throw new Failure('RECORD_TOO_LARGE', `the array holds ${body.length} items`, { help })
  }
  return body.map((item, index) => parse(item, `[${index}]`))
}

export function oneOrMany(item: TSchema, countMax: number): TSchema {
  return Type.Union([item, Type.Array(item, { minItems: 1, maxItems: countMax })])
}

/** For bodies of one or many: the handler parses them, with better words than a union's errors. */
export const unchecked = () => (value: unknown) => ({ value })
