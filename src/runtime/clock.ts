/** The clock port: wall time, for waiting, measuring and live marks. No stage sees it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Resolves after a wait, or at once when the signal aborts. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>
  /** Lets timers, sockets and other tasks have their turn; cheap enough to call after every unit of work. */
  turn(): Promise<void>
}
