// Pace: how fast a replay's event time may advance: at full speed up to an instant, then so many event hours a second,
// with pause and single steps of one event hour.

import { Failure } from '../lib/failure.ts'
import { hours } from '../lib/time.ts'
import type { Clock } from '../runtime/clock.ts'

export type PaceOptions = {
  readonly clock: Clock
  /** Full speed until event time has reached this. */
  readonly fastUntil: number
  /** Event hours a second after that; null: full speed. */
  readonly hoursPerSecond: number | null
  /** Pause once event time has reached `fastUntil`. */
  readonly pausesThere?: boolean
  /** Goes on as another one stood; speed and pause given otherwise do not count. */
  readonly as?: PaceStanding
}

/** What orders have made of a pace. */
export type PaceStanding = {
  readonly hoursPerSecond: number | null
  readonly paused: boolean
  /** While paused: event time up to which it may go; null: nowhere. */
  readonly until: number | null
}

/** Waits at most this long before it looks at its orders again. */
const lookEveryMs = 250

export class Pace {
  readonly #clock: Clock
  readonly fastUntil: number
  #hoursPerSecond: number | null
  #paused = false
  /** The pause is ordered and begins at the end of the fast part. */
  #pausesLater = false
  /** While paused: event time up to which a step may go. */
  #stepUntil = Number.NEGATIVE_INFINITY
  #stopped = false
  #dueAt = 0
  #mark: number | null = null
  #wake = new AbortController()

  constructor({ clock, fastUntil, hoursPerSecond, pausesThere = false, as }: PaceOptions) {
    this.#clock = clock
    this.fastUntil = fastUntil
    const standing = as ?? { hoursPerSecond, paused: pausesThere, until: fastUntil }
    this.#hoursPerSecond = standing.hoursPerSecond
    this.#paused = standing.paused
    if (standing.paused && standing.until !== null) this.#stepUntil = standing.until
    this.#pausesLater = standing.paused && standing.until === fastUntil
  }

  get standing(): PaceStanding {
    const until = Number.isFinite(this.#stepUntil) ? this.#stepUntil : null
    return { hoursPerSecond: this.#hoursPerSecond, paused: this.#paused, until }
  }

  /** Held, or on the one event hour of a step. */
  get paused(): boolean {
    return this.#paused && !this.#pausesLater
  }

  get hoursPerSecond(): number | null {
    return this.#hoursPerSecond
  }

  /** @throws Failure USAGE for a speed that is none */
  order(action: 'pause' | 'resume' | 'step' | 'speed', hoursPerSecond?: number): void {
    if (action !== 'speed') this.#pausesLater = false
    if (action === 'pause') {
      this.#paused = true
      this.#stepUntil = Number.NEGATIVE_INFINITY
    }
    if (action === 'resume') this.#paused = false
    if (action === 'speed') {
      if (hoursPerSecond !== undefined && !(hoursPerSecond > 0 && hoursPerSecond <= 1000)) {
        throw new Failure('USAGE', 'a speed is more than 0 and at most 1000 event hours a second', {
          field: 'hoursPerSecond',
        })
      }
      this.#hoursPerSecond = hoursPerSecond ?? null
    }
    if (action === 'step') {
      this.#paused = true
      this.#stepUntil = (this.#mark ?? this.fastUntil) + hours(1)
    }
    this.#dueAt = this.#clock.now()
    this.#rouse()
  }

  /** Event time that another life has reached: from there on it goes. */
  goesOnFrom(mark: number): void {
    this.#mark = mark
    if (mark >= this.fastUntil) this.#pausesLater = false
  }

  stop(): void {
    this.#stopped = true
    this.#rouse()
  }

  /** Resolves when event time may advance to `mark`; false once stopped. `publish` is awaited before any wait. */
  async mayAdvance(mark: number, publish: () => Promise<void>): Promise<boolean> {
    if (this.#waitMs(mark) > 0) await publish()
    if (mark > this.#stepUntil) this.#pausesLater = false
    while (!this.#stopped) {
      const waitMs = this.#waitMs(mark)
      if (waitMs <= 0) {
        this.#passed(mark)
        return true
      }
      this.#wake = new AbortController()
      await this.#clock.sleep(Math.min(waitMs, lookEveryMs), this.#wake.signal)
    }
    return false
  }

  #waitMs(mark: number): number {
    if (this.#paused && mark > this.#stepUntil) return lookEveryMs
    if (mark <= this.fastUntil || this.#hoursPerSecond === null) return 0
    return this.#dueAt - this.#clock.now()
  }

  #passed(mark: number): void {
    const advancedMs = this.#mark === null ? 0 : mark - this.#mark
    this.#mark = mark
    if (mark <= this.fastUntil || this.#hoursPerSecond === null) return
    const tookMs = (advancedMs / hours(1) / this.#hoursPerSecond) * 1000
    // a machine that cannot keep up does not run after what it has missed
    this.#dueAt = Math.max(this.#dueAt + tookMs, this.#clock.now())
  }

  #rouse(): void {
    this.#wake.abort()
  }
}
