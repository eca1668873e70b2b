// SharedView: a broadcast topic folded into one view for all tasks of a process.
//
// The view is asked as of an instant, so tasks may stand at different places in it. It is fed at most `spread` ahead of
// the slowest task (what it must keep is bounded by that), and forgets what lies before the slowest. How far a task is
// follows from the event time of its committed units, not from what it has asked: a task with nothing to predict must
// not hold the others back.
//
// Where processes share the tasks, tasks come and go: the view then keeps `spread` more than the slowest needs, so that
// one that comes from another process finds its place in it; for one from further back it is begun anew. With no task
// here it is not fed, unless it `follows` the topic for others than tasks.
//
// On start it reads only `lookBack` of the topic: what a query can depend on (the fold promises that).

import { assert } from '../lib/assert.ts'
import type { Log, LogRecord } from './log.ts'
import type { Codec } from './schemas.ts'
import type { Shared } from './stage.ts'

export type Fold<View> = {
  readonly topic: string
  open(): View
  /** Takes the next record. @returns the event time up to which the view is whole now */
  apply(view: View, value: unknown): number
  /** The event time that a record stands for, without applying it. */
  timeOf(value: unknown): number
  /** No query before `at` will come any more. */
  forget(view: View, at: number): void
  readonly lookBackMs: number
  /** How far the view may run ahead of the slowest task. */
  readonly spreadMs: number
}

export class SharedView<View> implements Shared<View> {
  view: View
  /** Whether it goes to the end of the topic while no task is here. */
  follows = false
  readonly #fold: Fold<View>
  readonly #log: Log
  readonly #codec: Codec
  readonly #reached = new Map<string, number>()
  /** null: they come and go. */
  readonly #tasks: number | null
  /** Where tasks come and go: the earliest that one may stand and find all it asks for. */
  #since = Number.NEGATIVE_INFINITY
  #next: number | null = null
  #upTo = Number.NEGATIVE_INFINITY
  /** Read and not decoded: bytes are smaller than what they say. */
  #waiting: Uint8Array[] = []
  #head: { readonly at: number; readonly value: unknown } | null = null

  /**
   * @param tasks how many tasks of this process ask the view, and nothing is fed before all have reported; null when they
   *   come with their first report and go with `leave`
   */
  constructor(fold: Fold<View>, log: Log, codec: Codec, tasks: number | null) {
    this.#fold = fold
    this.#log = log
    this.#codec = codec
    this.#tasks = tasks
    this.view = fold.open()
  }

  leave(task: string): void {
    this.#reached.delete(task)
  }

  get topic(): string {
    return this.#fold.topic
  }

  get upTo(): number {
    return this.#upTo
  }

  has(at: number): boolean {
    return at <= this.#upTo
  }

  reached(task: string, at: number): void {
    if (at < this.#since) this.#beginAnew()
    this.#reached.set(task, at)
  }

  /** Applies what has arrived, as far as the slowest task allows. @returns whether anything was applied */
  async feed(): Promise<boolean> {
    const slowest = this.#slowest()
    if (slowest === null) return false
    const { view } = this
    const { lookBackMs, spreadMs } = this.#fold
    const slack = this.#tasks === null ? spreadMs : 0
    if (this.#next === null) {
      const from = slowest === Number.POSITIVE_INFINITY ? await this.#newestAt() : slowest - slack
      const next = await this.#seek(from - lookBackMs)
      if (this.view !== view) return false
      this.#next = next
      if (slack > 0) this.#since = from
      // what nobody will ask need not even be taken in; but who is ahead of the topic is answered as of its end
      const newest = await this.#newestAt()
      if (this.view !== view) return false
      if (newest > Number.NEGATIVE_INFINITY) this.#fold.forget(view, Math.min(from, newest))
    }
    let applied = false
    for (;;) {
      if (!this.#head && this.#waiting.length === 0 && !(await this.#fetch())) break
      // one from further back has come meanwhile
      if (this.view !== view) break
      this.#head ??= this.#decoded()
      if (this.#head.at > slowest + spreadMs) break
      this.#upTo = this.#fold.apply(view, this.#head.value)
      this.#head = null
      applied = true
    }
    // tasks may be ahead of the frames; what is newest is asked for by others than tasks
    const keepFrom = Math.min(slowest, this.#upTo) - slack
    if (applied && this.view === view) this.#fold.forget(view, keepFrom)
    if (slack > 0 && this.view === view) this.#since = Math.max(this.#since, keepFrom)
    return applied
  }

  #beginAnew(): void {
    this.view = this.#fold.open()
    this.#since = Number.NEGATIVE_INFINITY
    this.#upTo = Number.NEGATIVE_INFINITY
    this.#waiting = []
    this.#head = null
    this.#next = null
  }

  /** Infinity when nobody keeps it back. */
  #slowest(): number | null {
    if (this.#reached.size < (this.#tasks ?? 1)) return this.follows ? Number.POSITIVE_INFINITY : null
    return Math.min(...this.#reached.values())
  }

  /** One that cannot be read stays the next, and is tried again. */
  #decoded(): { at: number; value: unknown } {
    const { value } = this.#codec.decode(this.#waiting[0] as Uint8Array)
    this.#waiting.shift()
    return { at: this.#fold.timeOf(value), value }
  }

  async #fetch(): Promise<boolean> {
    assert(this.#next !== null, 'a view is sought before it is fed')
    const { view } = this
    for (;;) {
      const from: number = this.#next
      const chunk = await this.#log.read(this.#fold.topic, 0, from, { bytesMax: 256_000 })
      if (this.view !== view) return false
      this.#waiting = chunk.records.flatMap(({ value }) => (value ? [value] : []))
      this.#next = chunk.next
      if (this.#waiting.length > 0) return true
      if (chunk.next === from) return false
    }
  }

  /** The offset of the first record after an event time, by halving (offsets have gaps, times rise). */
  async #seek(after: number): Promise<number> {
    let { first: low, next: high } = await this.#log.bounds(this.#fold.topic, 0)
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const record = await this.#firstFrom(middle)
      if (!record?.value) high = middle
      else if (this.#fold.timeOf(this.#codec.decode(record.value).value) > after) high = middle
      else low = record.offset + 1
    }
    return low
  }

  /** The event time of the last record. */
  async #newestAt(): Promise<number> {
    const { first, next } = await this.#log.bounds(this.#fold.topic, 0)
    for (let step = 4; ; step *= 4) {
      const from = Math.max(first, next - step)
      let newest = Number.NEGATIVE_INFINITY
      for (let at = from; ; ) {
        const chunk = await this.#log.read(this.#fold.topic, 0, at, { bytesMax: 256_000 })
        for (const { value } of chunk.records) if (value) newest = this.#fold.timeOf(this.#codec.decode(value).value)
        if (chunk.records.length === 0 && chunk.next === at) break
        at = chunk.next
      }
      if (newest > Number.NEGATIVE_INFINITY || from === first) return newest
    }
  }

  async #firstFrom(offset: number): Promise<LogRecord | undefined> {
    for (let from = offset; ; ) {
      const { records, next } = await this.#log.read(this.#fold.topic, 0, from, { bytesMax: 1, recordsMax: 1 })
      if (records.length > 0 || next === from) return records[0]
      from = next
    }
  }
}
