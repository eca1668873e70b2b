// Table: rows of a task's state by key, in memory, and the set of rows that the open unit of work has changed.
//
// A row is a plain value that survives JSON (no NaN, no undefined, no Map), or is packed into one. A stage may change a
// row in place and then calls `set` again: that is what marks it. The runtime writes each marked row once a unit,
// whatever it was changed to in between; a row that came and went within the unit leaves no trace.

/** What the changelog needs of a table. */
export type Rows = {
  readonly name: string
  /** Hands every changed row, packed, to `write` (null: deleted) and forgets that it was changed. */
  flush(write: (key: string, row: unknown) => void): void
  /** Takes a row that was read back. */
  restore(key: string, row: unknown): void
  /** Every row, packed. */
  all(): Iterable<[string, unknown]>
}

/** How a row lies in the changelog; a shorter form is a faster stage. Part of the stage's layout. */
export type Packing<Row> = {
  readonly pack: (row: Row) => unknown
  readonly unpack: (packed: never) => Row
}

export class Table<Row> implements Rows {
  readonly name: string
  readonly #rows = new Map<string, Row>()
  readonly #changed = new Set<string>()
  /** Keys that the changelog holds a row of. */
  readonly #stored = new Set<string>()
  readonly #packing: Packing<Row> | undefined

  constructor(name: string, packing?: Packing<Row>) {
    this.name = name
    this.#packing = packing
  }

  get size(): number {
    return this.#rows.size
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key)
  }

  has(key: string): boolean {
    return this.#rows.has(key)
  }

  set(key: string, row: Row): void {
    this.#rows.set(key, row)
    this.#changed.add(key)
  }

  delete(key: string): void {
    if (this.#rows.delete(key)) this.#changed.add(key)
  }

  entries(): IterableIterator<[string, Row]> {
    return this.#rows.entries()
  }

  flush(write: (key: string, row: unknown) => void): void {
    for (const key of this.#changed) {
      const row = this.#rows.get(key)
      if (row !== undefined) {
        this.#stored.add(key)
        write(key, this.#packed(row))
      } else if (this.#stored.delete(key)) write(key, null)
    }
    this.#changed.clear()
  }

  restore(key: string, row: unknown): void {
    this.#stored.add(key)
    this.#rows.set(key, this.#packing ? this.#packing.unpack(row as never) : (row as Row))
  }

  *all(): Iterable<[string, unknown]> {
    for (const [key, row] of this.#rows) yield [key, this.#packed(row)]
  }

  #packed(row: Row): unknown {
    return this.#packing ? this.#packing.pack(row) : row
  }
}
