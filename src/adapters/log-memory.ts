// log-memory: a log that lives and dies with its object; the one the runtime is designed against and simulated on.
//
// Kafka mode does what a broker may do to an honest client, all of it drawn from a seed:
//
//   gaps         a control record takes an offset after each unit in each partition it touched; aborted units too
//   reads        may give fewer records than asked, or none and yet a higher `next`, never none and the same `next`
//                while there is one
//   claims       answer late; commits take their time, so that an owner who was replaced meanwhile finds out in the end
//   markers      (`slowMarkers`) a unit's partitions come into sight one after the other, some after `commit` has
//                answered; the next claim of the task waits until all have
//
// Failures come from `faults` alone, so that a simulation decides them.

import { Failure } from '../lib/failure.ts'
import {
  type Append,
  type Chunk,
  type Claim,
  type Log,
  type ReadLimits,
  recordBytesMax,
  type TopicSpec,
} from '../runtime/log.ts'
import { Listeners } from './append-listeners.ts'
import { Chance, MemoryPartition } from './log-memory-partition.ts'

/**
 * Called before and after a call takes effect, with its number (from 1) for this task or partition. May wait; may throw,
 * and then the call fails with that error. So a COMMIT_UNKNOWN thrown before is a unit that is not there, one thrown
 * after is a unit that is.
 */
export type LogFaults = {
  /** `later`: COMMIT_UNKNOWN is thrown at once, and the unit takes effect a little later unless a claim comes first. */
  onCommit?(task: string, n: number, when: 'before' | 'after'): void | 'later' | Promise<void | 'later'>
  onClaim?(task: string, n: number, when: 'before' | 'after'): void | Promise<void>
  onRead?(topic: string, partition: number, n: number): void | Promise<void>
}

export type LogMemoryOptions = {
  readonly kafkaMode?: { readonly seed: number; readonly slowMarkers?: boolean | number }
  readonly faults?: LogFaults
}

type Topic = { spec: TopicSpec; partitions: readonly MemoryPartition[] }
type Place = { topic: string; partition: number; appends: Append[] }

export class LogMemory implements Log {
  readonly #faults: LogFaults
  readonly #chance: Chance | undefined
  /** Turns that a marker takes at most; 0: it is in sight when the commit is. */
  readonly #markerTurns: number
  readonly #topics = new Map<string, Topic>()
  readonly #epochs = new Map<string, number>()
  readonly #calls = new Map<string, number>()
  readonly #listeners = new Listeners()
  /** By task: resolves when its last unit is in sight everywhere. */
  readonly #markers = new Map<string, Promise<void>>()
  #closed = false

  constructor({ kafkaMode, faults = {} }: LogMemoryOptions = {}) {
    this.#faults = faults
    this.#chance = kafkaMode && new Chance(kafkaMode.seed)
    const slow = kafkaMode?.slowMarkers ?? false
    this.#markerTurns = typeof slow === 'number' ? slow : slow ? 40 : 0
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    this.#assertOpen()
    for (const spec of specs) {
      const found = this.#topics.get(spec.name)?.spec
      if (found && (found.partitions !== spec.partitions || found.cleanup !== spec.cleanup)) {
        throw new Failure('TOPIC_MISMATCH', `${spec.name} exists with other settings than ${JSON.stringify(spec)}`)
      }
    }
    for (const { name, partitions, cleanup } of specs) {
      if (this.#topics.has(name)) continue
      const parts = Array.from({ length: partitions }, () => new MemoryPartition(this.#chance))
      this.#topics.set(name, { spec: { name, partitions, cleanup }, partitions: parts })
    }
  }

  async topics(): Promise<readonly TopicSpec[]> {
    return [...this.#topics.values()].map(({ spec }) => spec).sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async read(topic: string, partition: number, from: number, limits: ReadLimits): Promise<Chunk> {
    const found = this.#partition(topic, partition)
    await this.#faults.onRead?.(topic, partition, this.#count(`read ${topic}/${partition}`))
    return found.read(from, limits)
  }

  async bounds(topic: string, partition: number): Promise<{ first: number; next: number }> {
    return this.#partition(topic, partition).bounds()
  }

  async claim(task: string): Promise<Claim> {
    this.#assertOpen()
    const n = this.#count(`claim ${task}`)
    await this.#faults.onClaim?.(task, n, 'before')
    await this.#pause(4)
    const epoch = (this.#epochs.get(task) ?? 0) + 1
    this.#epochs.set(task, epoch)
    await this.#markers.get(task)
    await this.#pause(4)
    await this.#faults.onClaim?.(task, n, 'after')
    let isAlive = true
    return {
      commit: async appends => {
        if (!isAlive) throw new Failure('TASK_FENCED', `this claim of ${task} is over; claim again`)
        isAlive = false
        await this.#commit(task, epoch, appends)
        isAlive = true
      },
      release: async () => {
        isAlive = false
      },
    }
  }

  async trim(topic: string, partition: number, before: number): Promise<void> {
    this.#partition(topic, partition).trim(before)
  }

  async settled(): Promise<void> {
    await Promise.all(this.#markers.values())
  }

  async isDecided(topic: string, partition: number): Promise<boolean> {
    return this.#partition(topic, partition).isDecided
  }

  onAppend(listener: (topic: string, partition: number) => void): () => void {
    return this.#listeners.add(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  /** Drops older values of keys of a compacted topic, as a cleaner does now and then; never the newest. */
  compact(topic: string): void {
    const found = this.#topics.get(topic)
    if (found?.spec.cleanup !== 'compact') throw new Failure('TOPIC_MISMATCH', `${topic} is not a compacted topic`)
    for (const partition of found.partitions) partition.compact()
  }

  async #commit(task: string, epoch: number, appends: readonly Append[]): Promise<void> {
    const n = this.#count(`commit ${task}`)
    const places = this.#placesOf(appends)
    const fate = await this.#faults.onCommit?.(task, n, 'before')
    if (fate === 'later') {
      void this.#pauseThen(() => this.#isOwner(task, epoch) && this.#apply(task, places))
      throw new Failure('COMMIT_UNKNOWN', `the commit of ${task} was not answered`)
    }
    await this.#pause(4)
    if (!this.#isOwner(task, epoch)) {
      if (this.#chance) for (const place of places) this.#at(place).abort(place.appends.length)
      throw new Failure('TASK_FENCED', `${task} was claimed again`)
    }
    this.#apply(task, places)
    await this.#pause(2)
    await this.#faults.onCommit?.(task, n, 'after')
  }

  /** All or nothing: there is no await in here. */
  #apply(task: string, places: readonly Place[]): void {
    const markers = places.map(place => ({ place, marker: this.#at(place).append(place.appends) }))
    const show = ({ place, marker }: (typeof markers)[number]) => {
      marker.reveal()
      this.#listeners.tell(place.topic, place.partition)
    }
    if (this.#markerTurns === 0) {
      for (const { marker } of markers) marker.reveal()
      for (const { place } of markers) this.#listeners.tell(place.topic, place.partition)
      return
    }
    const earlier = this.#markers.get(task)
    const all = markers.map(async each => {
      await this.#pause(this.#markerTurns)
      show(each)
    })
    this.#markers.set(
      task,
      Promise.all([earlier, ...all]).then(() => undefined),
    )
  }

  /** @throws Failure RECORD_TOO_LARGE, TOPIC_MISMATCH */
  #placesOf(appends: readonly Append[]): Place[] {
    const places = new Map<MemoryPartition, Place>()
    for (const append of appends) {
      const { topic, partition, key, value } = append
      const size = Buffer.byteLength(key) + (value?.length ?? 0)
      if (size > recordBytesMax) {
        throw new Failure('RECORD_TOO_LARGE', `a record of ${size} bytes for ${topic}; the most is ${recordBytesMax}`)
      }
      const at = this.#partition(topic, partition)
      const place = places.get(at) ?? { topic, partition, appends: [] }
      places.set(at, place)
      place.appends.push(append)
    }
    return [...places.values()]
  }

  #isOwner(task: string, epoch: number): boolean {
    return this.#epochs.get(task) === epoch
  }

  #at({ topic, partition }: Place): MemoryPartition {
    return this.#partition(topic, partition)
  }

  #partition(topic: string, partition: number): MemoryPartition {
    this.#assertOpen()
    const found = this.#topics.get(topic)?.partitions[partition]
    if (!found) throw new Failure('TOPIC_MISMATCH', `there is no ${topic}/${partition} in this log`)
    return found
  }

  #assertOpen(): void {
    if (this.#closed) throw new Failure('LOG_UNREACHABLE', 'the log is closed')
  }

  #count(call: string): number {
    const n = (this.#calls.get(call) ?? 0) + 1
    this.#calls.set(call, n)
    return n
  }

  /** In Kafka mode lets others run, fewer than `most` times. */
  async #pause(most: number): Promise<void> {
    for (let left = this.#chance?.below(most) ?? 0; left > 0; left--) await Promise.resolve()
  }

  async #pauseThen(run: () => void): Promise<void> {
    await this.#pause(16)
    run()
  }
}
