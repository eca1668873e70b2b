// Table: rows of a task's state by key, in memory, and the set of rows that the open unit of work has changed.
//
// A row is a plain value that survives JSON (no NaN, no undefined, no Map). A stage may change a row in place and then
// calls `set` again: that is what marks it. The runtime writes each marked row once a unit, whatever it was changed to
// in between.

/** What the changelog needs of a table. */
export type Rows = {
  readonly name: string
  /** Hands every changed row to `write` (null: deleted) and forgets that it was changed. */
  flush(write: (key: string, row: unknown) => void): void
  /** Takes a row that was read back. */
  restore(key: string, row: unknown): void
  all(): Iterable<[string, unknown]>
}

export class Table<Row> implements Rows {
  readonly name: string
  readonly #rows = new Map<string, Row>()
  readonly #changed = new Set<string>()

  constructor(name: string) {
    this.name = name
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
    for (const key of this.#changed) write(key, this.#rows.get(key) ?? null)
    this.#changed.clear()
  }

  restore(key: string, row: unknown): void {
    this.#rows.set(key, row as Row)
  }

  all(): Iterable<[string, unknown]> {
    return this.#rows.entries()
  }
}
