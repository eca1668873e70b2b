/** A count that others wait on: whoever looks, finds nothing and then waits misses no ring in between. */
export class Bell {
  #count = 0
  #waiting: (() => void)[] = []

  get count(): number {
    return this.#count
  }

  ring(): void {
    this.#count++
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  /** Resolves once the bell has rung after `seen` was read from `count`. */
  after(seen: number): Promise<void> {
    if (this.#count !== seen) return Promise.resolve()
    return new Promise(resolve => this.#waiting.push(resolve))
  }
}
