/** An older value by the frame that set it, pointing at the one before. */
type Version<T> = { readonly index: number; readonly value: T; older: Version<T> | null }

/** A value as of any recent frame. A look-up walks back from the newest, which lies in the history itself; most values
 * seldom change, so it is short. */
export class History<T> {
  #index = Number.NaN
  #newest: T | undefined
  #older: Version<T> | null = null

  /** Sets the value from frame `index` on, and drops what no look-up at `keepFrom` or later can see. Indices never fall;
   * the same index again replaces. */
  push(index: number, value: T, keepFrom: number): void {
    if (this.#newest !== undefined && index !== this.#index) {
      this.#older = { index: this.#index, value: this.#newest, older: this.#older }
    }
    this.#index = index
    this.#newest = value
    if (index <= keepFrom) {
      this.#older = null
      return
    }
    let version = this.#older
    while (version !== null && version.index > keepFrom) version = version.older
    if (version !== null) version.older = null
  }

  /** The value as of frame `index`, or undefined before the first. */
  at(index: number): T | undefined {
    if (index >= this.#index) return this.#newest
    let version = this.#older
    while (version !== null && version.index > index) version = version.older
    return version?.value
  }

  get newest(): T | undefined {
    return this.#newest
  }
}
