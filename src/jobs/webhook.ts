// webhook: tells somebody elsewhere of alerts as they open and are resolved. It follows drift.metrics like any consumer
// and never holds up the stream: what cannot be delivered waits in the topic.
//
// At least once: its place is on the blobs port and moves on only when an alert was delivered, or given up with a word in
// the log. After a kill the last one may come again; receivers tell by its id. A log or a store that is away is waited
// for. A folder that has never had a webhook begins at the end of what is there: nobody wants last year's alerts.

import type { AlertKind, AlertOpened, AlertResolved } from '../records.ts'
import { Bell } from '../runtime/bell.ts'
import type { Blobs } from '../runtime/blobs.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Deliver, OutMessage } from '../runtime/deliver.ts'
import type { Log, LogRecord } from '../runtime/log.ts'
import type { Codec } from '../runtime/schemas.ts'
import type { Turn } from './turn.ts'

export type WebhookOptions = {
  readonly log: Log
  readonly codec: Codec
  readonly blobs: Blobs
  readonly clock: Clock
  readonly deliver: Deliver
  /** Alerts that nobody wants to be told of, by when they opened. */
  readonly isSilenced?: (kind: AlertKind, openedAt: number) => boolean
  readonly onTrouble: (error: unknown) => void
  /** Where several processes could do it. */
  readonly turn?: Turn
}

const topic = 'drift.metrics'
const placeAddress = 'webhook/place.json'
const chunkBytes = 500_000
const backOffMs = { first: 500, most: 30_000 }
/** Keys of windows; alerts have others. */
const isWindow = /\/(HOUR|DAY|WEEK)$/

export class Webhook {
  readonly #o: WebhookOptions
  readonly #stop = new AbortController()
  readonly #bell = new Bell()
  /** What lies before it was told here, even if that could not be kept. */
  #toldTo = 0
  #unlisten: (() => void) | undefined
  #loop: Promise<void> | undefined

  constructor(options: WebhookOptions) {
    this.#o = options
  }

  /** Finds its place; what is to be delivered is delivered from then on, by itself. */
  async start(): Promise<void> {
    if (this.#isOurs()) await this.#placeKept()
    this.#unlisten = this.#o.log.onAppend(name => {
      if (name === topic) this.#bell.ring()
    })
    this.#loop = this.#run()
  }

  /** Whose turn it is may have changed. */
  wake(): void {
    this.#bell.ring()
  }

  #isOurs(): boolean {
    return this.#o.turn?.isOurs() ?? true
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#unlisten?.()
    this.#bell.ring()
    await this.#loop
    await this.#o.turn?.release()
  }

  async #placeKept(): Promise<number> {
    const { log, blobs } = this.#o
    const [known] = await blobs.list(placeAddress)
    if (known) return (JSON.parse(Buffer.from(await blobs.get(known)).toString()) as { next: number }).next
    const { next } = await log.bounds(topic, 0)
    await this.#keep(next)
    return next
  }

  #keep(next: number): Promise<void> {
    return this.#o.blobs.put(placeAddress, Buffer.from(JSON.stringify({ next })))
  }

  async #run(): Promise<void> {
    const { clock, onTrouble } = this.#o
    const { signal } = this.#stop
    for (let waitMs = backOffMs.first; !signal.aborted; ) {
      const seen = this.#bell.count
      try {
        if (this.#isOurs()) await this.#follow(Math.max(await this.#placeKept(), this.#toldTo))
        else await this.#o.turn?.release()
        waitMs = backOffMs.first
        if (!this.#isOurs() && !signal.aborted) await this.#bell.after(seen)
      } catch (error) {
        if (signal.aborted) return
        onTrouble(error)
        await clock.sleep(waitMs, signal)
        waitMs = Math.min(waitMs * 2, backOffMs.most)
      }
    }
  }

  /** As long as it is ours. */
  async #follow(from: number): Promise<void> {
    const { signal } = this.#stop
    for (let place = from; !signal.aborted && this.#isOurs(); ) {
      const seen = this.#bell.count
      const { records, next } = await this.#o.log.read(topic, 0, place, { bytesMax: chunkBytes })
      for (const record of records) {
        if (!(await this.#tell(record))) return
      }
      if (next === place && !signal.aborted) await this.#bell.after(seen)
      place = next
    }
  }

  /** @returns whether it is still ours */
  async #tell(record: LogRecord): Promise<boolean> {
    const { deliver, onTrouble, turn } = this.#o
    const message = this.#messageOf(record)
    const { signal } = this.#stop
    if (!message || signal.aborted) return true
    try {
      await turn?.hold()
    } catch (error) {
      // not given up: whoever has the turn delivers it
      onTrouble(error)
      return false
    }
    try {
      await deliver(message, signal)
    } catch (error) {
      // not given up: it comes again after the next start
      if (signal.aborted) return true
      onTrouble(error)
    }
    this.#toldTo = record.offset + 1
    await this.#keep(this.#toldTo)
    return true
  }

  #isSilenced(name: string, decoded: unknown): boolean {
    const { isSilenced } = this.#o
    if (!isSilenced) return false
    if (name === 'AlertOpened') return isSilenced((decoded as AlertOpened).kind, (decoded as AlertOpened).at)
    return name === 'AlertResolved' && isSilenced((decoded as AlertResolved).kind, (decoded as AlertResolved).openedAt)
  }

  #messageOf({ key, value }: LogRecord): OutMessage | null {
    if (!value || isWindow.test(key)) return null
    const { name, value: decoded } = this.#o.codec.decode(value)
    if (this.#isSilenced(name, decoded)) return null
    if (name === 'AlertOpened') {
      const { evidence, ...alert } = decoded as AlertOpened
      return {
        id: `${alert.id}.opened`,
        body: JSON.stringify({ type: name, ...alert, evidence: JSON.parse(evidence) }),
      }
    }
    if (name !== 'AlertResolved') return null
    const alert = decoded as AlertResolved
    return { id: `${alert.id}.resolved`, body: JSON.stringify({ type: name, ...alert }) }
  }
}
