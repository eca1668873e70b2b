// Changes: the rows that a unit of work has changed, as the values of a few changelog records, and back. A snapshot is
// the same with every row.
//
// A record holds values (src/lib/value-bytes.ts), and says by itself all that is needed to read it:
//
//   layout, position, then for each table its name behind a null, and key and row of each change (null: deleted),
//   and at the end how many changes there were
//
// A record is closed at `recordBytes`, far below what a broker takes; a larger row has one of its own.

import { Failure } from '../lib/failure.ts'
import { ValueReader, ValueWriter } from '../lib/value-bytes.ts'

export type Position = Readonly<Record<string, number>>

export type Change<Row = unknown> = { readonly table: string; readonly key: string; readonly row: Row }

export type Changes<Row = unknown> = {
  readonly layout: number
  readonly position: Position
  readonly rows: readonly Change<Row>[]
}

/** Where a row lies that was not read yet. */
export type RowPlace = { readonly bytes: Uint8Array; readonly from: number }

/** The key of these records in a changelog. */
export const unitKey = 'unit'

const recordBytes = 256 * 1024

export class ChangeWriter {
  readonly #values = new ValueWriter()
  readonly #layout: number
  readonly #bytesMax: number
  #position: Position = {}
  #table = ''
  #count = 0
  #full: Uint8Array[] = []

  constructor(layout: number, bytesMax = recordBytes) {
    this.#layout = layout
    this.#bytesMax = bytesMax
  }

  begin(position: Position): void {
    this.#position = position
    this.#full = []
    this.#open()
  }

  /** What follows is of this table. */
  table(name: string): void {
    this.#table = name
    this.#values.write(null)
    this.#values.write(name)
  }

  row(key: string, row: unknown): void {
    const values = this.#values
    const before = values.length
    values.write(key)
    values.writeSized(row)
    if (values.length > this.#bytesMax && this.#count > 0) {
      values.cut(before)
      this.#close()
      this.#open()
      this.table(this.#table)
      values.write(key)
      values.writeSized(row)
    }
    this.#count++
  }

  /** @returns the values of the records, at least one */
  end(): Uint8Array[] {
    this.#close()
    return this.#full
  }

  #open(): void {
    this.#values.cut(0)
    this.#values.write(this.#layout)
    this.#values.write(this.#position)
    this.#count = 0
  }

  #close(): void {
    this.#values.write(this.#count)
    this.#full.push(this.#values.bytes())
  }
}

/** @throws Failure STATE_CORRUPT when these bytes are no changes; `name` says what they are */
export function changesIn(bytes: Uint8Array, name: string): Changes {
  return translating(name, () => read(new ValueReader(bytes), values => values.read()))
}

/** The same, but the rows are only found: most are overtaken by later ones. @throws Failure STATE_CORRUPT */
export function placesIn(bytes: Uint8Array, name: string): Changes<RowPlace | null> {
  const placeOf = (values: ValueReader): RowPlace | null => {
    const from = values.at
    return values.passOver() ? null : { bytes, from }
  }
  return translating(name, () => read(new ValueReader(bytes), placeOf))
}

/** @throws Failure STATE_CORRUPT */
export function rowAt({ bytes, from }: RowPlace, name: string): unknown {
  return translating(name, () => new ValueReader(bytes, from).read())
}

function translating<T>(name: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw new Failure('STATE_CORRUPT', `${name} cannot be read: ${String(error)}`, { cause: error })
  }
}

function read<Row>(values: ValueReader, rowOf: (values: ValueReader) => Row): Changes<Row> {
  const layout = values.read()
  const position = values.read()
  if (typeof layout !== 'number' || !isPosition(position)) throw new RangeError('there is no layout or no position')
  const rows: Change<Row>[] = []
  let table: unknown
  for (;;) {
    const next = values.read()
    if (typeof next === 'number') {
      if (next === rows.length && values.isAtEnd) return { layout, position, rows }
      throw new RangeError(`${rows.length} changes were read and ${next} were written`)
    }
    if (next === null) table = values.read()
    else if (typeof next === 'string' && typeof table === 'string') rows.push({ table, key: next, row: rowOf(values) })
    else throw new RangeError('there is no key where one should be')
  }
}

function isPosition(value: unknown): value is Position {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every(offset => typeof offset === 'number')
}
