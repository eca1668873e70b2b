import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../runtime/clock.ts'

/** How long microtasks alone may keep timers and sockets waiting. */
const turnMs = 5
/** Timers take no more than 31 bits of milliseconds. */
const timerMsMax = 2 ** 31 - 1

export class ClockWall implements Clock {
  #turnedAt = 0
  #turning: Promise<void> | undefined

  now(): number {
    return Date.now()
  }

  async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    const endsAt = performance.now() + durationMs
    for (let left = durationMs; left > 0 && !signal?.aborted; left = endsAt - performance.now()) {
      await timer(Math.min(left, timerMsMax), signal)
    }
  }

  turn(): Promise<void> {
    if (performance.now() - this.#turnedAt < turnMs) return Promise.resolve()
    this.#turning ??= this.#turn()
    return this.#turning
  }

  async #turn(): Promise<void> {
    await setImmediate()
    this.#turnedAt = performance.now()
    this.#turning = undefined
  }
}

function timer(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(handle)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const handle = setTimeout(end, durationMs)
    signal?.addEventListener('abort', end)
  })
}
