// Budget: how many bytes the inputs of a process may hold in memory, all together.
//
//   B1  What is asked beyond the limit is refused, except one record an input: nobody waits for another's bytes, so no
//       set of parked tasks can stop the rest (docs/architecture.md).
//   B2  Whoever is parked gives its unread bytes back as soon as somebody was refused.

export type Holder = {
  /** Drops what was fetched and not taken, and answers how many bytes that were. */
  releaseIfParked(): number
}

export class Budget {
  readonly bytesMax: number
  readonly #holders = new Set<Holder>()
  #held = 0

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  get held(): number {
    return this.#held
  }

  join(holder: Holder): void {
    this.#holders.add(holder)
  }

  leave(holder: Holder): void {
    this.#holders.delete(holder)
  }

  /** How many bytes a read may ask for, at most `want`; 1 (hence one record) when nothing is free. */
  grant(want: number): number {
    if (this.#held + want > this.bytesMax) {
      for (const holder of this.#holders) this.#held -= holder.releaseIfParked()
    }
    return Math.max(1, Math.min(want, this.bytesMax - this.#held))
  }

  hold(bytes: number): void {
    this.#held += bytes
  }

  release(bytes: number): void {
    this.#held -= bytes
  }
}
