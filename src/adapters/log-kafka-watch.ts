// Watches partitions until committed records are in sight behind an offset. A fetch in read_committed that finds nothing
// is answered by the broker the moment there is something, so watching costs a request now and then.
//
// The fetch asks for what lies behind the stable records, wherever the watch is: one that asks for more is answered at
// once, with nothing.
//
// A new watch joins the next fetch, thus waits for the one under way: `waitMs` at most.

import { setTimeout as sleep } from 'node:timers/promises'
import { brokerCodes } from './log-kafka-failures.ts'
import type { KafkaLane } from './log-kafka-lane.ts'
import { nameOf, type Place } from './log-kafka-reader.ts'
import { fetchRequest } from './log-kafka-wire.ts'

type Watch = Place & { readonly from: number; readonly seen: () => void }

export class KafkaWatch {
  readonly #lane: KafkaLane
  readonly #waitMs: number
  readonly #watches = new Map<string, Watch[]>()
  /** Where stable records ended when a watched partition was last asked. */
  readonly #ends = new Map<string, number>()
  #isRunning = false
  #closed = false

  constructor(lane: KafkaLane, waitMs: number) {
    this.#lane = lane
    this.#waitMs = waitMs
  }

  /** Calls back once, when committed records end behind `from`. @returns stop watching */
  add(place: Place, from: number, seen: () => void): () => void {
    const name = nameOf(place)
    const watch = { topic: place.topic, partition: place.partition, from, seen }
    this.#watches.set(name, [...(this.#watches.get(name) ?? []), watch])
    if (!this.#isRunning) void this.#run()
    return () => this.#drop(watch)
  }

  close(): void {
    this.#closed = true
    this.#watches.clear()
  }

  #drop(watch: Watch): void {
    const name = nameOf(watch)
    const left = (this.#watches.get(name) ?? []).filter(each => each !== watch)
    if (left.length > 0) this.#watches.set(name, left)
    else {
      this.#watches.delete(name)
      this.#ends.delete(name)
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#watches.size > 0 && !this.#closed) {
      const byLeader = new Map<number, Place[]>()
      const troubles: unknown[] = []
      const note = (error: unknown) => void troubles.push(error)
      // as it is now: a watch may come while a leader is asked for
      const watched = Array.from(this.#watches.values(), ([first]) => first as Watch)
      for (const { topic, partition } of watched) {
        const leader = await this.#lane.leaderIdOf(topic, partition).catch(note)
        if (leader === undefined) continue
        byLeader.set(leader, [...(byLeader.get(leader) ?? []), { topic, partition }])
      }
      await Promise.all([...byLeader].map(([leader, places]) => this.#ask(leader, places).catch(note)))
      if (troubles.length === 0 || this.#closed) continue
      await this.#lane.recover(troubles[0])
      await sleep(20)
    }
    this.#isRunning = false
  }

  async #ask(leader: number, places: readonly Place[]): Promise<void> {
    const broker = await this.#lane.broker(leader)
    // some may be watched no longer
    const partitions = places.flatMap(place => {
      const from = this.#lowest(place)
      return from === null ? [] : [{ ...place, from: Math.min(from, this.#ends.get(nameOf(place)) ?? from) }]
    })
    if (partitions.length === 0) return
    // one byte: the batch that comes with it is not wanted, only where the stable records end
    const asked = fetchRequest({ maxWaitMs: this.#waitMs, maxBytes: 1, partitions })
    const found = await broker.connectionPool.send(asked).catch(async (error: unknown) => {
      await this.#lane.recover(error, broker)
      throw error
    })
    for (const { topic, partition, errorCode, stableEnd } of found) {
      const place = { topic, partition }
      if (errorCode === 0) this.#reached(place, stableEnd)
      else if (errorCode !== brokerCodes.offsetOutOfRange) await this.#lane.recover(undefined)
      // dropped by retention or a trim: whoever reads finds what is kept
      else if (!this.#ends.delete(nameOf(place))) this.#reached(place, Number.POSITIVE_INFINITY)
    }
  }

  #lowest(place: Place): number | null {
    const watches = this.#watches.get(nameOf(place))
    return watches ? Math.min(...watches.map(({ from }) => from)) : null
  }

  #reached(place: Place, end: number): void {
    const watches = this.#watches.get(nameOf(place))
    if (!watches) return
    if (Number.isFinite(end)) this.#ends.set(nameOf(place), end)
    for (const watch of watches) {
      if (end <= watch.from) continue
      this.#drop(watch)
      watch.seen()
    }
  }
}
