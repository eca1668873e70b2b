// JSON schemas of records from their Avro schemas, so that schemas/ stays the only place where an event is described.
//
//     record          object, no other fields; required: those without a default
//     timestamp-millis  instant (ISO 8601 or epoch milliseconds, see instant.ts)
//     union           anyOf
//     doc, default    description, default;  knowable -> x-knowable

import { assert } from '../lib/assert.ts'
import { instantSchema } from './instant.ts'

export type JsonSchema = { [keyword: string]: unknown }

export type AvroField = {
  readonly name: string
  readonly type: AvroType
  readonly doc?: string
  readonly default?: unknown
  readonly knowable?: string
}

type AvroComplex = {
  readonly type: string
  readonly logicalType?: string
  readonly name?: string
  readonly doc?: string
  readonly fields?: readonly AvroField[]
  readonly symbols?: readonly string[]
  readonly items?: AvroType
  readonly values?: AvroType
  readonly size?: number
}

export type AvroType = string | AvroComplex | readonly AvroType[]

export type AvroRecord = AvroComplex & {
  readonly type: 'record'
  readonly name: string
  readonly fields: readonly AvroField[]
}

const int = { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 }
const long = { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }

const primitives: Readonly<Record<string, JsonSchema>> = {
  null: { type: 'null' },
  boolean: { type: 'boolean' },
  int,
  long,
  float: { type: 'number' },
  double: { type: 'number' },
  string: { type: 'string' },
  bytes: { type: 'string', contentEncoding: 'base64' },
}

export function avroToJsonSchema(type: AvroType): JsonSchema {
  return convert(type, new Map())
}

/** `named` holds the types already met, which Avro refers to by name. */
function convert(type: AvroType, named: Map<string, JsonSchema>): JsonSchema {
  if (Array.isArray(type)) return { anyOf: type.map(one => convert(one, named)) }
  if (typeof type === 'string') {
    const known = primitives[type] ?? named.get(type)
    assert(known !== undefined, `${type} is an Avro type or was defined before`)
    return known
  }
  const complex = type as AvroComplex
  if (complex.logicalType === 'timestamp-millis') return { ...instantSchema }
  const schema = {
    ...convertComplex(complex, named),
    ...(complex.doc === undefined ? {} : { description: complex.doc }),
  }
  if (complex.name !== undefined) named.set(complex.name, schema)
  return schema
}

function convertComplex(type: AvroComplex, named: Map<string, JsonSchema>): JsonSchema {
  if (type.type === 'record') return recordOf(type.fields ?? [], named)
  if (type.type === 'enum') return { type: 'string', enum: type.symbols ?? [] }
  if (type.type === 'array') return { type: 'array', items: convert(type.items ?? 'null', named) }
  if (type.type === 'map') return { type: 'object', additionalProperties: convert(type.values ?? 'null', named) }
  if (type.type === 'fixed') return { type: 'string', contentEncoding: 'base64' }
  return convert(type.type, named)
}

function recordOf(fields: readonly AvroField[], named: Map<string, JsonSchema>): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: fields.filter(field => field.default === undefined).map(field => field.name),
    properties: Object.fromEntries(fields.map(field => [field.name, propertyOf(field, named)])),
  }
}

function propertyOf({ type, doc, default: given, knowable }: AvroField, named: Map<string, JsonSchema>): JsonSchema {
  return {
    ...convert(type, named),
    ...(doc === undefined ? {} : { description: doc }),
    ...(given === undefined ? {} : { default: given }),
    ...(knowable === undefined ? {} : { 'x-knowable': knowable }),
  }
}

export function isInstant(type: AvroType): boolean {
  if (Array.isArray(type)) return type.some(isInstant)
  return typeof type === 'object' && (type as AvroComplex).logicalType === 'timestamp-millis'
}
