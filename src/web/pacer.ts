// When to ask again: at once when something is new, but not more often than every so many milliseconds, and never while
// the last question is still open. A replay at full speed closes hundreds of windows a second.

export type PacerOptions = {
  everyMs: number
  /** Settles once it is answered; never rejects. */
  ask: () => Promise<void>
}

export class Pacer {
  readonly #options: PacerOptions
  #lastAt = Number.NEGATIVE_INFINITY
  #isAsking = false
  #isWanted = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: PacerOptions) {
    this.#options = options
  }

  /** There is something new. @param atOnce the reader asked: without waiting */
  wish(atOnce = false): void {
    this.#isWanted = true
    if (atOnce) this.#lastAt = Number.NEGATIVE_INFINITY
    this.#plan()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isWanted = false
  }

  #plan(): void {
    if (this.#isAsking || !this.#isWanted) return
    clearTimeout(this.#timer)
    const waitMs = this.#lastAt + this.#options.everyMs - Date.now()
    if (waitMs <= 0) void this.#ask()
    else this.#timer = setTimeout(() => void this.#ask(), waitMs)
  }

  async #ask(): Promise<void> {
    this.#isAsking = true
    this.#isWanted = false
    this.#lastAt = Date.now()
    await this.#options.ask()
    this.#isAsking = false
    this.#plan()
  }
}
