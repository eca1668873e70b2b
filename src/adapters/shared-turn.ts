// SharedTurn: whose turn it is to write, among the threads of one process, and how often the file has changed since.
//
// SQLite has a lock of its own and needs no other; but who finds it taken sleeps a millisecond and more between two
// looks. Here the next one is woken at once. The count says whether what a thread remembers of the file still holds.

const words = { holder: 0, changes: 1 } as const
const free = 0
const taken = 1
const wanted = 2
/** Whoever holds the turn that long is gone; SQLite's lock still stands between two writers. */
const patienceMs = 5000

export class SharedTurn {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array

  constructor(memory = new SharedArrayBuffer(8)) {
    this.memory = memory
    this.#words = new Int32Array(memory)
  }

  /** Rises with every change, by whichever thread; wraps around. */
  get changes(): number {
    return Atomics.load(this.#words, words.changes)
  }

  /** Blocks until no other thread writes. */
  enter(): void {
    if (Atomics.compareExchange(this.#words, words.holder, free, taken) === free) return
    while (Atomics.exchange(this.#words, words.holder, wanted) !== free) {
      if (Atomics.wait(this.#words, words.holder, wanted, patienceMs) === 'timed-out') return
    }
  }

  leave(): void {
    if (Atomics.exchange(this.#words, words.holder, free) === wanted) Atomics.notify(this.#words, words.holder, 1)
  }

  /** To be called by who has committed, before it leaves. @returns the new count */
  changed(): number {
    return (Atomics.add(this.#words, words.changes, 1) + 1) | 0
  }
}
