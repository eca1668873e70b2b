// live-clock: writes a mark into every partition of flights.events every few seconds, so that event time follows the
// wall clock when nobody replays. One process holds it; marks only rise, also over restarts and clocks that were set back.

import type { ModelCommand } from '../records.ts'
import type { Blobs } from '../runtime/blobs.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Append, Claim, Log } from '../runtime/log.ts'
import type { Codec } from '../runtime/schemas.ts'
import { fillTable, State } from '../runtime/state.ts'
import { Table } from '../runtime/table.ts'

export type LiveClockOptions = {
  readonly log: Log
  readonly codec: Codec
  readonly blobs: Blobs
  readonly clock: Clock
  readonly partitions: number
  readonly everyMs: number
  /** Asked of the registry once, when the stream is opened. */
  readonly opening: readonly ModelCommand[]
  readonly onTrouble: (error: unknown) => void
  /** Whether the job is this process's now, where several could do it. */
  readonly isOurs?: () => boolean
}

type Place = { mark: number }

/** How soon one notices that the clock is its own now. */
const standByMs = 500
const changelog = { name: 'clock.changelog', partitions: 1, cleanup: 'delete' } as const

export class LiveClock {
  readonly #o: LiveClockOptions
  readonly #stop = new AbortController()
  #claim: Claim | undefined
  #state: State | undefined
  #places = new Table<Place>('place')
  #loop: Promise<void> | undefined

  constructor(options: LiveClockOptions) {
    this.#o = options
  }

  async start(): Promise<void> {
    await this.#o.log.createTopics([changelog])
    if (this.#isOurs()) {
      await this.#open()
      await this.#tick()
    }
    this.#loop = this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#loop
    await this.#claim?.release()
  }

  async #open(): Promise<void> {
    const { log, blobs } = this.#o
    const of = {
      task: 'clock',
      changelog: changelog.name,
      partition: 0,
      layout: 1,
      migrate: {},
      snapshotBytes: 100_000,
    }
    const state = new State({ log, blobs, ...of })
    const claim = await log.claim('clock')
    this.#places = new Table<Place>('place')
    fillTable(this.#places, (await state.takeOver(claim)).rows)
    state.add(this.#places)
    this.#state = state
    this.#claim = claim
  }

  async #run(): Promise<void> {
    const { clock, everyMs, onTrouble } = this.#o
    const { signal } = this.#stop
    for (;;) {
      await clock.sleep(this.#isOurs() ? everyMs : standByMs, signal)
      if (signal.aborted) return
      try {
        if (!this.#isOurs()) await this.#letGo()
        else {
          if (!this.#claim) await this.#open()
          await this.#tick()
        }
      } catch (error) {
        onTrouble(error)
        await this.#letGo()
        if (this.#isOurs()) await this.#open().catch(onTrouble)
      }
    }
  }

  #isOurs(): boolean {
    return this.#o.isOurs?.() ?? true
  }

  async #letGo(): Promise<void> {
    await this.#claim?.release()
    this.#claim = undefined
  }

  async #tick(): Promise<void> {
    const { clock, codec, partitions, opening } = this.#o
    const last = this.#places.get('')
    const mark = clock.now()
    if (last && mark <= last.mark) return
    const out: Append[] = last
      ? []
      : opening.map(command => ({
          topic: 'models.commands',
          partition: 0,
          key: command.version,
          value: codec.encode('ModelCommand', command),
        }))
    const value = codec.encode('Mark', { at: mark })
    for (let partition = 0; partition < partitions; partition++)
      out.push({ topic: 'flights.events', partition, key: 'mark', value })
    this.#places.set('', { mark })
    const state = this.#state as State
    await this.#claim?.commit([...out, ...state.unitRecords({})])
    if (!state.snapshotIsDue) return
    await this.#claim?.commit([await state.snapshot({})])
    await state.snapshotCommitted()
  }
}
