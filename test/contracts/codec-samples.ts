// What the suites of a codec share.

import { failureIn } from '../../src/lib/failure.ts'
import type { Codec, Schemas } from '../../src/runtime/schemas.ts'

export type Open = (schemas: Schemas, texts: readonly string[]) => Promise<Codec>

export const wire = (id: number, ...body: number[]): Uint8Array =>
  new Uint8Array([0, (id >>> 24) & 255, (id >>> 16) & 255, (id >>> 8) & 255, id & 255, ...body])

export const record = (fields: object[], more: object = {}): string =>
  JSON.stringify({ type: 'record', name: 'Note', namespace: 'test', fields, ...more })

export const text = { name: 'text', type: 'string' }

export function failureOf(run: () => unknown) {
  try {
    run()
    return undefined
  } catch (error) {
    const failure = failureIn(error)
    if (!failure) throw error
    return { code: failure.code, field: failure.field, message: failure.message }
  }
}
