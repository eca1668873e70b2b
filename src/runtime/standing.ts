// Standing: how far a task is, to be read from its changelog by anybody, whoever has the task. It is a header of the last
// record of a unit, and of the pointer to a snapshot, for what lies before that may be trimmed.

import type { Log, LogRecord } from './log.ts'
import type { Position } from './state.ts'

export type Standing = {
  readonly position: Position
  /** Whether the unit ended before the stage had nothing more to do, so that another one follows without any input. */
  readonly midway: boolean
  /** Event time reached. */
  readonly reachedAt: number | null
  readonly balance: Readonly<Record<string, number>>
}

/** With where in the changelog it was told. */
export type Told = Standing & { readonly offset: number }

export const standingHeader = 'standing'

const readBytes = 1_000_000
/** Farther behind than this nobody reads on: the end is sought. */
const readOnMax = 64

/** Follows one changelog. */
export class Standings {
  readonly #log: Log
  readonly #changelog: string
  readonly #partition: number
  #next = 0
  #last: Told | null = null

  constructor(log: Log, changelog: string, partition: number) {
    this.#log = log
    this.#changelog = changelog
    this.#partition = partition
  }

  /** As it was when last looked at. */
  get last(): Told | null {
    return this.#last
  }

  /** @returns what was told last, null when no unit was ever committed. @throws Failure LOG_UNREACHABLE */
  async look(): Promise<Told | null> {
    const { first, next } = await this.#log.bounds(this.#changelog, this.#partition)
    if (next <= this.#next) return this.#last
    if (next - this.#next <= readOnMax) await this.#readOn()
    // control records take offsets, so the last record lies somewhere before the end
    else for (let step = 8; !(await this.#readFrom(Math.max(first, next - step))) && next - step > first; ) step *= 8
    return this.#last
  }

  /** @returns whether a standing was found */
  async #readFrom(from: number): Promise<boolean> {
    this.#next = from
    const before = this.#last
    await this.#readOn()
    return this.#last !== before
  }

  async #readOn(): Promise<void> {
    for (;;) {
      const chunk = await this.#log.read(this.#changelog, this.#partition, this.#next, { bytesMax: readBytes })
      for (const record of chunk.records) this.#last = standingIn(record) ?? this.#last
      if (chunk.records.length === 0 && chunk.next === this.#next) return
      this.#next = chunk.next
    }
  }
}

export function standingText(standing: Standing): string {
  return JSON.stringify(standing)
}

export function standingIn({ headers, offset }: LogRecord): Told | null {
  const text = headers?.[standingHeader]
  return text === undefined ? null : { ...(JSON.parse(text) as Standing), offset }
}
