// log-kafka: the log on Apache Kafka (brokers >= 3.6), through kafkajs. A unit of work is one Kafka transaction.
//
//   K1  A task's transactional id is its name: to claim is to take a new epoch of it (log-kafka-claim.ts).
//   K2  Reading is asking (log-kafka-reader.ts): read_committed, no group, nothing fetched ahead.
//   K3  A commit is answered before its markers are written. `settled` and `onAppend` wait until the records can be
//       read: a watch on each partition that a unit touched, and on each that a reader found empty. Of what other
//       processes have committed `isDecided` tells: nothing is open where the committed records end at the high watermark.
//   K4  Timestamps are the broker's (LogAppendTime), event time is in the values.
//
// Why kafkajs is used below its own producer and consumer stands in docs/decisions.md.

import { setTimeout as sleep } from 'node:timers/promises'
import { Failure, failureIn } from '../lib/failure.ts'
import type { Chunk, Claim, Log, ReadLimits, TopicSpec } from '../runtime/log.ts'
import { Listeners } from './append-listeners.ts'
import { openClaim, type Written } from './log-kafka-claim.ts'
import { KafkaLane, type KafkaSettings } from './log-kafka-lane.ts'
import { KafkaReader, nameOf, type Place } from './log-kafka-reader.ts'
import { type KafkaTopicOptions, KafkaTopics, type TopicDifference } from './log-kafka-topics.ts'
import { KafkaWatch } from './log-kafka-watch.ts'

export type LogKafkaOptions = KafkaSettings & Partial<KafkaTopicOptions>

/** Commits of one lane wait for each other's replication. */
const writeLanes = 4
/** How long what others commit may stay unnoticed by one who has just found nothing, at most. */
const parkedWaitMs = 50
const ownWaitMs = 5
/** How long brokers may take, at most, to lead the partitions of a topic that was made. */
const ledMs = 30_000

export class LogKafka implements Log {
  readonly #prefix: string
  readonly #topics: KafkaTopics
  readonly #lanes: { readonly read: KafkaLane; readonly own: KafkaLane; readonly parked: KafkaLane }
  readonly #writing: readonly KafkaLane[]
  readonly #reader: KafkaReader
  readonly #own: KafkaWatch
  readonly #parked: KafkaWatch
  readonly #listeners = new Listeners()
  /** Where a reader found nothing, by partition: stops that watch. */
  readonly #parkedAt = new Map<string, { readonly from: number; readonly stop: () => void }>()
  /** Ends the wait for each partition of a unit that is not in sight yet. */
  readonly #unseen = new Map<Promise<void>, () => void>()
  #claims = 0
  #closed = false

  constructor({ replicas = -1, retentionDays = {}, ...settings }: LogKafkaOptions) {
    this.#prefix = settings.prefix
    this.#topics = new KafkaTopics(settings, { replicas, retentionDays })
    this.#lanes = { read: new KafkaLane(settings), own: new KafkaLane(settings), parked: new KafkaLane(settings) }
    this.#writing = Array.from({ length: writeLanes }, () => new KafkaLane(settings))
    this.#reader = new KafkaReader(this.#lanes.read)
    this.#own = new KafkaWatch(this.#lanes.own, ownWaitMs)
    this.#parked = new KafkaWatch(this.#lanes.parked, parkedWaitMs)
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    const created = await this.#topics.create(specs)
    // a broker may be told that it leads a partition a little later than we are
    await Promise.all(
      created.flatMap(({ name, partitions }) =>
        Array.from({ length: partitions }, (_, partition) => this.#led(name, partition)),
      ),
    )
  }

  /** Resolves once the partition's leader knows that it is that. */
  async #led(topic: string, partition: number): Promise<void> {
    for (const until = performance.now() + ledMs; ; ) {
      try {
        await this.bounds(topic, partition)
        return
      } catch (error) {
        // a broker that does not know yet what another has made says that there is none
        const code = failureIn(error)?.code
        const mayCome = code === 'LOG_UNREACHABLE' || code === 'TOPIC_MISMATCH'
        if (!mayCome || performance.now() > until) throw error
        await sleep(100)
      }
    }
  }

  /** How topics that are there are kept otherwise than `createTopics` would have it. @throws Failure LOG_UNREACHABLE */
  async differences(specs: readonly TopicSpec[]): Promise<readonly TopicDifference[]> {
    return this.#topics.differences(specs)
  }

  async topics(): Promise<readonly TopicSpec[]> {
    return this.#topics.list()
  }

  async read(topic: string, partition: number, from: number, limits: ReadLimits): Promise<Chunk> {
    this.#assertOpen()
    const place = this.#place(topic, partition)
    const chunk = await this.#reader.read(place, from, limits)
    if (chunk.records.length === 0 && chunk.next === from) this.#park(place, from)
    return chunk
  }

  async bounds(topic: string, partition: number): Promise<{ first: number; next: number }> {
    this.#assertOpen()
    return this.#reader.bounds(this.#place(topic, partition))
  }

  async claim(task: string): Promise<Claim> {
    this.#assertOpen()
    const lane = this.#writing[this.#claims++ % writeLanes] as KafkaLane
    const transactionalId = this.#prefix + task
    const claim = await openClaim({ lane, task, transactionalId, onCommitted: written => this.#committed(written) })
    return {
      commit: appends => {
        this.#assertOpen()
        return claim.commit(appends.map(append => ({ ...append, topic: this.#prefix + append.topic })))
      },
      release: () => claim.release(),
    }
  }

  async trim(topic: string, partition: number, before: number): Promise<void> {
    this.#assertOpen()
    await this.#reader.trim(this.#place(topic, partition), before)
  }

  async settled(): Promise<void> {
    await Promise.all(this.#unseen.keys())
  }

  async isDecided(topic: string, partition: number): Promise<boolean> {
    this.#assertOpen()
    return this.#reader.isDecided(this.#place(topic, partition))
  }

  onAppend(listener: (topic: string, partition: number) => void): () => void {
    return this.#listeners.add(listener)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#own.close()
    this.#parked.close()
    for (const end of this.#unseen.values()) end()
    const lanes = [...Object.values(this.#lanes), ...this.#writing]
    await Promise.all([this.#topics.close(), ...lanes.map(lane => lane.close())])
  }

  /** Each partition of a unit is told of, and settled, once its records can be read. */
  #committed(written: Written): void {
    for (const { last, ...place } of written) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#unseen.set(promise, resolve)
      this.#own.add(place, last, () => {
        this.#unseen.delete(promise)
        this.#unpark(place)
        this.#tell(place)
        resolve()
      })
    }
  }

  /** What others commit behind an offset at which a reader found nothing. */
  #park(place: Place, from: number): void {
    const name = nameOf(place)
    const parked = this.#parkedAt.get(name)
    if (parked && parked.from === from) return
    // somebody found nothing where by now there is something
    if (parked) this.#tell(place)
    if (parked && parked.from > from) return
    parked?.stop()
    const stop = this.#parked.add(place, from, () => {
      this.#parkedAt.delete(name)
      this.#tell(place)
    })
    this.#parkedAt.set(name, { from, stop })
  }

  #unpark(place: Place): void {
    const name = nameOf(place)
    this.#parkedAt.get(name)?.stop()
    this.#parkedAt.delete(name)
  }

  #tell({ topic, partition }: Place): void {
    this.#listeners.tell(topic.slice(this.#prefix.length), partition)
  }

  #place(topic: string, partition: number): Place {
    return { topic: this.#prefix + topic, partition }
  }

  #assertOpen(): void {
    if (this.#closed) throw new Failure('LOG_UNREACHABLE', 'the log is closed')
  }
}
