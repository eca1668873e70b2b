// replay: publishes recorded flights as if they happened now: events in the order in which they could be known, a mark
// every 10 minutes of event time, and at the end of each step (a UTC day) a StepEnded.
//
//   R1  Its position commits with its records: killed at any moment, it goes on behind the last committed one.
//   R2  At the end of a step it writes nothing more until every stage has caught up, says StepEnded, and waits again, so
//       that what was decided in a step is in force from the next, however fast each stage was (docs/architecture.md).
//   R3  The first records it writes are the opening commands, a StepEnded and a mark in every partition.
//   R4  When the log does not answer, or the answer to a commit is lost, it claims anew and goes on from what is there.

import { failureIn } from '../lib/failure.ts'
import { ceilTo, floorTo, minutes } from '../lib/time.ts'
import type { ModelCommand } from '../records.ts'
import type { Blobs } from '../runtime/blobs.ts'
import type { Append, Claim, Log } from '../runtime/log.ts'
import { partitionOf } from '../runtime/partition.ts'
import type { Codec } from '../runtime/schemas.ts'
import { fillTable, State } from '../runtime/state.ts'
import { Table } from '../runtime/table.ts'

/** Events of one stretch of time, encoded: record i is bytes[ends[i - 1], ends[i]). */
export type SourceChunk = {
  readonly keys: readonly string[]
  readonly deliveredAt: Float64Array
  readonly ends: Uint32Array
  readonly bytes: Uint8Array
}

export type ReplayOptions = {
  readonly log: Log
  readonly codec: Codec
  readonly blobs: Blobs
  readonly partitions: number
  readonly stepMs: number
  /** Chunks in order, without the first `skipItems` events. */
  readonly source: (skipItems: number) => AsyncIterable<SourceChunk>
  /** Event time by which every flight of the source has closed. */
  readonly closedAt: number
  /** What is asked of the registry before the first event; not called by a replay that goes on. */
  readonly opening: () => Promise<readonly ModelCommand[]>
  readonly caughtUp: () => Promise<void>
  /**
   * Resolves when event time may advance to `mark`; false ends the replay here (it can go on later). To be called before
   * any wait, `publish` commits what was made up to here: who has to wait must not keep it from the others.
   */
  readonly mayAdvance: (mark: number, publish: () => Promise<void>) => Promise<boolean>
  readonly unitRecords: number
  readonly onProgress: (progress: ReplayProgress) => void
  /** After a failure that may pass: waits a while. @returns whether to go on; without it such a failure is the end too */
  readonly again?: (error: unknown) => Promise<boolean>
}

export type ReplayProgress = { items: number; mark: number | null; done: boolean }

type Place = { items: number; mark: number | null; endedStep: number | null; done: boolean }

const nowhere: Place = { items: 0, mark: null, endedStep: null, done: false }

export const replayTask = 'replay'
export const markEveryMs = minutes(10)
export const replayChangelog = 'replay.changelog'
const changelog = { name: replayChangelog, partitions: 1, cleanup: 'delete' } as const

export class Replay {
  readonly #o: ReplayOptions
  #places = new Table<Place>('place')
  #state: State
  #place: Place = { ...nowhere }
  #claim: Claim | undefined
  #out: Append[] = []

  constructor(options: ReplayOptions) {
    this.#o = options
    this.#state = this.#newState()
  }

  get progress(): ReplayProgress {
    const { items, mark, done } = this.#place
    return { items, mark, done }
  }

  /** Takes the place found in the log. Call once, before `run`. */
  async open(): Promise<ReplayProgress> {
    const { log } = this.#o
    await log.createTopics([changelog])
    const claim = await log.claim(replayTask)
    fillTable(this.#places, (await this.#state.takeOver(claim)).rows)
    this.#claim = claim
    this.#place = { ...(this.#places.get('') ?? nowhere) }
    return this.progress
  }

  /** @returns whether everything was published and every stage has caught up */
  async run(): Promise<boolean> {
    for (let isOpen = true; ; ) {
      try {
        if (!isOpen) await this.#openAgain()
        isOpen = true
        return await this.#play()
      } catch (error) {
        if (failureIn(error)?.next !== 'retry' || !this.#o.again) throw error
        if (!(await this.#o.again(error))) return false
        isOpen = false
      }
    }
  }

  async #openAgain(): Promise<void> {
    await this.close()
    this.#out = []
    this.#state = this.#newState()
    await this.open()
  }

  #newState(): State {
    const { log, blobs } = this.#o
    const { name } = changelog
    const fixed = { task: replayTask, changelog: name, partition: 0, layout: 1, migrate: {}, snapshotBytes: 1_000_000 }
    this.#places = new Table<Place>('place')
    const state = new State({ log, blobs, ...fixed })
    state.add(this.#places)
    return state
  }

  async #play(): Promise<boolean> {
    // what a killed one has said may still be on its way
    await this.#o.caughtUp()
    if (this.#place.done) return true
    if (!(await this.#endStep())) return false
    for await (const chunk of this.#o.source(this.#place.items)) {
      if (!(await this.#publish(chunk))) return false
    }
    const last = ceilTo(this.#o.closedAt, this.#o.stepMs)
    while ((this.#place.mark ?? last) < last) if (!(await this.#advance())) return false
    await this.#flush({ done: true })
    await this.#o.caughtUp()
    return true
  }

  async close(): Promise<void> {
    await this.#claim?.release()
  }

  async #publish({ keys, deliveredAt, ends, bytes }: SourceChunk): Promise<boolean> {
    const { partitions, unitRecords } = this.#o
    for (let i = 0; i < keys.length; i++) {
      const at = deliveredAt[i] as number
      if (this.#place.mark === null) await this.#openStream(floorTo(at, this.#o.stepMs))
      while (at >= (this.#place.mark as number) + markEveryMs) if (!(await this.#advance())) return false
      const key = keys[i] as string
      const value = bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i])
      this.#out.push({ topic: 'flights.events', partition: partitionOf(key, partitions), key, value })
      this.#place.items++
      if (this.#out.length >= unitRecords) await this.#flush({})
    }
    return true
  }

  /** The next mark in every partition; at the end of a step also waits for everybody. */
  async #advance(): Promise<boolean> {
    const mark = (this.#place.mark as number) + markEveryMs
    const publish = async () => {
      if (this.#out.length > 0) await this.#flush({})
    }
    if (!(await this.#o.mayAdvance(mark, publish))) {
      await publish()
      return false
    }
    this.#mark(mark)
    return mark % this.#o.stepMs === 0 ? this.#endStep() : true
  }

  #mark(at: number): void {
    const value = this.#o.codec.encode('Mark', { at })
    for (let partition = 0; partition < this.#o.partitions; partition++) {
      this.#out.push({ topic: 'flights.events', partition, key: 'mark', value })
    }
    this.#place.mark = at
  }

  /** The commands first, decided before the first frame; then the mark that opens the stream. */
  async #openStream(at: number): Promise<void> {
    const { codec, opening } = this.#o
    if (this.#place.endedStep === null) {
      const asked = await opening()
      const commands = asked.map(command => ({ key: command.version, value: codec.encode('ModelCommand', command) }))
      const ended = { key: 'step', value: codec.encode('StepEnded', { at }) }
      for (const record of [...commands, ended]) this.#out.push({ topic: 'models.commands', partition: 0, ...record })
      await this.#flush({ endedStep: at })
    }
    await this.#o.caughtUp()
    this.#mark(at)
  }

  async #endStep(): Promise<boolean> {
    const { mark, endedStep } = this.#place
    if (mark === null || mark % this.#o.stepMs !== 0 || endedStep === mark) return true
    if (this.#out.length > 0) await this.#flush({})
    await this.#o.caughtUp()
    const value = this.#o.codec.encode('StepEnded', { at: mark })
    this.#out.push({ topic: 'models.commands', partition: 0, key: 'step', value })
    await this.#flush({ endedStep: mark })
    await this.#o.caughtUp()
    return true
  }

  async #flush(change: Partial<Place>): Promise<void> {
    Object.assign(this.#place, change)
    this.#places.set('', this.#place)
    const out = this.#out
    this.#out = []
    await this.#claim?.commit([...out, ...this.#state.unitRecords({})])
    this.#o.onProgress(this.progress)
    if (!this.#state.snapshotIsDue) return
    await this.#claim?.commit([await this.#state.snapshot({})])
    await this.#state.snapshotCommitted()
  }
}
