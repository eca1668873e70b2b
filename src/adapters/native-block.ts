// A block of rows in ClickHouse's Native format, which the engine takes in without parsing: a tenth of the time of
// JSONCompactEachRow for rows of 70 features (docs/warehouse.md has the figures).
//
//   block   varuint columns, varuint rows, then each column
//   column  name, type (each: varuint bytes, UTF-8), its values one after the other
//   values  numbers      little endian, as wide as the type; DateTime64 as Int64; Bool as a byte
//           String       varuint bytes, UTF-8
//           Nullable(T)  a byte for each row (1: null), then T's values, where a null has one too
//           Array(T)     UInt64 for each row: where its elements end among all elements; then T's values, all rows'
//
// A LowCardinality column is sent as what it holds, and the engine casts it.

import { assert } from '../lib/assert.ts'

export type NativeColumn = { readonly name: string; readonly type: string }

/** The block of these rows; each has one value a column. */
export function nativeBlock(columns: readonly NativeColumn[], rows: readonly (readonly unknown[])[]): Uint8Array {
  const out = new Bytes()
  out.varuint(columns.length)
  out.varuint(rows.length)
  columns.forEach(({ name, type }, at) => {
    out.string(name)
    out.string(type)
    writeValues(
      out,
      type,
      rows.map(row => row[at]),
    )
  })
  return out.taken()
}

/** The type under which a column's values are sent. */
export function sentType(type: string): string {
  return type.replace(/LowCardinality\(((?:[^()]|\([^()]*\))*)\)/g, '$1')
}

function writeValues(out: Bytes, type: string, values: readonly unknown[]): void {
  const [, outer, inner = ''] = /^(Nullable|Array)\((.*)\)$/.exec(type) ?? []
  if (outer === 'Nullable') {
    const blank = blankOf(inner)
    for (const value of values) out.byte(value === null || value === undefined ? 1 : 0)
    return writeValues(
      out,
      inner,
      values.map(value => value ?? blank),
    )
  }
  if (outer === 'Array') {
    let end = 0n
    for (const value of values as unknown[][]) out.int64((end += BigInt(value.length)))
    return writeValues(out, inner, (values as unknown[][]).flat())
  }
  const write = writers[type.replace(/\(.*$/, '')]
  assert(write !== undefined, `the column type ${type} can be written`)
  for (const value of values) write(out, value)
}

const blankOf = (type: string): unknown => (type === 'String' ? '' : 0)

const writers: Readonly<Record<string, (out: Bytes, value: unknown) => void>> = {
  String: (out, value) => out.string(value as string),
  Bool: (out, value) => out.byte(value ? 1 : 0),
  UInt8: (out, value) => out.byte(Number(value)),
  Int16: (out, value) => out.uint16(Number(value)),
  UInt16: (out, value) => out.uint16(Number(value)),
  Int32: (out, value) => out.uint32(Number(value)),
  UInt32: (out, value) => out.uint32(Number(value)),
  Int64: (out, value) => out.int64(BigInt(value as number | bigint)),
  UInt64: (out, value) => out.int64(BigInt(value as number | bigint)),
  DateTime64: (out, value) => out.int64(BigInt(value as number)),
  Float64: (out, value) => out.float64(value as number),
}

class Bytes {
  #bytes = Buffer.allocUnsafe(1 << 16)
  #used = 0

  byte(value: number): void {
    this.#room(1)
    this.#bytes[this.#used++] = value
  }

  uint16(value: number): void {
    this.#room(2)
    this.#used = this.#bytes.writeUInt16LE(value & 0xffff, this.#used)
  }

  uint32(value: number): void {
    this.#room(4)
    this.#used = this.#bytes.writeInt32LE(value | 0, this.#used)
  }

  int64(value: bigint): void {
    this.#room(8)
    this.#used = this.#bytes.writeBigInt64LE(BigInt.asIntN(64, value), this.#used)
  }

  float64(value: number): void {
    this.#room(8)
    this.#used = this.#bytes.writeDoubleLE(value, this.#used)
  }

  varuint(value: number): void {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) | 0x80)
    this.byte(rest)
  }

  string(value: string): void {
    const length = Buffer.byteLength(value)
    this.varuint(length)
    this.#room(length)
    this.#used += this.#bytes.write(value, this.#used)
  }

  /** What was written; a view. */
  taken(): Uint8Array {
    return this.#bytes.subarray(0, this.#used)
  }

  #room(length: number): void {
    if (this.#used + length <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#used + length))
    this.#bytes.copy(larger, 0, 0, this.#used)
    this.#bytes = larger
  }
}
