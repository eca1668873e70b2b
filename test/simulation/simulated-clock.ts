import type { Clock } from '../../src/runtime/clock.ts'

/** Time passes only when nothing else can happen: then the first sleeper wakes. */
export class SimulatedClock implements Clock {
  #now = 0
  #sleepers: { until: number; wake: () => void }[] = []

  now(): number {
    return this.#now
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      this.#sleepers.push({ until: this.#now + durationMs, wake })
      signal?.addEventListener('abort', wake)
    })
  }

  turn(): Promise<void> {
    return Promise.resolve()
  }

  /** @returns whether anybody slept */
  wakeNext(): boolean {
    this.#sleepers.sort((a, b) => a.until - b.until)
    const first = this.#sleepers.shift()
    if (!first) return false
    this.#now = Math.max(this.#now, first.until)
    first.wake()
    return true
  }
}
