// Events into wire bytes, straight into a buffer that holds many: as the codec writes them, without an array for each.

import { readFileSync } from 'node:fs'
import type { Type } from 'avsc'
import { eventTypes } from '../flights/event-order.ts'
import { assert } from '../lib/assert.ts'
import { wireHeaderBytes } from '../runtime/schemas.ts'
import { parseAvro } from './avro-type.ts'

/** Schema ids by record name. */
export type SchemaIds = Readonly<Record<string, number>>

type Schema = { id: number; type: Type }

export class EventEncoder {
  readonly #schemas = new Map<string, Schema>()
  readonly #scratch = Buffer.alloc(4096)

  /** @param ids holds an id for each event type */
  constructor(ids: SchemaIds) {
    for (const name of eventTypes) {
      const id = ids[name]
      assert(id !== undefined, `${name} has a schema id`)
      const file = new URL(`../../schemas/${name}.avsc`, import.meta.url)
      this.#schemas.set(name, { id, type: parseAvro(readFileSync(file, 'utf8')) })
    }
  }

  /** Writes the record at `from`. @returns where it ends, or a number below 0: so many bytes are missing */
  write(name: string, value: object, bytes: Buffer, from: number): number {
    const schema = this.#schemas.get(name)
    assert(schema !== undefined, `${name} is an event`)
    const body = from + wireHeaderBytes
    if (body > bytes.length) return bytes.length - body
    bytes[from] = 0
    bytes.writeUInt32BE(schema.id, from + 1)
    return schema.type.encode(value, bytes, body)
  }

  /** The record alone, in an array of its own. */
  encode(name: string, value: object): Uint8Array {
    const end = this.write(name, value, this.#scratch, 0)
    assert(end > 0, 'an event of the source is short')
    return new Uint8Array(this.#scratch.subarray(0, end))
  }
}
