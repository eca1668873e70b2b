// Reads partitions of a Kafka cluster by asking: a fetch for what is wanted, answered at once. Nothing is fetched ahead,
// so back pressure needs no pausing, and nobody is a member of a group to read.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker } from 'kafkajs/src/cluster/index.js'
import type { Chunk, ReadLimits } from '../runtime/log.ts'
import { unpackBatches } from './log-kafka-batch.ts'
import { type Block, Blocks, chunkOf, sizeOf } from './log-kafka-blocks.ts'
import { KafkaEnds } from './log-kafka-ends.ts'
import { BrokerError, brokerCodeIn, brokerCodes, failureOf } from './log-kafka-failures.ts'
import { type KafkaLane, mayPass } from './log-kafka-lane.ts'
import { fetchRequest } from './log-kafka-wire.ts'

const fetchBytes = { min: 64 * 1024, max: 4 * 1024 * 1024 }
const blockBytesMax = 32 * 1024 * 1024
/** How long a reader waits for a partition to have a leader again before it says so. */
const patienceMs = 4000
const triesMin = 3

export type Place = { readonly topic: string; readonly partition: number }

export class KafkaReader {
  readonly #lane: KafkaLane
  readonly #blocks = new Blocks(blockBytesMax)
  readonly #ends = new KafkaEnds()
  readonly #fetching = new Map<string, Promise<Block | null>>()

  constructor(lane: KafkaLane) {
    this.#lane = lane
  }

  /** @throws Failure LOG_UNREACHABLE, TOPIC_MISMATCH */
  async read(place: Place, from: number, limits: ReadLimits): Promise<Chunk> {
    const name = nameOf(place)
    const block = this.#blocks.find(name, from) ?? (await this.#fetch(place, from, limits.bytesMax))
    return block ? chunkOf(block, Math.max(from, block.from), limits) : { records: [], next: from }
  }

  /** @throws Failure LOG_UNREACHABLE, TOPIC_MISMATCH */
  async bounds(place: Place): Promise<{ first: number; next: number }> {
    return this.#try(place, 'asking for the ends of', async broker => {
      const [first, next] = await Promise.all([
        this.#ends.at(broker, place, 'first'),
        this.#ends.at(broker, place, 'committed'),
      ])
      return { first, next }
    })
  }

  /** @throws Failure LOG_UNREACHABLE, TOPIC_MISMATCH */
  async isDecided(place: Place): Promise<boolean> {
    return this.#try(place, 'asking for the ends of', async broker => {
      const written = await this.#ends.at(broker, place, 'written')
      return (await this.#ends.at(broker, place, 'committed')) >= written
    })
  }

  /** @throws Failure LOG_UNREACHABLE, TOPIC_MISMATCH */
  async trim(place: Place, before: number): Promise<void> {
    const { topic, partition } = place
    await this.#try(place, 'trimming', async broker => {
      const next = await this.#ends.at(broker, place, 'committed')
      const offset = String(Math.min(before, next))
      await broker.deleteRecords({ topics: [{ topic, partitions: [{ partition, offset }] }] })
    })
    this.#blocks.forget(nameOf(place))
  }

  /** Several that want the same get the same. */
  #fetch(place: Place, from: number, bytes: number): Promise<Block | null> {
    const key = `${nameOf(place)}@${from}`
    const running = this.#fetching.get(key)
    if (running) return running
    const fetching = this.#fetched(place, from, bytes).finally(() => this.#fetching.delete(key))
    this.#fetching.set(key, fetching)
    return fetching
  }

  async #fetched(place: Place, from: number, bytes: number): Promise<Block | null> {
    const maxBytes = Math.min(Math.max(bytes, fetchBytes.min), fetchBytes.max)
    const block = await this.#try(place, 'reading', async broker => {
      let start = Math.max(0, from)
      let gone: Pick<Block, 'keptFrom'> = {}
      for (;;) {
        const asked = { maxWaitMs: 0, maxBytes, partitions: [{ ...place, from: start }] }
        const [found] = await broker.connectionPool.send(fetchRequest(asked))
        if (!found) throw new BrokerError(brokerCodes.unknownTopicOrPartition, nameOf(place))
        if (found.errorCode === brokerCodes.offsetOutOfRange) {
          const first = await this.#ends.at(broker, place, 'first')
          // behind the end there is nothing yet; before the first kept record that one is next
          if (start >= first) return null
          start = first
          gone = { keptFrom: first }
          continue
        }
        if (found.errorCode !== 0) throw new BrokerError(found.errorCode, nameOf(place))
        const { records, next } = unpackBatches(found.bytes, start, found.aborted)
        if (next === undefined) {
          // a new leader may not know yet how much is committed, and then finds nothing where there is something; it
          // does not tell the end before it knows
          if ((await this.#ends.at(broker, place, 'committed')) > start) continue
          return start > from ? { from, next: start, records: [], bytes: 64, ...gone } : null
        }
        return { from, next, records, bytes: records.reduce((sum, record) => sum + sizeOf(record), 64), ...gone }
      }
    })
    if (block) this.#blocks.keep(nameOf(place), block)
    return block
  }

  /** Goes on asking while leaders move and brokers come back. */
  async #try<T>(place: Place, what: string, ask: (broker: Broker) => Promise<T>): Promise<T> {
    const until = performance.now() + patienceMs
    for (let tries = 1; ; tries++) {
      let broker: Broker | undefined
      try {
        broker = await this.#lane.leaderOf(place.topic, place.partition)
        return await ask(broker)
      } catch (error) {
        const isUnknown = brokerCodeIn(error) === brokerCodes.unknownTopicOrPartition
        // a process that was frozen has no patience left and has not tried yet
        const isOver = tries >= triesMin && performance.now() > until
        if (!mayPass(error) || isUnknown || isOver) {
          throw failureOf(error, `${what} ${nameOf(place)}`)
        }
        await this.#lane.recover(error, broker)
        await sleep(20)
      }
    }
  }
}

export function nameOf({ topic, partition }: Place): string {
  return `${topic}/${partition}`
}
