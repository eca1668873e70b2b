// Table: rows of a task's state by key, in memory, and the list of rows that the open unit of work has changed.
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

/** `stored`: the changelog holds a row of this key. `row` is undefined once deleted. */
type Entry<Row> = { readonly key: string; row: Row | undefined; changed: boolean; stored: boolean }

export class Table<Row> implements Rows {
  readonly name: string
  readonly #entries = new Map<string, Entry<Row>>()
  /** Deleted ones that the changelog still holds, until they are written. */
  readonly #gone = new Map<string, Entry<Row>>()
  readonly #packing: Packing<Row> | undefined
  #changed: Entry<Row>[] = []

  constructor(name: string, packing?: Packing<Row>) {
    this.name = name
    this.#packing = packing
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): Row | undefined {
    return this.#entries.get(key)?.row
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  set(key: string, row: Row): void {
    let entry = this.#entries.get(key)
    if (!entry) {
      entry = this.#gone.get(key) ?? { key, row, changed: false, stored: false }
      this.#gone.delete(key)
      this.#entries.set(key, entry)
    }
    entry.row = row
    this.#mark(entry)
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    entry.row = undefined
    if (entry.stored) this.#gone.set(key, entry)
    this.#mark(entry)
  }

  *entries(): IterableIterator<[string, Row]> {
    for (const [key, entry] of this.#entries) yield [key, entry.row as Row]
  }

  flush(write: (key: string, row: unknown) => void): void {
    for (const entry of this.#changed) {
      entry.changed = false
      if (entry.row !== undefined) {
        entry.stored = true
        write(entry.key, this.#packed(entry.row))
      } else if (entry.stored) {
        entry.stored = false
        write(entry.key, null)
      }
    }
    this.#changed = []
    this.#gone.clear()
  }

  restore(key: string, row: unknown): void {
    const unpacked = this.#packing ? this.#packing.unpack(row as never) : (row as Row)
    this.#entries.set(key, { key, row: unpacked, changed: false, stored: true })
  }

  *all(): Iterable<[string, unknown]> {
    for (const [key, entry] of this.#entries) yield [key, this.#packed(entry.row as Row)]
  }

  #mark(entry: Entry<Row>): void {
    if (entry.changed) return
    entry.changed = true
    this.#changed.push(entry)
  }

  #packed(row: Row): unknown {
    return this.#packing ? this.#packing.pack(row) : row
  }
}
