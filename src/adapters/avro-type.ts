// Avro types as avsc makes them, made safe against bytes and values from outside. As it comes, avsc
//
//   - believes the count in front of an array: ten bytes can ask for a thousand million items
//   - reads ints beyond 32 bits, down to NaN, and takes numbers that are not finite
//   - takes `constructor` and ['LANDED'] for symbols of an enum, and writes something for them
//   - wants Buffers where a Uint8Array says as much
//
// Logical types are left alone: a timestamp is a number of milliseconds here.

import avro, { type Schema, type Type } from 'avsc'

/** Where avsc reads or writes: the part of its inside that this file relies on. */
type Tap = { buf: Buffer; pos: number; readLong(): number; readInt(): number; readDouble(): number; readString(): string }

type Inner = Type & {
  readonly symbols: readonly string[]
  readonly itemsType: Inner
  readonly valuesType: Inner
  _read(tap: Tap): unknown
  _write(tap: Tap, value: unknown): void
  _check(value: unknown, flags?: unknown, hook?: (value: unknown, type: Type) => void): boolean
}

type Guard = (base: Inner) => Partial<Inner>

/** @throws Error when the text is not an Avro schema */
export function parseAvro(text: string): Type {
  const building = new Set<unknown>()
  return avro.Type.forSchema(JSON.parse(text) as Schema, {
    omitRecordMethods: true,
    typeHook: (schema, options) => {
      const guard = guards[kindOf(schema)]
      if (!guard || building.has(schema)) return undefined
      // the same schema again, this time past the hook
      const named = typeof schema === 'string' ? { type: schema } : schema
      building.add(named)
      const base = avro.Type.forSchema(named as Schema, options) as Inner
      building.delete(named)
      const guarded = Object.create(base) as Inner
      for (const [name, value] of Object.entries(guard(base))) Object.defineProperty(guarded, name, { value })
      const fullName = (base as { name?: string }).name
      if (fullName !== undefined && options.registry) options.registry[fullName] = guarded
      return guarded
    },
  })
}

function kindOf(schema: unknown): string {
  if (typeof schema === 'string') return schema
  const { type } = schema as { type?: unknown }
  return typeof type === 'string' ? type : ''
}

const guards: Readonly<Record<string, Guard | undefined>> = {
  int: () => ({
    _read(tap) {
      const value = tap.readInt()
      if (value !== (value | 0)) throw new Error('an int beyond 32 bits')
      return value
    },
  }),

  double: base => ({
    _read(tap) {
      const value = tap.readDouble()
      if (!Number.isFinite(value)) throw new Error('a number that is not finite')
      return value
    },
    ...checked(base, Number.isFinite),
  }),

  enum: base => {
    const symbols = new Set<unknown>(base.symbols)
    return checked(base, value => symbols.has(value))
  },

  bytes: base => ({
    _check(value, _flags, hook) {
      const holds = value instanceof Uint8Array
      if (!holds) hook?.(value, this as Type)
      return holds
    },
    _write(tap, value) {
      const bytes = value as Uint8Array
      const isPlain = value instanceof Uint8Array && !Buffer.isBuffer(value)
      base._write.call(this, tap, isPlain ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : value)
    },
  }),

  array: () => ({
    _read(this: Inner, tap) {
      const items: unknown[] = []
      for (let count = blockCount(tap); count !== 0; count = blockCount(tap)) {
        for (; count > 0; count--) items.push(this.itemsType._read(tap))
      }
      return items
    },
  }),

  map: () => ({
    _read(this: Inner, tap) {
      const entries: [string, unknown][] = []
      for (let count = blockCount(tap); count !== 0; count = blockCount(tap)) {
        for (; count > 0; count--) entries.push([tap.readString(), this.valuesType._read(tap)])
      }
      return Object.fromEntries(entries)
    },
  }),
}

/** The type's own check and write, for values of which `holds` is true. */
function checked(base: Inner, holds: (value: unknown) => boolean): Partial<Inner> {
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

/** Items in the next block of an array or map. Each takes a byte at least, so there are at most as many as bytes left. */
function blockCount(tap: Tap): number {
  let count = tap.readLong()
  if (count < 0) {
    count = -count
    tap.readLong()
  }
  if (!(count <= tap.buf.length - tap.pos)) {
    if (count !== 0) throw new Error('more items than bytes')
  }
  return count
}
