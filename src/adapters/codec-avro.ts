// Avro records in the Confluent wire format: 0, the schema's id as 4 bytes big endian, the body.
//
// Bytes are decoded with the schema they were written with and resolved to ours, so that an older writer's record has
// today's fields (BACKWARD). Encoded records are cut from slabs of 64 KiB, so that a record costs no allocation of its
// own: whoever keeps a few of many records for long should copy them.

import type { Type } from 'avsc'
import { assert } from '../lib/assert.ts'
import { Failure, failureIn } from '../lib/failure.ts'
import { type Codec, type Decoded, type Schemas, wireHeaderBytes } from '../runtime/schemas.ts'
import { parseAvro } from './avro-type.ts'

const slabBytes = 64 * 1024
/** Ids that were met and not known, kept for `learn`. Garbage names any id, so there must be an end. */
const unknownMax = 1000

/**
 * One of our own records; to a reader it has no id, since it writes none. A thread meets a few of them only: the type is
 * made when it is first asked for.
 */
type Known = { readonly name: string; readonly type: Type; id: number | undefined }

/** How the bodies under one id are read. */
type Reading = {
  readonly name: string
  readonly type: Type
  readonly resolver: ReturnType<Type['createResolver']> | undefined
  readonly writer: Type
  /** Why records of this schema cannot be read as ours. */
  readonly refused: string | undefined
  fingerprint: string | undefined
}

export class CodecAvro implements Codec {
  readonly #schemas: Schemas
  readonly #byName = new Map<string, Known>()
  /** By full name, namespace and all. */
  readonly #byFullName = new Map<string, Known>()
  readonly #byId = new Map<number, Reading>()
  readonly #unknown = new Set<number>()
  #slab = Buffer.allocUnsafeSlow(slabBytes)
  #at = 0

  private constructor(schemas: Schemas) {
    this.#schemas = schemas
  }

  /**
   * Registers our schemas, each under its record's full name.
   * @param texts Avro schemas of records, each complete in itself
   * @throws Failure SCHEMA_INCOMPATIBLE
   */
  static async open(schemas: Schemas, texts: readonly string[]): Promise<CodecAvro> {
    const codec = new CodecAvro(schemas)
    await Promise.all(texts.map(text => codec.#own(text)))
    return codec
  }

  /**
   * A codec that decodes and registers nothing: it knows the schemas that are there under our records' names.
   * @param texts Avro schemas of records, each complete in itself
   */
  static async openReader(schemas: Schemas, texts: readonly string[]): Promise<CodecAvro> {
    const codec = new CodecAvro(schemas)
    for (const text of texts) {
      const { fullName } = codec.#know(text)
      await codec.#learnAll(fullName, text)
    }
    return codec
  }

  /** Of our records, by name; none of a reader. */
  get ids(): Record<string, number> {
    const known = [...this.#byName.values()]
    return Object.fromEntries(known.flatMap(({ name, id }) => (id === undefined ? [] : [[name, id]])))
  }

  encode(name: string, value: unknown): Uint8Array {
    const { type, id } = this.#known(name)
    assert(id !== undefined, 'a reader writes nothing')
    try {
      let start = this.#at
      let end =
        this.#slab.length - start > wireHeaderBytes ? type.encode(value, this.#slab, start + wireHeaderBytes) : -1
      if (end < 0) {
        // `-end` bytes were missing
        this.#slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, this.#slab.length - start - end))
        start = 0
        end = type.encode(value, this.#slab, wireHeaderBytes)
      }
      this.#slab[start] = 0
      this.#slab.writeUInt32BE(id, start + 1)
      this.#at = end
      return this.#slab.subarray(start, end)
    } catch (error) {
      this.check(name, value)
      throw new Failure('FIELD_TYPE', `${name} cannot be encoded: ${(error as Error).message}`, { cause: error })
    }
  }

  decode(bytes: Uint8Array): Decoded {
    const { name, type, resolver, refused } = this.#reading(bytes)
    if (refused !== undefined) throw new Failure('SCHEMA_UNKNOWN', refused)
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let decoded: { value: unknown; offset: number }
    try {
      decoded = type.decode(buffer, wireHeaderBytes, resolver)
    } catch (error) {
      throw new Failure('FLIGHT_MALFORMED', `the body is no ${name}: ${(error as Error).message}`, { cause: error })
    }
    const { value, offset } = decoded
    if (offset === buffer.length) return { name, value }
    const trouble = offset < 0 ? 'breaks off' : `goes on ${buffer.length - offset} bytes after its end`
    throw new Failure('FLIGHT_MALFORMED', `the body of a ${name} ${trouble}`)
  }

  fingerprint(bytes: Uint8Array): string {
    const reading = this.#reading(bytes)
    reading.fingerprint ??= reading.writer.fingerprint('sha256').toString('hex')
    return reading.fingerprint
  }

  async learn(): Promise<boolean> {
    const ids = [...this.#unknown]
    this.#unknown.clear()
    let learned = false
    for (const id of ids) {
      try {
        this.#learn(id, await this.#schemas.byId(id))
        learned = true
      } catch (error) {
        if (failureIn(error)?.code !== 'SCHEMA_UNKNOWN') throw error
      }
    }
    return learned
  }

  check(name: string, value: unknown): void {
    const { type } = this.#known(name)
    if (type.isValid(value)) return
    let first: { path: string[]; found: unknown; wanted: Type } | undefined
    type.isValid(value, {
      errorHook: (path, found, wanted) => {
        first ??= { path, found, wanted }
      },
    })
    if (!first) return
    const field = fieldOf(first.path)
    const where = field === '' ? name : `${name}.${field}`
    const options = field === '' ? {} : { field }
    if (first.found === undefined) throw new Failure('FIELD_MISSING', `${where} is missing`, options)
    throw new Failure('FIELD_TYPE', `${where} is ${toldValue(first.found)}, not ${toldType(first.wanted)}`, options)
  }

  #known(name: string): Known {
    const known = this.#byName.get(name)
    assert(known !== undefined, `${name} has a schema`)
    return known
  }

  #reading(bytes: Uint8Array): Reading {
    if (bytes.length < wireHeaderBytes || bytes[0] !== 0) {
      throw new Failure('FLIGHT_MALFORMED', 'the record does not start with a zero byte and four bytes of schema id', {
        help: 'Write records in the Confluent wire format.',
      })
    }
    const id =
      (bytes[1] as number) * 2 ** 24 +
      (((bytes[2] as number) << 16) | ((bytes[3] as number) << 8) | (bytes[4] as number))
    const reading = this.#byId.get(id)
    if (reading) return reading
    if (this.#unknown.size < unknownMax) this.#unknown.add(id)
    throw new Failure('SCHEMA_UNKNOWN', `there is no schema ${id} here`, { help: 'Register the schema first.' })
  }

  async #own(text: string): Promise<void> {
    const { fullName, known } = this.#know(text)
    const id = await this.#schemas.register(fullName, text)
    known.id = id
    this.#byId.set(id, {
      name: known.name,
      get type() {
        return known.type
      },
      get writer() {
        return known.type
      },
      resolver: undefined,
      refused: undefined,
      fingerprint: undefined,
    })
    await this.#learnAll(fullName, text)
  }

  /** What is registered under one of our names: records of an earlier program are read without a question. */
  async #learnAll(fullName: string, text: string): Promise<void> {
    for (const id of await this.#schemas.idsOf(fullName, text)) {
      if (!this.#byId.has(id)) this.#learn(id, await this.#schemas.byId(id))
    }
  }

  #know(text: string): { readonly fullName: string; readonly known: Known } {
    const { namespace, name } = JSON.parse(text) as { namespace: string; name: string }
    const fullName = `${namespace}.${name}`
    assert(!this.#byName.has(name), `there is one schema of ${name}`)
    let made: Type | undefined
    const known: Known = {
      name,
      get type() {
        return (made ??= parseAvro(text))
      },
      id: undefined,
    }
    this.#byName.set(name, known)
    this.#byFullName.set(fullName, known)
    return { fullName, known }
  }

  #learn(id: number, text: string): void {
    let writer: Type
    try {
      writer = parseAvro(text)
    } catch (error) {
      throw new Failure('SCHEMA_UNKNOWN', `schema ${id} is no Avro schema`, { cause: error })
    }
    const fullName = fullNameOf(writer)
    const known = this.#byFullName.get(fullName)
    // a record that is not ours is read as it was written, under its full name: no topic of ours allows it
    const { name, type } = known ?? { name: fullName, type: writer }
    let resolver: Reading['resolver']
    let refused: string | undefined
    try {
      // of the same fields: read without a detour
      if (known && !type.equals(writer)) resolver = type.createResolver(writer)
    } catch (error) {
      refused = `schema ${id} of ${fullName} cannot be read as ours: ${(error as Error).message}`
    }
    this.#byId.set(id, { name, type, resolver, writer, refused, fingerprint: undefined })
  }
}

function fullNameOf(type: Type): string {
  return (type as { name?: string }).name ?? ''
}

/** `flights[3].origin` */
function fieldOf(path: readonly string[]): string {
  return path.map((step, at) => (/^\d+$/.test(step) ? `[${step}]` : at === 0 ? step : `.${step}`)).join('')
}

function toldValue(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number' || typeof value === 'boolean') return `${value}`
  if (typeof value !== 'string') return `of type ${typeof value}`
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value)
}

function toldType(type: Type): string {
  const { typeName, types, symbols } = type as {
    typeName?: string
    types?: readonly Type[]
    symbols?: readonly string[]
  }
  if (types) return types.map(toldType).join(' or ')
  if (symbols) return `one of ${symbols.join(', ')}`
  return typeName ?? 'what the schema says'
}
