// A claim: the transactions of one task, under one producer id and epoch. Taking the id anew fences whoever had it, and
// is answered only once their open transaction is aborted, or the one they were committing is in sight everywhere.
//
//   C1  A unit is one transaction: its partitions are added in one request, each broker gets one request a round, and
//       nothing that was sent is ever sent again. Any error ends the claim; only a new one may go on.
//   C2  Until the request to commit is sent nothing of the unit can come into sight. After that, no answer means that
//       nobody knows: COMMIT_UNKNOWN.
//   C3  A partition gets at most `batchBytesMax` a request, so that no broker's limit is met but by one large record.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker } from 'kafkajs/src/cluster/index.js'
import { assert } from '../lib/assert.ts'
import { Failure } from '../lib/failure.ts'
import { type Append, type Claim, recordBytesMax } from '../runtime/log.ts'
import { packBatch, recordBytesAtMost } from './log-kafka-batch.ts'
import { BrokerError, brokerCodeIn, brokerCodes, failureOf, isFencing } from './log-kafka-failures.ts'
import { isConnectionError, type KafkaLane } from './log-kafka-lane.ts'
import { nameOf, type Place } from './log-kafka-reader.ts'
import { produceRequest } from './log-kafka-wire.ts'

/** After this a broker aborts a transaction by itself, and a commit gives up. */
export const transactionTimeoutMs = 10_000

const batchBytesMax = 900_000

/** Last offset that a unit took in each partition. */
export type Written = readonly (Place & { readonly last: number })[]

export type ClaimOptions = {
  readonly lane: KafkaLane
  readonly task: string
  readonly transactionalId: string
  readonly onCommitted: (written: Written) => void
}

type Ids = { readonly producerId: string; readonly producerEpoch: number }

/** Fences every earlier owner of the id. @throws Failure LOG_UNREACHABLE */
export async function openClaim(options: ClaimOptions): Promise<KafkaClaim> {
  const { lane, task, transactionalId } = options
  const coordinator = new Coordinator(lane, transactionalId)
  const asked = { transactionalId, transactionTimeout: transactionTimeoutMs }
  try {
    // twice the timeout: the transaction of an owner that died while the coordinator moved ends by then
    const ids = await coordinator.ask(broker => broker.initProducerId(asked), {
      untilMs: performance.now() + 2 * transactionTimeoutMs,
      again: isConnectionError,
    })
    return new KafkaClaim(options, coordinator, ids)
  } catch (error) {
    throw failureOf(error, `claiming ${task}`)
  }
}

export class KafkaClaim implements Claim {
  readonly #o: ClaimOptions
  readonly #coordinator: Coordinator
  readonly #ids: Ids
  readonly #sequences = new Map<string, number>()
  #isAlive = true

  constructor(options: ClaimOptions, coordinator: Coordinator, ids: Ids) {
    this.#o = options
    this.#coordinator = coordinator
    this.#ids = ids
  }

  async commit(appends: readonly Append[]): Promise<void> {
    const { task, onCommitted } = this.#o
    if (!this.#isAlive) throw new Failure('TASK_FENCED', `this claim of ${task} is over; claim again`)
    this.#isAlive = false
    assertSizes(appends)
    const parts = partsOf(appends)
    const began = performance.now()
    const written = parts.length === 0 ? [] : await this.#transact(parts, began)
    // a broker that aborts by itself says the same as one with another owner, who would have come sooner than that
    this.#isAlive = true
    onCommitted(written)
  }

  async release(): Promise<void> {
    this.#isAlive = false
  }

  async #transact(parts: readonly Part[], began: number): Promise<Written> {
    const { task } = this.#o
    const untilMs = began + transactionTimeoutMs
    let written: Written
    try {
      await this.#addPartitions(parts, untilMs)
      written = await this.#produce(parts)
    } catch (error) {
      await this.#o.lane.recover(error)
      throw this.#failure(error, `writing a unit of ${task}`, began)
    }
    try {
      await this.#end(untilMs)
      return written
    } catch (error) {
      if (!isConnectionError(error)) throw this.#failure(error, `committing a unit of ${task}`, began)
      const message = `the commit of ${task} was not answered: ${error instanceof Error ? error.message : String(error)}`
      throw new Failure('COMMIT_UNKNOWN', message, { cause: error })
    }
  }

  /** A transaction that ran out of time is fenced by the broker itself: nobody else has the task for that. */
  #failure(error: unknown, what: string, began: number): Failure {
    if (!isFencing(error) || performance.now() - began < transactionTimeoutMs) return failureOf(error, what)
    return new Failure('LOG_UNREACHABLE', `${what}: its transaction ran out of time`, { cause: error })
  }

  async #addPartitions(parts: readonly Part[], untilMs: number): Promise<void> {
    const topics = new Map<string, number[]>()
    for (const { topic, partition } of parts) topics.set(topic, [...(topics.get(topic) ?? []), partition])
    const asked = {
      ...this.#transaction(),
      topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
    }
    // adding what is added already changes nothing, so an answer that was lost may be asked for again
    await this.#coordinator.ask(broker => broker.addPartitionsToTxn(asked), { untilMs, again: isConnectionError })
  }

  async #produce(parts: readonly Part[]): Promise<Written> {
    const written: (Place & { last: number })[] = []
    const rounds = Math.max(...parts.map(({ batches }) => batches.length))
    for (let round = 0; round < rounds; round++) {
      const byLeader = new Map<number, Part[]>()
      for (const part of parts) {
        if (!part.batches[round]) continue
        const leader = await this.#o.lane.leaderIdOf(part.topic, part.partition)
        byLeader.set(leader, [...(byLeader.get(leader) ?? []), part])
      }
      const answers = await Promise.all([...byLeader].map(([leader, own]) => this.#send(leader, own, round)))
      for (const place of answers.flat()) {
        const known = written.find(({ topic, partition }) => topic === place.topic && partition === place.partition)
        if (known) known.last = place.last
        else written.push(place)
      }
    }
    return written
  }

  async #send(leader: number, parts: readonly Part[], round: number): Promise<(Place & { last: number })[]> {
    const { lane, transactionalId } = this.#o
    const batches = parts.map(part => ({
      topic: part.topic,
      partition: part.partition,
      batch: this.#batch(part, part.batches[round] as readonly Append[]),
    }))
    const broker = await lane.broker(leader)
    const asked = produceRequest({ transactionalId, timeoutMs: transactionTimeoutMs, batches })
    const answers = await broker.connectionPool.send(asked).catch(async (error: unknown) => {
      await lane.recover(error, broker)
      throw error
    })
    return answers.map(({ topic, partition, errorCode, baseOffset }) => {
      if (errorCode !== 0) throw new BrokerError(errorCode, nameOf({ topic, partition }))
      const part = parts.find(each => each.topic === topic && each.partition === partition)
      return { topic, partition, last: baseOffset + (part?.batches[round]?.length ?? 1) - 1 }
    })
  }

  #batch(place: Place, appends: readonly Append[]): Buffer {
    const name = nameOf(place)
    const firstSequence = this.#sequences.get(name) ?? 0
    // sequences go round below 2^31
    this.#sequences.set(name, (firstSequence + appends.length) % 2 ** 31)
    const { producerId, producerEpoch } = this.#ids
    return packBatch(appends, { id: BigInt(producerId), epoch: producerEpoch, firstSequence }, Date.now())
  }

  async #end(untilMs: number): Promise<void> {
    const asked = { ...this.#transaction(), transactionResult: true }
    await this.#coordinator.ask(broker => broker.endTxn(asked), { untilMs, again: () => false })
  }

  #transaction() {
    return { transactionalId: this.#o.transactionalId, ...this.#ids }
  }
}

type Part = Place & { readonly batches: readonly (readonly Append[])[] }

/** By partition, each cut into batches. */
function partsOf(appends: readonly Append[]): Part[] {
  const places = new Map<string, Place & { batches: Append[][]; bytes: number }>()
  for (const append of appends) {
    const { topic, partition } = append
    const name = nameOf(append)
    const place = places.get(name) ?? { topic, partition, batches: [[]], bytes: 0 }
    places.set(name, place)
    const size = recordBytesAtMost(append)
    if (place.bytes > 0 && place.bytes + size > batchBytesMax) {
      place.batches.push([])
      place.bytes = 0
    }
    place.bytes += size
    place.batches.at(-1)?.push(append)
  }
  return [...places.values()]
}

/** @throws Failure RECORD_TOO_LARGE */
function assertSizes(appends: readonly Append[]): void {
  for (const { topic, key, value } of appends) {
    if (3 * key.length + (value?.length ?? 0) <= recordBytesMax) continue
    const size = Buffer.byteLength(key) + (value?.length ?? 0)
    if (size <= recordBytesMax) continue
    throw new Failure('RECORD_TOO_LARGE', `a record of ${size} bytes for ${topic}; the most is ${recordBytesMax}`)
  }
}

type Patience = { readonly untilMs: number; readonly again: (error: unknown) => boolean }

const waiting: readonly number[] = [brokerCodes.concurrentTransactions, brokerCodes.coordinatorLoading]
const moved: readonly number[] = [brokerCodes.coordinatorNotAvailable, brokerCodes.notCoordinator]

/** The broker that keeps the transactions of an id, found again when it has moved. */
class Coordinator {
  readonly #lane: KafkaLane
  readonly #transactionalId: string
  #broker: Broker | undefined

  constructor(lane: KafkaLane, transactionalId: string) {
    this.#lane = lane
    this.#transactionalId = transactionalId
  }

  /** Repeats what a coordinator refused without having done it, and what `again` allows. */
  async ask<T>(call: (broker: Broker) => Promise<T>, { untilMs, again }: Patience): Promise<T> {
    for (let waitMs = 1; ; waitMs = Math.min(waitMs * 1.5, 50)) {
      try {
        this.#broker ??= await this.#find()
        return await call(this.#broker)
      } catch (error) {
        const broker = this.#broker
        const code = brokerCodeIn(error)
        const refused = code !== undefined && (waiting.includes(code) || moved.includes(code))
        if (code === undefined || !waiting.includes(code)) this.#broker = undefined
        if (isConnectionError(error)) await this.#lane.recover(error, broker)
        // not found means not asked, so that is no answer lost
        if (!(refused || again(error) || broker === undefined) || performance.now() > untilMs) throw error
        await sleep(waitMs)
      }
    }
  }

  async #find(): Promise<Broker> {
    const broker = await this.#lane.coordinatorOf(this.#transactionalId)
    assert(broker !== undefined, 'a coordinator that was found is a broker')
    return broker
  }
}
