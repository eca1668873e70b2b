// Avro types as avsc makes them, made fast (avro-primitives.ts) and safe against bytes and values from outside. As it
// comes, avsc
//
//   - believes the count in front of an array: ten bytes can ask for a thousand million items
//   - reads ints beyond 32 bits, down to NaN, and takes numbers that are not finite
//   - takes `constructor` and ['LANDED'] for symbols of an enum, and writes something for them
//   - wants Buffers where a Uint8Array says as much
//
// Logical types are left alone: a timestamp is a number of milliseconds here.

import type { Schema, Type } from 'avsc'
import avro from 'avsc/lib/types.js'
import { type AvroType, compiled } from './avro-compile.ts'
import {
  blockCount,
  isPresent,
  readInt,
  readLong,
  readText,
  type Tap,
  writeInt,
  writeLong,
  writePresence,
  writeSafeLong,
  writeString,
} from './avro-primitives.ts'

type Inner = Type &
  AvroType & {
    readonly types: readonly Inner[]
    readonly itemsType: Inner
    readonly valuesType: Inner
    _read(tap: Tap): unknown
    _write(tap: Tap, value: unknown): void
    _check(value: unknown, flags?: unknown, hook?: (value: unknown, type: Type) => void): boolean
  }

/** What is put in the place of a type's own methods. */
type Better = Partial<Pick<Inner, '_read' | '_write' | '_check'>>

/** One of each for all schemas: the fewer kinds of objects the machine code meets, the faster it is. */
const primitives = new Map<string, Inner>()

/** @throws Error when the text is not an Avro schema */
export function parseAvro(text: string): Type {
  const building = new Set<unknown>()
  return avro.Type.forSchema(JSON.parse(text) as Schema, {
    omitRecordMethods: true,
    typeHook: (schema, options) => {
      const kind = kindOf(schema)
      const better = betters[kind]
      if (!better || building.has(schema)) return undefined
      const known = primitives.get(kind)
      if (known) return known
      // the same schema again, this time past the hook
      const itself = typeof schema === 'string' ? { type: schema } : schema
      building.add(itself)
      const base = avro.Type.forSchema(itself as Schema, options) as Inner
      building.delete(itself)
      const type = Object.create(base) as Inner
      for (const [name, value] of Object.entries(better(base))) Object.defineProperty(type, name, { value })
      const { name } = base as { name?: string }
      if (name !== undefined && options.registry) options.registry[name] = type
      if (primitiveKinds.includes(kind)) primitives.set(kind, type)
      return type
    },
  })
}

const primitiveKinds: readonly string[] = ['int', 'long', 'double', 'string', 'bytes']

function kindOf(schema: unknown): string {
  if (typeof schema === 'string') return schema
  if (Array.isArray(schema)) return 'union'
  const { type } = schema as { type?: unknown }
  return typeof type === 'string' ? type : ''
}

const betters: Readonly<Record<string, ((base: Inner) => Better) | undefined>> = {
  int: () => ({ _read: readInt, _write: writeInt }),

  long: base => ({
    _check(value, _flags, hook) {
      if (Number.isSafeInteger(value)) return true
      hook?.(value, base)
      return false
    },
    _read: readLong,
    _write: writeSafeLong,
  }),

  double: base => ({
    ...accepting(base, Number.isFinite),
    _read(tap) {
      const value = tap.readDouble()
      if (!Number.isFinite(value)) throw new Error('a number that is not finite')
      return value
    },
  }),

  string: () => ({ _read: readText, _write: writeString }),

  enum: base => {
    const symbols = new Set<unknown>(base.symbols)
    return accepting(base, value => symbols.has(value))
  },

  bytes: base => ({
    ...accepting(base, value => value instanceof Uint8Array),
    _write(tap, value) {
      if (!(value instanceof Uint8Array)) throw new Error('not bytes')
      base._write(tap, Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength))
    },
  }),

  // in the text of a function `__proto__` would not be a field
  record: base => (base.fields.some(({ name }) => name === '__proto__') ? {} : compiledOnUse(base)),

  union: ({ types }) => {
    const [first, second] = types
    if (types.map(type => type.typeName).join() === 'null,int,string') return featureValue
    return types.length === 2 && first?.typeName === 'null' && second ? optional(second) : {}
  },

  array: () => ({
    _write(this: Inner, tap, value) {
      if (!Array.isArray(value)) throw new Error('not an array')
      const { itemsType } = this
      const { length } = value
      if (length > 0) writeLong(tap, length)
      for (let index = 0; index < length; index++) itemsType._write(tap, value[index])
      tap.buf[tap.pos++] = 0
    },
    _read(this: Inner, tap) {
      const items: unknown[] = []
      for (let count = blockCount(tap); count > 0; count = blockCount(tap)) {
        for (; count > 0; count--) items.push(this.itemsType._read(tap))
      }
      return items
    },
  }),

  map: () => ({
    _read(this: Inner, tap) {
      const entries: [string, unknown][] = []
      for (let count = blockCount(tap); count > 0; count = blockCount(tap)) {
        for (; count > 0; count--) entries.push([readText(tap), this.valuesType._read(tap)])
      }
      return Object.fromEntries(entries)
    },
  }),
}

/** Most records are only parts of another one, which has them in its own functions, or are not met in this thread. */
function compiledOnUse(base: Inner): Better {
  let made: ReturnType<typeof compiled> | undefined
  return {
    _read: tap => (made ??= compiled(base))._read(tap),
    _write: (tap, value) => (made ??= compiled(base))._write(tap, value),
  }
}

/** The type's own write, and its check, for values of which `holds` is true only. */
function accepting(base: Inner, holds: (value: unknown) => boolean): Better {
  return {
    _check(value, _flags, hook) {
      if (holds(value)) return true
      hook?.(value, base)
      return false
    },
    _write(tap, value) {
      if (!holds(value)) throw new Error('a value that does not fit')
      base._write(tap, value)
    },
  }
}

/** A type or null, without the search for the branch. */
function optional(type: Inner): Better {
  return {
    _read: tap => (isPresent(tap) ? type._read(tap) : null),
    _write: (tap, value) => void (writePresence(tap, value) && type._write(tap, value)),
  }
}

/** A number, a category or nothing: 142 of them in an outcome's row. */
const featureValue: Better = {
  _read(tap) {
    const branch = tap.buf[tap.pos++]
    if (branch === 0) return null
    if (branch === 2) return readInt(tap)
    if (branch === 4) return readText(tap)
    // past the end of the bytes the reading goes on and is refused at its end
    if (branch === undefined) return null
    throw new Error('a branch that the union does not have')
  },
  _write(tap, value) {
    if (value === null) tap.buf[tap.pos++] = 0
    else if (typeof value === 'number') {
      tap.buf[tap.pos++] = 2
      writeInt(tap, value)
    } else {
      tap.buf[tap.pos++] = 4
      writeString(tap, value)
    }
  },
}
