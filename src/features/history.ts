/** A value by the frame that set it: the newest first, each pointing at the one before. */
type Version<T> = { readonly index: number; readonly value: T; older: Version<T> | null }

/** A value as of any recent frame. A look-up walks back from the newest; most values seldom change, so it is short. */
export class History<T> {
  #newest: Version<T> | null = null

  /** Sets the value from frame `index` on, and drops what no look-up at `keepFrom` or later can see. Indices never fall;
   * the same index again replaces. */
  push(index: number, value: T, keepFrom: number): void {
    const older = this.#newest?.index === index ? this.#newest.older : this.#newest
    this.#newest = { index, value, older }
    let version: Version<T> | null = this.#newest
    while (version !== null && version.index > keepFrom) version = version.older
    if (version !== null) version.older = null
  }

  /** The value as of frame `index`, or undefined before the first. */
  at(index: number): T | undefined {
    let version = this.#newest
    while (version !== null && version.index > index) version = version.older
    return version?.value
  }

  get newest(): T | undefined {
    return this.#newest?.value
  }

  /** The frame that set the newest value. */
  get newestIndex(): number | undefined {
    return this.#newest?.index
  }
}
