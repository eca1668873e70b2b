import type { Clock } from '../runtime/clock.ts'

type Sleeper = { readonly until: number; wake(): void }

/** A clock that stands still until it is told to go on: for tests and simulations. */
export class ClockFake implements Clock {
  #now: number
  readonly #sleepers = new Set<Sleeper>()

  constructor(at = 0) {
    this.#now = at
  }

  /** When the first sleeper is to wake; undefined when nobody sleeps. */
  get nextAt(): number | undefined {
    let first: number | undefined
    for (const { until } of this.#sleepers) if (first === undefined || until < first) first = until
    return first
  }

  now(): number {
    return this.#now
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    if (durationMs <= 0 || signal?.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const wake = () => {
        this.#sleepers.delete(sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { until: this.#now + durationMs, wake }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', wake)
    })
  }

  turn(): Promise<void> {
    return Promise.resolve()
  }

  /** Lets time pass. Sleepers wake in the order of their time, each at it, and act before the next one wakes. */
  async advance(durationMs: number): Promise<void> {
    const end = this.#now + durationMs
    for (let at = this.nextAt; at !== undefined && at <= end; at = this.nextAt) {
      this.#now = at
      for (const sleeper of this.#sleepers) if (sleeper.until === at) sleeper.wake()
      await settled()
    }
    this.#now = end
    await settled()
  }
}

/** What was woken has gone as far as it can without another event. */
function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
